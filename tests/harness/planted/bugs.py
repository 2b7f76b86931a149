"""Bugs that the harness must catch, each a small change of a function.

Among them are the mistakes of others that `docs/language/semantics.md` lists. One whose text is
gone is to be written anew. `seeds.json` has those that were caught when they were last looked for.
"""

# ruff: noqa: E501 - a bug is a line

from __future__ import annotations

from tests.harness.planted.plant import Bug

WINDOW = "lowering.window"
STATEMENT = "lowering.statement"
PASSES = "lowering.passes"
SELECT = "lowering.select"
SPINE = "lowering.spine"
AS_OF = "lowering.as_of"
EXPRESSION = "lowering.expression"
COMPARISON = "lowering.comparison"
BUILD = "sql.build"
VISIBLE = "planning.visible"
ATOMIC = "files.atomic"
PUBLISH = "files.publish"

BUGS = (
    # --- Windows
    Bug("a window's start left out", "an edge of a window", WINDOW, "exp.GTE if self.start_closed", "exp.GT if self.start_closed"),
    Bug("rows at t taken in", "an edge of a window", WINDOW, "exp.LTE if self.end_closed", "exp.LTE if self", "values R1"),
    Bug("a window's end forgotten", "a window that is not there", WINDOW, "end = build.minus(at.copy(), window.end)", "end = at.copy()"),
    Bug("steps forgotten", "a step forgotten", WINDOW, "at = as_of if window.aligned is None else boundary", "at = as_of if True else boundary"),
    Bug("the common range without its end", "the range that windows share", WINDOW, "end_closed=any(e.end_closed for e in found)", "end_closed=False"),
    Bug("the common range too short", "the range that windows share", WINDOW, "earliest = max(windows", "earliest = min(windows"),
    Bug("one window for all", "the range that windows share", WINDOW, "return bool(windows) and not has_calendar(window) and all(w.uncapped == first for w in windows)", "return bool(windows)"),
    Bug("labels after t only", "an edge of a window", WINDOW, "Ends(as_of.copy(), build.plus(as_of.copy(), window.length))", "Ends(as_of.copy(), build.plus(as_of.copy(), window.length), False)", "training"),
    Bug("the unit of since forgotten", "a step forgotten", WINDOW, "if window.since is not None:", "if False:"),
    Bug("open starts are closed", "an end as written", "semantics.windows", "start_closed=not node.start_open", "start_closed=True", "R17"),
    Bug("closed ends are open", "an end as written", "semantics.windows", "end_closed=node.end_closed", "end_closed=False", "R17"),
    Bug("a group's step forgotten", "a step forgotten", "semantics.windows", "replace(window, aligned=env.aligned)", "window", "R16"),
    Bug("months of thirty days", "another calendar", BUILD, 'str(months)), unit=exp.Var(this="MONTH")', 'str(months * 30)), unit=exp.Var(this="DAY")'),
    Bug("steps before 1970 cut off", "cut off, not rounded down", "sql.zone", "build.floor_divide_positive(build.epoch_us(value), step.micros)", "exp.IntDiv(this=build.epoch_us(value), expression=build.number(step.micros))"),
    Bug("days in UTC", "a time zone forgotten", "sql.zone", "if unit in _SHORT or zone == UTC or dtype.kind is Kind.NULL:", "if True:"),
    # --- The newest n
    Bug("the oldest n", "the oldest for the newest", "lowering.ordered", "desc=newest_first, nulls_first", "desc=False, nulls_first"),
    Bug("the newest n before conditions", "before conditions, or after", "lowering.ordered", "if value.where is None:", "if True:"),
    Bug("one too few of the newest", "a bound of a count", "planning.reading", "op=ir.CompareOp.LE, left=column, right=most", "op=ir.CompareOp.LT, left=column, right=most"),
    # --- Passes
    Bug("conditions forgotten", "a condition forgotten", PASSES, "condition=None if a.where is None else self._value(a.where, table, as_of=as_of)", "condition=None"),
    Bug("ties as they come", "ties as they come", PASSES, 'parts[0] if len(parts) == 1 else build.func("row", *parts)', "parts[0]", "values R4 R5"),
    Bug("a null key is somebody", "null as a value", SELECT, "query, [build.is_null(build.col(column), negated=True) for _, column in keys.keys]", "query, []"),
    Bug("the first part of a key", "a key in parts", STATEMENT, "expression=build.col(k, step)) for k in combine.keys", "expression=build.col(k, step)) for k in combine.keys[:1]"),
    Bug("parts of a key run together", "a key in parts", STATEMENT, "            on = build.all_of(\n                exp.EQ(this=build.col(k, keys), expression=build.col(k, step)) for k in combine.keys\n            )", "            sides = [build.func('concat', *(exp.cast(build.col(k, t), 'text') for k in combine.keys)) for t in (keys, step)]\n            on = exp.EQ(this=sides[0], expression=sides[1]) if combine.keys else None"),
    Bug("one condition of a source forgotten", "a condition forgotten", STATEMENT, "[self._value(c) for c in read.where]", "[self._value(c) for c in read.where[1:]]", "values R1"),
    Bug("counts of nothing are null", "nothing and zero", "planning.values", "if spec is not None and spec.empty is not None:", "if False:"),
    Bug("conditions or", "and, or and not", "semantics.conditions", "op=ir.LogicalOp.AND,", "op=ir.LogicalOp.OR,", "R16"),
    # --- Changing rows
    Bug("the oldest version", "the oldest for the newest", SELECT, "last = not latest.first", "last = latest.first"),
    Bug("nulls of a version first", "nulls in an order", SELECT, "nulls_first=last) for c in latest.by", "nulls_first=not last) for c in latest.by"),
    Bug("a correction before it was made", "a version of another time", VISIBLE, "found.append(_is_version(source, source.keep.by[0], not_after, delay))", "pass", "values R2"),
    Bug("a correction before it was made, of spines", "a version of another time", VISIBLE, "if source.keep is not None and source.columns[source.keep.by[0]].dtype.is_temporal:", "if False:", "training R15"),
    Bug("removed rows stay", "what has gone stays", "planning.rows", "return Rows(_not_removed(steps, source, name))", "return Rows(name)"),
    Bug("the older version comes back", "before conditions, or after", "planning.rows", "where = (*(kept(d.condition) for d in source.drops), *conditions)", "where = (*(kept(d.condition) for d in source.drops), *conditions, *([kept(source.keep.removed_when)] if source.keep and source.keep.removed_when else []))"),
    Bug("versions above and below", "a version of another time", SPINE, "frame = others(above=not operation.first)", "frame = others(above=True)", "training R15"),
    Bug("nulls of versions first, of spines", "nulls in an order", SPINE, "nulls_first=False) for c in operation.by", "nulls_first=True) for c in operation.by", "training R15"),
    # --- Visibility
    Bug("seen after its time only", "seen a moment late", VISIBLE, "op=ir.CompareOp.LE, left=time, right=bound", "op=ir.CompareOp.LT, left=time, right=bound"),
    Bug("the end of validity taken in", "kept a moment too long", VISIBLE, "op=ir.CompareOp.LT, left=as_of, right=end", "op=ir.CompareOp.LE, left=as_of, right=end"),
    Bug("delays forgotten", "a delay forgotten", VISIBLE, "bound = _moved(at, ir.ArithmeticOp.SUBTRACT, delay, span)", "bound = at", "values R2"),
    Bug("late rows leak", "late rows", VISIBLE, "found.append(not_after(source.available.column))", "found.append(not_after(source.time or source.available.column))", "values R2"),
    Bug("null drops rows", "null as a value", VISIBLE, "span=condition.span, value=False)", "span=condition.span, value=True)"),
    Bug("a snapshot at its moment unseen", "seen a moment late", "lowering.snapshots", "seen = exp.LTE(this=build.col(SEEN)", "seen = exp.LT(this=build.col(SEEN)"),
    Bug("half a snapshot", "a bound of a count", "lowering.snapshots", "present.append(exp.EQ(this=counted", "present.append(exp.LTE(this=counted"),
    Bug("the oldest snapshot", "the oldest for the newest", "lowering.snapshots", "aliased(exp.Max(this=build.col(TAKEN)), TAKEN)", "aliased(exp.Min(this=build.col(TAKEN)), TAKEN)"),
    # --- Spines
    Bug("seen after its time only, of spines", "seen a moment late", SPINE, "exp.LTE(this=build.col(start, table), expression=at.copy())", "exp.LT(this=build.col(start, table), expression=at.copy())", "training R15"),
    Bug("superseded a moment late", "kept a moment too long", SPINE, "before = exp.LT(this=at.copy()", "before = exp.LTE(this=at.copy()", "training R15"),
    Bug("everybody exists", "a population forgotten", SPINE, "if operation.population is not None:", "if False:", "training"),
    Bug("the spine backwards", "turned round", SPINE, "return query.order_by(build.col(operation.row, spine), copy=False)", "return query.order_by(exp.Ordered(this=build.col(operation.row, spine), desc=True), copy=False)", "training"),
    Bug("duplicates of a spine dropped", "rows of a spine", SPINE, "query = exp.select(*of_spine, *computed)", "query = exp.select(*of_spine, *computed).distinct()", "training"),
    Bug("no windows in spines", "a window that is not there", "lowering.paired", "conditions += at_point.conditions(build.col(time, rows))", "conditions += []", "training R15"),
    Bug("the first part of a key, of spines", "a key in parts", "lowering.paired", "for k in paired.keys\n", "for k in paired.keys[:1]\n", "training"),
    Bug("superseded rows stay", "what has gone stays", "lowering.paired", "seen_at(paired.start, paired.end, rows, at)", "seen_at(paired.start, None, rows, at)", "training R15"),
    Bug("late rows leak into spines", "late rows", "lowering.paired", "seen_at(paired.start, paired.end, rows, at)", "seen_at(None, paired.end, rows, at)", "training R15"),
    Bug("recent rows have labels", "labels too soon", "planning.training", "return list(found)", "return []", "training"),
    Bug("labels without the delay", "a delay forgotten", "planning.training", "for step in (length, delay):", "for step in (length,):", "training"),
    Bug("no population", "a population forgotten", "planning.ask", "if entity.population is not None and steps.listed(entity):\n        listed", "if False:\n        listed"),
    # --- As-of joins
    Bug("joined a moment late", "when a join looks", AS_OF, "return exp.GTE(this=_left_time(join, cap)", "return exp.GT(this=_left_time(join, cap)"),
    Bug("joined without the delay", "when a join looks", AS_OF, "seen = build.plus(build.col(join.start, _RIGHT), join.delay)", "seen = build.col(join.start, _RIGHT)"),
    Bug("joined with what ended", "kept a moment too long", AS_OF, "expression=exp.LT(this=time.copy(), expression=end.copy())", "expression=exp.LTE(this=time.copy(), expression=end.copy())"),
    Bug("joined ahead of t", "when a join looks", AS_OF, "if cap is None:", "if True:"),
    Bug("other conditions of a join forgotten", "a condition forgotten", AS_OF, "if join.residual is not None:", "if False:"),
    Bug("null joins null", "null as a value", AS_OF, "exp.EQ(this=build.paren(value(e))", "exp.NullSafeEQ(this=build.paren(value(e))"),
    # --- Expressions
    Bug("and is or", "and, or and not", EXPRESSION, "join = exp.And if e.op is ir.LogicalOp.AND else exp.Or", "join = exp.Or"),
    Bug("not in is in", "and, or and not", COMPARISON, "return exp.Not(this=found) if e.negated else found", "return found"),
    Bug("between turned round", "turned round", COMPARISON, "exp.Between(this=build.paren(value), low=low, high=high)", "exp.Between(this=build.paren(value), low=high, high=low)"),
    Bug("the last that is not null", "turned round", EXPRESSION, "build.coalesce(*(self._as(o, e.dtype) for o in e.operands))", "build.coalesce(*(self._as(o, e.dtype) for o in reversed(e.operands)))"),
    Bug("infinite operands", "no number", EXPRESSION, "return build.finite(value) if _may_overflow(e) else value", "return value"),
    Bug("casts round as they like", "digits lost", EXPRESSION, "if target.is_exact and source.is_numeric and _digits_lost(source, target):", "if False:"),
    Bug("back is on", "a sign", EXPRESSION, "return (build.plus if add else build.minus)(start, moved.value)", "return build.plus(start, moved.value)"),
    Bug("divided by zero", "no number", BUILD, "expression=exp.Nullif(this=right, expression=number(0))", "expression=right"),
    Bug("quotients cut off", "cut off, not rounded down", BUILD, "less = case(_opposite(_remainder(left, right), right), number(1), number(0))", "less = number(0)"),
    Bug("remainders cut off", "a sign", BUILD, "value = exp.Add(this=rest, expression=more)", "value = exp.Add(this=rest, expression=zero)"),
    Bug("days since cut off", "cut off, not rounded down", "functions.days_since", "build.floor_divide_positive(elapsed, _DAY_US)", "exp.IntDiv(this=build.paren(elapsed), expression=build.number(_DAY_US))"),
    Bug("edges of buckets below", "an edge of a bucket", "functions.bucket", "exp.If(this=exp.LT(this=x.copy()", "exp.If(this=exp.LTE(this=x.copy()"),
    Bug("weeks begin on Sunday", "another calendar", "functions.day_of_week", '"isodow"', '"dayofweek"'),
    Bug("clocks in UTC", "a time zone forgotten", "sql.zone", "return value if zone == UTC else _moved(value, UTC, zone)", "return value"),
    # --- Aggregates
    Bug("nulls counted", "nulls counted", "aggregates.count", "return exp.Count(this=inputs.counted())", "return exp.Count(this=inputs.one())"),
    Bug("sums of nothing are 0", "nothing and zero", "aggregates.sum", "total = exp.Sum(this=inputs.counted())", "total = build.coalesce(exp.Sum(this=inputs.counted()), build.number(0))"),
    Bug("another ddof", "another formula", "aggregates.stddev", '"stddev_samp"', '"stddev_pop"'),
    Bug("variance that cancels", "another formula", "aggregates.variance", 'inputs.finite(build.func("var_samp", inputs.as_float()))', 'inputs.finite(exp.Div(this=exp.Paren(this=exp.Sub(this=exp.Sum(this=exp.Mul(this=inputs.as_float(), expression=inputs.as_float())), expression=exp.Mul(this=exp.Sum(this=inputs.as_float()), expression=build.func("avg", inputs.as_float())))), expression=exp.Nullif(this=exp.Paren(this=exp.Sub(this=exp.Count(this=inputs.counted()), expression=build.number(1))), expression=build.number(0))))'),
    Bug("ties of the least as they come", "ties as they come", "aggregates.min_by", 'by = build.func("row", y, inputs.order.copy())', "by = y", "values R4"),
    Bug("rows without y taken in", "nulls to choose from", "aggregates.min_by", "known = inputs.only(build.is_null(inputs.arg(1), negated=True))", "known = inputs"),
    Bug("the largest of the most frequent", "an order among values", "aggregates.mode", "expressions=[exp.Ordered(this=inputs.arg())]", "expressions=[exp.Ordered(this=inputs.arg(), desc=True)]"),
    Bug("the newest, known or not", "nulls to choose from", "aggregates.last", '"arg_max", inputs', '"arg_max_null", inputs'),
    Bug("shares of all rows", "nulls counted", "aggregates.ratio", "exp.Count(this=inputs.counted())", "exp.Count(this=inputs.one())"),
    Bug("quantiles of decimals cut off", "digits lost", "aggregates.quantile", '"quantile_cont", inputs.as_float()', '"quantile_cont", inputs.counted()'),
    Bug("quantiles as steps", "another formula", "aggregates.quantile", '"quantile_cont"', '"quantile_disc"'),
    Bug("slopes backwards", "a sign", "aggregates.slope", "build.number(-_DAY_US)", "build.number(_DAY_US)"),
    Bug("halved twice", "a constant", "aggregates.ewm_sum", 'exp.Literal.number("0.5")', 'exp.Literal.number("0.25")'),
    Bug("lists with the same value twice", "distinct", "aggregates.collect_distinct", 'kept = build.for_each("list_filter", beside, "z", latest)', "kept = beside"),
    Bug("distinct after the newest n", "distinct", "aggregates.collect_distinct", "    kept = build.for_each", "    if len(inputs.args) > 1:\n        beside = last_items(beside, inputs.arg(1))\n    kept = build.for_each"),
    Bug("sums of decimals in doubles", "digits lost", "aggregates.sum", "total = exp.Sum(this=inputs.counted())", "total = exp.Sum(this=inputs.as_float())"),
    Bug("the least frequent", "an order among values", "aggregates.top_k", 'build.func("row", exp.Neg(this=n), key)', 'build.func("row", n, key)'),
    # --- Expectations
    Bug("an allowed share is too much", "a bound of a share", "checks.row_condition", "Decimal(failed) <= expectation.allow * rows", "Decimal(failed) < expectation.allow * rows or not failed", "expectations"),
    Bug("null fails an expectation", "null as a fault", "checks.row_condition", "return exp.Not(this=exp.Paren(this=inputs.condition.copy()))", "return exp.Coalesce(this=exp.Not(this=exp.Paren(this=inputs.condition.copy())), expressions=[exp.true()])", "expectations"),
    Bug("nulls share their null", "null as a fault", "runs.expect", "duplicates(context.session, rows, columns).complete\n        verdict", "duplicates(context.session, rows, columns).rows\n        verdict", "expectations"),
    Bug("dropped rows are judged", "rows of a set", "runs.contract", "    if source.drops:\n        kept = exp.EQ", "    if False:\n        kept = exp.EQ", "expectations"),
    Bug("rows to come are fresh", "late rows", "runs.contract", "return time if seen is None else build.case(seen, time)", "return time", "expectations"),
    Bug("a change as a share of what is now", "another measure", "checks.changes", "return abs(now - then) / abs(then)", "return abs(now - then) / abs(now or then)", "expectations"),
    Bug("the edge of a bin above it", "an edge of a bucket", "checks.drift", "exp.LTE(this=value.copy(), expression=end)", "exp.LT(this=value.copy(), expression=end)", "expectations"),
    Bug("nulls as a share of values", "another measure", "checks.null_rate", "Fraction(nulls, rows)", "Fraction(nulls, rows - nulls or 1)", "expectations"),
    Bug("warnings stop and failures warn", "a verdict turned", "runs.expect", "    if e.warn:", "    if not e.warn:", "expectations"),
    # --- Data sets and requests
    Bug("the cut in the part before it", "an edge of a part", SPINE, "exp.If(this=exp.LT(this=value.copy(), expression=bound)", "exp.If(this=exp.LTE(this=value.copy(), expression=bound)", "requests"),
    Bug("the last time of a grid left out", "an edge of a part", "planning.training", "while at <= grid.end:", "while at < grid.end:", "requests"),
    Bug("a sample of the others", "a bound of a share", SPINE, "return exp.LT(this=_drawn(written), expression=_bound(share))", "return exp.GTE(this=_drawn(written), expression=_bound(share))", "requests"),
    Bug("inputs of nobody", "a population forgotten", "planning.requests", "branches=((known, value),), otherwise=None", "branches=((known, value),), otherwise=value", "requests"),
    Bug("no rows, no answer", "nothing and zero", "planning.answers", "return with_default(e, ir.Literal(dtype=bare(e).dtype, span=e.span, value=None))", "return ir.Literal(dtype=bare(e).dtype, span=e.span, value=None)", "requests"),
    Bug("mature without a time", "labels too soon", STATEMENT, "build.coalesce(build.paren(known), build.boolean(False))", "build.coalesce(build.paren(known), build.boolean(True))", "requests"),
    # --- Beside values
    Bug("a file that is not brought to the disk", "not on the disk", ATOMIC, "os.fsync(file.fileno())", "file.fileno()", "disk"),
    Bug("a folder that is not brought to the disk", "not on the disk", ATOMIC, "sync_folder(real.parent)", "real.parent", "disk"),
    Bug("rows that are not brought to the disk", "not on the disk", PUBLISH, "sync_tree(staging / DATA)", "staging / DATA", "disk"),
    Bug("renamed before it is on the disk", "too soon", ATOMIC, "mode=_mode(real), durable=durable)\n            faults.point(\"rename\")\n            temporary.replace(real)", "mode=_mode(real), durable=False)\n            temporary.replace(real)\n            sync_file(real)", "disk"),
    Bug("committed before its rows are on the disk", "too soon", PUBLISH, "    with explained(staging):\n        if (staging / DATA).is_dir():\n            sync_tree(staging / DATA)\n    for name, folder in folders.items():", "    for name, folder in folders.items():", "disk"),
    Bug("pointed to before it is there", "too soon", "store.publish", "        move(staging, out, versions, run.id)\n", "        with writing(target):\n            pass\n        move(staging, out, versions, run.id)\n", "disk"),
    Bug("texts as they come", "not escaped", BUILD, "return exp.Literal.string(value)", "return exp.Var(this=f\"'{value}'\")", "spelled"),
    Bug("names as they come", "not escaped", BUILD, "return exp.to_identifier(name, quoted=True)", "return exp.Var(this=name)", "spelled"),
    Bug("a fingerprint without windows", "left out of a fingerprint", "compiler.meanings", '"window": self._window(node.window)', '"window": None', "hashed"),
    Bug("a fingerprint without operations", "left out of a fingerprint", "compiler.meanings", '"aggregate": node.aggregate', '"aggregate": None', "hashed"),
    Bug("a fingerprint in the order of the text", "an order in a fingerprint", "compiler.meanings", "sorted(set(self._conjuncts(node.where, scope)))", "list(self._conjuncts(node.where, scope))", "hashed"),
)  # fmt: skip
