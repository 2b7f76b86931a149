"""Input that is deep, huge, circular or disguised: a diagnostic, soon, in little memory.

The cases are checked one after the other by a process of its own, whose processor time and memory
are measured: what starting takes is taken off.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

# Of the processor, so that what else a machine does is not counted.
SECONDS = 1.0
MEGABYTES = 300

BASE = """\
namespace shop
entity customer { key customer_id: int }
source sales {
  from parquet "s.parquet"
  key n
  time at
  entity customer
  columns { n: int  customer_id: int  at: timestamp  amount: int  category: text }
}
"""
RUN = """\
import json, pathlib, resource, sys, time
from featdsl.compiler.pipeline import compile_text
from featdsl.diagnostics.render.text import render_text

status, forget = pathlib.Path("/proc/self/status"), pathlib.Path("/proc/self/clear_refs")
def peak():
    # Kilobytes. What getrusage says begins, on Linux, with those of the process that forked.
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.read_text().partition("VmHWM:")[2].split()[0])

compile_text("const a = 1")
for line in sys.stdin:
    text = json.loads(line)
    if forget.exists():
        forget.write_text("5")  # the peak begins anew
    start = time.process_time()
    made = compile_text(text)
    shown = render_text(made.diagnostics, made.texts)
    print(json.dumps({
        "codes": sorted({d.code.id for d in made.diagnostics if d.severity.value == "error"}),
        "seconds": time.process_time() - start,
        "megabytes": peak() / 1024,
        "shown": len(shown),
    }), flush=True)
    del text, made, shown
"""


def group(body: str) -> str:
    return f"features g for customer from sales {{\n{body}\n}}\n"


def chain(first: str, line: str, n: int) -> str:
    """A line for each number; `{i}` is the number, `{h}` the one before."""
    return (
        "\n".join(
            [first, *(line.replace("{i}", str(i)).replace("{h}", str(i - 1)) for i in range(1, n))]
        )
        + "\n"
    )


TEN = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"
CASES: dict[str, tuple[str, str]] = {
    # deep
    "brackets": (group("a = " + "(" * 5000 + "1" + ")" * 5000), "FD0130"),
    "calls": (group("a = " + "abs(" * 3000 + "count()" + ")" * 3000), "FD0130"),
    "signs": (group("a = " + "-" * 3000 + "count()"), "FD0130"),
    "nots": (group("a = " + "not " * 2000 + "(count() > 1)"), "FD0130"),
    "lists": ("const x = " + "[" * 3000 + "1" + "]" * 3000, "FD0130"),
    "types": ("param x: " + "list(" * 3000 + "int" + ")" * 3000, "FD0130"),
    "views": (chain("view v0 from sales { }", "view v{i} from v{h} { }", 500), "FD0228"),
    "templates": (
        chain("template t0() { a = count() }", "template t{i}() { apply t{h}() }", 1000)
        + group("apply t999()"),
        "FD0228",
    ),
    "functions in a row": (
        chain("fn f0(x: int): int = x", "fn f{i}(x: int): int = f{h}(x)", 1000)
        + group("a = f999(count())"),
        "FD0228",
    ),
    "lets in a row": (
        "view v from sales {\n" + chain("let l0 = amount", "let l{i} = l{h} + 1", 3000) + "}",
        "FD0228",
    ),
    "lets of views in a row": (
        "view v from sales {\n"
        + chain("let l0 = amount", "let l{i} = l{h} + 1", 150)
        + "}\nview w from v {\n"
        + chain("let k0 = l149", "let k{i} = k{h} + 1", 150)
        + "}",
        "FD0228",
    ),
    "features in a row": (group(chain("f0 = count()", "f{i} = f{h} + 1", 1000)), "FD0228"),
    "groups in a row": (
        chain(
            "features g0 for customer from sales { a = count() }",
            "features g{i} for customer { a = g{h}.a }",
            1000,
        ),
        "FD0228",
    ),
    "windows": (
        group("a[" + ", ".join(f"{i}h" for i in range(1, 602)) + "] = sum(amount)"),
        "FD0228",
    ),
    "parts of a name": (f"view v from {'.'.join(['a'] * 3000)} {{ }}", "FD0131"),
    # huge
    "a number": ("const x = " + "9" * 500_000, "FD0110"),
    "a decimal": ("const x = 0." + "9" * 500_000, "FD0110"),
    "a duration": ("const x = " + "9" * 5000 + "d", "FD0107"),
    "a text": ('const x = "' + "a" * 900_000 + '"', "FD0131"),
    "a text without end": ('const x = "' + "a" * 900_000, "FD0104"),
    "a name": (f"const {'a' * 100_000} = 1", "FD0131"),
    "a list": (f"const x = [{', '.join(['1'] * 12_000)}]", "FD0131"),
    "a file": ("# " + "a" * 2_000_000, "FD0131"),
    "mistakes": (group("\n".join(f"f{i} = sum(nothing{i})" for i in range(1000))), "FD0202"),
    "nonsense": ("\n".join(["feature ) ("] * 2000), "FD0103"),
    "a sum": (group("a = " + " + ".join(f"sum(amount + {i})" for i in range(5000))), "FD0130"),
    "conditions": (group("a = count(where " + "amount > 1 and " * 5000 + "amount > 2)"), "FD0130"),
    "words without a value": (group("a = count(where " + "and and " * 5000 + "true)"), "FD0112"),
    "a longer list": (f"const x = [{', '.join(['1'] * 100_000)}]", "FD0131"),
    "a table's columns": (
        'test "t" { given sales\n  |' + "|".join(f" c{i} " for i in range(20_000)) + "|\n}",
        "FD0131",
    ),
    "comments and a mistake": ("#\n" * 500_000 + "const", "FD0101"),
    "comments that document": ("## a\n" * 190_000 + "const", "FD0101"),
    "columns of one name in a line": (
        'source s { from csv "s.csv" columns { ' + "a: int " * 5000 + "} }",
        "FD0216",
    ),
    "features of one name": (group("a = count()\n" * 3000), "FD0217"),
    # circular
    "a view of itself": ("view v from v { }", "FD0222"),
    "views of each other": ("view v from w { }\nview w from v { }", "FD0222"),
    "groups of each other": (
        "features g for customer { a = h.b }\nfeatures h for customer { b = g.a }",
        "FD0222",
    ),
    "features in a circle": (
        group("\n".join(f"f{i} = f{(i + 1) % 1000} + 1" for i in range(1000))),
        "FD0222",
    ),
    "constants in a circle": (
        "\n".join(f"const c{i} = $c{(i + 1) % 1000}" for i in range(1000)),
        "FD0222",
    ),
    # multiplied
    "functions": (
        chain("fn f0(x: int): int = x + x", "fn f{i}(x: int): int = f{h}(x) + f{h}(x)", 60)
        + group("a = f59(count())"),
        "FD0228",
    ),
    "templates of templates": (
        chain(
            "template t0() { a = count() }",
            f"template t{{i}}() {{ for n in {TEN} {{ apply t{{h}}() as p_{{n}} }} }}",
            12,
        )
        + group("apply t11()"),
        "FD0228",
    ),
    "constants": (chain("const d0 = 2", "const d{i} = $d{h} * $d{h}", 60), "FD0308"),
    # disguised
    "a direction": ("const \u202ex = 1", "FD0132"),
    "a direction in a text": ('const x = "a\u202eb\u2066c"', "FD0132"),
    "no width": ("const a\u200bb = 1", "FD0132"),
    "a foreign letter": (group("sp\u0435nd = count()"), "FD0111"),
    "a combining sign": ("const cafe\u0301 = 1", "FD0111"),
    "a lone half": ('const x = "\ud800"', "FD0132"),
    "capitals": ("view Big from sales { }\nview big from sales { }", "FD0111"),
    "columns of one name": (
        'source s { from csv "s.csv" columns { `A`: int  a: int } }',
        "FD0216",
    ),
}


class Checker:
    """A process that checks texts and says what it took."""

    def __init__(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, text: str) -> dict[str, object]:
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(f"{json.dumps(BASE + text)}\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        assert answer, "the process ended"
        found: dict[str, object] = json.loads(answer)
        return found


@pytest.fixture(scope="module")
def checked() -> Iterator[Checker]:
    checker = Checker()
    yield checker
    checker.child.communicate(timeout=60)


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gives_a_diagnostic_soon_in_little_memory(name: str, checked: Checker) -> None:
    text, code = CASES[name]
    found = checked(text)

    assert code in found["codes"]
    assert found["seconds"] < SECONDS
    assert found["megabytes"] < MEGABYTES
    assert found["shown"] < 2_000_000


WHOLE = {
    "parameters that double": chain("param p0: int = 0", "param p{i}: int = $p{h} + $p{h}", 60),
    "features that double": group(chain("f0 = count()", "f{i} = f{h} / 2 + f{h} / 2", 60)),
    "a thousand features": group(
        "\n".join(f"f{i} = sum(amount where amount > {i}) over {i % 90 + 1}d" for i in range(1000))
    ),
    "features in a row": group(chain("f0 = count()", "f{i} = f{h} + 1", 201)),
    "branches": group(
        "a = case " + "".join(f"when count() > {i} then {i} " for i in range(5000)) + "end"
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_large_and_right_is_taken_in_little_memory(name: str, checked: Checker) -> None:
    found = checked(WHOLE[name])

    assert found["codes"] == []
    assert found["megabytes"] < MEGABYTES
