"""What differs between two runs, by their records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from featdsl.project.as_of import show_instant
from featdsl.store.record import FeatureProfile, InputUse, RunRecord


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is so in one run and otherwise in the other; None where it is not there."""

    what: str
    before: str | None
    after: str | None


def compare(before: RunRecord, after: RunRecord) -> list[Difference]:
    """What may explain that values differ, causes first: what was asked, code, data, results."""
    parts = (
        _asked(before, after),
        _parameters(before, after),
        _code(before, after),
        _inputs(before, after),
        _meanings(before, after),
        _results(before, after),
        _checks(before, after),
    )
    return [d for part in parts for d in part]


def causes(before: RunRecord, after: RunRecord) -> list[Difference]:
    """The same of versions, commit, data and meanings alone."""
    return [*_code(before, after), *_inputs(before, after), *_meanings(before, after)]


def _pairs(
    what: str, before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> Iterator[Difference]:
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        if was != now or (name in before) is not (name in after):
            yield Difference(f"{what} {name}".strip(), was, now)


def _asked(before: RunRecord, after: RunRecord) -> Iterator[Difference]:
    def told(r: RunRecord) -> dict[str, str | None]:
        return {
            "kind": r.kind,
            "target": r.target,
            "as-of time": show_instant(r.as_of),
            "status": r.status.value,
        }

    yield from _pairs("", told(before), told(after))


def _parameters(before: RunRecord, after: RunRecord) -> Iterator[Difference]:
    def told(r: RunRecord) -> dict[str, str | None]:
        return {p.name: "(secret)" if p.secret else f"{p.value}, {p.origin}" for p in r.parameters}

    yield from _pairs("parameter", told(before), told(after))


def _code(before: RunRecord, after: RunRecord) -> Iterator[Difference]:
    def told(r: RunRecord) -> dict[str, str | None]:
        v, code = r.versions, r.code
        commit = (
            None if code is None else f"{code.commit[:12]}{' with changes' if code.dirty else ''}"
        )
        return {
            "commit": commit,
            "featc": v.featc,
            v.engine: v.engine_version,
            "sqlglot": v.sqlglot,
            "python": v.python,
        }

    yield from _pairs("", told(before), told(after))


def _inputs(before: RunRecord, after: RunRecord) -> Iterator[Difference]:
    one, other = ({i.source: i for i in r.inputs} for r in (before, after))
    for name in dict.fromkeys((*one, *other)):
        a, b = one.get(name), other.get(name)
        if a is None or b is None:
            yield Difference(f"source {name}", _input(a), _input(b))
            continue
        if a.rows != b.rows:
            yield Difference(f"source {name} rows", f"{a.rows:,}", f"{b.rows:,}")
        if a.newest != b.newest:
            yield Difference(
                f"source {name} newest row",
                None if a.newest is None else show_instant(a.newest),
                None if b.newest is None else show_instant(b.newest),
            )
        was, now = ({f.path: f.sha256[:12] for f in i.files} for i in (a, b))
        yield from _pairs(f"source {name} file", was, now)


def _input(use: InputUse | None) -> str | None:
    return None if use is None else f"{use.rows:,} rows"


def _meanings(before: RunRecord, after: RunRecord) -> Iterator[Difference]:
    """Features with another fingerprint: another definition, or another parameter in it."""

    def told(r: RunRecord) -> dict[str, str | None]:
        return {
            f"{o.group}.{c.name}": (c.fingerprint or "")[:12]
            for o in r.outputs
            for c in o.columns
            if c.fingerprint
        }

    yield from _pairs("meaning of", told(before), told(after))


def _results(before: RunRecord, after: RunRecord) -> Iterator[Difference]:
    def rows(r: RunRecord) -> dict[str, str | None]:
        found = {o.group: f"{o.rows:,}" for o in r.outputs}
        if r.training is not None:
            found[r.training.dataset] = f"{r.training.rows:,}"
        return dict(found)

    def hashes(r: RunRecord) -> dict[str, str | None]:
        files = [(o.group, o.files) for o in r.outputs]
        if r.training is not None:
            files.append((r.training.dataset, r.training.files))
        return {f"{name} {f.path}": f.sha256[:12] for name, found in files for f in found}

    yield from _pairs("rows of", rows(before), rows(after))
    yield from _pairs("bytes of", hashes(before), hashes(after))
    one, other = (dict(_profiles(r)) for r in (before, after))
    for name in (n for n in one if n in other):
        was, now = _profile(one[name]), _profile(other[name])
        if was != now:
            yield Difference(f"values of {name}", was, now)


def _profiles(record: RunRecord) -> Iterator[tuple[str, FeatureProfile]]:
    return ((p.feature, p) for o in record.outputs for p in o.profile)


def _profile(profile: FeatureProfile) -> str:
    parts: Iterable[tuple[str, object]] = (
        ("nulls", f"{profile.nulls / profile.rows:.2%}" if profile.rows else None),
        ("mean", None if profile.mean is None else f"{profile.mean:.6g}"),
        ("distinct", f"{profile.distinct:,}"),
    )
    return ", ".join(f"{n} {v}" for n, v in parts if v is not None)


def _checks(before: RunRecord, after: RunRecord) -> Iterator[Difference]:
    def told(r: RunRecord) -> dict[str, str | None]:
        return {f"{c.subject}: {c.text}": f"{c.status.value} ({c.measured})" for c in r.checks}

    yield from _pairs("check", told(before), told(after))
