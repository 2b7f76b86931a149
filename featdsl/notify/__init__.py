"""Kinds of channels that tell of runs: one file each, found by `registry.channels()`.

A kind knows its settings and how to send one message, once. `deliver` sends to all channels beside
each other, again where that may help, for a bounded time whatever the other side does. Imports
nothing of runs; a message is words and facts. A new kind is one new file with `CHANNEL`.
"""
