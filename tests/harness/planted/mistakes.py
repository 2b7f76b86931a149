"""Which planted bugs stand for the mistakes that are known of others, and for what a compiler and a
runner may do wrong.
"""

from __future__ import annotations

from collections.abc import Mapping

KNOWN: Mapping[str, tuple[str, ...]] = {
    "by concatenating keys collide": ("parts of a key run together",),
    "A correction seen before it was made": (
        "a correction before it was made",
        "a correction before it was made, of spines",
    ),
    "bringing the older version back": ("the older version comes back",),
    "A window's start inclusive": ("a window's start left out",),
    "One window's length used for all": ("one window for all",),
    "`count(x)` counting nulls": ("nulls counted",),
    "`count` of nothing null": ("counts of nothing are null",),
    "Late rows": ("late rows leak", "late rows leak into spines"),
    "Cutting off by default": ("late rows leak", "late rows leak into spines"),
    "Duplicate spine rows dropped or reordered": (
        "duplicates of a spine dropped",
        "the spine backwards",
    ),
    "Three copies of one key and time": ("ties as they come", "ties of the least as they come"),
    "include peers of the current row": ("rows at t taken in",),
    "Distinct after the cap of a list": ("distinct after the newest n",),
    "Negative variance": ("variance that cancels",),
    "Different ddof": ("another ddof",),
    "match one null row to everything": ("null joins null",),
    "computed from rendered SQL or dict order": ("a fingerprint in the order of the text",),
    "leaves out operation and window": (
        "a fingerprint without operations",
        "a fingerprint without windows",
    ),
    "Truncation instead of floor": ("steps before 1970 cut off",),
    "`//` truncates": ("quotients cut off", "remainders cut off"),
    "decimal `avg` give doubles": ("sums of decimals in doubles", "quantiles of decimals cut off"),
    'Recent rows labelled "churned"': ("recent rows have labels",),
}
"""By words of the list in `docs/language/semantics.md`."""

SORTS: Mapping[str, tuple[str, ...]] = {
    "a comparison turned": ("seen after its time only", "the end of validity taken in"),
    "a filter dropped": ("conditions forgotten", "one condition of a source forgotten"),
    "a tie-break dropped": ("ties as they come",),
    "nulls in another order": ("nulls of a version first",),
    "no fsync of a file": ("a file that is not brought to the disk",),
    "no fsync of a folder": ("a folder that is not brought to the disk",),
    "renamed before fsync": ("renamed before it is on the disk",),
    "committed before renamed": (
        "committed before its rows are on the disk",
        "pointed to before it is there",
    ),
    "a field unescaped": ("texts as they come", "names as they come"),
}
"""What a compiler and a runner may do wrong."""
