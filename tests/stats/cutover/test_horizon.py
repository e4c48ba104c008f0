from __future__ import annotations

import pytest

from kafka_analysis.stats.cutover.horizon import checkpoint_horizon
from kafka_analysis.stats.mirror.connectors import Connector

EVERY, SYNC = "emit.checkpoints.interval.seconds", "sync.group.offsets.interval.seconds"


def connector(kind: str, **settings: str) -> Connector:
    return Connector(
        "b", "c", kind, "a", "b", "a", "b", {k.replace("_", "."): v for k, v in settings.items()}
    )


def checkpoint(every: str, sync: str) -> Connector:
    return connector("checkpoint", **{EVERY: every, SYNC: sync})


def test_the_slowest_checkpoints_and_the_widest_drift_count() -> None:
    given = [checkpoint("5", "7"), checkpoint("30", "1"), connector("source", offset_lag_max="0")]
    assert checkpoint_horizon(given) == (36.0, 0)
    assert checkpoint_horizon([*given, connector("source", offset_lag_max="500")]) == (36.0, 500)


@pytest.mark.parametrize("odd", ["", "soon", "nan", "inf", "-inf", "-5", "1e999"])
def test_what_is_no_number_of_seconds_has_the_default(odd) -> None:
    assert checkpoint_horizon([checkpoint(odd, "5"), connector("source", offset_lag_max=odd)]) == (70.0, 100)


def test_a_connector_without_settings_has_the_defaults() -> None:
    assert checkpoint_horizon([connector("checkpoint"), connector("heartbeat", offset_lag_max="9")]) == (
        125.0,
        100,
    )
