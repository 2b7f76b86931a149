"""Columns of sources that declare none, read from the data of a project."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.files.staging import staging
from featdsl.ir.source import LockedColumns
from featdsl.project.load import Project
from featdsl.runs.execute import SPILL, make_folders, places_of, profile_of
from featdsl.runs.failures import told
from featdsl.runs.hashes import Hashes
from featdsl.runs.schema import read_schema
from featdsl.runs.secrets import failing_without
from featdsl.runs.stage import open_sources
from featdsl.runs.state import utc_now
from featdsl.store.ledger import new_run_id


def compile_unlocked(project: Project) -> Compilation:
    """Compile a project as if nothing were known of the columns that its sources do not declare.

    What is wrong with names of such columns is not seen.
    """
    return compile_project(project.texts, replace(project.options, locked=None))


def read_columns(project: Project, compilation: Compilation) -> dict[str, LockedColumns]:
    """The columns of all sources that declare none, by full name.

    Args:
        project: Where it is.
        compilation: Of `compile_unlocked`.

    Raises:
        Failure: data cannot be read, or do not say which columns they have.
    """
    program = compilation.program
    names = [s.name for s in program.sources.values() if s.locked is not None]
    places = places_of(project, program)
    problems = Problems()
    found: dict[str, LockedColumns] = {}
    with failing_without(places.secrets), told(), ExitStack() as stack:
        make_folders(places)
        folder = stack.enter_context(staging(places.target, new_run_id(utc_now())))
        session = stack.enter_context(Session(profile_of(project, places, folder / SPILL)))
        hashes = Hashes.load(places.cache)
        opened = open_sources(
            session,
            program,
            names,
            places=places,
            hashes=hashes,
            problems=problems,
            hash_all=False,
        )
        for name, source in opened.items():
            try:
                found[name] = read_schema(session, source)
            except Failure as failure:
                problems.extend(failure.diagnostics)
        if problems.has_errors:
            raise Failure(*problems.sorted())
        hashes.save()
    return found
