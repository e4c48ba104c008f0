from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import Connector, internal_topics, not_replicated

FLOWS = pl.DataFrame({"source": ["a"], "target": ["b"]})
IDENTITY = {"replication.policy.class": "IdentityReplicationPolicy"}


def connector(kind: str = "source", settings=None, **more) -> Connector:
    about = {"cluster": "b", "name": kind, "kind": kind, "source": "a", "target": "b", "source_alias": "a"}
    return Connector(**(about | {"target_alias": "west", "settings": {"x": "y"} | (settings or {})} | more))


def frame(rows, *names: str) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict.fromkeys(names, pl.String), orient="row")


def missing(
    *connectors: Connector, topics=(), copied=("t",), groups=(), readers=(), marks=(), what: str = "topic"
) -> dict[str, str]:
    rows = not_replicated(
        FLOWS,
        places=frame([("a", "b", topic) for topic in copied], "source", "target", "topic"),
        connectors=connectors,
        topics=frame([("a", name, "business") for name in topics], "cluster", "topic", "kind"),
        groups=frame([("a", *group) for group in groups], "cluster", "group", "kind"),
        committed=frame([("a", name, "t") for name in readers], "cluster", "group", "topic"),
        checkpoints=pl.DataFrame(
            [("a", "b", *mark) for mark in marks],
            schema={
                "source": pl.String,
                "target": pl.String,
                "group": pl.String,
                "upstream_offset": pl.Int64,
            },
            orient="row",
        ),
    )
    return dict(rows.filter(what=what).select("name", "reason").iter_rows())


@pytest.mark.parametrize(
    ("settings", "name", "word"),
    [
        ({"topics": "t"}, "u", "not among topics"),
        ({}, "u", "selected"),
        ({}, "u.replica", "topics.exclude"),
        ({"topics.exclude": "u"}, "u", "topics.exclude"),
        ({}, "west.u", "loop"),
        ({"topics.exclude": "(?=u)u"}, "u", "cannot be read"),
        (IDENTITY, "west.u", "selected"),
        ({"replication.policy.separator": "_"}, "west.u", "selected"),
        ({"replication.policy.separator": "_"}, "west_u", "loop"),
        ({"topics": r"a\[b\]"}, "[x](y) größe", "not among topics"),
    ],
)
def test_why_a_topic_is_not_replicated(settings, name: str, word: str) -> None:
    found = missing(connector(settings=settings), topics=["t", name])
    assert list(found) == [name]
    assert word in found[name]


def test_of_several_connectors_one_that_wants_the_topic_counts() -> None:
    one, other = connector(settings={"topics": "t"}), connector(settings={"topics": "u"}, name="n")
    for both in ([one, other], [other, one]):
        assert missing(*both, topics=["u"])["u"].startswith("selected")


def test_without_settings_the_reason_is_unknown() -> None:
    assert "unknown" in missing(topics=["u"])["u"]
    assert (
        "unknown"
        in missing(connector(source="c"), connector(settings={}, kind="heartbeat"), topics=["u"])["u"]
    )


def test_what_is_mirrored_or_not_at_the_source_is_not_listed() -> None:
    assert missing(connector(), topics=["t"]) == {}
    assert missing(connector(), topics=[]) == {}


def group(
    name: str, *connectors: Connector, kind: str | None = "classic", marks=(), is_reader: bool = True
) -> str | None:
    readers = [name] if is_reader else []
    return missing(*connectors, groups=[(name, kind)], readers=readers, marks=marks, what="group").get(name)


CHECKPOINT = connector("checkpoint")


@pytest.mark.parametrize(
    ("name", "settings", "word"),
    [
        ("g", {}, "no checkpoint yet"),
        ("g", {"groups": "h.*"}, "not among groups"),
        ("g", {"groups.exclude": "g"}, "groups.exclude"),
        ("connect-s3", {}, "sink connectors"),
        ("console-consumer-7", {}, "groups.exclude"),
        ("g", {"emit.checkpoints.enabled": "false"}, "off"),
        ("g", {"groups": "(?=x)g"}, "cannot be read"),
    ],
)
def test_why_a_group_is_not_replicated(name: str, settings, word: str) -> None:
    assert word in (group(name, connector("checkpoint", settings)) or "")


def test_a_share_group_has_no_committed_offsets() -> None:
    assert "share" in (group("g", CHECKPOINT, kind="share", is_reader=False) or "")
    assert group("g", CHECKPOINT, kind="classic", is_reader=False) is None


def test_a_checkpoint_translates_or_does_not() -> None:
    assert group("g", CHECKPOINT, marks=[("g", 7), ("g", -1)]) is None
    assert "−1" in (group("g", CHECKPOINT, marks=[("g", -1)]) or "")
    assert "unknown" in (group("g") or "")
    assert group("g", marks=[("g", 0)]) is None


def test_groups_that_read_only_what_is_not_mirrored_are_not_listed() -> None:
    assert missing(CHECKPOINT, copied=["u"], groups=[("g", "classic")], readers=["g"], what="group") == {}


def test_mirror_maker_s_own_topics() -> None:
    names = ["orders", "a.checkpoints.internal", "mm2-offset-syncs.b.internal", "heartbeats", "a.heartbeats"]
    found = internal_topics(pl.DataFrame({"cluster": "b", "topic": [*names, *names]}))
    assert found.select("topic", "keeps", "alias").rows() == [
        ("a.checkpoints.internal", "checkpoints", "a"),
        ("a.heartbeats", "heartbeats", "a"),
        ("heartbeats", "heartbeats", None),
        ("mm2-offset-syncs.b.internal", "offset_syncs", "b"),
    ]
