"""What is said of projects, data and runs that have a problem, as people see it.

Each code has its text in ``problems/``, rewritten with ``FEATC_UPDATE_GOLDEN=1``.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import answering
import pytest
from asked import project_of, trained
from shop import AS_OF, ORDERS, TEXT, compiled, run, shop, told

from featdsl.cli.main import run as featc
from featdsl.compiler.embed import render_statement
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_text
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.diagnostics.render.text import render_text
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.impact.declared import declared_in
from featdsl.ir.program import Origin
from featdsl.project.as_of import parse_as_of
from featdsl.project.discover import MAX_FILES
from featdsl.project.load import load_project
from featdsl.project.lock import LOCK_FILE, lock_text
from featdsl.project.prepare import prepare_data
from featdsl.project.selectors import select
from featdsl.runs.execute import run_project
from featdsl.runs.grid import Asked, times_published
from featdsl.runs.lock import compile_unlocked, read_columns
from featdsl.runs.named import named, run_named
from featdsl.runs.pointing import plan_promotion, plan_rollback
from featdsl.store.catalog import catalog_path
from featdsl.store.ledger import load_records, record_path
from featdsl.syntax.limits import MISTAKES
from featdsl.testing.run import run_tests

GOLDEN = Path(__file__).parent / "problems"
Case = Callable[[Path], str]
CASES: dict[str, Case] = {}


def shows(code: str) -> Callable[[Case], Case]:
    """Register what makes a problem and returns its text."""

    def register(case: Case) -> Case:
        assert code not in CASES
        CASES[code] = case
        return case

    return register


def _without_the_place(text: str, folder: Path) -> str:
    """Folders and names of runs differ from run to run."""
    text = text.replace(str(folder.resolve()), "").replace(str(folder), "")
    return re.sub(r"[0-9]{8}T[0-9]{6}[0-9a-zA-Z.-]*", "<run>", text).rstrip() + "\n"


def _general(*diagnostics: Diagnostic) -> str:
    return render_text(diagnostics, compile_text("").texts)


def _failure(action: Callable[[], Any]) -> str:
    with pytest.raises(Failure) as caught:
        action()
    return _general(*caught.value.diagnostics)


def _loaded(folder: Path) -> str:
    project = load_project(folder)
    return render_text(project.problems.sorted(), project.readable)


def _ran(folder: Path, **settings: Any) -> str:
    project = shop(folder, **settings)
    return told(run(project), project)


def _commanded(*arguments: str) -> str:
    """What a command line prints to people who look for what went wrong."""
    import contextlib
    import io

    shown = io.StringIO()
    with contextlib.redirect_stderr(shown), contextlib.redirect_stdout(shown):
        featc(list(arguments), clock=lambda: datetime(2026, 11, 22, tzinfo=UTC))
    return shown.getvalue()


# --- Texts


@shows("FD0133")
def _(folder: Path) -> str:
    lines = (f"const c{i} = 1 +\n" for i in range(MISTAKES + 2))
    compilation = compile_text("".join(lines))
    found = [d for d in compilation.diagnostics if d.code.id == "FD0133"]
    return render_text(found, compilation.texts)


# --- Projects and parameters


@shows("FD0601")
def _(folder: Path) -> str:
    return _failure(lambda: load_project(folder, here_only=True))


@shows("FD0602")
def _(folder: Path) -> str:
    shop(folder)
    (folder / "featc.toml").write_text('[project\nname = "shop"\n')
    return _loaded(folder)


@shows("FD0603")
def _(folder: Path) -> str:
    shop(folder, settings='timezon = "UTC"\n')
    return _loaded(folder)


@shows("FD0604")
def _(folder: Path) -> str:
    shop(folder, settings='timezone = "Mars/Olympus"\n')
    return _loaded(folder)


@shows("FD0605")
def _(folder: Path) -> str:
    shop(folder)
    (folder / "featc.toml").write_text('[project]\ntimezone = "UTC"\n')
    return _loaded(folder)


@shows("FD0606")
def _(folder: Path) -> str:
    shop(folder)
    (folder / "shop.feat").unlink()
    return _loaded(folder)


@shows("FD0607")
def _(folder: Path) -> str:
    shop(folder)
    (folder / "more.feat").mkdir()
    return _loaded(folder)


@shows("FD0608")
def _(folder: Path) -> str:
    shop(folder)
    (folder / "more.feat").write_bytes(b"#" * (1 << 21))
    return _loaded(folder)


@shows("FD0609")
def _(folder: Path) -> str:
    shop(folder)
    many = [folder / "shop.feat"] * (MAX_FILES + 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("featdsl.project.load.find_texts", lambda *_: iter(many))
        return _loaded(folder)


@shows("FD0610")
def _(folder: Path) -> str:
    shop(folder)
    (folder / "more.feat").write_bytes(b"PAR1\x00\x01")
    return _loaded(folder)


@shows("FD0611")
def _(folder: Path) -> str:
    shop(folder)
    (folder / "more.feat").write_bytes("# caf\xe9".encode("latin-1"))
    return _loaded(folder)


@shows("FD0612")
def _(folder: Path) -> str:
    shop(folder)
    (folder / "more.feat").touch()
    return _loaded(folder)


@shows("FD0613")
def _(folder: Path) -> str:
    return _failure(lambda: select(compiled(shop(folder)).program, ["spend.spent_30d"]))


@shows("FD0614")
def _(folder: Path) -> str:
    return _failure(lambda: parse_as_of("2026-02-30", now=datetime(2026, 11, 22, tzinfo=UTC)))


@shows("FD0615")
def _(folder: Path) -> str:
    shop(folder)
    return _failure(lambda: load_project(folder, params=["floor"]))


@shows("FD0616")
def _(folder: Path) -> str:
    shop(folder, settings='[targets.prod]\nengine = "duckdb"\n')
    return _failure(lambda: load_project(folder, target="production"))


@shows("FD0860")
def _(folder: Path) -> str:
    shop(folder, settings='[targets.prod]\nlocation = "../published"\n')
    return _loaded(folder)


@shows("FD0861")
def _(folder: Path) -> str:
    text = "secret param pin: text\n"
    given = {"pin": ("1234567", Origin.TARGET)}
    options = Options(project="shop", params=given, lint={"unused": "off"})  # type: ignore[arg-type]
    compilation = compile_text(text, options=options)
    return render_text(compilation.diagnostics[:1], compilation.texts)


@shows("FD0863")
def _(folder: Path) -> str:
    channel = '[targets.dev.notify.oncall]\nkind = "slack"\nurl = \'env("SLACK_URL")\'\n'
    project = shop(folder, settings=f'{channel}on = ["success"]\n')
    return told(run(project), project)


@shows("FD0864")
def _(folder: Path) -> str:
    project = shop(folder, settings="[targets.prod]\n")
    run(project)
    chosen = {"shop.spend": ("spend_30d",), "shop.habit": ("last_amount",)}
    return _failure(lambda: plan_promotion(project, "dev", "prod", ["tag:till"], lambda _: chosen))


@shows("FD0865")
def _(folder: Path) -> str:
    shop(folder, settings='[targets.prod]\nlocation = "published"\n')
    return _commanded("promote", "dev", "prod", "--project", str(folder))


@shows("FD0862")
def _(folder: Path) -> str:
    shop(folder, settings="[targets.dev.params]\nfloor = 'env(\"FLOOR\")'\n")
    loaded = load_project(folder, environment={})
    return render_text(loaded.problems.items, loaded.readable)


@shows("FD0617")
def _(folder: Path) -> str:
    shop(folder, settings="[prepare]\n")
    (folder / "prepare.py").write_text("def prepare(target):\n    return 1 / 0\n")
    return _failure(lambda: prepare_data(load_project(folder)))


@shows("FD0618")
def _(folder: Path) -> str:
    shop(folder)
    return _commanded("show", "spend.spent_30d", "--project", str(folder))


@shows("FD0619")
def _(folder: Path) -> str:
    return _commanded("explain", "FD0222x")


@shows("FD0620")
def _(folder: Path) -> str:
    shop(folder)
    return _commanded("init", str(folder))


@shows("FD0630")
def _(folder: Path) -> str:
    shop(folder)
    compilation = compile_text("param floor: int = 1\n", options=_given(flor="2"))
    return render_text(compilation.diagnostics[:1], compilation.texts)


@shows("FD0631")
def _(folder: Path) -> str:
    compilation = compile_text("param floor: int = 1\n", options=_given(floor="two"))
    return render_text(compilation.diagnostics[:1], compilation.texts)


def _given(**params: str) -> Options:
    quiet = {"unused": "off", "missing-description": "off"}
    given = {name: (value, Origin.COMMAND) for name, value in params.items()}
    return Options(project="shop", params=given, lint=quiet)  # type: ignore[arg-type]


# --- Data

HEADER = "order_id,customer_id,ordered_at,amount,status\n"


@shows("FD0701")
def _(folder: Path) -> str:
    return _ran(folder, data={})


@shows("FD0702")
def _(folder: Path) -> str:
    broken = {"orders.parquet": b"PAR1 and nothing else"}
    return _ran(folder, location='parquet "orders.parquet"', data=broken)


@shows("FD0703")
def _(folder: Path) -> str:
    return _ran(folder, data={"orders.csv": ""})


@shows("FD0704")
def _(folder: Path) -> str:
    return _ran(folder, location='csv "../orders.csv"')


@shows("FD0705")
def _(folder: Path) -> str:
    return _ran(folder, data={"orders.csv": ORDERS.replace("amount", "amout")})


@shows("FD0706")
def _(folder: Path) -> str:
    return _ran_stored(folder, "true")


@shows("FD0707")
def _(folder: Path) -> str:
    return _ran_stored(folder, "10.125::DOUBLE")


def _ran_stored(folder: Path, amount: str) -> str:
    """A run over one stored Parquet row with an amount of some type."""
    import duckdb

    (folder / "data").mkdir()
    row = "1 AS order_id, 1 AS customer_id, TIMESTAMP '2026-01-10' AS ordered_at, 'paid' AS status"
    path = folder / "data" / "orders.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {row}, {amount} AS amount) TO '{path}' (FORMAT parquet)")
    return _ran(folder, location='parquet "orders.parquet"', data={})


@shows("FD0708")
def _(folder: Path) -> str:
    return _ran(folder, data={"orders.csv": f"{ORDERS}4,,2026-01-11 10:00:00,1.00,paid\n"})


@shows("FD0709")
def _(folder: Path) -> str:
    return _ran(folder, data={"orders.csv": f"{ORDERS}4,2,2026-01-11,ten,paid\n5,2\n"})


@shows("FD0710")
def _(folder: Path) -> str:
    return _ran(folder, data={"orders.csv": f"{ORDERS}3,2,2026-01-25 10:00:00,5.25,paid\n"})


HISTORY = """\
namespace shop

entity customer {
  key customer_id: int
}

source prices {
  from csv "prices.csv"
  RIGHT
  columns {
    sku:     int       required
    price:   int
    from_ts: timestamp required
    to_ts:   timestamp
  }
}

source orders {
  from csv "orders.csv"
  time ordered_at
  entity customer
  columns {
    customer_id: int       required
    ordered_at:  timestamp required
    order_id:    int
  }
}

view lines from orders {
  join prices as p on order_id = p.sku
  let price = p.price
}

features spend for customer from lines {
  paid = sum(price)
}
"""


def _ran_history(folder: Path, right: str, prices: str) -> str:
    data = {"orders.csv": ORDERS, "prices.csv": f"sku,price,from_ts,to_ts\n{prices}"}
    return _ran(folder, text=HISTORY.replace("RIGHT", right), data=data)


@shows("FD0711")
def _(folder: Path) -> str:
    rows = "1,10,2026-01-01,2026-02-01\n1,12,2026-01-15,\n"
    return _ran_history(folder, "key sku\n  valid from_ts to to_ts", rows)


@shows("FD0712")
def _(folder: Path) -> str:
    rows = "1,10,2026-01-01,\n1,12,2026-01-01,\n"
    return _ran_history(folder, "keep last per sku by from_ts", rows)


@shows("FD0713")
def _(folder: Path) -> str:
    rows = "1,10,2026-01-01,\n1,12,2026-01-02,\n"
    return _ran_history(folder, "", rows)


@shows("FD0714")
def _(folder: Path) -> str:
    project = shop(folder)

    def change(progress: Any) -> None:
        if progress.stage.name == "compute" and progress.state == "started":
            (folder / "data" / "orders.csv").write_text(ORDERS + "\n", encoding="utf-8")

    return told(run(project, observe=change), project)


@shows("FD0715")
def _(folder: Path) -> str:
    return _ran(folder, more="  expect amount > 6 allow 10%")


@shows("FD0716")
def _(folder: Path) -> str:
    return _ran(folder, data={"orders.csv": ORDERS.replace("status", "amount")})


@shows("FD0717")
def _(folder: Path) -> str:
    return _ran(folder, data={"orders.csv": HEADER})


def _trained(folder: Path, *, spine: str | None = None, name: str = "spine.csv", **changes) -> str:
    project = project_of(folder, **changes)
    if spine is not None:
        (folder / name).write_text(spine, encoding="utf-8")
    given = None if spine is None else folder / name
    outcome = trained(project, spine=given).outcome
    return render_text(outcome.diagnostics, project.readable)


def _answered(folder: Path, text: str = answering.TEXT, **inputs: Any) -> str:
    """What is said where a request is not answered, after the text changed."""
    (folder / "shop.feat").write_text(text)
    with pytest.raises(Failure) as failed:
        answering.answered(folder, 9, **inputs)
    return render_text(failed.value.diagnostics, answering.loaded(folder)[0].readable)


@shows("FD0640")
def _(folder: Path) -> str:
    answering.written(folder)
    return _answered(folder, totl=40)


@shows("FD0641")
def _(folder: Path) -> str:
    answering.written(folder)
    return _answered(folder, total=40)


@shows("FD0642")
def _(folder: Path) -> str:
    answering.written(folder)
    return _answered(folder, total="forty", item=None)


@shows("FD0740")
def _(folder: Path) -> str:
    answering.written(folder)
    return _answered(folder, total=40, item=None)


def _ran_and_answered(folder: Path, before: str, after: str) -> str:
    assert featc(["--project", str(answering.written(folder, before)), "run"]) == 0
    return _answered(folder, after, total=40, item=None)


@shows("FD0741")
def _(folder: Path) -> str:
    changed = answering.TEXT.replace("mean = avg(amount)", "mean = avg(amount) over 7d")
    return _ran_and_answered(folder, answering.TEXT, changed)


@shows("FD0750")
def _(folder: Path) -> str:
    assert featc(["--project", str(answering.written(folder)), "run"]) == 0
    for path in folder.rglob("values.parquet"):
        path.write_bytes(path.read_bytes()[:-1])
    return _answered(folder, total=40, item=None)


@shows("FD0751")
def _(folder: Path) -> str:
    text = TEXT.replace("  key order_id\n  time ordered_at", "  time ordered_at then status")
    written = text.format(location='csv "orders.csv"', amount="int", more="", features="")
    rows = "1,1,2026-01-10 10:00:00,1,paid\n2,1,2026-01-10 10:00:00,2,paid\n"
    return _ran(folder, text=written, data={"orders.csv": ORDERS.splitlines()[0] + "\n" + rows})


@shows("FD0742")
def _(folder: Path) -> str:
    text = answering.TEXT.replace("  item = cart", "  before = bought.lines 30d ago\n  item = cart")
    return _ran_and_answered(folder, text, text)


@shows("FD0718")
def _(folder: Path) -> str:
    return _trained(folder, spine="customer,when,churned\n1,2026-02-01,true\n")


@shows("FD0719")
def _(folder: Path) -> str:
    return _trained(folder, spine="customer_id,as_of,churned,Spend_30d\n1,2026-02-01,true,5\n")


@shows("FD0720")
def _(folder: Path) -> str:
    return _trained(folder, spine="[]", name="spine.json")


@shows("FD0721")
def _(folder: Path) -> str:
    return _trained(folder, spine="customer_id,as_of,churned\n")


@shows("FD0722")
def _(folder: Path) -> str:
    spine = "customer_id,as_of,churned\n1,2026-02-01,true\n1,2062-02-01,true\n"
    return _trained(folder, spine=spine)


@shows("FD0723")
def _(folder: Path) -> str:
    rows = [
        f"{i % 2 + 1},2026-02-{i % 20 + 1:02},{i % 3 == 0},{'x' * (i % 3 == 0)}" for i in range(90)
    ]
    return _trained(folder, spine="\n".join(["customer_id,as_of,churned,left", *rows]) + "\n")


@shows("FD0724")
def _(folder: Path) -> str:
    project = project_of(folder)
    outcome = trained(project, labels_until=datetime(2030, 1, 1)).outcome
    return render_text(outcome.diagnostics, project.readable)


@shows("FD0725")
def _(folder: Path) -> str:
    project = project_of(folder)
    outcome = trained(project, labels_until=datetime(2024, 1, 1)).outcome
    return render_text(outcome.diagnostics, project.readable)


@shows("FD0733")
def _(folder: Path) -> str:
    (folder / "load.py").write_text("def orders():\n    return 1 / 0\n")
    project = shop(folder, location='python "load:orders"', data={})
    return told(run(project), project)


UNLISTED = """namespace shop
entity customer { key customer_id: int }
source orders {
  from csv "*.csv"
  time ordered_at
  entity customer
}
features spend for customer from orders { orders = count() over 30d }
"""


def _locked(folder: Path, data: str) -> str:
    """A run of orders whose columns featc.lock has, once they are other data."""
    project = shop(folder, text=UNLISTED)
    text = lock_text(read_columns(project, compile_unlocked(project)))
    (folder / LOCK_FILE).write_text(text, encoding="utf-8")
    (folder / "data" / "orders.csv").write_text(data, encoding="utf-8")
    project = load_project(folder)
    return told(run(project), project)


@shows("FD0734")
def _(folder: Path) -> str:
    return _locked(folder, ORDERS.replace("amount,", "").replace(".00,", "").replace(".50,", ""))


@shows("FD0735")
def _(folder: Path) -> str:
    rows = ORDERS.replace(",status", ",status,channel").replace("paid\n", "paid,\n")
    return _locked(folder, rows.replace("open\n", "open,\n"))


@shows("FD0736")
def _(folder: Path) -> str:
    shop(folder, text=UNLISTED)
    text = 'version = 1\n\n[sources."shop.orders"]\n"amount" = "money"\n'
    (folder / LOCK_FILE).write_text(text, encoding="utf-8")
    return _loaded(folder)


@shows("FD0737")
def _(folder: Path) -> str:
    data = {"1.csv": ORDERS, "2.csv": ORDERS.replace("amount", "total")}
    project = shop(folder, text=UNLISTED, data=data)
    with pytest.raises(Failure) as caught:
        read_columns(project, compile_unlocked(project))
    return render_text(caught.value.diagnostics, project.readable)


@shows("FD0738")
def _(folder: Path) -> str:
    orders = """source orders {
  from csv "orders.csv"
  time ordered_at
  entity shop.customer
  columns { customer_id: int required  ordered_at: timestamp required }
}
"""
    entity = "entity customer { key customer_id: int }"
    group = "view all from orders, web.orders { }\nfeatures n for customer from all { n = count() }"
    shop(folder, text=f"namespace shop\n{entity}\n{orders}{group}\n")
    (folder / "web.feat").write_text(f"namespace web\n{orders.replace('orders.csv', 'web.csv')}")
    project = load_project(folder)
    program = compiled(project).program
    with pytest.raises(Failure) as caught:
        render_statement(program, "shop.n", as_of=AS_OF.instant, dialect="postgres")
    return render_text(caught.value.diagnostics, project.readable)


@shows("FD0739")
def _(folder: Path) -> str:
    return _ran(folder, location='table "raw.orders"', data={})


@shows("FD0745")
def _(folder: Path) -> str:
    return _ran(folder, location='postgres env("SHOP_DSN") (table = "orders")', data={})


# --- Runs


def _engine(statement: str, **profile: Any) -> str:
    with Session(Profile(**profile)) as session:
        text = _failure(lambda: session.execute(statement, doing="computing `shop.spend`"))
    # What the engine says besides is worded by its version.
    return re.sub(r"\n  = the engine says: .*", "", text)


@shows("FD0801")
def _(folder: Path) -> str:
    return _engine("SELECT median(hash(range)) FROM range(20000000)", memory_bytes=20 * 10**6)


@shows("FD0802")
def _(folder: Path) -> str:
    project = shop(folder)
    project.target_dir.write_text("", encoding="utf-8")
    return told(run(project), project)


@shows("FD0803")
def _(folder: Path) -> str:
    project = shop(folder)
    found: list[str] = []

    def meanwhile(progress: Any) -> None:
        if progress.stage.name == "compute" and progress.state == "started":
            found.append(told(run(project), project))

    run_project(project, compiled(project), as_of=AS_OF, observe=meanwhile)
    return re.sub(r"since [^)]*", "since <time>", found[0])


@shows("FD0830")
def _(folder: Path) -> str:
    project = shop(folder)
    (project.target_dir / "current" / "dev.json").mkdir(parents=True)
    outcome = run(project)
    assert outcome.ok
    return told(outcome, project)


@shows("FD0831")
def _(folder: Path) -> str:
    project = shop(folder)
    assert run(project).ok
    catalog_path(project.target_dir).write_bytes(b"")
    return told(run(project), project)


@shows("FD0832")
def _(folder: Path) -> str:
    project = shop(folder)
    assert run(project).ok
    with closing(sqlite3.connect(catalog_path(project.target_dir))) as connection:
        connection.execute("PRAGMA user_version = 99")
    return told(run(project), project)


@shows("FD0833")
def _(folder: Path) -> str:
    project = shop(folder)
    assert run(project).ok
    return _failure(lambda: named(project.target_dir, "zzz"))


@shows("FD0834")
def _(folder: Path) -> str:
    project = shop(folder)
    found = run(project).record.run
    record_path(project.target_dir, found).unlink()
    return _failure(lambda: run_named(project.target_dir, "last")).replace(found, "<run>")


@shows("FD0880")
def _(folder: Path) -> str:
    from featdsl.impact.reproduce import reproduce

    project = shop(folder)
    (folder / "data" / "orders.csv").unlink()
    record = run(project).record
    return _failure(lambda: reproduce(project, record.model_copy(update={"run": "<run>"})))


@shows("FD0835")
def _(folder: Path) -> str:
    project = shop(folder)
    assert run(project).ok
    return _failure(lambda: plan_rollback(project, ["spend"]))


@shows("FD0836")
def _(folder: Path) -> str:
    shop(folder)
    return _failure(lambda: declared_in(folder / "shop.feat"))


@shows("FD0804")
def _(folder: Path) -> str:
    long = "SELECT count(*) FROM range(10000000) a, range(100000) b WHERE hash(a.range) < b.range"
    return _engine(long, timeout_seconds=0.2)


@shows("FD0850")
def _(folder: Path) -> str:
    text = TEXT.format(location='python "load:orders"', amount="float", more="", features="")
    (folder / "load.py").write_text("import time\norders = lambda: time.sleep(60)\n")
    project = shop(folder, text=text)
    return told(run(project, timeout=timedelta(seconds=0.3)), project)


@shows("FD0851")
def _(folder: Path) -> str:
    project = shop(folder)
    assert run(project).ok
    asked = Asked(project, compiled(project), because="cents")
    return _failure(lambda: times_published(asked, datetime(2019, 1, 1), datetime(2019, 1, 1)))


@shows("FD0805")
def _(folder: Path) -> str:
    return _ran(folder, features="  wide: decimal(3, 2) = sum(amount)")


@shows("FD0806")
def _(folder: Path) -> str:
    return _ran(folder, features="  number = max(cast(status as int))")


@shows("FD0807")
def _(folder: Path) -> str:
    return _engine("SELECT * FROM nothing")


@shows("FD0808")
def _(folder: Path) -> str:
    project = shop(folder)
    record_path(project.target_dir, run(project).record.run).write_text("{", encoding="utf-8")
    problems = Problems()
    load_records(project.target_dir, problems)
    return _general(*problems.items)


@shows("FD0825")
def _(folder: Path) -> str:
    rows = "".join(f"{i},1,2026-01-10 10:00:00,1.00,paid\n" for i in range(10, 1011))
    return _ran(folder, data={"orders.csv": ORDERS + rows}, features="  all = collect(order_id)")


TESTED = """\
entity customer { key customer_id: int }

source orders {
  from parquet "orders.parquet"
  time ordered_at
  entity customer
  columns { customer_id: int required  ordered_at: timestamp required  code: text }
}

features spend for customer from orders {
  orders = count()
  number = max(cast(code as int))
}

test "one order" {
  given orders
    | customer_id | ordered_at | code |
    | 1           | 2026-01-01 | A7   |
  at @2026-02-01
  then spend
    | customer_id | THEN |
    | 1           | 2    |
}
"""


def _tested(feature: str) -> str:
    options = Options(project="shop")
    compilation = compile_text(TESTED.replace("THEN", feature), options=options)
    (result,) = run_tests(compilation, options)
    return render_text(result.diagnostics(), compilation.texts)


@shows("FD0809")
def _(folder: Path) -> str:
    return _tested("orders")


@shows("FD0810")
def _(folder: Path) -> str:
    return _ran(folder, text="namespace shop\n")


@shows("FD0811")
def _(folder: Path) -> str:
    return _tested("number")


# --- Lint that a project turns on


@shows("FD0909")
def _(folder: Path) -> str:
    options = Options(project="shop", lint={"untested-feature": "warn"})
    compilation = compile_text(TESTED.replace("THEN", "orders"), options=options)
    found = [d for d in compilation.diagnostics if d.code.id == "FD0909"]
    return render_text(found, compilation.texts)


# Below the cases, which it lists.
@pytest.mark.parametrize("code", sorted(CASES))
def test_a_problem_is_told_as_it_was(code: str, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()

    text = _without_the_place(CASES[code](folder), tmp_path)

    path = GOLDEN / f"{code}.txt"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert f"[{code} " in text
    assert text == path.read_text(encoding="utf-8")
