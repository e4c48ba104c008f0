from __future__ import annotations

import json

import polars as pl
import pytest

from kafka_analysis.stats import user_parity

PAIR = pl.DataFrame({"source": ["a"], "target": ["b"]})
BOTH = {("a", "users"), ("b", "users")}
MSK = {"a": "self-managed", "b": "msk-standard"}
NEW, OLD = "SCRAM-SHA-512", "SCRAM-SHA-256"
SCHEMA = dict.fromkeys(["cluster", "user", "mechanism"], pl.String)
CONFIGS = {"cluster": pl.String, "name": pl.String, "value": pl.String, "is_default": pl.Boolean}


def parity(*given: tuple[str, str, str], known=BOTH, configs=None, **more):
    rows = pl.DataFrame(list(given), schema=SCHEMA, orient="row")
    told = None if configs is None else pl.DataFrame(configs, schema=CONFIGS, orient="row")
    return user_parity(PAIR, users=rows, known=known, broker_configs=told, **more)


def told(*given: tuple[str, str, str], **more):
    return parity(*given, **more).differences.select("name", "at_source", "at_target", "kind").rows()


def test_equal_users() -> None:
    found = parity(("a", "u", NEW), ("b", "u", NEW))
    assert found.differences.is_empty()
    assert found.compared.rows() == [("a", "b", "user", 1, 1)]


@pytest.mark.parametrize("flavours", [MSK, {}])
def test_a_user_that_is_missing_cannot_log_in(flavours) -> None:
    found = parity(("a", "u", NEW), flavours=flavours)
    assert found.differences.select("name", "at_source", "at_target", "kind").rows() == [
        ("u", NEW, None, "must fix")
    ]
    assert "cannot log in" in found.differences["why"].item()
    assert json.loads(found.differences["entity"].item())["is_msk"] == bool(flavours)


def test_msk_takes_one_mechanism_only() -> None:
    assert told(("a", "u", OLD), flavours=MSK) == [("u", OLD, None, "must fix")]
    assert told(("a", "u", OLD), ("b", "u", NEW), flavours=MSK) == [("u", OLD, NEW, "MSK decides")]
    elsewhere = told(("a", "u", OLD), ("b", "u", NEW))
    assert sorted(elsewhere, key=str) == [("u", OLD, None, "must fix"), ("u", None, NEW, "harmless")]


def test_a_user_that_is_at_the_target_only_is_harmless() -> None:
    assert told(("b", "u", NEW)) == [("u", None, NEW, "harmless")]


@pytest.mark.parametrize("mechanism", ["GSSAPI", "PLAIN", "OAUTHBEARER", "SCRAM-SHA-256"])
def test_mechanisms_that_msk_does_not_take_must_be_mapped(mechanism: str) -> None:
    offered = [("a", "sasl.enabled.mechanisms", f"{NEW},{mechanism}", False)]
    assert told(configs=offered, flavours=MSK) == [(mechanism, "offered", None, "must fix")]
    of_listener = [("a", "listener.name.x.sasl.enabled.mechanisms", mechanism, False)]
    assert told(configs=of_listener, flavours=MSK) == [(mechanism, "offered", None, "must fix")]


def test_mechanisms_of_others_are_compared_with_what_they_offer() -> None:
    name = "sasl.enabled.mechanisms"
    same = [(cluster, name, "PLAIN", False) for cluster in "ab"]
    found = parity(configs=same)
    assert found.differences.is_empty()
    assert found.compared.select("compared", "equal").rows() == [(1, 1)]
    other = [("a", name, "PLAIN", False), ("b", name, NEW, False)]
    assert told(configs=other) == [("PLAIN", "offered", None, "must fix"), (NEW, None, "offered", "harmless")]


def test_a_mechanism_that_is_only_the_default_is_used_by_nobody() -> None:
    assert told(configs=[("a", "sasl.enabled.mechanisms", "GSSAPI", True)], flavours=MSK) == []


def test_users_of_other_waves_are_left_out() -> None:
    assert [row[0] for row in told(("a", "u", NEW), ("a", "v", NEW), names=["v"])] == ["v"]


def test_without_the_right_nobody_is_missing() -> None:
    found = parity(*(("a", f"u{n}", NEW) for n in range(100)), known={("a", "users")})
    assert found.differences["kind"].to_list() == ["unknown"]
    assert found.compared.is_empty()
