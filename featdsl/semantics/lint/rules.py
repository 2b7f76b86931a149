"""All rules by slug, in the order in which they report."""

from __future__ import annotations

from collections.abc import Mapping

from featdsl.semantics.lint.constant_condition import constant_condition
from featdsl.semantics.lint.label_looks_back import label_looks_back
from featdsl.semantics.lint.missing_description import missing_description
from featdsl.semantics.lint.missing_owner import missing_owner
from featdsl.semantics.lint.month_window import month_window
from featdsl.semantics.lint.null_comparison import null_comparison
from featdsl.semantics.lint.pointless_constants import crossed_bounds, zero_divisor
from featdsl.semantics.lint.reads_deprecated import reads_deprecated
from featdsl.semantics.lint.share_without_default import share_without_default
from featdsl.semantics.lint.sql_escape import sql_escape
from featdsl.semantics.lint.subject import Rule
from featdsl.semantics.lint.untested_feature import untested_feature
from featdsl.semantics.lint.unused import unused

RULES: Mapping[str, Rule] = {
    "missing-description": missing_description,
    "missing-owner": missing_owner,
    "unused": unused,
    "null-comparison": null_comparison,
    "share-without-default": share_without_default,
    "month-window": month_window,
    "constant-condition": constant_condition,
    "zero-divisor": zero_divisor,
    "crossed-bounds": crossed_bounds,
    "reads-deprecated": reads_deprecated,
    "label-looks-back": label_looks_back,
    "sql-escape": sql_escape,
    "untested-feature": untested_feature,
}
OFF_BY_DEFAULT = frozenset({"untested-feature"})
"""Slugs that a project turns on: they suit a finished project, not one that is being written."""
