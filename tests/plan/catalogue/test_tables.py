from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.catalogue.tables import TABLES, parse, table_of


def test_a_file_is_known_by_its_name_or_its_columns():
    assert table_of(["a"], stem="prices", where="prices.csv") == "prices"
    assert table_of(sorted(TABLES["quotas"].fields), stem="ours", where="ours.csv") == "quotas"
    with pytest.raises(InputError, match="is not a table"):
        table_of(["a"], stem="ours", where="ours.csv")


def test_empty_is_unknown_where_it_may_be():
    head = ",".join(TABLES["msk_standard"].fields)
    found = parse(
        f"{head}\nkafka.x,2,8,,,300,,,1000,,ours,2026-01-01,declared\n", table="msk_standard", where="x.csv"
    )
    row = found.row(0, named=True)
    assert (row["ebs_mib_per_s"], row["usd_per_h"], row["partitions_max"], row["vcpu"]) == (
        None,
        None,
        None,
        2,
    )
    assert found.schema["vcpu"] == pl.Int64


@pytest.mark.parametrize(
    ("value", "says"), [("2.5", "a whole number above 0"), ("0", "a whole number above 0")]
)
def test_counts_are_whole(value, says):
    head = ",".join(TABLES["msk_standard"].fields)
    line = f"kafka.x,{value},8,,,300,,,1000,,ours,2026-01-01,declared"
    with pytest.raises(InputError, match=says):
        parse(f"{head}\n{line}\n", table="msk_standard", where="x.csv")


def test_a_price_may_be_nothing():
    head = ",".join(TABLES["prices"].fields)
    assert parse(f"{head}\na,0,GB,r,s,d,e\n", table="prices", where="x.csv")["usd"].to_list() == [0.0]
