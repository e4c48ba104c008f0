from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.metrics import METRICS
from kafka_analysis.sources.spelling.dialects import dialects, find_dialect

OWN = """\
name = "ours"
title = "Our exporter"
kind = "exporter"
source = "a test"
[[families]]
metrics = { our_lag = "" }
group = "g"
topic_partition = "tp"
to = "group_lag_records"
"""
NAMES = [
    "aiven", "bitnami", "cluster_linking", "confluent", "confluent_cloud", "confluent_helm", "flink", "kafka_exporter",
    "kafka_lag_exporter", "kminion", "koperator", "mirror_maker", "mirror_maker_lowercase", "mirror_maker_words", "msk",
    "msk_lowercase", "node_exporter", "otel_jmx", "otel_kafka_receiver", "redpanda", "rules_cased", "stock",
    "stock_without_total", "strimzi_canary", "strimzi_reporter",
]  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def written(text: str):
        path = tmp_path / "ours.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_all_are_there_in_the_order_of_their_names():
    assert [dialect.name for dialect in dialects()] == NAMES


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_each_says_what_it_rests_on(dialect):
    assert dialect.source.startswith(("real run: ", "documentation: "))


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_kinds_fit(dialect):
    for family in dialect.families:
        for name in family.canonical:
            metric = METRICS[name]
            assert bool(family.entity) == bool(metric.entity), name
            with_stat = any(family.names.values()) or family.stat_label is not None
            assert with_stat <= (metric.kind in ("quantile", "gauge")), name
            assert (metric.kind == "quantile") <= with_stat, name


def test_a_dialect_in_lower_case_is_the_other_one_word_for_word():
    for upper, lower in (("msk", "msk_lowercase"), ("mirror_maker", "mirror_maker_lowercase")):
        pairs = zip(find_dialect(upper).families, find_dialect(lower).families, strict=True)
        for one, other in pairs:
            assert {name.lower(): stat for name, stat in one.names.items()} == other.names
            assert one.to == other.to


def test_the_names_themselves_are_lowered_where_they_choose(write):
    page_names = OWN.replace('metrics = { our_lag = "" }', 'key = "__name__"').replace(
        'to = "group_lag_records"', "[families.to]\nOur_Lag = 'group_lag_records'"
    )
    upper = write(page_names)
    lower = upper.with_name("lower.toml")
    lower.write_text(
        OWN[: OWN.index("[[")].replace("ours", "lower") + 'lowercase_of = "ours"\n', encoding="utf-8"
    )
    found = {dialect.name: dialect for dialect in dialects([upper, lower])}
    assert found["lower"].families[0].to == {"our_lag": "group_lag_records"}


def test_a_user_s_own_file_is_added(write):
    path = write(OWN)
    assert [d.name for d in dialects([path])] == sorted([*NAMES, "ours"])
    assert find_dialect(str(path)).title == "Our exporter"
    assert [d.name for d in dialects()] == NAMES


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"group_lag_records"', '"group_lag_record"', "did you mean 'group_lag_records'"),
        ("topic_partition =", "topic_partitoin =", "did you mean 'topic_partition'"),
        ('title = "Our exporter"\n', "", "title: is missing"),
        ('name = "ours"', 'name = "msk"', "the name 'msk' is taken; choose another"),
        ('name = "ours"', 'name = "../ours"', "name: String should match"),
        ('kind = "exporter"', 'kind = "jmz"', "kind: Input should be"),
        ('group = "g"', 'entity = ["g"]', "group_lag_records cannot have entity; allowed: group, partition, topic"),
        ('group = "g"', 'key = "g"', "belong together"),
        ('group = "g"', 'stats = { a = "b" }', "stats translates the values of stat_label"),
        ('group = "g"', 'stat_label = "q"\nstats = { "0.98" = "zzz" }', "unknown stat 'zzz'; allowed: mean"),
        ('our_lag = ""', 'our_lag = "p9"', "unknown stat 'p9'; .* p999"),
        ('group = "g"', 'topic = "t"', "remove it, or these two"),
        ('metrics = { our_lag = "" }\n', "", "metrics .* is missing"),
        ("[[families]]", "[families", "is not TOML"),
        (OWN[OWN.index("[[") :], 'lowercase_of = "msc"\n', "did you mean 'msk'"),
        (OWN[OWN.index("[[") :], "", "give .*families"),
        (OWN[OWN.index("[[") :], 'like = "msc"\n[names]\nCount = ["{name}"]\n', "did you mean 'msk'"),
        (OWN[OWN.index("[[") :], 'like = "msk"\n', "like needs .names., or without_total"),
        (OWN[OWN.index("[[") :], 'like = "ours"\nwithout_total = true\n', "refers back to itself"),
        (OWN[OWN.index("[[") :], 'like = "msk"\n[names]\nCount = ["{nme}"]\n', "only consist of {domain}, {type}"),
        (OWN[OWN.index("[[") :], 'like = "msk"\n[names]\nCount = ["{name"]\n', "unbalanced braces"),
        (OWN[OWN.index("[[") :], 'like = "msk"\n[names]\nCount = ["all"]\n', "only consist of"),
        ("[[families]]", "[names]\n[[families]]\nlowercase = true", "did you mean|need like"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_it_is_one_clear_line(write, old, new, said):
    path = write(OWN.replace(old, new))
    with pytest.raises(InputError, match=said) as caught:
        dialects([path])
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(InputError, match=r"none\.toml cannot be read: No such file"):
        find_dialect(str(tmp_path / "none.toml"))
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        dialects([tmp_path / "binary.toml"])


def test_a_name_that_is_not_there_gets_the_nearest():
    with pytest.raises(InputError, match="unknown dialect 'confluence'; did you mean 'confluent'"):
        find_dialect("confluence")
