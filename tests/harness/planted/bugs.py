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
BUILD = "sql.build"
VISIBLE = "planning.visible"

BUGS = (
    # --- Windows
    Bug("a window's start left out", WINDOW, "exp.GTE if self.start_closed", "exp.GT if self.start_closed"),
    Bug("rows at t taken in", WINDOW, "exp.LTE if self.end_closed", "exp.LTE if self", "values R1"),
    Bug("a window's end forgotten", WINDOW, "end = build.minus(at.copy(), window.end)", "end = at.copy()"),
    Bug("steps forgotten", WINDOW, "at = as_of if window.aligned is None else boundary", "at = as_of if True else boundary"),
    Bug("the common range without its end", WINDOW, "end_closed=any(e.end_closed for e in found)", "end_closed=False"),
    Bug("the common range too short", WINDOW, "earliest = max(windows", "earliest = min(windows"),
    Bug("one window for all", WINDOW, "return not has_calendar(window) and len({w.uncapped for w in windows}) == 1", "return True"),
    Bug("labels after t only", WINDOW, "Ends(as_of.copy(), build.plus(as_of.copy(), window.length))", "Ends(as_of.copy(), build.plus(as_of.copy(), window.length), False)", "training"),
    Bug("the unit of since forgotten", WINDOW, "if window.since is not None:", "if False:"),
    Bug("open starts are closed", "semantics.windows", "start_closed=not node.start_open", "start_closed=True", "R17"),
    Bug("closed ends are open", "semantics.windows", "end_closed=node.end_closed", "end_closed=False", "R17"),
    Bug("a group's step forgotten", "semantics.windows", "replace(window, aligned=env.aligned)", "window", "R16"),
    Bug("months of thirty days", BUILD, 'str(months)), unit=exp.Var(this="MONTH")', 'str(months * 30)), unit=exp.Var(this="DAY")'),
    Bug("steps before 1970 cut off", "sql.zone", "build.floor_divide_positive(build.epoch_us(value), step.micros)", "exp.IntDiv(this=build.epoch_us(value), expression=build.number(step.micros))"),
    Bug("days in UTC", "sql.zone", "if unit in _SHORT or zone == UTC or dtype.kind is Kind.NULL:", "if True:"),
    # --- The newest n
    Bug("the oldest n", "lowering.ordered", "desc=newest_first, nulls_first", "desc=False, nulls_first"),
    Bug("the newest n before conditions", "lowering.ordered", "if value.where is None:", "if True:"),
    Bug("one too few of the newest", "planning.reading", "op=ir.CompareOp.LE, left=column, right=most", "op=ir.CompareOp.LT, left=column, right=most"),
    # --- Passes
    Bug("conditions forgotten", PASSES, "condition=None if a.where is None else self._value(a.where, table, as_of=as_of)", "condition=None"),
    Bug("ties as they come", PASSES, 'parts[0] if len(parts) == 1 else build.func("row", *parts)', "parts[0]", "values R4 R5"),
    Bug("a null key is somebody", SELECT, "query, [build.is_null(build.col(column), negated=True) for _, column in keys.keys]", "query, []"),
    Bug("the first part of a key", STATEMENT, "expression=build.col(k, step)) for k in combine.keys", "expression=build.col(k, step)) for k in combine.keys[:1]"),
    Bug("one condition of a source forgotten", STATEMENT, "[self._value(c) for c in read.where]", "[self._value(c) for c in read.where[1:]]", "values R1"),
    Bug("counts of nothing are null", "planning.values", "if spec is not None and spec.empty is not None:", "if False:"),
    Bug("conditions or", "semantics.conditions", "op=ir.LogicalOp.AND,", "op=ir.LogicalOp.OR,", "R16"),
    # --- Changing rows
    Bug("the oldest version", SELECT, "last = not latest.first", "last = latest.first"),
    Bug("nulls of a version first", SELECT, "nulls_first=last) for c in latest.by", "nulls_first=not last) for c in latest.by"),
    Bug("a correction before it was made", VISIBLE, "found.append(_is_version(source, source.keep.by[0], not_after, delay))", "pass", "values R2"),
    Bug("a correction before it was made, of spines", VISIBLE, "if source.keep is not None and source.columns[source.keep.by[0]].dtype.is_temporal:", "if False:", "training R15"),
    Bug("removed rows stay", "planning.rows", "return Rows(_not_removed(steps, source, name))", "return Rows(name)"),
    Bug("the older version comes back", "planning.rows", "where = (*(kept(d.condition) for d in source.drops), *conditions)", "where = (*(kept(d.condition) for d in source.drops), *conditions, *([kept(source.keep.removed_when)] if source.keep and source.keep.removed_when else []))"),
    Bug("versions above and below", SPINE, "frame = others(above=not operation.first)", "frame = others(above=True)", "training R15"),
    Bug("nulls of versions first, of spines", SPINE, "nulls_first=False) for c in operation.by", "nulls_first=True) for c in operation.by", "training R15"),
    # --- Visibility
    Bug("seen after its time only", VISIBLE, "op=ir.CompareOp.LE, left=time, right=bound", "op=ir.CompareOp.LT, left=time, right=bound"),
    Bug("the end of validity taken in", VISIBLE, "op=ir.CompareOp.LT, left=as_of, right=end", "op=ir.CompareOp.LE, left=as_of, right=end"),
    Bug("delays forgotten", VISIBLE, "bound = _moved(at, ir.ArithmeticOp.SUBTRACT, delay, span)", "bound = at", "values R2"),
    Bug("late rows leak", VISIBLE, "found.append(not_after(source.available.column))", "found.append(not_after(source.time or source.available.column))", "values R2"),
    Bug("null drops rows", VISIBLE, "span=condition.span, value=False)", "span=condition.span, value=True)"),
    Bug("a snapshot at its moment unseen", "lowering.snapshots", "seen = exp.LTE(this=build.col(SEEN)", "seen = exp.LT(this=build.col(SEEN)"),
    Bug("half a snapshot", "lowering.snapshots", "present.append(exp.EQ(this=counted", "present.append(exp.LTE(this=counted"),
    Bug("the oldest snapshot", "lowering.snapshots", "aliased(exp.Max(this=build.col(TAKEN)), TAKEN)", "aliased(exp.Min(this=build.col(TAKEN)), TAKEN)"),
    # --- Spines
    Bug("seen after its time only, of spines", SPINE, "exp.LTE(this=build.col(start, table), expression=at.copy())", "exp.LT(this=build.col(start, table), expression=at.copy())", "training R15"),
    Bug("superseded a moment late", SPINE, "before = exp.LT(this=at.copy()", "before = exp.LTE(this=at.copy()", "training R15"),
    Bug("everybody exists", SPINE, "if operation.population is not None:", "if False:", "training"),
    Bug("the spine backwards", SPINE, "return query.order_by(build.col(operation.row, spine), copy=False)", "return query.order_by(exp.Ordered(this=build.col(operation.row, spine), desc=True), copy=False)", "training"),
    Bug("duplicates of a spine dropped", SPINE, "query = exp.select(*(build.col(c, spine) for c in operation.spine_columns))", "query = exp.select(*(build.col(c, spine) for c in operation.spine_columns)).distinct()", "training"),
    Bug("no windows in spines", "lowering.paired", "conditions += at_point.conditions(build.col(time, rows))", "conditions += []", "training R15"),
    Bug("the first part of a key, of spines", "lowering.paired", "for k in paired.keys\n", "for k in paired.keys[:1]\n", "training"),
    Bug("superseded rows stay", "lowering.paired", "seen_at(paired.start, paired.end, rows, at)", "seen_at(paired.start, None, rows, at)", "training R15"),
    Bug("late rows leak into spines", "lowering.paired", "seen_at(paired.start, paired.end, rows, at)", "seen_at(None, paired.end, rows, at)", "training R15"),
    Bug("recent rows have labels", "planning.training", "return list(found)", "return []", "training"),
    Bug("labels without the delay", "planning.training", "for step in (length, delay):", "for step in (length,):", "training"),
    Bug("no population", "planning.ask", "if entity.population is not None and steps.listed(entity):\n        listed", "if False:\n        listed"),
    # --- As-of joins
    Bug("joined a moment late", AS_OF, "return exp.GTE(this=_left_time(join, cap)", "return exp.GT(this=_left_time(join, cap)"),
    Bug("joined without the delay", AS_OF, "seen = build.plus(build.col(join.start, _RIGHT), join.delay)", "seen = build.col(join.start, _RIGHT)"),
    Bug("joined with what ended", AS_OF, "expression=exp.LT(this=time.copy(), expression=end.copy())", "expression=exp.LTE(this=time.copy(), expression=end.copy())"),
    Bug("joined ahead of t", AS_OF, "if cap is None:", "if True:"),
    Bug("other conditions of a join forgotten", AS_OF, "if join.residual is not None:", "if False:"),
    Bug("null joins null", AS_OF, "exp.EQ(this=build.paren(value(e))", "exp.NullSafeEQ(this=build.paren(value(e))"),
    # --- Expressions
    Bug("and is or", EXPRESSION, "join = exp.And if e.op is ir.LogicalOp.AND else exp.Or", "join = exp.Or"),
    Bug("not in is in", EXPRESSION, "return exp.Not(this=found) if e.negated else found", "return found"),
    Bug("between turned round", EXPRESSION, "exp.Between(this=build.paren(value), low=low, high=high)", "exp.Between(this=build.paren(value), low=high, high=low)"),
    Bug("the last that is not null", EXPRESSION, "build.coalesce(*(self._as(o, e.dtype) for o in e.operands))", "build.coalesce(*(self._as(o, e.dtype) for o in reversed(e.operands)))"),
    Bug("infinite operands", EXPRESSION, "return build.finite(value) if _may_overflow(e) else value", "return value"),
    Bug("casts round as they like", EXPRESSION, "if target.is_exact and source.is_numeric and _digits_lost(source, target):", "if False:"),
    Bug("back is on", EXPRESSION, "return (build.plus if add else build.minus)(start, moved.value)", "return build.plus(start, moved.value)"),
    Bug("divided by zero", BUILD, "expression=exp.Nullif(this=right, expression=number(0))", "expression=right"),
    Bug("quotients cut off", BUILD, "less = case(_opposite(_remainder(left, right), right), number(1), number(0))", "less = number(0)"),
    Bug("remainders cut off", BUILD, "value = exp.Add(this=rest, expression=more)", "value = exp.Add(this=rest, expression=zero)"),
    Bug("days since cut off", "functions.days_since", "build.floor_divide_positive(elapsed, _DAY_US)", "exp.IntDiv(this=build.paren(elapsed), expression=build.number(_DAY_US))"),
    Bug("edges of buckets below", "functions.bucket", "exp.If(this=exp.LT(this=x.copy()", "exp.If(this=exp.LTE(this=x.copy()"),
    Bug("weeks begin on Sunday", "functions.day_of_week", '"isodow"', '"dayofweek"'),
    Bug("clocks in UTC", "sql.zone", "return value if zone == UTC else _moved(value, UTC, zone)", "return value"),
    # --- Aggregates
    Bug("nulls counted", "aggregates.count", "return exp.Count(this=inputs.counted())", "return exp.Count(this=inputs.one())"),
    Bug("sums of nothing are 0", "aggregates.sum", "total = exp.Sum(this=inputs.counted())", "total = build.coalesce(exp.Sum(this=inputs.counted()), build.number(0))"),
    Bug("another ddof", "aggregates.stddev", '"stddev_samp"', '"stddev_pop"'),
    Bug("variance that cancels", "aggregates.variance", 'inputs.finite(build.func("var_samp", inputs.as_float()))', 'inputs.finite(exp.Div(this=exp.Paren(this=exp.Sub(this=exp.Sum(this=exp.Mul(this=inputs.as_float(), expression=inputs.as_float())), expression=exp.Mul(this=exp.Sum(this=inputs.as_float()), expression=build.func("avg", inputs.as_float())))), expression=exp.Nullif(this=exp.Paren(this=exp.Sub(this=exp.Count(this=inputs.counted()), expression=build.number(1))), expression=build.number(0))))'),
    Bug("ties of the least as they come", "aggregates.min_by", 'by = build.func("row", y, inputs.order.copy())', "by = y", "values R4"),
    Bug("rows without y taken in", "aggregates.min_by", "known = inputs.only(build.is_null(inputs.arg(1), negated=True))", "known = inputs"),
    Bug("the largest of the most frequent", "aggregates.mode", "expressions=[exp.Ordered(this=inputs.arg())]", "expressions=[exp.Ordered(this=inputs.arg(), desc=True)]"),
    Bug("the newest, known or not", "aggregates.last", '"arg_max", inputs', '"arg_max_null", inputs'),
    Bug("shares of all rows", "aggregates.ratio", "exp.Count(this=inputs.counted())", "exp.Count(this=inputs.one())"),
    Bug("quantiles of decimals cut off", "aggregates.quantile", '"quantile_cont", inputs.as_float()', '"quantile_cont", inputs.counted()'),
    Bug("quantiles as steps", "aggregates.quantile", '"quantile_cont"', '"quantile_disc"'),
    Bug("slopes backwards", "aggregates.slope", "build.number(-_DAY_US)", "build.number(_DAY_US)"),
    Bug("halved twice", "aggregates.ewm_sum", 'exp.Literal.number("0.5")', 'exp.Literal.number("0.25")'),
    Bug("lists with the same value twice", "aggregates.collect_distinct", 'kept = build.for_each("list_filter", beside, "z", latest)', "kept = beside"),
    Bug("the least frequent", "aggregates.top_k", 'build.func("row", exp.Neg(this=n), key)', 'build.func("row", n, key)'),
)  # fmt: skip
