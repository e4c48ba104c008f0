from __future__ import annotations

import polars as pl

from kafka_analysis.stats.flows.topic_families import internal_families


def topics(*names: str, cluster: str = "c") -> pl.DataFrame:
    return pl.DataFrame(
        {"cluster": cluster, "topic": list(names)}, schema={"cluster": pl.String, "topic": pl.String}
    )


def families(*names: str, **options) -> dict[str, list[str]]:
    found = internal_families(topics(*names), **options)
    grouped = found.group_by("family", maintain_order=True).agg("topic")
    return dict(grouped.rows())


def groups(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame({"client": [g for g, _ in pairs], "kind": "group", "topic": [t for _, t in pairs]})


def test_an_applications_topics_stay_with_it_and_with_what_it_reads():
    names = ["orders", "clicks", "bill-to-date-sum-changelog", "bill-to-date-sum-repartition"]
    flows = groups(("bill-to-date", "orders"), ("other", "clicks"))
    assert families(*names, flows=flows) == {
        "streams:bill-to-date": ["bill-to-date-sum-changelog", "bill-to-date-sum-repartition", "orders"]
    }


def test_what_an_application_writes_stays_with_it_where_that_is_declared():
    flows = pl.DataFrame({"client": ["bill", "bill"], "kind": ["group", "producer"], "topic": ["in", "out"]})
    assert families("bill-sum-changelog", "in", "out", flows=flows) == {
        "streams:bill": ["bill-sum-changelog", "in", "out"]
    }


def test_the_longest_group_is_the_application():
    names = ["a-b-store-changelog", "in"]
    assert families(*names, flows=groups(("a", "in"), ("a-b", "in"))) == {
        "streams:a-b": ["a-b-store-changelog", "in"]
    }


def test_a_group_whose_name_goes_on_is_another_application():
    flows = groups(("bill", "in"), ("other", "in"))
    assert families("billing-sum-changelog", "billing-day-changelog", "in", flows=flows) == {
        "streams:billing": ["billing-day-changelog", "billing-sum-changelog"]
    }


def test_a_producer_is_no_application_by_its_name():
    flows = pl.DataFrame({"client": ["a", "a-b"], "kind": ["group", "producer"], "topic": ["in", "in"]})
    assert families("a-b-store-changelog", "in", flows=flows) == {"streams:a": ["a-b-store-changelog", "in"]}


def test_without_its_group_the_name_tells_the_application():
    names = [
        "my-app-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog",
        "my-app-KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition",
        "count-words-changelog",
        "count-letters-changelog",
    ]
    assert set(families(*names)) == {"streams:my-app", "streams:count"}


def test_connect_workers_have_three_topics_and_no_fewer():
    names = ["connect-configs", "connect-offsets", "connect-status", "etl_config", "etl_offset", "etl_status"]
    assert families(*names, "x.config", "x.offset", "x.status", "order-status", "order-config") == {
        "connect:x": ["x.config", "x.offset", "x.status"],
        "connect:connect": ["connect-configs", "connect-offsets", "connect-status"],
        "connect:etl": ["etl_config", "etl_offset", "etl_status"],
    }


def test_mirror_maker_keeps_its_own_together():
    names = ["heartbeats", "mm2-offset-syncs.new.internal", "old.checkpoints.internal", "orders"]
    assert families(*names) == {"mirror": names[:3]}


def test_topics_of_one_transaction_stay_together():
    flows = pl.DataFrame(
        {
            "client": ["p", "p", "q", "p", "p"],
            "kind": ["producer", "producer", "producer", "producer", "group"],
            "topic": ["a", "b", "c", "gone", "c"],
            "transactional_id": ["tx", "tx", None, "tx", "tx"],
        }
    )
    assert families("a", "b", "c", flows=flows) == {"transaction:tx": ["a", "b"]}


def test_topics_that_share_a_schema_are_named():
    schemas = pl.DataFrame(
        {
            "registry": "r",
            "subject": ["a-value", "a-key", "b-value", "c-value", "c-key", "not.a.topic"],
            "fingerprint": ["f1", "f2", "f1", "f3", "f2", "f1"],
        }
    )
    assert families("a", "b", "c", schemas=schemas) == {"schema:r:f1": ["a", "b"], "schema:r:f2": ["a", "c"]}


def test_topics_under_one_prefixed_entry_are_named():
    acls = pl.DataFrame(
        {
            "resource_type": ["TOPIC", "TOPIC", "GROUP", "TOPIC", "TOPIC"],
            "resource_name": ["shop.", "solo", "shop", "", "sho"],
            "pattern_type": ["PREFIXED", "PREFIXED", "PREFIXED", "PREFIXED", "LITERAL"],
        }
    )
    assert families("shop.a", "shop.b", "solo", "x", acls=acls) == {"acl:shop.": ["shop.a", "shop.b"]}


def test_kafkas_own_topics_and_probes_are_in_no_family():
    acls = pl.DataFrame({"resource_type": ["TOPIC"], "resource_name": ["_"], "pattern_type": ["PREFIXED"]})
    assert families("__consumer_offsets", "__transaction_state", "__amazon_msk_canary", "_x", acls=acls) == {}


def test_clusters_are_looked_at_one_by_one():
    both = pl.concat([topics("heartbeats"), topics("mm2-status.a.internal", cluster="d")])
    assert internal_families(both).is_empty()
    flows = groups(("bill", "orders")).with_columns(cluster=pl.lit("d"))
    names = ("bill-sum-changelog", "orders")
    found = internal_families(pl.concat([topics(*names), topics(*names, cluster="d")]), flows=flows)
    assert found["cluster"].to_list() == ["d", "d"]


def test_every_row_says_why():
    flows = pl.DataFrame({
        "client": "bill", "kind": ["group", "group", "producer", "group"],
        "topic": ["bill-sum-repartition", "orders", "bills", "gone"],
    })  # fmt: skip
    found = internal_families(
        topics("bill-sum-changelog", "bill-sum-repartition", "bills", "orders"), flows=flows
    )
    assert dict(found.select("topic", "why").iter_rows()) == {
        "bill-sum-changelog": "changelog of the application bill",
        "bill-sum-repartition": "repartition of the application bill",  # it is read too
        "bills": "written by the Streams application bill, which speaks to one cluster only",
        "orders": "read by the Streams application bill, which speaks to one cluster only",
    }
