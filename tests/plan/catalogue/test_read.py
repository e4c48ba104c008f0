from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.catalogue import TABLES, price_of, quota_of, read_catalogue

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "kafka_analysis" / "plan" / "catalogue"
QUOTAS = "quota,name,value,unit,adjustable,source,date,evidence\n"
PRICES = "item,usd,unit,region,source,date,evidence\n"


def test_what_aws_publishes_is_there():
    brokers = read_catalogue().brokers
    assert brokers["family"].value_counts().sort("family").rows() == [
        ("express", 7),
        ("serverless", 1),
        ("standard", 16),
    ]
    names = set(brokers["broker_type"])
    assert {
        "kafka.m5.24xlarge",
        "kafka.m7g.16xlarge",
        "kafka.t3.small",
        "express.m7g.16xlarge",
        "serverless",
    } <= names
    one = brokers.filter(broker_type="kafka.m5.4xlarge").row(0, named=True)
    assert (one["ebs_mib_per_s"], one["network_mib_per_s"], one["usd_per_h"]) == (593.75, 640, 1.68)
    assert (one["partitions_recommended"], one["partitions_max"], one["max_storage_gib"]) == (
        4000,
        6000,
        16384,
    )
    assert one["in_sustained_mb_per_s"] is None


def test_every_row_says_where_and_when_it_is_from():
    found = read_catalogue()
    for frame in (found.brokers, found.hosts, found.prices, found.quotas):
        assert frame.select("source", "date", "evidence").null_count().sum_horizontal().item() == 0
        assert set(frame["evidence"]) <= {"published", "unverified"}
    assert set(found.hosts["evidence"]) == {"unverified"}


def test_the_tables_are_committed_and_in_the_wheel():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "kafka_analysis" in wheel["only-include"]
    assert "exclude" not in wheel
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(TABLES)
    ignored = subprocess.run(
        ["git", "check-ignore", *FOLDER.glob("*.csv")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ignored.stdout == ""


def test_a_row_of_the_user_s_replaces_or_adds(tmp_path):
    path = tmp_path / "ours.csv"
    path.write_text(
        PRICES
        + "ebs_storage,0.08,GB-month,us-east-1,contract,2026-01-01,declared\nnew,1,GB,us-east-1,x,y,z\n"
    )
    found = read_catalogue(path)
    assert price_of(found, "ebs_storage") == 0.08
    assert price_of(found, "new") == 1
    assert price_of(found, "cross_az") == 0.02
    assert price_of(read_catalogue(), "ebs_storage") == 0.1


def test_a_folder_may_hold_several_tables(tmp_path):
    (tmp_path / "quotas.csv").write_text(
        QUOTAS + "brokers_per_account,Brokers per account,300,brokers,yes,x,y,z\n"
    )
    (tmp_path / "p.csv").write_text("\ufeff" + PRICES + "cross_az,0,GB,us-east-1,x,y,z\n", encoding="utf-8")
    found = read_catalogue(tmp_path)
    assert (quota_of(found, "brokers_per_account"), price_of(found, "cross_az")) == (300, 0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (QUOTAS.replace("unit", "units"), "unknown column of quotas.csv 'units'; did you mean 'unit'"),
        (QUOTAS.replace(",unit", ""), "quotas.csv, line 1: the column 'unit' is missing"),
        (QUOTAS + "a,b,-1,c,d,e,f,g\n", "quotas.csv, line 2: value is '-1'; give a number above 0"),
        (QUOTAS + "a,b,1,c,d,e,f,g\nb,b,many,c,d,e,f,g\n", "quotas.csv, line 3: value is 'many'"),
        (QUOTAS + "a,b,inf,c,d,e,f,g\n", "line 2: value is 'inf'"),
        (QUOTAS + "a,,1,c,d,e,f,g\n", "line 2: name is empty; give a text"),
        (QUOTAS + "a,b,1\n", "line 2: the number of values differs from the heading; give 8"),
        (QUOTAS + "a,b,1,c,d,e,f,g,h\n", "line 2: the number of values differs"),
        (QUOTAS + "a,b,1,c,d,e,f,g\na,b,2,c,d,e,f,g\n", "quota 'a' is listed twice"),
        (QUOTAS + '"a,b\n', "it must be CSV"),
    ],
)
def test_a_wrong_file_is_one_line_with_the_place(tmp_path, text, says):
    path = tmp_path / "quotas.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_catalogue(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_table_or_not_there_is_said(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n")
    with pytest.raises(
        InputError, match=r"x.csv is not a table of the catalogue; rename it to one of msk_standard.csv"
    ):
        read_catalogue(path)
    with pytest.raises(InputError, match="cannot read"):
        read_catalogue(tmp_path / "nowhere.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="contains no CSV files"):
        read_catalogue(tmp_path / "empty")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read_catalogue(path)


def test_an_unknown_price_or_quota_is_named():
    with pytest.raises(InputError, match="did you mean 'ebs_storage'"):
        price_of(read_catalogue(), "ebs_storag")
    with pytest.raises(InputError, match="unknown quota"):
        quota_of(read_catalogue(), "zzz")


def test_recommended_is_never_above_the_most():
    rows = read_catalogue().brokers.drop_nulls("partitions_max")
    assert rows.filter(pl.col("partitions_recommended") > pl.col("partitions_max")).is_empty()
