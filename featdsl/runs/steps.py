"""What the stages of a run do: each one thing, and it says in a few words what came of it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from featdsl.checks.registry import checks
from featdsl.compiler.fingerprint import fingerprint_entity
from featdsl.compiler.lineage import Role, trace_lineage
from featdsl.compiler.statements import relation_query
from featdsl.diagnostics import catalog
from featdsl.files.atomic import make_folder
from featdsl.files.digest import sha256
from featdsl.files.errors import explained
from featdsl.files.publish import DATA, set_folder, staged_folder
from featdsl.ir import expr as ir
from featdsl.ir.program import Expectation, Program
from featdsl.ir.refs import inputs_behind
from featdsl.ir.relations import columns_of, roots
from featdsl.ir.visit import walk
from featdsl.lowering.expectation import column_name
from featdsl.runs.contract import check_source
from featdsl.runs.describe import group_fingerprints
from featdsl.runs.expect import check_set
from featdsl.runs.hashes import Hashes
from featdsl.runs.history import History
from featdsl.runs.invariants import Invariants
from featdsl.runs.kept import Kept
from featdsl.runs.matches import check_matches
from featdsl.runs.needed import needed_joins, needed_sources, needed_views, read_before
from featdsl.runs.outputs import all_taken, compute, left_out, write_as
from featdsl.runs.parsed import forget
from featdsl.runs.parts import program_of, write_parts
from featdsl.runs.pinning import baselines_of
from featdsl.runs.profile import Profiled, profile_output
from featdsl.runs.rowset import Context, RowSet
from featdsl.runs.stage import open_sources, report_changes, stage_sources
from featdsl.runs.state import Run
from featdsl.runs.trial import sampled_scans
from featdsl.sql import build, statements
from featdsl.store.record import CheckStatus, CheckUse, ColumnUse, FileUse, OutputUse
from featdsl.text.amounts import count, show_bytes

VALUES = "values"
"""Name of a published file, before its ending."""


def find_sources(run: Run) -> str:
    """Find, hash and look into the files of all sources that the groups read."""
    names = [s.name for s in needed_sources(run.program, run.groups, run.more_sources)]
    places = run.settings.places
    run.hashes = Hashes.load(places.cache)
    run.opened = open_sources(
        run.session,
        run.program,
        names,
        places=places,
        hashes=run.hashes,
        problems=run.problems,
        hash_all=run.settings.publish,
        given=run.settings.given,
    )
    files = [f for o in run.opened.values() for f in o.files]
    size = sum(f.stat().st_size for f in files)
    return f"{count(len(names), 'source')}, {count(len(files), 'file')}, {show_bytes(size)}"


def stage_data(run: Run) -> str:
    """Make a table of each source; CSV is parsed where that was not done before."""
    run.staged = stage_sources(
        run.session,
        run.opened,
        run=run.id,
        staging=run.staging,
        places=run.settings.places,
        problems=run.problems,
        rejected=run.rejected,
    )
    if run.settings.publish:  # only one run publishes at a time
        copies = [r.copy for r in run.staged.rows.values() if r.copy is not None]
        forget(run.settings.places.cache, copies)
    return count(len(run.staged.scans), "table")


def check_data(run: Run, before: frozenset[str] | None = None, more: Container[str] = ()) -> str:
    """Check sources against their declarations and expectations; then views.

    `before` are relations whose rows of earlier times are read too; None for those of a run.
    `more` are views that no group reads.
    """
    context = context_of(run)
    of = len(run.staged.rows)
    for number, (name, stored) in enumerate(run.staged.rows.items(), 1):
        run.step(name, number, of)
        checked = check_source(context, stored, run.problems)
        if checked is not None:
            run.checked[name] = checked
            run.checks += checked.checks
            run.done(name, number, of, checked.use.rows)
    if len(run.checked) == len(run.staged.rows):
        rows = {name: checked.rows for name, checked in run.checked.items()}
        scans = run.staged.scans
        before = read_before(run.program, run.groups) if before is None else before
        Invariants(context, run.program, rows, scans, run.problems, before).check(run.groups)
        joins = needed_joins(run.program, run.groups)
        check_matches(
            context,
            run.program,
            joins,
            rows=rows,
            scans=scans,
            problems=run.problems,
            before=before,
        )
    if not run.problems.has_errors:
        _check_views(run, context, more)
    rows_read = sum(c.use.rows for c in run.checked.values())
    return f"{count(rows_read, 'row')}, {count(len(run.checks), 'expectation')}"


def _check_views(run: Run, context: Context, more: Container[str]) -> None:
    read = {view.name for view in needed_views(run.program, run.groups)}
    for view in run.program.views.values():
        if not view.expectations or not (view.name in read or view.name in more):
            continue
        run.step(view.name)
        query = relation_query(run.program, view.name, as_of=context.as_of, scans=run.staged.scans)
        columns = columns_of(run.program, view.name)
        below = roots(run.program, view.name)
        keys = {k: None for s in below for k in s.key}
        time = below[0].time
        rows = RowSet(
            subject=view.name,
            words=f"`{view.short}`",
            relation=statements.subquery(query, "seen"),
            time=build.col(time) if time is not None and time in columns else None,
            keys=tuple(k for k in keys if k in columns),
            pii=pii_names(run),
        )
        uses, told, _ = check_set(context, rows, view.expectations)
        run.checks += uses
        run.problems.extend(told)


def pii_names(run: Run) -> frozenset[str]:
    """Names under which some source, or request, holds personal data: hidden wherever they are."""
    sources = (s.columns for s in run.program.sources.values())
    inputs = (i.columns for i in run.program.inputs.values())
    return frozenset(n for of in (*sources, *inputs) for n, c in of.items() if c.pii)


def compute_groups(run: Run) -> str:
    """Compute each group, one after another."""
    settings, of = run.settings, len(run.wanted)
    for number, wanted in enumerate(run.wanted, 1):
        run.step(wanted.group.name, number, of)
        scans = run.staged.scans
        if settings.sample is not None and settings.sample < 1:
            scans = sampled_scans(
                run.session, run.program, wanted.group, run.staged, share=settings.sample
            )
        file = kept = None
        if settings.publish:
            folder = staged_folder(run.staging, wanted.group.name)
            with explained(folder):
                make_folder(folder)
            file = folder / f"{VALUES}.parquet"
            kept = Kept(run, wanted, file)
        computed = compute(
            run.session,
            program_of(run.program, wanted),
            wanted,
            as_of=settings.as_of.instant,
            scans=scans,
            file=file,
            reuse=None if kept is None else kept.reuse,
        )
        if file is not None and kept is not None:
            before = kept.found
            if before is None:
                parts = write_parts(run.session, run.program, wanted, settings.as_of, scans, file)
            computed = replace(computed, parts=parts if before is None else before.parts)
            if before is None:
                kept.keep(computed)
        run.computed.append(computed)
        run.done(wanted.group.name, number, of, computed.rows)
        if computed.rows == 0:
            message = f"`{wanted.group.name}` has no rows as of {settings.as_of}"
            run.problems.report(
                catalog.NO_ROWS.at(wanted.group.name_span, message).help(
                    "choose a later as-of time, or check that the data lie before it"
                )
            )
    report_changes(run.opened.values(), run.hashes, run.settings.places, run.problems)
    run.hashes.save()
    rows = sum(c.rows for c in run.computed)
    features = sum(len(w.features) for w in run.wanted)
    left = left_out(all_taken(run.program, run.wanted))
    kept_before = f", {count(len(run.resumed), 'group')} kept before" if run.resumed else ""
    said = f"{count(features, 'feature')}, {count(rows, 'row')}{kept_before}"
    return f"{said}{left and f' ({left})'}"


def check_results(run: Run) -> str:
    """Check what was computed against the expectations of groups and features."""
    context = context_of(run)
    hidden = hidden_features(run)
    before = len(run.checks)
    for computed in run.computed:
        group = computed.wanted.group
        asked = [(group.name, e) for e in group.expectations]
        asked += [(f.name, e) for f in group.members.values() for e in f.expectations]
        known = set(computed.columns)
        sampled = run.settings.sample is not None and run.settings.sample < 1
        requests = {f.short for f in group.requests.values()}
        reasons = [_reason(e, known, requests, sampled=sampled) for _, e in asked]
        possible = [e for (_, e), why in zip(asked, reasons, strict=True) if why is None]
        rows = RowSet(
            subject=group.name,
            words=f"`{group.name}`",
            relation=computed.relation,
            keys=tuple(computed.keys),
            pii=pii_names(run)
            | frozenset(f.short for f in computed.wanted.features if f.name in hidden),
        )
        uses, told, _ = check_set(context, rows, possible)
        results = iter(uses)
        run.checks += [
            next(results).model_copy(update={"subject": subject})
            if why is None
            else skipped(context, subject, e, why)
            for (subject, e), why in zip(asked, reasons, strict=True)
        ]
        run.problems.extend(told)
    return count(len(run.checks) - before, "expectation")


_NOT_COMPUTED = "it is about features that this run does not compute"
_OF_REQUESTS = "it is about features that rest on inputs: training sets are asked"
_SAMPLED = "a sample is not compared with a whole run"


def _reason(
    expectation: Expectation, known: set[str], requests: set[str], *, sampled: bool
) -> str | None:
    """Why an expectation cannot be asked of an output; None where it can."""
    if column_names(expectation) & requests:
        return _OF_REQUESTS
    if not column_names(expectation) <= known:
        return _NOT_COMPUTED
    return _SAMPLED if sampled and checks()[expectation.kind].compares else None


def column_names(expectation: Expectation) -> set[str]:
    """Columns and features that an expectation is about, as an output names them."""
    found = set(expectation.columns)
    if expectation.condition is not None:
        found |= {
            column_name(n)
            for n in walk(expectation.condition)
            if isinstance(n, ir.Column | ir.FeatureRef)
        }
    return found


def skipped(
    context: Context, subject: str, expectation: Expectation, because: str = _NOT_COMPUTED
) -> CheckUse:
    """The result of an expectation that could not be asked."""
    return CheckUse(
        subject=subject,
        kind=expectation.kind.value,
        text=expectation.text,
        status=CheckStatus.SKIPPED,
        measured=because,
        place=context.place(expectation.span),
    )


def profile_results(run: Run) -> str:
    """Describe the values of each output."""
    prints = group_fingerprints(run.program, run.wanted)
    meanings = {n: p.data for n, p in run.prints.items()}
    hidden = hidden_features(run)
    for number, computed in enumerate(run.computed, 1):
        group = computed.wanted.group
        listed = fingerprint_entity(run.program, group.entity)
        run.step(group.name, number, len(run.computed))
        profile = profile_output(
            run.session,
            Profiled(
                relation=computed.relation,
                rows=computed.rows,
                keys=tuple(computed.keys),
                features=computed.wanted.features,
                hidden=hidden,
            ),
        )
        run.outputs.append(
            OutputUse(
                group=group.name,
                entity=group.entity,
                version=group.meta.version or 1,
                format=run.settings.format,
                rows=computed.rows,
                columns=tuple(
                    ColumnUse(
                        name=n, dtype=str(t), fingerprint=meanings.get(f"{group.name}.{n}", listed)
                    )
                    for n, t in computed.columns.items()
                ),
                fingerprint=prints[group.name],
                parts=computed.parts,
                profile=profile,
            )
        )
    return count(sum(len(o.profile) for o in run.outputs), "feature")


def hidden_features(run: Run) -> frozenset[str]:
    """Features into whose values personal data enter, of sources or of requests."""
    return hidden_in(run.program)


def hidden_in(program: Program) -> frozenset[str]:
    """The same of a program."""
    sources = program.sources
    requests = [n for g in program.groups.values() for n in g.requests]
    return frozenset(
        n for n in requests if any(i.pii for i in inputs_behind(program, n))
    ) | frozenset(
        name
        for name, lineage in trace_lineage(program).items()
        if any(
            Role.VALUE in roles and sources[reach.source].columns[reach.column].pii
            for reach, roles in lineage.columns.items()
        )
    )


def write_files(run: Run) -> str:
    """Bring the outputs into the format that was asked for, and hash them."""
    if not run.settings.publish:
        return "nothing is published"
    format, places = run.settings.format, run.settings.places
    written = []
    for computed, output in zip(run.computed, run.outputs, strict=True):
        folder = staged_folder(run.staging, output.group)
        path = folder / f"{VALUES}.{format}"
        if format != "parquet":
            write_as(
                run.session, computed, path, format, guard_formulas=run.settings.guard_formulas
            )
            with explained(folder):
                (folder / f"{VALUES}.parquet").unlink()
        with explained(path, doing="read"):
            use = FileUse(path=path.name, bytes=path.stat().st_size, sha256=sha256(path))
        final = set_folder(places.out, output.group, output.version, run.id)
        shown = final.relative_to(places.out / DATA).as_posix()
        written.append(output.model_copy(update={"folder": shown, "files": (use,)}))
    run.outputs = written
    return show_bytes(sum(f.bytes for o in written for f in o.files))


def context_of(run: Run) -> Context:
    """What the run's expectations are judged with."""
    pinned = baselines_of(run.settings.project)
    return Context(
        session=run.session,
        as_of=run.settings.as_of.instant,
        timezone=run.program.timezone,
        texts=run.compilation.texts,
        history=History(
            run.settings.places.target,
            before=None if run.many_times else run.settings.as_of.instant,
            baselines={n: r for n, r in pinned.items() if n in run.written or n in run.groups},
        ),
        failing=run.failing,
        kept_in=run.kept_in,
    )
