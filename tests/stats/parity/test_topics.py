from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import topic_parity

BOTH = {("a", "partitions"), ("b", "partitions")}
SCHEMA = {"cluster": pl.String, "topic": pl.String, "partition": pl.Int32, "replicas": pl.List(pl.Int32)}


def pairs(*names: str, alias: str = "", target: str = "b") -> pl.DataFrame:
    return pl.DataFrame(
        {"source": "a", "source_topic": list(names), "target": target, "topic": [alias + n for n in names]}
    )


def held(**counts: tuple[int, int]) -> pl.DataFrame:
    """Return partitions of ``<cluster>_<topic>``: how many, and how many copies."""
    rows = [
        (*place.split("_", 1), partition, list(range(copies)))
        for place, (count, copies) in counts.items()
        for partition in range(count)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def differences(partitions: pl.DataFrame, names=None, known=BOTH, **more):
    found = topic_parity(pairs("t") if names is None else names, partitions=partitions, known=known, **more)
    return found.differences.select("topic", "name", "at_source", "at_target", "kind").rows()


def test_equal_topics_are_counted_as_such() -> None:
    found = topic_parity(pairs("t"), partitions=held(a_t=(2, 3), b_t=(2, 3)), known=BOTH)
    assert found.differences.is_empty()
    assert found.compared.rows() == [("a", "b", "topic", 1, 1)]


@pytest.mark.parametrize(("count", "word"), [(1, "Fewer"), (3, "More")])
def test_another_number_of_partitions_breaks_the_order_per_key(count: int, word: str) -> None:
    found = topic_parity(pairs("t"), partitions=held(a_t=(2, 1), b_t=(count, 1)), known=BOTH)
    (row,) = found.differences.iter_rows(named=True)
    assert (row["name"], row["at_source"], row["at_target"]) == ("partitions", "2", str(count))
    assert row["kind"] == "must fix"
    assert row["why"].startswith(word)
    assert "order per key" in row["why"]
    assert found.compared.select("compared", "equal").rows() == [(1, 0)]


@pytest.mark.parametrize(
    ("copies", "flavour", "kind"),
    [(2, None, "must fix"), (4, None, "harmless"), (2, "msk-express", "MSK decides"), (2, "msk", "must fix")],
)
def test_another_replication_factor(copies: int, flavour: str | None, kind: str) -> None:
    rows = differences(held(a_t=(1, 3), b_t=(1, copies)), flavours={"b": flavour})
    assert rows == [("t", "replication factor", "3", str(copies), kind)]


def test_the_smallest_replication_factor_of_a_topic_counts() -> None:
    uneven = pl.concat([held(a_t=(1, 3)), held(a_t=(2, 2)).filter(partition=1), held(b_t=(2, 3))])
    assert differences(uneven) == [("t", "replication factor", "2", "3", "harmless")]


def test_a_topic_that_is_missing_is_said_to_be_and_nothing_else_of_it() -> None:
    size = "2 partitions, replication factor 3"
    assert differences(held(a_t=(2, 3))) == [("t", "topic", size, None, "must fix")]
    assert differences(held(b_t=(2, 3))) == [("t", "topic", None, size, "must fix")]
    assert differences(held()) == [("t", "topic", None, None, "must fix")]


def test_a_topic_of_another_name_is_found_and_both_names_are_kept() -> None:
    found = topic_parity(pairs("t", alias="a."), partitions=held(a_t=(2, 1), **{"b_a.t": (1, 1)}), known=BOTH)
    assert found.differences.select("topic", "remote_topic", "name").rows() == [("t", "a.t", "partitions")]
    unnamed = pairs("t").with_columns(topic=pl.lit(None, pl.String))
    assert differences(held(a_t=(1, 1), b_t=(1, 1)), unnamed) == [
        ("t", "topic", "1 partitions, replication factor 1", None, "must fix")
    ]


@pytest.mark.parametrize("known", [{("a", "partitions")}, {("a", "partitions"), ("b", "acls")}])
def test_without_the_right_a_topic_is_unknown_and_not_missing(known) -> None:
    names = pairs(*(f"t{n}" for n in range(500)))
    rows = held(**{f"a_t{n}": (1, 1) for n in range(500)})
    found = topic_parity(names, partitions=rows, known=known)
    (row,) = found.differences.iter_rows(named=True)
    assert (row["kind"], row["topic"], row["at_target"]) == ("unknown", None, None)
    assert row["why"].startswith("500 of the wave: Topics of b were not read")
    assert found.compared.is_empty()


def test_what_is_seen_at_both_ends_is_compared_even_if_others_are_hidden() -> None:
    found = topic_parity(pairs("t", "u"), partitions=held(a_t=(2, 1), b_t=(1, 1), a_u=(1, 1)), known=set())
    assert found.differences.select("kind", "topic").rows() == [("must fix", "t"), ("unknown", None)]
    assert found.compared.select("compared", "equal").rows() == [(1, 0)]


def test_a_cluster_that_is_not_in_the_capture_is_named() -> None:
    found = topic_parity(pairs("t", target="gone"), partitions=held(a_t=(1, 1)), known=BOTH)
    assert found.differences["kind"].to_list() == ["unknown"]
    assert "gone" in found.differences["why"].item()


def test_a_topic_named_twice_counts_once() -> None:
    names = pl.concat([pairs("t"), pairs("t")])
    found = topic_parity(names, partitions=held(a_t=(1, 1), b_t=(1, 1)), known=BOTH)
    assert found.compared["compared"].to_list() == [1]
