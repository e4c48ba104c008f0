from __future__ import annotations

import re
import stat

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.capture.known_words import is_known_word
from kafka_analysis.capture.pseudonyms import Pseudonyms, read_or_make_key
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.internal import is_internal_group, topic_kind
from kafka_analysis.model.topic_kinds import topic_kinds

NAMES = Pseudonyms(b"0123456789abcdef", clusters=["monolith", "cell-a"])
INTERNAL = [
    r"__amazon_msk_canary.*",
    r"__kafka_analysis_canary.*",
    r"(.+\.)?heartbeats",
    r"mm2-(offset-syncs|offsets|configs|status)\..+",
    r".+\.checkpoints\.internal",
    r"__.*",
    r"_confluent.*",
    r".*-(changelog|repartition)",
    r"(.+-)?connect(-cluster)?-(configs|offsets|status)",
    r"mirrormaker2-cluster-(configs|offsets|status)",
    r"mm2-offset-syncs(-|_)[a-z]+\1internal",
    r".+_checkpoints_internal",
    r".+[-_]heartbeats",
    r"([a-z]+\.)?strimzi\.cruisecontrol\.metrics",
    r"_schemas(-[a-z]+)?",
    r"_redpanda\.[a-z]+",
    r"[a-z]+[-_.](configs|offsets|status)",
]
topics = st.one_of(st.text(min_size=1), *(st.from_regex(re.compile(p, re.DOTALL)) for p in INTERNAL))


@given(topics)
def test_a_topic_s_pseudonym_is_of_its_kind(name):
    assert topic_kind(NAMES.topic(name)) == topic_kind(name)


@given(
    st.one_of(
        st.text(min_size=1), st.from_regex(r"(amazon\.msk\.canary\.group\.|__|_confluent|connect-|mm2-).*")
    )
)
def test_so_is_a_group_s(name):
    assert is_internal_group(NAMES.group(name)) == is_internal_group(name)


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_have_one_pseudonym_each(one, other):
    assert (NAMES.topic(one) == NAMES.topic(other)) == (one == other)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("orders", "topic-X"),
        ("monolith.orders", "cluster-X.topic-X"),
        ("monolith.heartbeats", "cluster-X.heartbeats"),
        ("monolith.checkpoints.internal", "cluster-X.checkpoints.internal"),
        ("mm2-offset-syncs.cell-a.internal", "mm2-offset-syncs.cluster-X.internal"),
        ("app-store-changelog", "topic-X-changelog"),
        ("__acme_secret", "__topic-X"),
        ("__consumer_offsets", "__consumer_offsets"),
        ("heartbeats", "heartbeats"),
        ("__amazon_msk_canary_state", "__amazon_msk_canary-topic-X"),
        ("heartbeats\n", "mm2-status.topic-X"),
        ("monolith_orders", "cluster-X_topic-X"),
        ("monolith_checkpoints_internal", "cluster-X_checkpoints_internal"),
        ("connect-cluster-configs", "connect-cluster-configs"),
        ("eu-connect-cluster-configs", "topic-X-connect-configs"),
        ("etl_offsets", "topic-X-offsets"),
        ("strimzi.cruisecontrol.metrics", "strimzi.cruisecontrol.metrics"),
    ],
)
def test_what_is_told_of_a_topic(name, shape):
    assert re.sub(r"[0-9a-f]{12}", "X", NAMES.topic(name)) == shape


def test_the_three_topics_of_connect_workers_stay_three():
    names = [NAMES.topic(f"etl-{word}") for word in ("configs", "offsets", "status")]
    topics = pl.DataFrame({"cluster": "c", "topic": names})
    policies = topics.with_columns(name=pl.lit("cleanup.policy"), value=pl.lit("compact"))
    assert topic_kinds(topics, configs=policies)["kind"].to_list() == ["internal"] * 3


def test_a_name_has_the_same_digits_wherever_it_stands():
    digits = NAMES.of("topic", "billing")[-12:]
    told = [
        NAMES.topic("billing"),
        NAMES.group("billing"),
        NAMES.principal("User:billing"),
        NAMES.subject("billing-value"),
        NAMES.topic_partition("billing-3"),
        NAMES.host("/billing"),
        NAMES.address("http://billing:9092/metrics"),
        NAMES.topic("monolith.billing"),
    ]
    assert all(digits in text for text in told)
    assert told[1:7] == [
        f"group-{digits}",
        f"User:user-{digits}",
        f"topic-{digits}-value",
        f"topic-{digits}-3",
        f"/host-{digits}",
        f"http://host-{digits}:9092/metrics",
    ]


@pytest.mark.parametrize(
    ("name", "kind", "shape"),
    [
        ("billing", "group", "group-X"),
        ("User:billing", "group", "group-X"),
        ("billing", "producer", "client-X"),
        ("User:billing", "producer", "User:user-X"),
        ("Role:billing", "producer", "client-X"),
    ],
)
def test_a_client_is_a_group_or_a_producer_who_may_be_named_by_its_principal(name, kind, shape):
    assert re.sub(r"[0-9a-f]{12}", "X", NAMES.client(name, kind)) == shape


def test_other_keys_give_other_pseudonyms():
    assert NAMES.topic("a") != Pseudonyms(b"another key of 16").topic("a")


@given(st.text(min_size=8))
def test_an_address_keeps_nothing_but_ports_and_scheme(text):
    host = f"q{text}q"
    assert host not in NAMES.address(host)
    assert re.fullmatch(
        r"http://host-[0-9a-f]{12}:1,host-[0-9a-f]{12}:2", NAMES.address("http://a.b:1,10.0.0.1:2")
    )


@pytest.mark.parametrize("name", ["*", "", "User:*", "User:ANONYMOUS"])
def test_what_is_no_name_stays(name):
    assert NAMES.principal(name) == name


@pytest.mark.parametrize("text", ["10.0.0.1", "acme", "p", "1.2.3.4.5", "kafka.acme.large", "acme/0", "-"])
def test_these_are_no_known_words(text):
    assert not is_known_word(text)


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path):
    file = tmp_path / "key"
    key = read_or_make_key(file)
    assert read_or_make_key(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_or_make_key(None) != read_or_make_key(None)


@pytest.mark.parametrize("text", ["", "abcd", "no key at all"])
def test_a_file_without_a_key_is_refused_and_left_alone(tmp_path, text):
    (tmp_path / "key").write_text(text)
    with pytest.raises(InputError, match="contains no key"):
        read_or_make_key(tmp_path / "key")
    assert (tmp_path / "key").read_text() == text


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_or_make_key(tmp_path / "none" / "key")
