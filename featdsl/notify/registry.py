"""All kinds of channels by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from featdsl.notify.spec import ChannelKind
from featdsl.registry import discover


@cache
def channels() -> Mapping[str, ChannelKind]:
    return discover("featdsl.notify", "CHANNEL", ChannelKind)
