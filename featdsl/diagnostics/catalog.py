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
TOO_MANY_MISTAKES = Code("FD0133", "too-many", "a file has more mistakes than are shown")
NOT_SUPPORTED = Code("FD0199", "not-yet-supported", "the language has it, this version does not")

# FD02 names
UNKNOWN_DECLARED = Code("FD0201", "unknown-declared", "nothing of that name is declared")
UNKNOWN_COLUMN = Code("FD0202", "unknown-column", "rows have no column of that name")
UNKNOWN_FEATURE = Code("FD0203", "unknown-feature", "a group has no feature of that name")
UNKNOWN_FUNCTION = Code("FD0204", "unknown-function", "no aggregate or function is called so")
UNKNOWN_DOLLAR = Code("FD0205", "unknown-parameter-name", "`$name` stands for nothing")
UNKNOWN_ALIAS = Code("FD0206", "unknown-alias", "a view has no join of that name")
UNKNOWN_ARGUMENT = Code("FD0207", "unknown-argument", "a function has no such argument")
UNKNOWN_ATTRIBUTE = Code("FD0208", "unknown-attribute", "a declaration has no such attribute")
UNKNOWN_SOURCE_KIND = Code("FD0209", "unknown-source-kind", "sources are of other kinds")
UNKNOWN_OPTION = Code("FD0210", "unknown-option", "a kind of source has no such option")
UNKNOWN_SLUG = Code("FD0211", "unknown-slug", "`allow` names no warning")
UNKNOWN_TYPE = Code("FD0212", "unknown-type", "there is no such type")
FOREIGN_FUNCTION = Code("FD0213", "foreign-function", "a function of another language")
WRONG_KIND = Code("FD0214", "wrong-kind", "a name stands for another kind of thing")
DUPLICATE_NAME = Code("FD0215", "duplicate-name", "a name is declared twice")
DUPLICATE_COLUMN = Code("FD0216", "duplicate-column", "a column, let or join stands twice")
DUPLICATE_FEATURE = Code("FD0217", "duplicate-feature", "two features have one name")
DUPLICATE_ATTRIBUTE = Code("FD0218", "duplicate-attribute", "an attribute is given twice")
AMBIGUOUS_NAME = Code("FD0219", "ambiguous-name", "a name is a feature and a column")
FAMILY_MEMBER = Code("FD0220", "family-member", "a family stands where one feature is needed")
COLUMN_OUTSIDE_AGGREGATE = Code(
    "FD0221", "column-outside-aggregate", "a column of many rows stands where one value is needed"
)
CYCLE = Code("FD0222", "cycle", "declarations need each other in a circle")
NAME_HOLE = Code("FD0223", "name-hole", "a hole in a name cannot be filled")
RESERVED_NAME = Code("FD0224", "reserved-name", "a name that the language uses itself")
MISSING_ITEM = Code("FD0225", "missing-item", "a declaration lacks what it needs")
NO_ROLE = Code("FD0226", "no-role", "rows do not say which entity they belong to")
ALLOW_WITHOUT_REASON = Code("FD0227", "allow-without-reason", "`allow` gives no reason")
EXPANSION = Code("FD0228", "expansion", "functions expand to too much")
OTHER_ENTITY = Code("FD0229", "other-entity", "a data set takes features of another entity")
PRIVATE_NAME = Code("FD0241", "private-name", "a private name stands outside its namespace")
AMBIGUOUS_PARAMETER = Code(
    "FD0242", "ambiguous-parameter", "several namespaces have a parameter of that name"
)
ENVIRONMENT_READ = Code("FD0243", "environment-read", "values do not read the environment")

ROWLESS = Code("FD0235", "no-rows", "a group without `from` has no rows to read")
WITHOUT_VIA = Code("FD0236", "without-via", "a feature of another entity needs a key")
MISPLACED_READ = Code("FD0237", "misplaced-read", "`via`, `ago` or `among` stands where it cannot")
POPULATION_OF_FEATURES = Code(
    "FD0238", "population-of-features", "who exists would depend on features"
)

# FD03 types and units
ARGUMENT_TYPE = Code("FD0301", "argument-type", "an argument has the wrong type")
ARGUMENT_COUNT = Code("FD0302", "argument-count", "a function is given too few or many arguments")
OPERAND_TYPE = Code("FD0303", "operand-type", "an operator cannot calculate with these types")
INCOMPARABLE = Code("FD0304", "incomparable", "values of these types cannot be compared")
NOT_A_CONDITION = Code("FD0305", "not-a-condition", "a condition is needed")
DECLARED_TYPE = Code("FD0306", "declared-type", "a value does not have its declared type")
DIFFERENT_TYPES = Code("FD0307", "different-types", "cases of one value have different types")
NOT_CONSTANT = Code("FD0308", "not-constant", "a value must be known at compile time")
BAD_CONSTANT = Code("FD0309", "bad-constant", "a constant argument is out of range")
TOO_MANY_DIGITS = Code("FD0310", "too-many-digits", "a number has more digits than its type")
FEATURE_TYPE = Code("FD0311", "feature-type", "a feature cannot have this type")
NO_TYPE = Code("FD0312", "no-type", "a value that is always null has no type")
UNIT_MISMATCH = Code("FD0313", "unit-mismatch", "values of different units are combined")
NO_CAST = Code("FD0314", "no-cast", "a type cannot be turned into another")
TYPE_ARGUMENTS = Code("FD0315", "type-arguments", "a type has the wrong sizes")
KEY_TYPE = Code("FD0316", "key-type", "a key has the wrong type")
KEY_COLUMNS = Code("FD0317", "key-columns", "an entity needs a column for each key")
NOT_A_LIST = Code("FD0318", "not-a-list", "a list is needed")
NOT_A_LIST_PLACE = Code("FD0319", "list-misplaced", "a list stands where one value is needed")
EMPTY_LIST = Code("FD0320", "empty-list", "a list is empty")
ATTRIBUTE_VALUE = Code("FD0321", "attribute-value", "an attribute has the wrong kind of value")
EXPECTATION = Code("FD0322", "expectation-form", "an expectation is not written like this")
DISTINCT = Code("FD0323", "distinct-misplaced", "`distinct` and `*` stand in `count` only")
BAD_CELL = Code("FD0324", "bad-cell", "a test's cell is no value of its column")
SPLIT_COLUMN = Code("FD0330", "split-column", "a split is by neither the time nor a key")
SPLIT_CUT = Code("FD0331", "split-cut", "a split is cut at what its column cannot be compared with")
TEST_TABLE = Code("FD0325", "test-table", "a test's table lacks what its meaning needs")
CALENDAR_LENGTH = Code(
    "FD0326", "calendar-length", "a month is calculated with as if it had a length"
)
COLUMN_TYPE = Code("FD0327", "column-type", "a kind of source cannot hold a type")
KEEPS_PII = Code("FD0328", "keeps-pii", "an expectation would keep personal data")
PARAMETER_TYPE = Code("FD0345", "parameter-type", "a parameter cannot have this type")
MAP_KEY = Code("FD0346", "map-key", "values of this type cannot be keys of a map")
SQL_TEXT = Code("FD0347", "sql-text", "the text of `sql(…)` is not one expression")
NEXT_IN = Code("FD0348", "next-in", "`next_in` is given what it cannot look in")

INPUT_PLACE = Code("FD0454", "input-place", "an input stands where no request is known")
REQUEST_ELSEWHERE = Code(
    "FD0455", "request-elsewhere", "what rests on an input is read of another key or time"
)
SPINE_WITHOUT_INPUT = Code(
    "FD0456", "spine-without-input", "a data set's spine does not have a column of an input"
)
VIA_KEYS = Code("FD0350", "via-keys", "what stands after `via` is no key of the entity")
NOT_A_FEATURE = Code("FD0351", "not-a-feature", "`ago` and `among` take features only")
AMONG_PEERS = Code("FD0352", "among-peers", "an aggregate that cannot be asked of peers")
NOT_OF_GROUP = Code("FD0340", "not-of-group", "a value is not one for all rows of a group")
GROUP_KEY = Code("FD0341", "group-key", "rows cannot be grouped by a value")
BESIDE_WITHIN_BESIDE = Code(
    "FD0342", "beside-within-beside", "what rows before decide is looked back at again"
)
BESIDE_OF_GROUPS = Code("FD0343", "beside-of-groups", "groups are looked back at as if rows")
UNION_SHAPE = Code("FD0357", "union-shape", "what a union is made of differs in its columns")
UNKNOWN_COLUMNS = Code("FD0370", "unknown-columns", "it is not known which columns data have")
CONNECTION_IN_TEXT = Code("FD0371", "connection-in-text", "a text says how a server is reached")
JOINED_BY_LOOKUPS = Code(
    "FD0377", "joined-by-lookups", "a join ahead of a row's time may find several rows"
)
REQUEST_IN_GROUP_TEST = Code(
    "FD0378",
    "request-in-group-test",
    "a test of a group states a value that rests on an input",
)
ASKED_BY_OTHERS = Code(
    "FD0376", "asked-by-others", "as of when rows are asked rests on what they look at then"
)

# FD04 time and leakage
AGGREGATE_OUTSIDE_FEATURE = Code(
    "FD0401", "aggregate-outside-feature", "an aggregate stands where rows are made"
)
NESTED_AGGREGATE = Code("FD0402", "nested-aggregate", "an aggregate stands inside another")
NO_AS_OF = Code("FD0403", "no-as-of", "the as-of time is used where there is none")
WALL_CLOCK = Code("FD0404", "wall-clock", "a value would depend on when it is computed")
WINDOW_WITHOUT_TIME = Code("FD0405", "window-without-time", "a window over rows without a time")
TIME_NEEDED = Code("FD0406", "time-needed", "an aggregate needs rows in time")
NO_TOTAL_ORDER = Code("FD0407", "no-total-order", "rows of one time have no order")
EMPTY_WINDOW = Code("FD0408", "empty-window", "a window can hold no row")
WINDOW_WITHIN_DELAY = Code(
    "FD0409", "window-within-delay", "a window ends before its rows can be seen", _W
)
TWO_WINDOWS = Code("FD0410", "two-windows", "a feature has two windows")
CLAUSE_WITHOUT_EFFECT = Code("FD0411", "clause-without-effect", "a clause applies to nothing")
CLAUSE_OUTSIDE_AGGREGATE = Code(
    "FD0412", "clause-outside-aggregate", "an aggregate's clause stands in another call"
)
NOT_A_WINDOW = Code("FD0413", "not-a-window", "a window is a length of time")
VALIDITY_END = Code("FD0414", "validity-end", "the end of what is valid is not known yet")
TIME_COLUMN = Code("FD0415", "time-column", "a column that places rows is no timestamp")
TWO_HISTORIES = Code("FD0416", "two-histories", "two items say which rows exist")
JOIN_WITHOUT_TIME = Code("FD0417", "join-without-time", "a join cannot know at which time to look")
JOIN_WITHOUT_EQUALITY = Code("FD0418", "join-without-equality", "a join compares no column")
PUBLISHES_PII = Code("FD0419", "publishes-pii", "a feature shows personal data")
LOOKS_FORWARD = Code("FD0420", "looks-forward", "a feature's window is after the as-of time")
LABEL_LEAK = Code("FD0421", "label-leak", "a label stands where features are made")
LABEL_WINDOW = Code("FD0422", "label-window", "a label does not say how far it looks")
LABEL_READS_FEATURE = Code("FD0423", "label-reads-feature", "a label is made of features")
GRID_WITHOUT_POPULATION = Code(
    "FD0424", "grid-without-population", "nothing says which keys a grid of times is for"
)
ALIGNED_STEP = Code("FD0430", "aligned-step", "windows are aligned to no step of the calendar")
ALIGNED_FORWARD = Code("FD0431", "aligned-forward", "a window that looks forward is aligned")
SINCE_UNIT = Code("FD0432", "since-unit", "`since start of` names no unit")
BESIDE_OUTSIDE_AGGREGATE = Code(
    "FD0433", "beside-outside-aggregate", "rows are looked back at where none are read in order"
)
SESSION_TIME = Code("FD0434", "session-time", "a session is told by something else than time")
PER_WITHIN_PER = Code("FD0435", "per-within-per", "groups of rows are grouped again")
WINDOW_WITHIN_PER = Code("FD0436", "window-within-per", "an aggregate of a group has a window")
ZERO_DIVISOR = Code("FD0381", "zero-divisor", "what is divided by 0 is null", _W)
CROSSED_BOUNDS = Code("FD0382", "crossed-bounds", "a lower bound is above the upper", _W)
BY_WITHIN_PER = Code("FD0380", "by-within-per", "an aggregate of a group makes a map")
TWO_AVAILABILITIES = Code(
    "FD0447", "two-availabilities", "it is said twice when a source's rows can be seen"
)
SQL_FUNCTION = Code("FD0437", "sql-function", "`sql(…)` calls what it may not call")

VIA_WITHOUT_TIME = Code("FD0440", "via-without-time", "rows without a time look nothing up")
UNION_TIME = Code("FD0448", "union-time", "rows of a union have different times")

# FD05 dialect
DIALECT_LACKS = Code("FD0501", "dialect-lacks", "an engine cannot compute what is asked of it")
NAME_TOO_LONG = Code("FD0502", "name-too-long", "a name is longer than an engine's names are")

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
UNKNOWN_PARAMETER = Code("FD0630", "unknown-parameter", "no parameter of that name is declared")
PARAMETER_VALUE = Code("FD0631", "parameter-value", "a parameter's value does not fit its type")
PARAMETER_MISSING = Code("FD0632", "parameter-missing", "a parameter that is used has no value")
UNKNOWN_INPUT = Code("FD0640", "unknown-input", "no feature asked for rests on such an input")
MISSING_INPUT = Code("FD0641", "missing-input", "an input that is read is not given")
INPUT_VALUE = Code("FD0642", "input-value", "an input's value does not fit its type")
SECRET_DEFAULT = Code("FD0633", "secret-default", "what is made of a secret would be shown")

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
NO_ROWS = Code("FD0717", "nothing-computed", "a group's output has no rows", _W)
SPINE_COLUMN = Code("FD0718", "missing-spine-column", "a spine lacks a column that is needed")
SPINE_CLASH = Code("FD0719", "spine-clash", "a spine's column is called like one that is computed")
NO_SPINE = Code("FD0720", "no-spine", "a training set has no spine that can be read")
EMPTY_SPINE = Code("FD0721", "empty-spine", "a training set has no rows", _W)
FUTURE_SPINE = Code("FD0722", "future-spine", "a spine asks about times after all data", _W)
TELLS_LABEL = Code("FD0723", "tells-label", "a column of a training set repeats its label", _W)
LABELS_PAST_DATA = Code(
    "FD0724", "labels-past-data", "labels count as known after the data end", _W
)
NO_LABELS = Code("FD0725", "no-labels", "a label is null in every row that is known", _W)
SOURCE_CODE_FAILED = Code("FD0733", "source-code-failed", "Python code gives a source no rows")
COLUMNS_CHANGED = Code("FD0734", "columns-changed", "the data are not as featc.lock has them")
NEW_COLUMN = Code("FD0735", "new-column", "the data have a column that featc.lock lacks", _W)
LOCK_FILE = Code("FD0736", "lock-file", "featc.lock cannot be read")
NO_SCHEMA = Code("FD0737", "no-schema", "the data do not say which columns they have")
SAME_TABLE = Code("FD0738", "same-table", "two sources would be read from one table")
NO_DATABASE = Code("FD0739", "no-database", "a run has no database to look for a table in")
NOT_PUBLISHED = Code("FD0740", "not-published", "what is asked for was not published")
STALE_VALUES = Code("FD0741", "stale-values", "published values are not of what is declared now")
UNANSWERABLE = Code("FD0742", "unanswerable", "published values do not say what is asked for")
CHANGED_FILE = Code("FD0750", "changed-file", "a published file is not as it was written")
LEFT_TIE = Code("FD0751", "left-tie", "rows of one time differ, and nothing orders them")
NO_CONNECTION = Code("FD0745", "no-connection", "a server cannot be reached")

# FD08 runs
OUT_OF_MEMORY = Code("FD0801", "out-of-memory", "a query needs more memory than it may use")
CANNOT_WRITE = Code("FD0802", "cannot-write", "a file or folder cannot be written")
TARGET_LOCKED = Code("FD0803", "target-locked", "another run is writing the same set")
TIMED_OUT = Code("FD0804", "timed-out", "a query took longer than it may")
NUMBER_TOO_LARGE = Code("FD0805", "number-too-large", "a result has more digits than its type")
UNFIT_RESULT = Code("FD0806", "unfit-result", "a value cannot be converted while computing")
ENGINE_FAILED = Code("FD0807", "engine-failed", "the engine reports an error")
BROKEN_RECORD = Code("FD0808", "broken-record", "a run's record cannot be read", _W)
FAILED_TEST = Code("FD0809", "failed-test", "a test's table and the computed values differ")
NOTHING_TO_RUN = Code("FD0810", "nothing-to-run", "the project has nothing that could be run")
UNTESTABLE = Code("FD0811", "untestable", "a test cannot be run")
OLD_POINTERS = Code("FD0830", "old-pointers", "what tells readers of a run is not up to date", _W)
DAMAGED_CATALOG = Code("FD0831", "damaged-catalog", "a catalog is not as it was written")
NEWER_CATALOG = Code("FD0832", "newer-catalog", "a catalog is of a newer version of featc")
NO_SUCH_RUN = Code("FD0833", "no-such-run", "no run, or more than one, is called so")
LOST_RECORD = Code("FD0834", "lost-record", "the record that is asked for cannot be read")
LEVEL_SHIFT = Code("FD0840", "level-shift", "a measure of a set is not where it was", _W)
SLOW_SLIDE = Code("FD0841", "slow-slide", "a measure of a set goes one way, run by run", _W)
NO_BASELINE = Code("FD0842", "no-baseline", "a baseline has nothing to compare with", _W)
CANNOT_PIN = Code("FD0843", "cannot-pin", "a run cannot be made a baseline, or let go")
NO_MANIFEST = Code("FD0836", "no-manifest", "a file that is to be compared with is no manifest")
RUN_TIMED_OUT = Code("FD0850", "run-timed-out", "a run took longer than it may")
NOT_PUBLISHED_THEN = Code(
    "FD0851", "not-published-then", "nothing is published for the as-of time that is to be repaired"
)
NOTHING_EARLIER = Code("FD0835", "nothing-earlier", "there is nothing to go back to")
NOT_REPRODUCIBLE = Code("FD0880", "not-reproducible", "a run cannot be computed again")
TOO_MANY_ENTRIES = Code(
    "FD0825", "too-many-entries", "a list or a map would hold more entries than it may"
)
WRONG_LOCATION = Code("FD0860", "wrong-location", "a target's location cannot be written to")
WRITTEN_SECRET = Code("FD0861", "written-secret", "a secret stands in featc.toml")
NOT_NOTIFIED = Code("FD0863", "not-notified", "a channel could not be told of a run", _W)
INCOMPLETE_PROMOTION = Code(
    "FD0864", "incomplete-promotion", "what is to be promoted is not published as a whole"
)
TARGETS_APART = Code("FD0865", "targets-apart", "targets of two places cannot share what they have")
NO_VARIABLE = Code("FD0862", "no-variable", "the environment lacks what featc.toml reads from it")

# FD09 lint
MISSING_DESCRIPTION = Code(
    "FD0901", "missing-description", "a declaration does not say what it is", _W
)
MISSING_OWNER = Code("FD0902", "missing-owner", "a group does not say who answers for it", _W)
UNUSED = Code("FD0903", "unused", "something is declared and not used", _W)
NULL_COMPARISON = Code("FD0904", "null-comparison", "`!=` leaves out rows with null", _W)
ALWAYS_NULL = Code("FD0905", "always-null", "a comparison with null is never true", _W)
SHARE_WITHOUT_DEFAULT = Code(
    "FD0906", "share-without-default", "a share is null where it is likely meant to be 0", _W
)
MONTH_WINDOW = Code("FD0907", "month-window", "a calendar month is not thirty days", _W)
CONSTANT_CONDITION = Code("FD0908", "constant-condition", "a condition reads no column", _W)
UNTESTED_FEATURE = Code("FD0909", "untested-feature", "no test states a feature's value", _W)
UNUSED_ALLOW = Code("FD0910", "unused-allow", "an allowance has nothing to allow", _W)
READS_DEPRECATED = Code("FD0911", "reads-deprecated", "something deprecated is read", _W)
LABEL_LOOKS_BACK = Code("FD0912", "label-looks-back", "a label tells nothing of what comes", _W)
SQL_ESCAPE = Code("FD0913", "sql-escape", "a value is computed by an engine's own SQL", _W)


def warning_slugs() -> tuple[str, ...]:
    """What `allow` may name, and what a project's configuration may set the level of."""
    return tuple(c.slug for c in codes().values() if c.severity is Severity.WARNING)


def codes() -> dict[str, Code]:
    """Every code by its id."""
    return {v.id: v for v in globals().values() if isinstance(v, Code)}
