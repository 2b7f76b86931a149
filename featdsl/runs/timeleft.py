"""How long a run still takes, by what it has done and by how long the last one took."""

from __future__ import annotations

from collections.abc import Mapping

from featdsl.runs.progress import Progress


class TimeLeft:
    """A guess; none where nothing is known.

    Args:
        before: Seconds of each stage of an earlier run, in order; none where there is none.
    """

    def __init__(self, before: Mapping[str, float]) -> None:
        self._before = dict(before)
        self._last: Progress | None = None
        self._started = 0.0

    def take(self, happened: Progress, now: float) -> None:
        """Something happened; `now` is a clock's seconds."""
        self._last = happened
        self._started = now - happened.seconds

    def seconds(self, now: float) -> float | None:
        """Until the run is done."""
        last = self._last
        if last is None or last.stage.name not in self._before:
            return None
        names = [*self._before]
        later = sum(self._before[n] for n in names[names.index(last.stage.name) + 1 :])
        return later + self._of_stage(last, now - self._started)

    def _of_stage(self, last: Progress, passed: float) -> float:
        if last.state in ("finished", "failed"):
            return 0.0
        expected = self._before[last.stage.name]
        part = last.part
        done = 0 if part is None else part.number - (last.state != "done")
        if part is not None and done:
            # What is done of this run says more than the last one, the more the more of it is.
            share = done / part.of
            expected = share * (last.seconds / share) + (1 - share) * expected
        return max(0.0, expected - passed)
