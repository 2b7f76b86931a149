"""The words of the language, as recovery and messages need them.

A test holds them against what the grammar accepts.
"""

from __future__ import annotations

from featdsl.text.reserved import RESERVED as RESERVED


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What must follow the name in a declaration's head; recovery trusts such a head anywhere.
DECLARATIONS: dict[str, frozenset[str]] = {
    "namespace": frozenset(),
    "use": frozenset(),
    "const": frozenset({"="}),
    "param": frozenset({":"}),
    "secret": frozenset(),
    "entity": frozenset({"{"}),
    "source": frozenset({"{"}),
    "view": frozenset({"from"}),
    "features": frozenset({"for"}),
    "labels": frozenset({"for"}),
    "input": frozenset({"{"}),
    "consumer": frozenset({"{"}),
    "wanted": frozenset({"for"}),
    "dataset": frozenset({"for"}),
    "template": frozenset({"("}),
    "fn": frozenset({"("}),
    "test": frozenset({"{"}),
}

# A head that parses, for the items of a declaration whose own head does not.
SKELETONS = {
    "entity": "entity x {",
    "source": "source x {",
    "view": "view x from x {",
    "features": "features x for x {",
    "labels": "labels x for x {",
    "input": "input x {",
    "consumer": "consumer x {",
    "wanted": "wanted x for x {",
    "dataset": "dataset x for x {",
    "template": "template x() {",
    "test": 'test "" {',
}

ATTRIBUTES = _words(
    "owner tags note deprecated was version uri private allow unit format domain by since freshness"
)
FEATURE_CLAUSES = ("over", "where", "default", "aligned", "via")
"""What may follow a feature's value; words near to one are taken for it, misspelt."""
_GROUP = frozenset({"for", "apply", "expect"})

# The words that begin an item of a body; a group's other items begin with a feature's name.
ITEMS: dict[str, frozenset[str]] = {
    "entity": frozenset({"key", "from"}),
    "source": _words("from key time snapshot valid entity columns drop keep expect"),
    "view": frozenset({"join", "let", "where", "expect"}),
    "features": _GROUP,
    "labels": _GROUP,
    "template": _GROUP,
    "input": frozenset(),
    "columns": frozenset(),
    "consumer": frozenset({"kind", "reads", "predictions", "target"}),
    "wanted": frozenset({"status"}),
    "dataset": frozenset({"spine", "label", "split", "consumer", "include", "except", "expect"}),
    "test": frozenset({"given", "at", "then"}),
    "block": frozenset({"expect"}),
    "notes": frozenset(),
}

# Words that go on with an item, and begin none where `ITEMS` does not say so.
CLAUSES = _words(
    "over where default available after then by per among via ago aligned because "
    "allow warn removed required pii as on at to from for changes events of start"
)


def item_words(kind: str) -> frozenset[str]:
    """All words that begin an item of a body of this kind."""
    return ITEMS.get(kind, frozenset()) | (ATTRIBUTES if kind != "columns" else frozenset())
