"""Trials of what surrounds a run: it is killed, bits turn over, others publish at once.

Each module has a `trial` of a seed, which gives what is wrong, or nothing. `tests.harness.counts`
counts them; `test_trials.py` takes as many as `.ci/run` needs.
"""
