"""A project with inputs, whose features can be published and asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.pipeline import compile_project
from featdsl.project.load import Project, load_project
from featdsl.runs.asked import Request, named_inputs
from featdsl.runs.asked import input_value as typed
from featdsl.runs.evaluate import Evaluated, evaluate

TEXT = """\
param floor: decimal(12, 2) = 20.00

## A customer.
entity customer { key customer_id: int }

## What was paid.
source payments {
  from csv "payments.csv"
  columns { customer_id: int required  at: timestamp required  amount: decimal(12, 2)  item: text }
  time at
  entity customer
}

## What is in the cart.
input cart {
  total: decimal(12, 2) "What it would cost"
  item:  text
}

## What was bought.
features bought for customer from payments {
  owner "risk@example.com"
  ## Lines.
  lines = count()
  ## The mean.
  mean = avg(amount)
}

## What fits.
features fit for customer from payments {
  owner "risk@example.com"
  ## Times the mean of a month.
  times = cart.total / avg(amount) over 30d
  ## More than is usual.
  high = cart.total > $floor and bought.lines > 0
  ## What it is.
  item = cart.item
}

## What a model is asked.
dataset risk for customer {
  owner "risk@example.com"
  include bought.*, fit.*
}
"""
PAYMENTS = """\
customer_id,at,amount,item
1,2024-01-01T00:00:00,10.00,a
1,2024-01-02T00:00:00,30.00,b
2,2024-01-02T00:00:00,5.00,a
"""


def written(folder: Path, text: str = TEXT) -> Path:
    """The project's files."""
    (folder / "featc.toml").write_text(
        '[project]\nname = "shop"\nas_of = "2024-01-03"\ndata_dir = "."\n'
    )
    (folder / "shop.feat").write_text(text)
    (folder / "payments.csv").write_text(PAYMENTS)
    return folder


def loaded(folder: Path, *params: str) -> tuple[Project, Compilation]:
    """The project, compiled."""
    project = load_project(folder, params=params)
    return project, compile_project(project.texts, project.options)


def answered(folder: Path, *keys: Any, params: tuple[str, ...] = (), **inputs: Any) -> Evaluated:
    """An answer for keys, with the same inputs for all."""
    project, compilation = loaded(folder, *params)
    dataset = compilation.program.datasets["shop.risk"]
    named = named_inputs(compilation.program, dataset, inputs)
    values = {n: (typed(n, v, c),) * len(keys) for n, (c, v) in named.items()}
    rows = tuple((k,) for k in keys)
    return evaluate(project, compilation, "shop.risk", Request(rows, values))
