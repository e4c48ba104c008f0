"""List prices of brokers: of MSK's types and usual hosts, and never a guess."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis.plan import broker_prices, read_catalogue

DAY = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]
CATALOGUE = read_catalogue()
LARGE = CATALOGUE.brokers.filter(broker_type="kafka.m5.large")["usd_per_h"][0]
HOST = CATALOGUE.hosts.filter(host="i3en.xlarge")["usd_per_h"][0]


def priced(*rows) -> dict[str, tuple[float | None, str]]:
    schema = {
        "ts": pl.Datetime("ms", "UTC"),
        "cluster": pl.String,
        "broker": pl.Int32,
        "instance_type": pl.String,
    }
    found = broker_prices(pl.DataFrame(rows, schema=schema, orient="row"), catalogue=CATALOGUE)
    return {cluster: (usd, missing) for cluster, _, usd, missing in found.iter_rows()}


def test_brokers_are_added_up_each_once():
    rows = [(day, "c", broker, "kafka.m5.large") for day in DAY for broker in (1, 2)]
    assert priced(*rows) == {"c": (pytest.approx(2 * LARGE), "")}


def test_hosts_of_ones_own_have_a_price_too():
    assert priced((DAY[0], "c", 1, "i3en.xlarge")) == {"c": (HOST, "")}


def test_the_last_type_that_is_known_counts():
    rows = [(DAY[0], "c", 1, "kafka.m5.4xlarge"), (DAY[1], "c", 1, "kafka.m5.large")]
    assert priced(*rows)["c"][0] == LARGE
    assert priced(*rows, (DAY[1], "c", 1, None))["c"][0] == LARGE


def test_what_has_no_price_makes_the_sum_unknown():
    rows = [(DAY[0], "c", 1, "kafka.m5.large"), (DAY[0], "c", 2, "x9.huge"), (DAY[0], "d", 1, None)]
    assert priced(*rows) == {
        "c": (None, "the catalogue has no price of x9.huge"),
        "d": (None, "its brokers have no instance type, so no price"),
    }


def test_no_brokers_no_prices():
    assert priced() == {}
