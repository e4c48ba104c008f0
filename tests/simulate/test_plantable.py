from __future__ import annotations

import pytest
from pydantic import ValidationError

from kafka_analysis.simulate.plantable import Effect, HotBroker, SkewedTopic


def test_what_is_planted_may_be_written_as_text():
    assert HotBroker.model_validate(" 3:2.5 ") == HotBroker(broker=3, factor=2.5)
    assert SkewedTopic.model_validate("topic-02:0.6") == SkewedTopic(topic="topic-02", share=0.6)
    assert Effect.model_validate("after:bytes_in=+10%") == Effect(phase="after", change=0.1)
    assert Effect.model_validate("baseline:bytes_in=-2.5 %").change == -0.025


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (HotBroker, "3"), (HotBroker, "3:-1"), (HotBroker, "0:2"), (HotBroker, "3:0"), (HotBroker, "x3:2"),
        (SkewedTopic, "topic:"), (SkewedTopic, "topic:1"), (SkewedTopic, "topic:0"), (SkewedTopic, ":0.5"),
        (Effect, "after:bytes_in=10%"), (Effect, "later:bytes_in=+10%"), (Effect, "after:bytes_out=+10%"),
        (Effect, "after:bytes_in=-101%"), (Effect, "after:bytes_in=+10"),
    ],
)  # fmt: skip
def test_what_cannot_be_planted_is_refused(kind, text):
    with pytest.raises(ValidationError):
        kind.model_validate(text)
