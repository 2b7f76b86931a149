"""Every diagnostic code, in order: one line each, a page each in ``docs/errors/``.

FD01 syntax, 02 names, 03 types and units, 04 time and leakage, 05 dialect, 06 project and
parameters, 07 data, 08 runs, 09 lint. An id is never reused.
"""

from __future__ import annotations

from featdsl.diagnostics.model import Code, Severity

_W = Severity.WARNING

# FD01 syntax
SYNTAX = Code("FD0101", "syntax", "unexpected text")
UNCLOSED = Code("FD0102", "unclosed-bracket", "a bracket is never closed")
UNOPENED = Code("FD0103", "unopened-bracket", "a closing bracket has no opening")
UNTERMINATED = Code("FD0104", "unterminated-text", "a quoted text does not end")
UNKNOWN_DECLARATION = Code("FD0105", "unknown-declaration", "no declaration begins like this")
UNKNOWN_ITEM = Code("FD0106", "unknown-item", "a body does not know this item")
BAD_DURATION = Code("FD0107", "bad-duration", "a duration has no unit that is known")
BAD_INSTANT = Code("FD0108", "bad-instant", "an instant is no moment of the calendar")
BAD_ESCAPE = Code("FD0109", "bad-escape", "an escape in a text is not known")
BAD_NUMBER = Code("FD0110", "bad-number", "a number cannot be read")
BAD_NAME = Code("FD0111", "bad-name", "a name has characters that names do not have")
RESERVED_WORD = Code("FD0112", "reserved-word", "a reserved word stands where a name is needed")
NAME_AFTER_VALUE = Code("FD0113", "name-after-value", "`value as name` is written `name = value`")
DOUBLE_EQUALS = Code("FD0114", "double-equals", "comparison is written with one `=`")
SQL_WINDOW = Code("FD0115", "sql-window", "SQL windows are not written, durations are")
PERCENT_OPERATOR = Code("FD0116", "percent-operator", "the remainder is `mod(a, b)`")
SQL_STATEMENT = Code("FD0117", "sql-statement", "SQL statements are no part of the language")
FOREIGN_OPERATOR = Code("FD0118", "foreign-operator", "an operator of another language")
FOREIGN_COMMENT = Code("FD0119", "foreign-comment", "comments begin with `#`")
KEYWORD_CASE = Code("FD0120", "keyword-case", "keywords and functions are in lower case")
CHAINED_COMPARISON = Code("FD0121", "chained-comparison", "comparisons do not chain")
ROUND_LIST = Code("FD0122", "round-list", "lists stand in square brackets")
MISSING_EQUALS = Code("FD0123", "missing-equals", "`=` is missing between name and value")
MISSING_QUOTES = Code("FD0124", "missing-quotes", "an attribute's text needs quotes")
NEEDLESS_SIGN = Code("FD0125", "needless-sign", "a separator that the language does not have")
MISPLACED = Code("FD0126", "misplaced", "something stands where it cannot")
REPEATED = Code("FD0127", "repeated-clause", "a clause or item that may stand once stands twice")
TABLE_ROW = Code("FD0128", "table-row", "a table's row does not fit its header")
TABLE_HEADER = Code("FD0129", "table-header", "a table's header has an empty or repeated name")
TOO_DEEP = Code("FD0130", "too-deep", "brackets or operators are nested too deeply")
TOO_LONG = Code("FD0131", "too-long", "a name, text or file is longer than the limit")
CONTROL_CHARACTER = Code("FD0132", "control-character", "an invisible control character")
NOT_SUPPORTED = Code("FD0199", "not-yet-supported", "the language has it, this version does not")

# FD02 names

# FD03 types and units

# FD04 time and leakage

# FD05 dialect

# FD06 project and parameters
NO_PROJECT = Code("FD0601", "no-project", "there is no featc.toml here or above")
CONFIG_SYNTAX = Code("FD0602", "config-syntax", "featc.toml is not valid TOML")
UNKNOWN_KEY = Code("FD0603", "unknown-key", "featc.toml has a key that featc does not know")
WRONG_SETTING = Code("FD0604", "wrong-setting", "a value in featc.toml does not fit its key")
MISSING_SETTING = Code("FD0605", "missing-setting", "featc.toml lacks a key that is needed")
NO_TEXTS = Code("FD0606", "no-texts", "a project has no .feat files")
UNREADABLE = Code("FD0607", "unreadable-file", "a .feat file cannot be read")
TOO_LARGE = Code("FD0608", "file-too-large", "a .feat file is larger than 1 MiB")
TOO_MANY = Code("FD0609", "too-many-files", "a project has more than 10,000 .feat files")
NOT_TEXT = Code("FD0610", "not-text", "a .feat file holds bytes that no text holds")
NOT_UTF8 = Code("FD0611", "not-utf8", "a .feat file is not UTF-8")
EMPTY_FILE = Code("FD0612", "empty-file", "a .feat file holds nothing", _W)
NO_MATCH = Code("FD0613", "selects-nothing", "a selector matches no feature")
WRONG_INSTANT = Code("FD0614", "wrong-as-of", "an as-of time cannot be read")
WRONG_PARAMETER = Code("FD0615", "wrong-parameter", "a parameter from outside cannot be used")
UNKNOWN_TARGET = Code("FD0616", "unknown-target", "featc.toml has no such target")
PREPARE_FAILED = Code("FD0617", "prepare-failed", "a project's prepare script cannot be run")
UNKNOWN_NAME = Code("FD0618", "unknown-name", "nothing of that name is declared")
UNKNOWN_CODE = Code("FD0619", "unknown-code", "there is no such diagnostic")
NOT_EMPTY = Code("FD0620", "folder-not-empty", "a new project needs an empty folder")

# FD07 data
NO_DATA_FILES = Code("FD0701", "no-data-files", "no file is where a source says its data are")
UNREADABLE_DATA = Code("FD0702", "unreadable-data", "a data file cannot be read")
EMPTY_DATA = Code("FD0703", "empty-data", "a data file holds nothing, not even a header")
OUTSIDE_ROOTS = Code("FD0704", "outside-data-folder", "a source's path leaves the data folder")
DATA_COLUMN_MISSING = Code("FD0705", "missing-data-column", "the data lack a declared column")
DATA_COLUMN_TYPE = Code("FD0706", "data-column-type", "a column of the data is of another type")
UNFIT_VALUES = Code("FD0707", "unfit-values", "values do not fit the declared type")
NULLS_IN_REQUIRED = Code("FD0708", "nulls-in-required", "a required column has nulls")
REJECTED_ROWS = Code("FD0709", "rejected-rows", "rows of a CSV file cannot be read as declared")
DUPLICATE_KEY = Code("FD0710", "duplicate-key", "rows of a source share a key")
VALIDITY_OVERLAP = Code("FD0711", "validity-overlap", "two rows of one key hold at one time")
VERSION_TIE = Code("FD0712", "version-tie", "versions of one time differ in content")
MANY_MATCHES = Code("FD0713", "many-matches", "a join finds more than one row for a row")
SOURCE_CHANGED = Code("FD0714", "source-changed", "data changed while they were read")
FAILED_EXPECTATION = Code("FD0715", "failed-expectation", "an expectation does not hold")
DUPLICATE_HEADER = Code("FD0716", "duplicate-header", "a CSV header names a column twice")
NO_POPULATION_DATA = Code("FD0717", "nothing-computed", "a group's output has no rows", _W)

# FD08 runs
OUT_OF_MEMORY = Code("FD0801", "out-of-memory", "a query needs more memory than it may use")
CANNOT_WRITE = Code("FD0802", "cannot-write", "a file or folder cannot be written")
TARGET_LOCKED = Code("FD0803", "target-locked", "another run is writing to the same target")
TIMED_OUT = Code("FD0804", "timed-out", "a query took longer than it may")
NUMBER_TOO_LARGE = Code("FD0805", "number-too-large", "a result has more digits than its type")
UNFIT_RESULT = Code("FD0806", "unfit-result", "a value cannot be converted while computing")
ENGINE_FAILED = Code("FD0807", "engine-failed", "the engine reports an error")
BROKEN_RECORD = Code("FD0808", "broken-record", "a run's record cannot be read", _W)
FAILED_TEST = Code("FD0809", "failed-test", "a test's table and the computed values differ")
NOTHING_TO_RUN = Code("FD0810", "nothing-to-run", "the project has nothing that could be run")
UNTESTABLE = Code("FD0811", "untestable", "a test cannot be run")

# FD09 lint


def codes() -> dict[str, Code]:
    """Every code by its id."""
    return {v.id: v for v in globals().values() if isinstance(v, Code)}
