from __future__ import annotations

import json

import polars as pl
import pytest

from kafka_analysis.stats import quota_parity
from kafka_analysis.stats.parity.quotas import number

PAIR = pl.DataFrame({"source": ["a"], "target": ["b"]})
BOTH = {("a", "quotas"), ("b", "quotas")}
SCHEMA = {
    "cluster": pl.String, "user": pl.String, "client_id": pl.String, "ip": pl.String,
    "defaults": pl.List(pl.String), "name": pl.String, "value": pl.Float64,
}  # fmt: skip


def quota(
    cluster: str, value: float, *, user="u", client_id=None, ip=None, defaults=(), name="producer_byte_rate"
):
    return (cluster, user, client_id, ip, list(defaults), name, value)


def parity(*given, brokers=(1, 1), known=BOTH, **more):
    rows = pl.DataFrame(list(given), schema=SCHEMA, orient="row")
    there = [(c, n) for c, count in zip("ab", brokers, strict=True) for n in range(count)]
    held = pl.DataFrame(there, schema={"cluster": pl.String, "broker": pl.Int32}, orient="row")
    return quota_parity(PAIR, quotas=rows, brokers=held, known=known, **more)


@pytest.mark.parametrize(
    ("values", "brokers", "kind", "wanted"),
    [
        ((6, 6), (3, 3), None, None),
        ((6, 6), (6, 3), "must fix", 12),  # half as many brokers allow half as much
        ((6, 6), (3, 6), "harmless", 3),
        ((6, 12), (6, 3), "harmless", 12),  # the total is the same
        ((6, 5), (3, 3), "must fix", 6),
        ((6, 7), (3, 3), "harmless", 6),
        ((6, 6), (0, 3), None, None),  # the number of brokers is unknown: by value
        ((6, 5), (0, 3), "must fix", 6),
    ],
)
def test_totals_count(values, brokers, kind, wanted) -> None:
    found = parity(quota("a", values[0]), quota("b", values[1]), brokers=brokers)
    assert found.differences["kind"].to_list() == ([] if kind is None else [kind])
    assert found.compared.select("compared", "equal").rows() == [(1, 1 if kind is None else 0)]
    if kind is not None:
        assert json.loads(found.differences["entity"].item())["wanted"] == wanted


def test_values_and_totals_are_shown() -> None:
    (row,) = parity(quota("a", 6.0), quota("b", 6.5), brokers=(4, 2)).differences.iter_rows(named=True)
    assert row["name"] == "producer_byte_rate of user u"
    assert row["at_source"] == "6 per broker, 24 on 4 brokers"
    assert row["at_target"] == "6.5 per broker, 13 on 2 brokers"


def test_a_rate_of_the_controller_is_of_the_cluster() -> None:
    same = [quota(c, 5, name="controller_mutation_rate") for c in "ab"]
    assert parity(*same, brokers=(6, 3)).differences.is_empty()


@pytest.mark.parametrize(("cluster", "words"), [("a", "has no quota"), ("b", "throttles a client")])
def test_a_quota_at_one_end_only_must_be_fixed(cluster: str, words: str) -> None:
    (row,) = parity(quota(cluster, 5)).differences.iter_rows(named=True)
    assert row["kind"] == "must fix"
    assert words in row["why"]
    assert (row["at_source"] is None) == (cluster == "b")


def test_whose_a_quota_is() -> None:
    given = [
        quota("a", 1, user=None, defaults=["user"]),
        quota("a", 1, user="x", defaults=["client_id"]),
        quota("a", 1, user=None, ip="10.0.0.1", name="connection_creation_rate"),
        quota("a", 1, user=None, client_id="<default>"),
    ]
    assert sorted(parity(*given).differences["name"]) == [
        "connection_creation_rate of ip 10.0.0.1",
        "producer_byte_rate of client id <default>",
        "producer_byte_rate of every user",
        "producer_byte_rate of user x, every client id",
    ]


def test_users_of_other_waves_are_left_out_and_defaults_are_not() -> None:
    given = [quota("a", 1), quota("a", 1, user="other"), quota("a", 1, user=None, defaults=["user"])]
    found = parity(*given, users={"u"})
    assert sorted(found.differences["name"]) == [
        "producer_byte_rate of every user",
        "producer_byte_rate of user u",
    ]


def test_without_the_right_no_quota_is_missing() -> None:
    found = parity(*(quota("a", 1, user=f"u{n}") for n in range(200)), known={("a", "quotas")})
    assert found.differences["kind"].to_list() == ["unknown"]
    assert found.compared.is_empty()


def test_numbers_are_written_as_the_tools_take_them() -> None:
    assert [number(value) for value in (0.0, 1e6, 0.5, 1e-7)] == ["0", "1000000", "0.5", "1e-07"]
