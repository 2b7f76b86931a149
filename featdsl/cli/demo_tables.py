"""What the demo shows of the flights: airlines, airports, routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from featdsl.cli.screen import show_value
from featdsl.cli.table import Column
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.sql import statements
from featdsl.store.record import OutputUse, RunRecord
from featdsl.text.names import short_name

Row = Mapping[str, Any]
_AIRLINES = 10
_ROUTES = 5
_LEAST_FLIGHTS = 90
"""Departures that a route needs to be listed: about one a day."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A table: ``names`` of features, ``rows`` of their values, ``cells`` as they are shown."""

    title: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    cells: tuple[tuple[str, ...], ...]


def tables(target: Path, record: RunRecord) -> list[Shown]:
    """Tables of values that the run published."""
    with Session(Profile(readable=(target,))) as session:
        groups = {short_name(o.group): _rows(session, target, o) for o in record.outputs}
    return [_airlines(groups), _airports(groups), _routes(groups)]


def _rows(session: Session, target: Path, output: OutputUse) -> list[Row]:
    files = [str(target / "data" / (output.folder or "") / f.path) for f in output.files]
    relation = statements.table_function("read_parquet", statements.texts(files), {})
    names, rows = session.rows(statements.star_from(relation))
    return [dict(zip(names, row, strict=True)) for row in rows]


def _airlines(groups: Mapping[str, Sequence[Row]]) -> Shown:
    names = {row["carrier"]: row["short_name"] for row in groups["carrier_profile"]}
    arrivals = {row["carrier"]: row for row in groups["carrier_arrivals"]}
    rows = [
        {**row, **arrivals.get(row["carrier"], {}), "short_name": names.get(row["carrier"])}
        for row in groups["carrier_departures"]
    ]
    rows = sorted(rows, key=lambda r: -r["departures_90d"])[:_AIRLINES]
    return _table(
        "The ten largest airlines over 90 days: departures, and their delays in minutes",
        rows,
        {
            "short_name": ("airline", _text),
            "departures_90d": ("flights", _number),
            "late_share_90d": ("late", _percent),
            "median_delay": ("median", _minutes),
            "p90_delay": ("9 in 10 by", _minutes),
            "on_time_share_90d": ("on time", _percent),
            "cancelled_share_90d": ("cancelled", _percent),
        },
    )


def _airports(groups: Mapping[str, Sequence[Row]]) -> Shown:
    weather = {row["origin"]: row for row in groups["airport_weather"]}
    rows = [{**weather.get(row["origin"], {}), **row} for row in groups["airport_traffic"]]
    return _table(
        "New York's airports over 30 days, worst first",
        sorted(rows, key=lambda r: -r["late_share_30d"]),
        {
            "origin": ("airport", _text),
            "departures_30d": ("flights", _number),
            "late_share_30d": ("late", _percent),
            "carriers": ("airlines", _number),
            "busiest_destination": ("most go to", _text),
            "rain_30d": ("rain, in", _value),
            "temperature": ("now, °F", _value),
        },
    )


def _routes(groups: Mapping[str, Sequence[Row]]) -> Shown:
    rows = [r for r in groups["route_traffic"] if r["departures_90d"] >= _LEAST_FLIGHTS]
    return _table(
        f"Routes with the longest delays, of those with {_LEAST_FLIGHTS} flights in 90 days",
        sorted(rows, key=lambda r: -r["mean_delay_90d"])[:_ROUTES],
        {
            "origin": ("from", _text),
            "dest": ("to", _text),
            "departures_90d": ("flights", _number),
            "mean_delay_90d": ("mean", _minutes),
            "cancelled_share": ("cancelled", _percent),
            "leader": ("most flown by", _text),
        },
    )


_Show = Callable[[Any], str]


def _table(title: str, rows: Sequence[Row], features: Mapping[str, tuple[str, _Show]]) -> Shown:
    return Shown(
        title,
        tuple(features),
        tuple(Column(heading, right=show is not _text) for heading, show in features.values()),
        tuple(tuple(row[name] for name in features) for row in rows),
        tuple(tuple(show(row[name]) for name, (_, show) in features.items()) for row in rows),
    )


def _text(value: Any) -> str:
    return show_value(value)


def _value(value: Any) -> str:
    return show_value(value)


def _number(value: Any) -> str:
    return f"{value:,}"


def _percent(value: Any) -> str:
    return "null" if value is None else f"{value:.1%}"


def _minutes(value: Any) -> str:
    return "null" if value is None else f"{value:.1f}"
