from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import describe_aliases, mirror_aliases, named_checkpoints

BROKERS = {"cluster": pl.String, "host": pl.String, "port": pl.Int32}
POSITIONS = {"cluster": pl.String, "source": pl.String, "topic": pl.String}
SETTINGS = {
    "cluster": pl.String,
    "peer": pl.String,
    "connector": pl.String,
    "name": pl.String,
    "value": pl.String,
}


def settings(
    cluster: str = "cell", alias: str = "old", servers: str | None = None, end: str = "source"
) -> list[tuple]:
    about = (cluster, alias, f"mirror-{end}")
    return [(*about, f"{end}.cluster.alias", alias), (*about, f"{end}.cluster.bootstrap.servers", servers)]


def found(
    clusters: dict[str, list[str]], *, read=(), syncs=(), connectors=(), brokers=(), given=None
) -> dict[tuple[str, str], str | None]:
    """Return what each alias means; ``clusters``: the topics of each."""
    held = [(cluster, topic) for cluster, topics in clusters.items() for topic in topics]
    frame = mirror_aliases(
        clusters=pl.DataFrame({"cluster": list(clusters)}),
        topics=pl.DataFrame(held, schema=["cluster", "topic"], orient="row"),
        brokers=pl.DataFrame(list(brokers), schema=BROKERS, orient="row"),
        positions=pl.DataFrame(list(read), schema=POSITIONS, orient="row"),
        offset_syncs=pl.DataFrame(list(syncs), schema={"cluster": pl.String, "peer": pl.String}, orient="row"),
        connectors=pl.DataFrame(list(connectors), schema=SETTINGS, orient="row"),
        given=given,
    )  # fmt: skip
    assert all((reason == "") is (means == alias) for _, alias, means, reason in frame.iter_rows() if means)
    return {
        (cluster, alias): means
        for cluster, alias, means in frame.select("cluster", "alias", "means").iter_rows()
    }


PROD = {"prod": ["orders", "clicks"], "cell": ["orders"], "other": []}
READ = [("cell", "old", "orders"), ("cell", "old", "clicks")]


def test_a_cluster_of_the_same_name_is_meant() -> None:
    assert found(PROD, read=[("cell", "prod", "unseen")]) == {("cell", "prod"): "prod"}
    assert found(PROD, syncs=[("prod", "cell")]) == {("prod", "cell"): "cell"}


def test_else_the_only_other_cluster_with_the_topics_read() -> None:
    assert found(PROD, read=READ) == {("cell", "old"): "prod"}
    assert found(PROD | {"other": ["clicks", "orders"]}, read=READ) == {("cell", "old"): None}
    assert found(PROD, read=[*READ, ("cell", "old", "gone")]) == {("cell", "old"): None}
    assert found(PROD, syncs=[("prod", "x")]) == {("prod", "x"): None}


def test_addresses_count_more_than_names() -> None:
    brokers = [("prod", "h", 9092), ("other", "i", 9092)]
    at_other = settings(alias="prod", servers="h:1, i:9092")
    assert found(PROD, connectors=at_other, brokers=brokers) == {("cell", "prod"): "other"}
    unseen = settings(alias="prod", servers="j:9092")
    assert found(PROD, connectors=unseen, brokers=brokers) == {("cell", "prod"): "prod"}
    both = settings(alias="prod", servers="h:9092,i:9092")
    assert found(PROD, connectors=both, brokers=brokers) == {("cell", "prod"): "prod"}
    secret = settings(alias="old")
    assert found(PROD, connectors=secret, brokers=brokers) == {("cell", "old"): None}


def test_a_target_of_a_connector_has_an_alias_too() -> None:
    brokers = [("cell", "h", 9092)]
    assert found(PROD, connectors=settings(alias="new", servers="h:9092", end="target"), brokers=brokers) == {
        ("cell", "new"): "cell"
    }


def test_two_targets_may_use_one_alias_for_two_sources() -> None:
    clusters = {"one": ["orders"], "two": ["clicks"], "cell-1": ["orders"], "cell-2": ["clicks"]}
    read = [("cell-1", "old", "orders"), ("cell-2", "old", "clicks")]
    assert found(clusters, read=read) == {("cell-1", "old"): "one", ("cell-2", "old"): "two"}


def test_without_the_source_the_other_target_is_not_taken_for_it() -> None:
    cells = {"cell-1": ["orders"], "cell-2": ["orders"]}
    read = [("cell-1", "monolith", "orders"), ("cell-2", "monolith", "orders")]
    assert found(cells, read=read) == {("cell-1", "monolith"): None, ("cell-2", "monolith"): None}
    assert found({"cell": ["orders"]}, read=[("cell", "monolith", "orders")]) == {("cell", "monolith"): None}


def test_both_ways_each_has_the_name_of_the_other() -> None:
    ways = {"a": ["t", "b.t"], "b": ["t", "a.t"]}
    assert found(ways, read=[("b", "a", "t"), ("a", "b", "t")]) == {("a", "b"): "b", ("b", "a"): "a"}


def test_what_the_reader_says_counts_most() -> None:
    brokers = [("prod", "h", 9092)]
    of_prod = settings(servers="h:9092")
    assert found(
        PROD, read=READ, connectors=of_prod, brokers=brokers, given={"old": "other", "no": "cell"}
    ) == {("cell", "old"): "other"}


@pytest.mark.parametrize("alias", ["eu.west-1", "ü [x](y)", "x" * 249])
def test_any_text_is_an_alias(alias: str) -> None:
    assert found(PROD, read=[("cell", alias, "clicks")]) == {("cell", alias): "prod"}


def test_what_was_taken_for_what_is_said_and_what_goes_without_saying_is_not() -> None:
    rows = [("b", "a", "a", ""), ("b", "old", "prod", "as it is"), ("b", "x", None, "no name")]
    texts = describe_aliases(pl.DataFrame(rows, schema=["cluster", "alias", "means", "reason"], orient="row"))
    assert ["'old'" in texts[0] and "prod" in texts[0], "'x'" in texts[1] and "unknown" in texts[1]] == [
        True,
        True,
    ]
    assert len(texts) == 2


def test_of_checkpoints_the_newest_counts_and_an_unknown_alias_stays() -> None:
    rows = [(2, 9, "a"), (1, 5, "a"), (1, 3, "x")]
    frame = pl.DataFrame([
        {"ts": ts, "cluster": "b", "source": source, "group": "g", "topic": "t", "partition": 0,
         "upstream_offset": offset, "downstream_offset": offset, "written_at": None}
        for ts, offset, source in rows
    ])  # fmt: skip
    named = pl.DataFrame({"cluster": ["b", "b"], "alias": ["a", "x"], "means": ["prod", None], "reason": ""})
    found = named_checkpoints(frame, named).select("source", "target", "upstream_offset").rows()
    assert found == [("prod", "b", 9), ("x", "b", 3)]
