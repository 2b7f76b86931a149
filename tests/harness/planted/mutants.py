"""Changes that nobody thought of: operators and constants of planner and lowering, at random.

    python -m tests.harness.planted.mutants [HOW MANY] [SEED] [SECONDS A MUTANT]

Each is looked for as a planted bug is. A survivor is a line that the harness does not check, or
one that changes no value: it is to be read.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import process_time

import featdsl
from tests.harness.engine import Engine
from tests.harness.planted.hunt import shows
from tests.harness.planted.plant import exchanged

PACKAGES = ("planning", "lowering")
LANES = ("values", "training", "R15", "R4", "R2")
_COMPARES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_NAMES = {
    "LT": "LTE", "LTE": "LT", "GT": "GTE", "GTE": "GT", "EQ": "NEQ", "And": "Or", "Or": "And",
    "Min": "Max", "Max": "Min", "Add": "Sub", "Sub": "Add", "LE": "LT", "GE": "GT",
    "plus": "minus", "minus": "plus", "any": "all", "all": "any", "start": "end", "end": "start",
}  # fmt: skip


def changes(tree: ast.Module) -> Iterator[ast.AST]:
    """Nodes of functions that can be changed."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                match node:
                    case ast.Compare(ops=[op]) if type(op) in _COMPARES:
                        yield node
                    case ast.BoolOp() | ast.UnaryOp(op=ast.Not()) | ast.IfExp():
                        yield node
                    case ast.Attribute(attr=name) if name in _NAMES:
                        yield node
                    case ast.Constant(value=bool()):
                        yield node


def change(node: ast.AST) -> None:
    """The node becomes another."""
    match node:
        case ast.Compare(ops=[op]):
            node.ops = [_COMPARES[type(op)]()]
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.UnaryOp():
            node.op = ast.Not()
            node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)
        case ast.IfExp():
            node.body, node.orelse = node.orelse, node.body
        case ast.Attribute():
            node.attr = _NAMES[node.attr]
        case ast.Constant():
            node.value = not node.value


def mutants(r: Random, n: int) -> Iterator[tuple[Path, int, str, ast.Module]]:
    """Some of all changes of all modules: the place, and the changed tree."""
    root = Path(str(featdsl.__file__)).parent
    found = []
    for package in PACKAGES:
        for path in sorted((root / package).glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += [(path, tree, i) for i, _ in enumerate(changes(tree))]
    for path, tree, i in r.sample(found, n):
        other = copy.deepcopy(tree)
        node = list(changes(other))[i]
        before = ast.unparse(node)
        change(node)
        ast.fix_missing_locations(other)
        yield path, node.lineno, f"{before}  ->  {ast.unparse(node)}", other


def main(arguments: list[str]) -> None:
    n, seed, seconds = (int(a) for a in [*arguments, *("40", "1", "20")[len(arguments) :]])
    survivors = []
    for path, line, what, tree in mutants(Random(seed), n):
        module = f"featdsl.{path.parent.name}.{path.stem}"
        caught = look(module, compile(tree, str(path), "exec", dont_inherit=True), seconds)
        print(f"{caught or 'SURVIVES'}: {path.parent.name}/{path.name}:{line} {what}", flush=True)
        survivors += [] if caught else [what]
    print(f"{n - len(survivors)} of {n} caught, from seed {seed}")


def look(module: str, code: object, seconds: int) -> str | None:
    """The lane and seed that catch a change."""
    until, engine, seed = process_time() + seconds, Engine(), 1
    with exchanged(module, code):  # type: ignore[arg-type]
        while process_time() < until:
            for lane in LANES if seed % 5 == 0 else LANES[:2]:
                if shows(lane, seed, engine):
                    return f"{lane} {seed}"
            seed += 1
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
