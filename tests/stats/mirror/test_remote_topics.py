from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import Connector, remote_topics

NONE = pl.DataFrame(schema=dict.fromkeys(("source", "target", "source_topic", "topic"), pl.String))
IDENTITY = {"replication.policy.class": "IdentityReplicationPolicy"}


def connector(settings: dict[str, str], **more) -> Connector:
    about = {
        "cluster": "b",
        "name": "m",
        "kind": "source",
        "source": "a",
        "target": "b",
        "source_alias": "west",
    }
    return Connector(**(about | {"target_alias": "b", "settings": settings} | more))


def name(topic: str, *connectors: Connector, held=(), flows: pl.DataFrame = NONE) -> str | None:
    rows = pl.DataFrame({"source": ["a"], "target": "b", "topic": topic})
    topics = pl.DataFrame(
        {"cluster": "b", "topic": list(held)}, schema={"cluster": pl.String, "topic": pl.String}
    )
    return remote_topics(rows, connectors, flows, topics=topics)["remote_topic"].item()


LABELLED = pl.DataFrame({"source": ["a"], "target": "b", "source_topic": "t", "topic": "label.t"})


def test_the_policy_counts_most() -> None:
    others = {"held": ["t", "x.t"], "flows": LABELLED}
    assert name("t", connector({"topics": ".*"}), **others) == "west.t"
    assert name("t", connector({"replication.policy.separator": "_"}), **others) == "west_t"
    assert name("t", connector(IDENTITY), **others) == "t"


def test_then_labels_then_the_same_name_then_the_only_ending() -> None:
    assert name("t", held=["t", "x.t"], flows=LABELLED) == "label.t"
    assert name("t", held=["t", "x.t"]) == "t"
    assert name("t", held=["x.t", "u"]) == "x.t"
    assert name("t", held=["x.t", "y.t"]) is None
    assert name("t", held=["u"]) is None
    assert name("t") is None


@pytest.mark.parametrize(
    "other",
    [
        connector({}),
        connector({"topics": ".*"}, kind="checkpoint"),
        connector({"topics": ".*"}, source="c"),
        connector({"topics": ".*"}, target="c"),
    ],
)
def test_other_connectors_name_nothing(other: Connector) -> None:
    assert name("t", other) is None


def test_of_several_connectors_the_first_names_them_every_time() -> None:
    both = [connector(IDENTITY), connector({"topics": ".*"}, name="n")]
    assert {name("t", *both) for _ in range(20)} == {"t"}


@pytest.mark.parametrize("topic", ["a.b-c_d", "[x](y)", "größe", "x" * 249])
def test_any_name(topic: str) -> None:
    assert name(topic, connector({"topics": ".*"})) == f"west.{topic}"
    assert name(topic, held=[f"p.{topic}"]) == f"p.{topic}"
