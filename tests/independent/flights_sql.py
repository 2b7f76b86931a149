"""Two dozen features of features/flights as correlated subqueries over the raw CSV files.

One scalar subquery a feature, for each row of a spine of (key, t): the slow and obvious way in
SQL. It shares nothing with the compiler's statements, nor with the project's prepare step.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

TABLES = """
set TimeZone = 'UTC';

create table departures as
select carrier, flight, tailnum, origin, dest, distance, dep_delay, year, month, day,
  sched_dep_time, dep_delay is null as cancelled,
  timezone('UTC', time_hour) + to_minutes(minute) as sched_dep,
  sched_dep + to_minutes(coalesce(dep_delay, 120)) as known_at
from read_csv(getvariable('flights'), nullstr = 'NA', types = {'time_hour': 'timestamptz'});

create table arrivals as
with due as (
  select f.carrier, f.tailnum, f.dep_delay, f.arr_delay,
    coalesce(a.tzone, 'America/Puerto_Rico') as zone,
    f.time_hour + to_minutes(f.minute) as left_at,
    make_timestamp(f.year, f.month, f.day, f.sched_arr_time // 100, f.sched_arr_time % 100, 0.0)
      as due_by_clock
  from read_csv(getvariable('flights'), nullstr = 'NA', types = {'time_hour': 'timestamptz'}) as f
  left join read_csv(getvariable('airports'), nullstr = 'NA') as a on a.faa = f.dest
  where f.arr_delay is not null
)
select carrier, tailnum, dep_delay, arr_delay,
  timezone('UTC', case when timezone(zone, due_by_clock) > left_at
    then timezone(zone, due_by_clock)
    else timezone(zone, due_by_clock + interval 1 day) end) + to_minutes(arr_delay) as landed_at
from due;

create table weather as
select origin, timezone('UTC', time_hour) as observed_at, temp, precip::decimal(5, 2) as precip,
  observed_at + interval 10 minutes as known_at
from read_csv(getvariable('weather'), nullstr = 'NA', types = {'time_hour': 'timestamptz'})
where wind_speed is null or wind_speed <= 200;
"""

# The rows of a key that count at s.t within a window.
_CARRIER = (
    "from departures as d where d.carrier = s.key and d.known_at <= s.t and d.sched_dep < s.t"
)
_PLANE = "from departures as d where d.tailnum = s.key and d.known_at <= s.t and d.sched_dep < s.t"
_ROUTE = (
    "from departures as d where d.origin = s.key[1] and d.dest = s.key[2] "
    "and d.known_at <= s.t and d.sched_dep < s.t"
)
_LANDED = "from arrivals as a where a.carrier = s.key and a.landed_at < s.t"
_AIR = (
    "from weather as w where w.origin = s.key and w.known_at <= s.t and w.observed_at < s.t "
    "and w.observed_at >= s.t - interval 7 days"
)
_7D = "and d.sched_dep >= s.t - interval 7 days"
_30D = "and d.sched_dep >= s.t - interval 30 days"
_90D = "and d.sched_dep >= s.t - interval 90 days"
_365D = "and d.sched_dep >= s.t - interval 365 days"
_ORDER = "d.sched_dep, d.year, d.month, d.day, d.sched_dep_time, d.carrier, d.flight, d.origin"
_REVERSED = ", ".join(f"{column} desc" for column in _ORDER.split(", "))

SUBQUERIES: dict[str, dict[str, dict[str, str]]] = {
    "carrier": {
        "carrier_departures": {
            "departures_30d": f"select count(*) {_CARRIER} {_30D} and not d.cancelled",
            "late_share_30d": f"""
                select count(*) filter (where d.dep_delay >= 15) / nullif(count(d.dep_delay), 0)
                {_CARRIER} {_30D}""",
            "cancelled_share_7d": f"select avg(d.cancelled::int) {_CARRIER} {_7D}",
            "mean_delay_90d": f"select sum(d.dep_delay) / count(d.dep_delay) {_CARRIER} {_90D}",
            "p90_delay": f"select quantile_cont(d.dep_delay, 0.9) {_CARRIER} {_90D}",
            "worst_delay": f"select max(d.dep_delay) {_CARRIER} {_90D}",
            "worst_delay_to": f"""
                select d.dest {_CARRIER} {_90D} and d.dep_delay is not null
                order by d.dep_delay desc, {_ORDER} limit 1""",
            "delay_trend": f"""
                select case when count(distinct d.sched_dep) > 1
                  then regr_slope(d.dep_delay, epoch(d.sched_dep - s.t) / 86400) end
                {_CARRIER} {_90D} and d.dep_delay is not null""",
            "weekly_change": f"""
                select count(*) filter (where d.sched_dep >= s.t - interval 7 days)
                  / nullif(count(*) filter (where d.sched_dep < s.t - interval 7 days), 0)
                {_CARRIER} and d.sched_dep >= s.t - interval 14 days and not d.cancelled""",
            "destinations": f"select count(distinct d.dest) {_CARRIER} {_30D}",
            "days_since_cancellation": f"""
                select floor(epoch(s.t - max(d.sched_dep)) / 86400)::int
                {_CARRIER} and d.cancelled""",
        },
        "carrier_arrivals": {
            "landings_7d": f"select count(*) {_LANDED} and a.landed_at >= s.t - interval 7 days",
            "minutes_made_up_30d": f"""
                select avg(a.dep_delay - a.arr_delay) {_LANDED}
                and a.landed_at >= s.t - interval 30 days""",
            "planes_used": f"""
                select count(distinct a.tailnum) {_LANDED}
                and a.landed_at >= s.t - interval 30 days""",
        },
    },
    "plane": {
        "plane_use": {
            "miles_lifetime": f"""
                select coalesce(sum(d.distance), 0)::bigint {_PLANE} and not d.cancelled""",
            "last_destination": f"""
                select d.dest {_PLANE} and not d.cancelled order by {_REVERSED} limit 1""",
            "always_punctual": f"select bool_and(d.dep_delay < 15) {_PLANE} {_30D}",
            "operators": f"select count(distinct d.carrier) {_PLANE} {_365D}",
        },
    },
    "airport": {
        "airport_traffic": {
            "just_left": """
                select count(*) from departures as d where d.origin = s.key and not d.cancelled
                and d.known_at <= s.t and d.sched_dep <= s.t
                and d.sched_dep >= s.t - interval 1 hour""",
            "wet_share": """
                select avg((
                  select (w.precip > 0)::int from weather as w
                  where w.origin = d.origin and w.known_at <= d.sched_dep
                  order by w.observed_at desc limit 1))
                from departures as d where d.origin = s.key and d.known_at <= s.t
                and d.sched_dep < s.t and d.sched_dep >= s.t - interval 7 days""",
        },
        "airport_weather": {
            "rain_7d": f"select sum(w.precip) {_AIR}",
            "coldest_hour": f"""
                select w.observed_at {_AIR} and w.temp is not null
                order by w.temp, w.observed_at limit 1""",
        },
    },
    "route": {
        "route_traffic": {
            "leader": f"""
                select d.carrier {_ROUTE} {_90D}
                group by d.carrier order by count(*) desc, d.carrier limit 1""",
            "delay_variance": f"select var_pop(d.dep_delay) {_ROUTE} {_90D}",
        },
    },
}


def connect(raw: Path) -> duckdb.DuckDBPyConnection:
    """An in-memory database of the raw files; the caller closes it."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(raw / "flights.csv.zip") as archive:
            flights = archive.extract("flights.csv", folder)
        for name, path in (
            ("flights", flights),
            ("airports", str(raw / "airports.csv")),
            ("weather", str(raw / "weather.csv")),
        ):
            connection.execute(f"set variable {name} = ?", [path])
        connection.execute(TABLES)
    return connection


def values(
    connection: duckdb.DuckDBPyConnection, entity: str, spine: Sequence[tuple[Any, datetime]]
) -> dict[tuple[str, str], list[Any]]:
    """For each (group, feature) of the entity, its value on each row of the spine."""
    key_type = "varchar[]" if entity == "route" else "varchar"
    connection.execute(f"create or replace table spine (n int, key {key_type}, t timestamp)")
    connection.executemany(
        "insert into spine values (?, ?, ?)",
        [(n, list(key) if isinstance(key, tuple) else key, t) for n, (key, t) in enumerate(spine)],
    )
    found = {}
    for group, features in SUBQUERIES[entity].items():
        for feature, subquery in features.items():
            rows = connection.execute(
                f"select ({subquery}) from spine as s order by s.n"
            ).fetchall()
            found[group, feature] = [value for (value,) in rows]
    return found
