"""How long what a group reads may be missing from its offset at the target, by the settings of MirrorMaker 2."""

from collections.abc import Mapping, Sequence
from math import isfinite

from kafka_analysis.stats.mirror.connectors import Connector

_CHECKPOINTS_S, _SYNCS_S, _DRIFT = 60.0, 60.0, 100.0  # defaults of MirrorMaker 2
# What a round of checkpoints and one of syncs take themselves, a choice: with intervals of 1 s on a busy machine, a
# live group read 247 records again where the intervals alone explain 214.
_ROUNDS_S = 5.0


def checkpoint_horizon(connectors: Sequence[Connector]) -> tuple[float, int]:
    """Return the seconds between two checkpoints and two syncs of group offsets, added up, and ``offset.lag.max``.

    Five seconds are added for what the rounds themselves take. Of several connectors the largest count; a setting that
    is not known, or no number, has MirrorMaker's default.

    Examples
    --------
    >>> checkpoint_horizon([])
    (125.0, 100)
    >>> quick = {"emit.checkpoints.interval.seconds": "5", "sync.group.offsets.interval.seconds": "5"}
    >>> checkpoint_horizon([Connector("b", "c", "checkpoint", "a", "b", "a", "b", quick)])
    (15.0, 100)
    """
    marks: list[Mapping[str, str]] = [c.settings for c in connectors if c.kind == "checkpoint"] or [{}]
    sources: list[Mapping[str, str]] = [c.settings for c in connectors if c.kind == "source"] or [{}]
    seconds = max(
        _number(settings, "emit.checkpoints.interval.seconds", _CHECKPOINTS_S)
        + _number(settings, "sync.group.offsets.interval.seconds", _SYNCS_S)
        for settings in marks
    )
    return seconds + _ROUNDS_S, int(max(_number(settings, "offset.lag.max", _DRIFT) for settings in sources))


def _number(settings: Mapping[str, str], name: str, default: float) -> float:
    try:
        number = float(settings[name])
    except (KeyError, ValueError):
        return default
    return number if isfinite(number) and number >= 0 else default
