"""Attributes: which each kind of declaration may have, and their values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.declared import OwnValue
from featdsl.ir.program import Meta
from featdsl.semantics.environment import Env
from featdsl.semantics.own_attributes import KINDS, OwnAttribute
from featdsl.semantics.report import Report
from featdsl.semantics.scope import a, listed
from featdsl.syntax import nodes

_IN_TEXTS = ("owner", "tags", "note")
"""What stands in the texts only: of these kinds there is no page, and nothing shows them."""
_COMMON = (*_IN_TEXTS, "deprecated", "was", "version", "uri")
_WANTED = (*_COMMON, "by", "since")
_FEATURE = (*_COMMON, "unit", "format", "domain")
_KINDS = {
    "feature": _FEATURE,
    "dataset": (*_COMMON, "freshness"),
    "wanted feature": _WANTED,
    **dict.fromkeys(("constant", "function", "template", "test"), _IN_TEXTS),
}


def meta(
    decl: nodes.Decl | nodes.FeatureDecl,
    kind: str,
    env: Env,
    more: Iterable[nodes.Attribute] = (),
) -> Meta:
    """What a declaration says of itself; reports attributes that it cannot have."""
    report = env.report
    declared = {n: o for n, o in env.attributes.items() if o.fits(kind)}
    known = (*_KINDS.get(kind, _COMMON), *declared)
    seen: dict[str, nodes.Attribute] = {}
    notes: list[str] = []
    own: dict[str, OwnValue] = {}
    for attribute in (*decl.attributes, *more):
        name = attribute.name.text
        if name not in known:
            _unknown(attribute, kind, known, env)
        elif not _fits(attribute, declared.get(name), report):
            continue
        elif name == "note":
            notes.append(_text(attribute) or "")
        elif name in seen:
            report(
                catalog.DUPLICATE_ATTRIBUTE.at(attribute.name.span, f"`{name}` is given twice")
                .because(seen[name].span, "first given here")
                .help("keep one of the two")
            )
        else:
            seen[name] = attribute
            value = declared[name].value(attribute.value) if name in declared else None
            if value is not None:
                own[name] = value
    return _made(decl, seen, notes, own, report)


def _made(
    decl: nodes.Decl | nodes.FeatureDecl,
    seen: dict[str, nodes.Attribute],
    notes: list[str],
    own: dict[str, OwnValue],
    report: Report,
) -> Meta:
    tags = seen.get("tags")
    freshness = seen.get("freshness")
    length = freshness.value if freshness is not None else None
    version = seen.get("version")
    number = version.value if version is not None else None
    return Meta(
        doc=decl.doc,
        owner=_text(seen.get("owner")),
        tags=_texts(tags),
        notes=tuple(notes),
        deprecated=_text(seen.get("deprecated")),
        private=decl.private,
        version=number.value if isinstance(number, nodes.IntLit) else None,
        uri=_text(seen.get("uri")),
        unit=_text(seen.get("unit")),
        format=_text(seen.get("format")),
        domain=_text(seen.get("domain")),
        was=_text(seen.get("was")),
        freshness=length.value if isinstance(length, nodes.DurationLit) else None,
        own=own,
        allow=_allows(decl.allows, report),
    )


def _unknown(attribute: nodes.Attribute, kind: str, known: tuple[str, ...], env: Env) -> None:
    name, report = attribute.name.text, env.report
    found = catalog.UNKNOWN_ATTRIBUTE.at(
        attribute.name.span, f"{a(kind)} has no attribute `{name}`"
    )
    if name in _COMMON:
        report(found.help(f"nothing would show it; {a(kind)} has {', '.join(known)}"))
    elif name in _FEATURE:
        report(found.help(f"`{name}` is an attribute of a feature: `name = … {{ {name} … }}`"))
    elif name in env.attributes:
        report(found.help(_whose(name, env.attributes[name], kind)))
    elif name == "freshness" and isinstance(attribute.value, nodes.DurationLit):
        shown = attribute.value.value
        report(
            found.help(
                f"say it where rows have a time, in a source: `expect freshness <= {shown}`; "
                f"or of what is read, in a data set: `freshness {shown}`"
            )
        )
    elif isinstance(attribute.value, nodes.DurationLit):
        shown = attribute.value.value
        report(
            found.help(
                f"write `available after {shown}`"
                if kind == "source"
                else f"write `over {'next ' if name == 'next' else ''}{shown}`"
            )
        )
    else:
        more = None
        if kind in KINDS.values():
            more = f"a project declares more of them in featc.toml, under `[attributes]`: `{name}`"
        report(found.help(did_you_mean(name, known, what="attributes") or more))


def _whose(name: str, own: OwnAttribute, kind: str) -> str:
    if kind not in KINDS.values():
        return f"nothing would show it: {a(kind)} has no page"
    words = listed([f"`{word}`" for word in own.on])
    return f"featc.toml says whose `{name}` may be: {words}; more are added to its `on`"


def _fits(attribute: nodes.Attribute, own: OwnAttribute | None, report: Report) -> bool:
    name, value = attribute.name.text, attribute.value
    remedy = None
    if own is not None:
        fits, wanted = own.value(value) is not None, own.needs(name)
        remedy = own.remedy(value)
    elif name == "freshness":
        fits = isinstance(value, nodes.DurationLit) and value.value.amount > 0
        wanted = "a length of time: `freshness 2d`"
    elif name == "tags":
        fits = isinstance(value, nodes.ListExpr) and all(
            isinstance(i, nodes.StringLit) for i in value.items
        )
        wanted = 'a list of texts: `tags ["a", "b"]`'
    elif name == "version":
        fits = isinstance(value, nodes.IntLit) and value.value > 0
        wanted = "a whole number from 1 on: `version 2`"
    elif name == "since":
        fits, wanted = isinstance(value, nodes.InstantLit), "a day: `since @2026-03-01`"
    elif name == "was":
        fits = isinstance(value, nodes.Word | nodes.StringLit)
        wanted = "the old name: `was old_name`"
    else:
        fits = isinstance(value, nodes.StringLit) and bool(value.value.strip())
        wanted = f'a text: `{name} "…"`'
    if not fits:
        report(catalog.ATTRIBUTE_VALUE.at(attribute.span, f"`{name}` needs {wanted}").help(remedy))
    return fits


def _text(attribute: nodes.Attribute | None) -> str | None:
    if attribute is None:
        return None
    value = attribute.value
    if isinstance(value, nodes.StringLit):
        return value.value
    return value.text if isinstance(value, nodes.Word) else None


def _texts(attribute: nodes.Attribute | None) -> tuple[str, ...]:
    if attribute is None or not isinstance(attribute.value, nodes.ListExpr):
        return ()
    return tuple(i.value for i in attribute.value.items if isinstance(i, nodes.StringLit))


def _allows(allows: Sequence[nodes.AllowAttr], report: Report) -> dict[str, str]:
    """Slugs that the declaration allows, with the reason; only warnings can be allowed."""
    found: dict[str, str] = {}
    if not allows:
        return found
    slugs = catalog.warning_slugs()
    for allow in allows:
        slug = allow.slug.value
        if slug not in slugs:
            error = any(c.slug == slug for c in catalog.codes().values())
            headline = (
                f'`"{slug}"` is an error, and only warnings can be allowed'
                if error
                else f'there is no warning `"{slug}"`'
            )
            report(
                catalog.UNKNOWN_SLUG.at(allow.slug.span, headline).help(
                    None if error else did_you_mean(slug, slugs)
                )
            )
        elif allow.because is None or not allow.because.value.strip():
            report(
                catalog.ALLOW_WITHOUT_REASON.at(
                    allow.span, f'`allow "{slug}"` gives no reason'
                ).help(f'say why: `allow "{slug}" because "…"`')
            )
        else:
            found[slug] = allow.because.value
    return found
