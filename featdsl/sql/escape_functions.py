"""What SQL text in `.feat` text may call: functions of DuckDB of nothing but their arguments."""

from __future__ import annotations

_CLOCK = (
    "age current_date current_time current_timestamp get_current_time get_current_timestamp "
    "localtime localtimestamp now today transaction_timestamp random setseed uuid "
    "gen_random_uuid uuidv4 uuidv7 nextval currval txid_current"
)
CLOCK = frozenset(_CLOCK.split(" "))
"""What has another value in another run; ``age`` of one time counts from today."""

_NUMBERS = (
    "abs acos asin atan atan2 bit_count cbrt ceil ceiling cos cot degrees even exp factorial "
    "floor gcd greatest isfinite isinf isnan lcm least ln log log10 log2 mod pi pow power radians "
    "round round_even sign sin sqrt tan tanh sinh cosh trunc"
)
_TEXT = (
    "ascii bit_length chr concat concat_ws contains damerau_levenshtein ends_with format hamming "
    "hex instr jaccard jaro_similarity jaro_winkler_similarity lcase left length "
    "levenshtein lower lpad ltrim md5 nfc_normalize ord position prefix printf "
    "regexp_extract regexp_full_match regexp_matches regexp_replace repeat replace reverse right "
    "rpad rtrim sha1 sha256 starts_with strip_accents strlen strpos substr substring suffix "
    "translate trim ucase unhex unicode upper url_decode url_encode to_base64 from_base64"
)
_TIMES = (
    "date_add date_bin date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc "
    "day dayname dayofmonth dayofweek dayofyear decade century epoch epoch_ms epoch_us hour "
    "isodow isoyear last_day make_date make_timestamp microsecond millisecond minute month "
    "monthname quarter second strftime strptime time_bucket timezone to_days to_hours "
    "to_microseconds to_milliseconds to_minutes to_months to_seconds to_weeks to_years "
    "try_strptime week weekday weekofyear year yearweek"
)
_OTHERS = (
    "coalesce nullif ifnull if array_length len list_contains list_extract list_value "
    "list_position split string_split str_split json_array_length json_extract "
    "json_extract_string json_valid"
)

ALLOWED = frozenset(f"{_NUMBERS} {_TEXT} {_TIMES} {_OTHERS}".split(" "))
