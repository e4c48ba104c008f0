"""Of the names in a capture nothing is left in any byte of the redacted one, and every figure stays."""

from __future__ import annotations

import json
import re
import tempfile
from itertools import count
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kafka_analysis.capture.pseudonyms import Pseudonyms
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import NOTE, WORDS, redact_capture, rules_of, with_topics_of_prefixes
from kafka_analysis.capture.redact_rows import redact_rows
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import CaptureExistsError, InputError
from kafka_analysis.model.internal import topic_kind
from kafka_analysis.model.manifest import ClusterInfo, Gap, SourceInfo
from kafka_analysis.model.metrics import METRICS
from kafka_analysis.model.samples import SAMPLES
from kafka_analysis.model.tables import EVENT_KINDS, TABLES
from kafka_analysis.sources.spelling.exporter_words import exporter_words
from tests.examples import examples

# Columns the contract itself restricts to its own words.
CHOSEN = {
    ("connectors", "kind"): "config",
    ("record_reads", "purpose"): "sample",
    ("record_reads", "ended"): "enough",
    ("record_checks", "time_kind"): "CreateTime",
    ("certificates", "kind"): "broker",
    ("events", "kind"): EVENT_KINDS[0],
    ("flows", "kind"): "group",
    ("flows", "evidence"): "measured",
}
SHAPES = (
    "{}",
    "{}-changelog",
    "mm2-offset-syncs.{}.internal",
    "{}.checkpoints.internal",
    "__{}",
    "connect-{}",
    "User:{}",
)
SHAPES += (
    "{}-value",
    "http://{}:9092/metrics",
    "{0}->{0}x",
    "/{}",
    "{}:start",
    "listener.{}",
    "amazon.msk.canary.group.{}",
)
HOSTILE = (
    "\x00",
    "\n",
    "'",
    '"',
    "\\",
    "<script>",
    "→",
    "é",
    "%2F",
    "../",
    "{",
    "*",
    " ",
    "-",
    ".",
    ":",
    "/",
    "PAR1",
    ",",
)
# Long enough, and with letters no word of Kafka's has, so that none is found by chance.
secrets = st.lists(st.sampled_from([*HOSTILE, "q", "Z", "7"]), max_size=8).map(
    lambda parts: f"zq{''.join(parts)}Xqz"
)


class Names:
    """Make names that are told apart, and remember them."""

    def __init__(self, stems):
        self.stems, self.numbers, self.made = stems, count(), set()

    def __call__(self):
        number = next(self.numbers)
        name = f"{self.stems[number % len(self.stems)]}{number}J"
        self.made.add(name)
        return SHAPES[number % len(SHAPES)].format(name)


def row_of(schema, names, chosen=lambda _: None):
    def value(column, dtype):
        if dtype == pl.List(pl.String):
            return [names(), f"{names()}-3"]
        if dtype == pl.List(pl.Int32):
            return [1, 2]
        return chosen(column) or (names() if dtype == pl.String else None)

    fixed = {pl.Int32: 1, pl.Int64: 2, pl.Float64: 3.5, pl.Boolean: True}
    at = pl.Series(["2026-01-01T12:00:00Z"]).str.to_datetime(time_unit="ms", time_zone="UTC")[0]
    return {
        c: at if isinstance(d, pl.Datetime) else fixed[d] if d in fixed else value(c, d)
        for c, d in schema.items()
    }


def write_hostile(path, names, small):
    """Write a capture that has a made name in every place that takes a text."""
    cluster = names()
    with CaptureWriter(path, notes=[names()]) as writer:
        of_metrics = [
            row_of(SAMPLES, names, lambda c, m=m: {"metric": m, "cluster": cluster}.get(c)) for m in METRICS
        ]
        writer.add_samples(pl.DataFrame(of_metrics, schema=SAMPLES))
        for name, kind in TABLES.items():
            schema = kind.create_empty().schema
            rows = [row_of(schema, names, lambda c, name=name: CHOSEN.get((name, c))) for _ in range(2)]
            writer.add_table(name, pl.DataFrame(rows, schema=schema))
        texts = {"source": [names()], "position": [1], "text": [names()], "reason": [names()]}
        writer.add_rejected(pl.DataFrame(texts))
        about = {"kafka_cluster_id": names(), "kafka_version": names(), "flavour": names()}
        gap = Gap(start=small.at(0), end=small.at(1), reason=names())
        source = SourceInfo(
            kind=names(),
            cluster=cluster,
            address=names(),
            dialect=names(),
            attempts=1,
            ok=1,
            failed=0,
            gaps=(gap,),
        )
        writer.finish(
            window=(small.at(0), small.at(120)),
            clusters=[ClusterInfo(cluster=cluster, **about)],
            sources=[source],
        )
    return path


def everything_in(folder):
    """Yield all bytes of a folder: names, contents, and what Parquet files hold once they are decompressed."""
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield (
            str(file.relative_to(folder)),
            str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes(),
        )
        if file.suffix == ".parquet":
            metadata = pq.read_metadata(file)
            groups = [metadata.row_group(n) for n in range(metadata.num_row_groups)]
            statistics = [g.column(c).statistics for g in groups for c in range(g.num_columns)]
            texts = [repr(s.to_dict()) if s else "" for s in statistics] + [repr(metadata.metadata)]
            columns = pl.read_parquet(file).get_columns()
            flat = [c.explode() if isinstance(c.dtype, pl.List) else c for c in columns]
            texts += [t for c in flat if c.dtype == pl.String for t in c.unique().drop_nulls()]
            yield f"{file.name}, read", "\0".join(texts).encode()


def left_over(folder, names):
    """Return the made names, or their stems as JSON writes them, that can still be found."""
    spelled = {text.encode() for name in names for text in (name, json.dumps(name)[1:-1], repr(name)[1:-1])}
    return {(where, text) for where, data in everything_in(folder) for text in spelled if text in data}


@examples(2)
@given(st.lists(secrets, min_size=1, max_size=5))
@example(["zq\x00\nXqz", "zq'\"\\Xqz", "zq../%2FXqz"])
def test_nothing_is_left_of_any_name(small, stems):
    names = Names(stems)
    with tempfile.TemporaryDirectory() as folder:
        given_path = write_hostile(Path(folder) / "c", names, small)
        redact_capture(given_path, Path(folder) / "out", key_file=Path(folder) / "key")
        found = left_over(Path(folder) / "out", names.made)
        assert len(left_over(given_path, names.made)) >= len(
            names.made
        )  # the search finds them where they are
        assert found == set()
        key = (Path(folder) / "key").read_text().strip()
        assert all(key.encode() not in data for _, data in everything_in(Path(folder) / "out"))
        assert all(bytes.fromhex(key) not in data for _, data in everything_in(Path(folder) / "out"))


def test_rows_numbers_times_and_the_manifest_s_counts_stay(small_capture, tmp_path):
    before, after = read_capture(small_capture), redact_capture(small_capture, tmp_path / "out")
    assert (after.start, after.end) == (before.start, before.end)
    for name in TABLES:
        one, other = before.table(name), after.table(name)
        numbers = [c for c, d in one.schema.items() if d != pl.String and d != pl.List(pl.String)]
        assert one.select(numbers).sort(numbers[0]).sum().equals(other.select(numbers).sort(numbers[0]).sum())
        assert (
            one.null_count()
            .drop("detail", strict=False)
            .equals(other.null_count().drop("detail", strict=False))
        )
    counts = [(s.kind, s.broker, s.attempts, s.ok, s.lines, s.dialect) for s in before.manifest.sources]
    assert counts == [
        (s.kind, s.broker, s.attempts, s.ok, s.lines, s.dialect) for s in after.manifest.sources
    ]
    assert after.manifest.notes == (NOTE,)
    assert after.id != before.id
    assert [c.role for c in after.clusters] == ["source", "target"]


def test_figures_are_the_same_up_to_names(small_capture, tmp_path):
    from kafka_analysis.stats.load.brokers import broker_load
    from kafka_analysis.stats.load.topics import topic_load
    from kafka_analysis.stats.reduce import samples as reduce
    from kafka_analysis.stats.scope import snapshots
    from kafka_analysis.stats.skew import measures as skew
    from kafka_analysis.stats.traffic import kinds as throughput

    told = []
    for capture in (read_capture(small_capture), redact_capture(small_capture, tmp_path / "out")):
        rates = reduce.increase(
            capture.samples("bytes_in_total", "bytes_out_total", "messages_in_total").collect()
        )
        kinds = throughput.sum_by_kind(throughput.traffic_by_kind(topic_load(rates)))
        partitions = capture.table("partitions")
        sizes = reduce.gauge(capture.samples("log_size_bytes").collect())
        brokers = broker_load(rates, sizes=sizes, partitions=partitions, brokers=capture.table("brokers"))
        grown = snapshots.records_appended(capture.table("offsets"), start=capture.start, end=capture.end)
        spread = skew.measure_skew(brokers, resources=["bytes_in_per_s", "leaders"])
        told.append([f.drop("cluster", "topic", "rack", strict=False) for f in (kinds, brokers, spread)])
        told[-1].append(grown.select("records").sort("records"))
        told[-1].append(sorted(map(topic_kind, capture.table("topics")["topic"])))
    assert all(
        one.equals(other) if isinstance(one, pl.DataFrame) else one == other
        for one, other in zip(*told, strict=True)
    )
    assert told[0][-1] == ["business", "business", "internal"]


def test_the_same_key_gives_the_same_names_everywhere(small_capture, small, tmp_path):
    key = tmp_path / "key"
    one = redact_capture(small_capture, tmp_path / "one", key_file=key)
    two = redact_capture(small_capture, tmp_path / "two", key_file=key)
    other = redact_capture(small_capture, tmp_path / "other")
    topics = set(one.table("topics")["topic"])
    assert set(two.table("topics")["topic"]) == topics
    assert set(other.table("topics")["topic"]) & topics == {"__consumer_offsets"}
    for name in ("partitions", "offsets", "topic_configs", "group_offsets"):
        assert set(one.table(name)["topic"]) <= topics
    assert set(one.samples().collect()["topic"].drop_nulls()) == topics
    assert set(one.table("groups")["group"]) == set(one.table("group_offsets")["group"])


TEXTS = [
    (stream, column)
    for stream, schema in {
        "samples/c": SAMPLES,
        **{f"tables/{name}": kind.create_empty().schema for name, kind in TABLES.items()},
    }.items()
    for column, dtype in schema.items()
    if dtype in (pl.String, pl.List(pl.String))
]
KEY = b"0123456789abcdef"
KNOWN = "librdkafka"  # a word that may stay where words are, and a name where names are
# As brokers, clients and administrators write them; none has a part that may be taken for a word of Kafka's.
WRITTEN = (
    "/10.1.2.3",
    "10.1.2.3",
    "10.1.2.3:9092",
    "/fe80:0:0:0:1%eth0",
    "ip-10-1-2-3.ec2.internal/10.1.2.3",
    "kafka-1.acme.example",
    "User:CN=acme,O=\u00fc[$]",
    "acme-3",
    "acme-value",
    "acme billing",
    "acme",
)


def redacted_texts(stream, column, texts):
    """Redact texts of a column; what else the rows have is null, or a word the rules can be asked with."""
    names = Pseudonyms(KEY, clusters=["c"])
    schema = SAMPLES if stream.startswith("samples") else TABLES[stream[7:]].create_empty().schema
    beside = {"kind": "producer", "resource_type": "TOPIC", "metric": "cpu_ratio"}
    given = [[text] for text in texts] if schema[column] == pl.List(pl.String) else texts
    rows = pl.DataFrame(
        {name: given if name == column else [beside.get(name)] * len(given) for name in schema}, schema=schema
    )
    redacted = redact_rows(rows, rules_of(stream, names), names)[column]
    return (redacted.list.first() if redacted.dtype == pl.List(pl.String) else redacted).to_list()


def redacted_text(stream, column, text):
    return redacted_texts(stream, column, [text])[0]


@pytest.mark.parametrize(("stream", "column"), TEXTS)
def test_every_column_of_texts_is_redacted_or_one_of_words(stream, column):
    for text, redacted in zip(WRITTEN, redacted_texts(stream, column, WRITTEN), strict=True):
        if column == "name" and stream.endswith("_configs") and re.fullmatch(r"[a-z][a-z0-9.-]+", text):
            continue  # may be the name of a setting, and these stay
        became = redacted or ""
        assert not [part for part in ("acme", "10.1.2", "10-1-2", "fe80", "\u00fc") if part in became], text
    table = stream.split("/")[0 if stream.startswith("samples") else 1]
    words = column in WORDS.get(table, ()) or (table, column) in {
        ("samples", "entity"),
        ("connectors", "value"),
        ("topic_configs", "value"),
        ("broker_configs", "value"),
        ("topic_configs", "name"),
        ("broker_configs", "name"),
    }
    assert (redacted_text(stream, column, KNOWN) == KNOWN) == words


OF_NAMES = {
    "cluster",
    "topic",
    "group",
    "host",
    "client_id",
    "client_host",
    "member_id",
    "assignments",
    "principal",
}
OF_NAMES |= {
    "user",
    "ip",
    "az",
    "rack",
    "subject",
    "path",
    "topic_id",
    "resource_name",
    "client",
    "actor",
    "account",
}


def test_columns_of_words_are_in_the_contract_and_none_of_them_holds_names():
    assert not OF_NAMES & {column for columns in WORDS.values() for column in columns}
    assert {column for _, column in TEXTS} >= OF_NAMES
    assert {(t, c) for t, columns in WORDS.items() for c in columns} <= {
        (stream.removeprefix("tables/").removesuffix("/c"), column) for stream, column in TEXTS
    }


def test_a_host_a_user_and_a_client_have_one_pseudonym_wherever_they_stand():
    hosts = {
        redacted_text(f"tables/{table}", column, slash + "10.1.2.3").removeprefix("/")
        for table, column, slash in (
            ("brokers", "host", ""),
            ("group_members", "client_host", "/"),
            ("acls", "host", ""),
            ("quotas", "ip", ""),
        )
    }
    assert len(hosts) == 1
    user = redacted_text("tables/users", "user", "alice")
    assert redacted_text("tables/quotas", "user", "alice") == user
    assert redacted_text("tables/acls", "principal", "User:alice") == f"User:{user}"
    clients = {redacted_text(f"tables/{t}", "client_id", "app") for t in ("quotas", "group_members")}
    assert len(clients) == 1


def test_words_of_exporters_stay_where_they_are_given_and_go_where_they_are_not(small, tmp_path):
    source = SourceInfo(
        kind="jmx", cluster="old", address="http://h/", dialect="stock, acme", attempts=1, ok=1, failed=0
    )
    row = {"ts": small.T0, "cluster": "old", "metric": "disk_used_ratio", "entity": "data logs", "value": 1.0}
    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.samples([row]))
        writer.finish(window=(small.at(0), small.at(1)), sources=[source])
    told = {}
    for words in (frozenset(), exporter_words()):
        redacted = redact_capture(tmp_path / "c", tmp_path / f"out{len(words)}", words=words)
        entity = redacted.samples().collect()["entity"].item()
        told[bool(words)] = (redacted.manifest.sources[0].dialect.split(", "), entity)
    assert told[True][0][0] == "stock"
    assert told[True][1] == "data logs"
    assert told[True][0][1].startswith("dialect-")
    assert told[False][0][0].startswith("dialect-")
    assert "data" not in told[False][1]


def test_what_says_nothing_about_anyone_stays(small, tmp_path):
    flow = {"metric": "mirror_records_total", "entity": "old->new", "topic": "orders"}
    request = {"metric": "request_total_ms", "entity": "Produce", "stat": "p99"}
    processor = {"metric": "connection_count", "entity": "SASL_SSL/2"}
    rows = [{"ts": small.T0, "cluster": "old", "value": 1.0} | row for row in (flow, request, processor)]
    configs = {
        "retention.ms": "604800000",
        "cleanup.policy": "compact,delete",
        "x": "10.0.0.1",
        "y": "acme",
        "z": "2.8-IV1",
    }
    config = [
        {"topic": "__consumer_offsets", "name": n, "value": v, "is_default": True, "source": "DEFAULT_CONFIG"}
        for n, v in configs.items()
    ]
    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.samples(rows))
        writer.add_table("topic_configs", small.table("topic_configs", config))
        writer.add_table("events", small.tables()["events"])
        writer.finish(
            window=(small.at(0), small.at(1)), clusters=[ClusterInfo(cluster="old", kafka_version="3.7.0")]
        )
    redacted = redact_capture(tmp_path / "c", tmp_path / "out")
    samples = {row["metric"]: row for row in redacted.samples().collect().iter_rows(named=True)}
    (cluster,) = redacted.clusters
    assert cluster.kafka_version == "3.7.0"
    assert re.fullmatch(r"cluster-\w{12}->cluster-\w{12}", samples["mirror_records_total"]["entity"])
    assert samples["mirror_records_total"]["entity"].startswith(f"{cluster.cluster}->")
    assert (samples["request_total_ms"]["entity"], samples["request_total_ms"]["stat"]) == ("Produce", "p99")
    assert samples["connection_count"]["entity"] == "SASL_SSL/2"
    found = dict(redacted.table("topic_configs").select("name", "value").iter_rows())
    assert found == configs | {"x": "redacted", "y": "redacted"}
    assert redacted.table("topic_configs")["topic"].unique().to_list() == ["__consumer_offsets"]
    assert redacted.table("events")["name"].to_list() == small.tables()["events"]["name"].to_list()


def test_wrong_use_writes_nothing(small_capture, tmp_path):
    with pytest.raises(InputError, match="is inside the redacted capture"):
        redact_capture(small_capture, tmp_path / "out", key_file=tmp_path / "out" / "key")
    (tmp_path / "empty").write_text("")
    with pytest.raises(InputError, match="contains no key"):
        redact_capture(small_capture, tmp_path / "out", key_file=tmp_path / "empty")
    assert not (tmp_path / "out").exists()
    with pytest.raises(CaptureExistsError):
        redact_capture(small_capture, small_capture)


TOPICS = pl.DataFrame(
    {"cluster": ["c", "c", "c", "d"], "topic": ["orders.a", "orders.b", "clicks", "orders.a"]}
)


def acls(*rows):
    shared = {"cluster": "c", "principal": "User:p", "resource_type": "TOPIC", "operation": "WRITE"}
    return pl.DataFrame([shared | {"pattern_type": "PREFIXED", "permission": "ALLOW"} | row for row in rows])


def added(*rows):
    given = acls(*rows)
    result = with_topics_of_prefixes(given, TOPICS)
    assert result.head(len(given)).equals(given)
    return sorted(
        result.tail(len(result) - len(given)).select("cluster", "resource_name", "pattern_type").rows()
    )


def test_a_right_to_write_to_a_prefix_is_one_to_each_topic_of_its_cluster():
    assert added({"resource_name": "orders."}) == [("c", "orders.a", "LITERAL"), ("c", "orders.b", "LITERAL")]
    assert added({"resource_name": "orders.", "operation": "ALL", "permission": "DENY", "cluster": "d"}) == [
        ("d", "orders.a", "LITERAL")
    ]


def test_other_rights_stay_alone():
    assert (
        added(
            {"resource_name": "orders.", "operation": "READ"},
            {"resource_name": "orders.", "resource_type": "GROUP"},
            {"resource_name": "clicks", "pattern_type": "LITERAL"},
            {"resource_name": "no.such.prefix"},
        )
        == []
    )


def test_what_pattern_languages_know_is_taken_as_it_is_written():
    assert added({"resource_name": "orders?"}, {"resource_name": "order[s]"}, {"resource_name": "^o.*"}) == []


def test_connectors_keep_what_is_mirror_maker_s_and_aliases_their_pseudonym():
    names = Pseudonyms(KEY, clusters=["old"])
    rows = pl.DataFrame(
        {
            "connector": ["MirrorSourceConnector", "MirrorSourceConnector", "acme-flow", "acme-flow"],
            "peer": "old",
            "name": ["source.cluster.alias", "offset.lag.max", "topics", "acme.x"],
            "value": ["old", "100", "acme,orders", None],
        }
    )
    redacted = redact_rows(rows, rules_of("tables/connectors", names), names)
    assert (
        redacted["connector"].to_list()
        == ["MirrorSourceConnector"] * 2 + [names.of("connector", "acme-flow")] * 2
    )
    assert redacted["peer"].unique().to_list() == [names.cluster("old")]
    assert redacted["value"].to_list() == [names.cluster("old"), "100", "redacted", None]
    assert redacted["name"].to_list()[:3] == rows["name"].to_list()[:3]
    assert redacted["name"][3] == names.of("name", "acme.x")
