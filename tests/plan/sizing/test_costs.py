from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import cost_items, read_catalogue


def usd(frame):
    return {row["item"]: round(row["monthly_usd"], 2) for row in frame.iter_rows(named=True)}


def test_the_bill_of_a_standard_cluster_with_tiered_storage(known):
    found = cost_items(known("A"), broker_type="kafka.m5.large", brokers=108)
    assert usd(found) == {
        "brokers": 16556.4, "storage": 5062.5, "tiered storage": 5627.81, "data between AZs": 3421.88
    }  # fmt: skip
    assert found["billed"].all()


def test_the_bill_of_an_express_cluster(known):
    found = cost_items(known("A"), broker_type="express.m7g.large", brokers=45)
    assert usd(found) == {
        "brokers": 13402.8,
        "storage": 25312.5,
        "data in": 2566.41,
        "data between AZs": 3421.88,
    }


def test_provisioned_throughput_is_told_and_not_summed(known):
    found = cost_items(known("A"), broker_type="kafka.m7g.2xlarge", brokers=27)
    extra = found.filter(item="provisioned throughput").row(0, named=True)
    assert (extra["monthly_usd"], extra["billed"]) == (27 * 312.5 * 0.08, False)
    without = cost_items(
        known("A"), broker_type="kafka.m7g.2xlarge", brokers=27, provisioned_throughput=False
    )
    assert "provisioned throughput" not in set(without["item"])


def test_serverless_is_billed_by_use(known):
    found = usd(cost_items(known("B"), broker_type="serverless"))
    assert found["cluster"] == 547.5
    assert found["partitions"] == 1000 * 730 * 0.0015
    assert found["data out"] == round(100 * 3600 * 730 / 1024 * 0.05, 2)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"broker_type": "kafka.m7g.larg", "brokers": 3}, "did you mean 'kafka.m7g.large'"),
        ({"broker_type": "kafka.m7g.large"}, "brokers is None; give the number of"),
        ({"broker_type": "kafka.m7g.large", "brokers": 0}, "brokers is 0"),
    ],
)
def test_what_is_wrong_is_named(known, options, says):
    with pytest.raises(InputError, match=says):
        cost_items(known("B"), **options)


def test_a_type_without_a_price_cannot_be_billed(known, tmp_path):
    from kafka_analysis.plan.catalogue import TABLES

    head = ",".join(TABLES["msk_standard"].fields)
    (tmp_path / "msk_standard.csv").write_text(
        f"{head}\nkafka.x,2,8,80,90,300,,,1000,,ours,2026-01-01,declared\n"
    )
    with pytest.raises(InputError, match=r"the price of kafka.x is unknown; give usd_per_h"):
        cost_items(known("B"), broker_type="kafka.x", brokers=3, catalogue=read_catalogue(tmp_path))
