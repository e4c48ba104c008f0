from __future__ import annotations

import pytest

from kafka_analysis.plan.sizing.broker_count import Setting
from kafka_analysis.plan.sizing.shortfall import shortfall_of

SETTING = Setting(3, 60, 90, 3000, 250.0, 15.0, provisioned_throughput=True)


@pytest.mark.parametrize(
    ("brokers", "says"),
    [
        (60, ""),
        (61, "61 brokers, the quota of a cluster is 60: 1 too many"),
        (
            1200,
            (
                "1,200 brokers, the quota of a cluster is 60: 1,140 too many; "
                "1,200 brokers, the quota of an account is 90: 1,110 too many"
            ),
        ),
    ],
)
def test_the_quota_and_by_how_much(known, brokers, says):
    assert shortfall_of({"family": "standard"}, known("B"), SETTING, brokers=brokers) == says


def test_growth_reaches_the_busiest_partition(known):
    one = known("B", partition_bytes_in_per_s=10e6, growth=2.0)
    assert "takes 20 MB/s" in shortfall_of({"family": "express"}, one, SETTING, brokers=3)
    assert shortfall_of({"family": "standard"}, one, SETTING, brokers=3) == ""
