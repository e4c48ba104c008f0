from __future__ import annotations

from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.stats.load.brokers import SKEW_RESOURCES
from kafka_analysis.stats.traffic.kinds import FLOWS


def test_everything_a_load_consists_of_has_words_and_a_unit():
    assert {*SKEW_RESOURCES, *FLOWS} <= set(RESOURCES)
    for name, resource in RESOURCES.items():
        assert resource.words == resource.words.lower()
        assert name.endswith("_per_s") == resource.unit.endswith("/s")
