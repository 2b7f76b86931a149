"""What leakage does to a churn model: the same rows and features, as of three different times.

    pip install "featdsl[retail]" scikit-learn
    featc prepare --project features/retail
    python features/retail/churn_model.py

Asked is which of the households that came within four weeks stay away for the next four: label
`churned` of the data set `churn`. The model is built on 16 October from rows up to 18 September,
whose label is known by then, and used from that day on.

The honest model reads the data set as it is: features as of each row's own time. The others read
the same features as of another time, which is what comes of grouping a data frame without a look
at the time:

- once: all that is known on 16 October, joined by household to the rows of spring and summer;
- late: all that is known at the end of the four weeks that are to be predicted.

Before it is used, a model is judged on rows that it was not trained on: those of 18 September, or
a fifth of all, taken at random. In use, nobody knows the future: features are as of the row's time.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from churn_picture import picture
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score
from threadpoolctl import threadpool_limits

import featdsl

HERE = Path(__file__).resolve().parent
KEY, TIME, LABEL, SPLIT = "household_id", "as_of", "churned", "split"
BUILT_AT = pd.Timestamp("2017-10-16 11:00:00")
HORIZON = pd.Timedelta(days=28)
SEED = 20171016
RESAMPLES = 200
# Numbers that are names: as amounts they mean nothing.
NAMES = {"largest_basket_store", "main_store", "last_store", "home_store", "cheapest_product"}

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Times = Callable[[pd.Series], pd.Series]

TIMES: dict[str, Times] = {
    "honest": lambda own: own,
    "once": lambda own: own.where(own.isna(), BUILT_AT),
    "late": lambda own: own + HORIZON,
}
JUDGED = {"time": "18 September", "random": "a fifth at random"}


@dataclass(frozen=True)
class Variant:
    """When the features of a row are computed, and which rows the model is judged on."""

    times: str
    judged: str

    @property
    def title(self) -> str:
        what = {
            "honest": "as of each row's own time",
            "once": "once, as of 16 October",
            "late": "as of the end of the label",
        }
        return what[self.times]


VARIANTS = (
    Variant("honest", "time"),
    Variant("once", "time"),
    Variant("once", "random"),
    Variant("late", "random"),
)


@dataclass(frozen=True)
class Score:
    """How well households are ordered: by chance, `auc` is 0.5 and `ap` the share that churns."""

    auc: float
    ap: float


@dataclass(frozen=True)
class Result:
    """What was seen before, what came of it in use, and how far that `auc` is below the honest.

    ``loss`` holds the 2.5th and the 97.5th percentile of the difference over resampled households.
    """

    variant: Variant
    before: Score
    in_use: Score
    loss: tuple[float, float]


@dataclass(frozen=True)
class Study:
    """The results, and by name of a part its number of rows and the share of them that churned.

    ``report`` is what the data set says of itself, ``features`` how many of them a model reads.
    """

    report: str
    features: int
    results: Sequence[Result]
    rows: dict[str, int]
    churned: dict[str, float]


def run(project: featdsl.Project) -> Study:
    """Train and score all variants; the same numbers every time, but for the last digits."""
    made = project.training_set("churn", mature=True)
    known = made.pandas(floats=True)
    rows = known[known["trips_28d"] > 0].reset_index(drop=True)
    churned = rows[LABEL].to_numpy()
    in_use = (rows[SPLIT] == "test").to_numpy()
    households = rows.loc[in_use, KEY].to_numpy()
    seen = inputs_by_times(project, rows[~in_use])
    own = inputs(project, rows[in_use])
    honest: Floats | None = None
    results = []
    for variant in VARIANTS:
        judged = (JUDGING[variant.judged](rows) & ~in_use)[~in_use]
        x, y = seen[variant.times], churned[~in_use]
        model = fit(x[~judged], y[~judged])
        before, after = (model.predict_proba(part)[:, 1] for part in (x[judged], own))
        honest = after if honest is None else honest
        results.append(
            Result(
                variant,
                score(y[judged], before),
                score(churned[in_use], after),
                loss(households, churned[in_use], honest, after),
            )
        )
    september = JUDGING["time"](rows)
    parts = {"built on": ~in_use, "of these, 18 September": september, "used on": in_use}
    return Study(
        str(made.report),
        own.shape[1],
        results,
        {name: int(part.sum()) for name, part in parts.items()},
        {name: float(churned[part].mean()) for name, part in parts.items()},
    )


JUDGING: dict[str, Callable[[pd.DataFrame], Mask]] = {
    "time": lambda rows: (rows[SPLIT] == "validation").to_numpy(),
    "random": lambda rows: np.random.default_rng(SEED).random(len(rows)) < 0.2,
}


def fit(x: pd.DataFrame, churned: Floats) -> HistGradientBoostingClassifier:
    """A model of trees; one thread, so that sums are always in the same order."""
    with threadpool_limits(limits=1):
        return HistGradientBoostingClassifier(
            max_iter=100, learning_rate=0.05, early_stopping=False, random_state=SEED
        ).fit(x, churned)


def inputs_by_times(project: featdsl.Project, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The model's inputs of the same rows, as of their own and of other times."""
    others = [times for times in TIMES if times != "honest"]
    spines = [pd.DataFrame({KEY: rows[KEY], TIME: TIMES[t](rows[TIME])}) for t in others]
    # One call for all: a training set has as many rows as its spine, in the same order.
    made = project.training_set("churn", spine=pd.concat(spines, ignore_index=True))
    found = inputs(project, made.pandas(floats=True))
    parts = {t: found[n * len(rows) : (n + 1) * len(rows)] for n, t in enumerate(others)}
    return {"honest": inputs(project, rows), **parts}


def inputs(project: featdsl.Project, rows: pd.DataFrame) -> pd.DataFrame:
    """Features that are amounts or conditions, as float64; missing is NaN."""
    features = [c for c in project.datasets["churn"].columns if c not in NAMES]
    # Floats may differ in their last bits from run to run, and trees would split elsewhere.
    return rows[features].select_dtypes("number").round(6)


def score(churned: Floats, predicted: Floats) -> Score:
    """Area under the ROC curve, and average precision."""
    return Score(
        float(roc_auc_score(churned, predicted)),
        float(average_precision_score(churned, predicted)),
    )


def loss(
    households: NDArray[np.int64], churned: Floats, honest: Floats, other: Floats
) -> tuple[float, float]:
    """Interval of how far the area of `other` is below that of `honest`.

    Households are drawn, not rows: the rows of one household are much alike.
    """
    if other is honest:
        return 0.0, 0.0
    random = np.random.default_rng(SEED)
    rows_of = pd.Series(range(len(households))).groupby(households).agg(list).to_list()
    drawn = []
    for _ in range(RESAMPLES):
        chosen = random.integers(len(rows_of), size=len(rows_of))
        rows = np.concatenate([rows_of[i] for i in chosen])
        good, bad = (roc_auc_score(churned[rows], p[rows]) for p in (honest, other))
        drawn.append(float(good) - float(bad))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def as_text(study: Study) -> str:
    """The study as tables."""
    lines = [study.report, "", f"{study.features} features"]
    lines += [
        f"{part:<22}  {study.rows[part]:>6,} rows, {study.churned[part]:.1%} churned"
        for part in study.rows
    ]
    lines += ["", f"{'':<26}  {'':<17}  {'seen before':^12}  {'in use':^12}"]
    lines += [
        f"{'features':<26}  {'judged on':<17}  {'AUC':>5}  {'AP':>5}  {'AUC':>5}  {'AP':>5}"
        "  AUC below the honest"
    ]
    for r in study.results:
        scores = (r.before.auc, r.before.ap, r.in_use.auc, r.in_use.ap)
        numbers = "  ".join(f"{s:5.3f}" for s in scores)
        below = f"  {r.loss[0]:.3f} to {r.loss[1]:.3f}" if any(r.loss) else ""
        lines.append(f"{r.variant.title:<26}  {JUDGED[r.variant.judged]:<17}  {numbers}{below}")
    return "\n".join(lines)


def versions() -> str:
    """What it was made with."""
    packages = ("featdsl", "duckdb", "numpy", "pandas", "scikit-learn")
    made = [("Python", platform.python_version()), *((p, version(p)) for p in packages)]
    return ", ".join(f"{name} {number}" for name, number in made)


def main() -> None:
    """Print the study; `--svg FILE` also draws it."""
    parser = argparse.ArgumentParser(description="What leakage does to a churn model.")
    parser.add_argument("--project", type=Path, default=HERE, help="the retail project")
    parser.add_argument("--svg", type=Path, help="draw the scores into this file")
    options = parser.parse_args()
    study = run(featdsl.load(options.project))
    sys.stdout.write(f"{versions()}\n{as_text(study)}\n")
    if options.svg is not None:
        bars = [
            (r.variant.title, JUDGED[r.variant.judged], r.before.auc, r.in_use.auc)
            for r in study.results
        ]
        options.svg.write_text(picture(bars), encoding="utf-8")


if __name__ == "__main__":
    main()
