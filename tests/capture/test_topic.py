from __future__ import annotations

import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.errors import InputError


def test_a_topic_tells_what_the_capture_knows(small_capture):
    topic = read_capture(small_capture).topic("orders")
    assert topic.facts == {
        "cluster": "old",
        "kind": "business",
        "partitions": "2",
        "replicas": "2",
        "records in the log": "220 (log end − log start offset)",
        "cleanup.policy": "delete",
        "groups": "billing",
    }
    assert repr(topic).splitlines()[0] == "topic orders"


def test_a_hostile_name_stays_text(small_capture, small):
    html = read_capture(small_capture).topic(small.HOSTILE)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_an_unknown_name_gets_a_hint(small_capture):
    with pytest.raises(InputError, match="did you mean 'orders'"):
        read_capture(small_capture).topic("order")


def test_what_is_not_known_is_not_made_up(small_capture, small):
    topic = read_capture(small_capture).window(small.at(0)).topic("__consumer_offsets")
    assert topic.facts["kind"] == "internal"
    assert topic.facts["groups"] == "none with committed offsets"
    assert "cleanup.policy" not in topic.facts
