"""The values of a feature in its newest output: counts, quantiles, histogram."""

from __future__ import annotations

import math
from collections.abc import Iterable

from featdsl.site.context import PageContext
from featdsl.site.histogram import Bar, histogram
from featdsl.site.html import Child, Html, element
from featdsl.site.parts import facts, nothing, run_link, section, table
from featdsl.site.records import Profiled
from featdsl.store.record import FeatureProfile
from featdsl.text.amounts import count


def profile_section(page: PageContext, feature: str) -> Html:
    """What values the feature had when it was last computed."""
    found = page.site.runs.profile(feature)
    if found is None:
        return section("Values", "values", nothing("No run yet: no values are known."))
    profile = found.profile
    return section(
        "Values",
        "values",
        _origin(page, found),
        element(
            "div",
            element("div", _chart(profile), class_="chart"),
            facts(_numbers(profile)),
            class_="profile",
        ),
    )


def _origin(page: PageContext, found: Profiled) -> Html:
    run = found.run
    kind = "Trial run " if run.trial else "Run "
    sample = f", on a sample of {run.sample:.0%}" if run.sample is not None else ""
    parts: list[Child] = [kind, run_link(page, run)]
    parts.append(f", as of {run.as_of:%Y-%m-%d %H:%M:%S} UTC{sample}.")
    if found.profile.sampled is not None:
        parts.append(f" Shape and quantiles are of {count(found.profile.sampled, 'row')}.")
    return element("p", parts, class_="remark")


def _chart(profile: FeatureProfile) -> Html:
    if profile.histogram:
        bars = [Bar(f"{number(b.low)} to {number(b.high)}", b.rows) for b in profile.histogram]
        low, high = profile.histogram[0].low, profile.histogram[-1].high
        ends = element("p", element("span", number(low)), element("span", number(high)))
        chart = histogram(bars, f"Histogram from {number(low)} to {number(high)}")
        return element("figure", chart, element("figcaption", ends))
    if profile.top:
        return _top(profile)
    return nothing("No values to draw.")


def _top(profile: FeatureProfile) -> Html:
    most = max(profile.rows - profile.nulls, 1)
    rows = [(t.value, f"{t.rows:,}", f"{t.rows / most:.1%}") for t in profile.top]
    shown = table(("Value", "Rows", "Share"), rows, label="Most frequent values", class_="compact")
    return element("div", element("p", "Most frequent values", class_="caption"), shown)


def _numbers(profile: FeatureProfile) -> Iterable[tuple[str, Child]]:
    yield "Rows", f"{profile.rows:,}"
    share = f" ({profile.nulls / profile.rows:.1%})" if profile.rows else ""
    yield "Nulls", f"{profile.nulls:,}{share}"
    yield "Distinct", f"about {profile.distinct:,}"
    if profile.minimum is not None:
        yield "Smallest", _value(profile.minimum)
    for name, value in sorted(profile.quantiles.items(), key=lambda item: _order(item[0])):
        yield _quantile(name), number(value)
    if profile.maximum is not None:
        yield "Largest", _value(profile.maximum)
    if profile.mean is not None:
        yield "Mean", number(profile.mean)


def _order(name: str) -> float:
    digits = "".join(c for c in name if c.isdigit() or c == ".")
    try:
        return float(digits)
    except ValueError:
        return math.inf


def _quantile(name: str) -> str:
    share = _order(name)
    if share == math.inf:
        return name
    percent = share * 100 if share <= 1 else share
    if percent == 50:
        return "Median"
    return "1st percentile" if percent == 1 else f"{percent:g}th percentile"


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else number(value)


def number(value: float) -> str:
    """A number with as many digits as a reader needs: about four significant ones."""
    if value != value or math.isinf(value):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.1f}"
