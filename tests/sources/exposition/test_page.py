"""Pages as a whole: regular lines and awkward ones, held against reading line by line and against prometheus_client."""

from __future__ import annotations

import gzip
import math
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from kafka_analysis.sources.exposition import page as exposition
from kafka_analysis.sources.exposition.line import LONGEST_LINE, read_line
from kafka_analysis.sources.exposition.page import TEXT_LIMIT, parse_exposition
from kafka_analysis.sources.exposition.scan import MOST_KEYS

FIXTURE = Path(__file__).parents[3] / "shared" / "fixtures" / "kafka_exporter_1.3.1.prom"
REGULAR = b'regular{a="x",b="some longer text than that"} 1\n'
MUTATIONS = 1_000_000
LINES_AT_ONCE = 50  # of 2 to 3 keys each, mutated: fewer than share a column


def series(page: bytes) -> list[tuple[str, dict[str, str], float]]:
    """Return each line as name, labels, value."""
    samples = parse_exposition(page).samples
    keys = sorted(column for column in samples.columns if column.startswith("label_"))
    return [
        (row["metric"], {k.removeprefix("label_"): row[k] for k in keys if row[k] is not None}, row["value"])
        for row in samples.iter_rows(named=True)
    ]


def judged(page: str) -> list[tuple[str, dict[str, str], float]]:
    families = text_string_to_metric_families(page)
    return [
        (sample.name, sample.labels, float(sample.value)) for family in families for sample in family.samples
    ]


def same(one: list, other: list) -> bool:
    key = lambda s: (s[0], sorted(s[1].items()), str(s[2]))  # noqa: E731
    return sorted(map(key, one)) == sorted(map(key, other))


def one_by_one(page: bytes) -> list[tuple[int, str, dict[str, str], float, int | None]]:
    """Read each line alone, with care: slow, simple, and the judge of reading many at once."""
    found = []
    for number, raw in enumerate(page.split(b"\n")[:-1], start=1):
        try:
            text = raw.decode("utf-8").removesuffix("\r")
            if text.strip() and not text.lstrip().startswith("#"):
                metric, labels, value, stamp = read_line(text)
                found.append((number, metric, dict(sorted(labels)), value, stamp))
        except ValueError:
            continue
    return found


def many_at_once(page: bytes) -> list[tuple[int, str, dict[str, str], float, int | None]]:
    samples = parse_exposition(page).samples
    numbers = samples.select("line", "timestamp_ms").rows()
    return [(line, *found, stamp) for (line, stamp), found in zip(numbers, series(page), strict=True)]


def equal(one: list, other: list) -> bool:
    return repr(one) == repr(other)  # NaN is not equal to itself


def meant(page: bytes) -> list[int]:
    """Number the lines that say something."""
    rows = [row.decode("utf-8", errors="replace") for row in page.split(b"\n")]
    return [n for n, row in enumerate(rows, start=1) if row.strip() and not row.lstrip().startswith("#")]


@pytest.mark.parametrize("around", [b"", REGULAR * 5])
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"m{a=x} 1", "labels are not"),
        (b'm{a="x",a="y"} 1', "is repeated"),
        (b"m one", "is not a number"),
        (b'm{a="x"} one', "is not a number"),
        (b'm{a="x"} 1 soon', "not a whole number of milliseconds"),
        (b'm-n{a="x"} 1', "not a metric name"),
        (rb'm{a="\q"} 1', "unknown escape"),
        (b"<html>", "not <name>"),
        (b'm{a="\xff"} 1', "not UTF-8"),
        (b'm{a="' + b"x" * LONGEST_LINE + b'"} 1', "longer than a megabyte"),
    ],
)
def test_a_bad_line_is_rejected_alone(around, line, reason):
    page = parse_exposition(around + line + b"\n" + around)
    number, text, why = page.rejected.row(0)
    assert number == around.count(b"\n") + 1
    assert text == line.decode("utf-8", errors="backslashreplace")[:TEXT_LIMIT]
    assert reason in why
    assert (len(page.samples), len(page.rejected)) == (2 * around.count(b"\n"), 1)


@pytest.mark.parametrize("line", [b"m 1", b'm{a="x"} 1', REGULAR * 3 + REGULAR[:-1], REGULAR[:-9]])
def test_a_last_line_without_a_line_feed_may_be_cut_off(line):
    page = parse_exposition(line)
    assert page.rejected["line"].to_list() == [line.count(b"\n") + 1]
    assert len(page.samples) == line.count(b"\n")


def test_openmetrics_ends_with_eof_and_counts_time_in_seconds():
    page = b'm_total{a="x"} 5 1700000000.25\nm_created{a="x"} 1.7e9 1700000000\nn 1\n# EOF'
    samples = parse_exposition(page).samples
    assert samples["timestamp_ms"].to_list() == [1700000000250, 1700000000000, None]
    assert parse_exposition(page.removesuffix(b"# EOF")).rejected["line"].to_list() == [1]


def test_openmetrics_is_read_as_prometheus_own_parser_reads_it():
    page = (
        "# TYPE m counter\n"
        'm_total{a="x",b="y\\n"} 5 1700000000.25 # {trace="}"} 0.5\n'
        '# TYPE s gauge\ns{a="x"} NaN 3\ns{a="some other value"} -1.5e-3 4\n# EOF\n'
    )
    other = [
        (s.name, s.labels, float(s.value), None if s.timestamp is None else round(float(s.timestamp) * 1000))
        for family in openmetrics_families(page)
        for s in family.samples
    ]
    stamps = parse_exposition(page.encode()).samples["timestamp_ms"]
    assert equal([(*one, stamp) for one, stamp in zip(series(page.encode()), stamps, strict=True)], other)


def test_a_rejected_line_leaves_no_column():
    page = parse_exposition(REGULAR + b'm{zone="x" 1\n' + REGULAR * 5)
    assert "label_zone" not in page.samples.columns


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_comments_and_empty_lines_are_neither(end):
    page = parse_exposition(end.join([b"# HELP m x", b"# TYPE m counter", b"", b"   ", b" # x", b"m 1", b""]))
    assert (len(page.samples), len(page.rejected)) == (1, 0)


def test_an_empty_page_has_the_columns():
    page = parse_exposition(b"")
    assert page.samples.columns == ["metric", "value", "timestamp_ms", "line"]


def test_samples_are_typed():
    schema = parse_exposition(b'm{a="x"} 1 5\n').samples.schema
    assert schema == {
        "metric": pl.String, "label_a": pl.String, "value": pl.Float64, "timestamp_ms": pl.Int64, "line": pl.Int64
    }  # fmt: skip


@pytest.mark.parametrize("pad", [b"", b"padding 1\n" * 20])
def test_beyond_the_most_frequent_keys_labels_share_a_column(pad):
    keys = [f'k{i:03}="{i}"' for i in range(MOST_KEYS + 2)]
    lines = [f"m{{{','.join(keys[n : n + 40])}}} 1" for n in range(2, MOST_KEYS + 2, 40)]
    page = "\n".join([*lines, f"m{{{','.join(keys[:3])}}} 1", *lines, ""]).encode() + pad
    samples = parse_exposition(page).samples
    assert sum(column.startswith("label_") for column in samples.columns) == MOST_KEYS
    assert samples["labels_other"].drop_nulls().to_list() == [
        [{"key": "k000", "value": "0"}, {"key": "k001", "value": "1"}]
    ]
    assert samples.filter(pl.col("line") == len(lines) + 1)["label_k002"].to_list() == ["2"]


def test_keys_that_are_rare_everywhere_are_still_there():
    page = "".join(f'm{{k{i}="some value"}} 1\n' for i in range(3000)).encode()
    samples = parse_exposition(page).samples
    assert samples["line"].to_list() == list(range(1, 3001))
    shared = {pair["key"] for pairs in samples["labels_other"].drop_nulls() for pair in pairs}
    own = {column.removeprefix("label_") for column in samples.columns if column.startswith("label_")}
    assert len(own) <= MOST_KEYS
    assert samples["labels_other"].count() == 3000 - len(own)
    assert own | shared == {f"k{i}" for i in range(3000)}


def test_two_scrapes_in_one_page_are_both_read():
    assert [value for *_, value in series(b"m 1\nm 2\n")] == [1.0, 2.0]


def test_stretches_of_a_page_join_in_order(monkeypatch):
    page = b"".join(b'm{n="%d",long="more than twelve bytes"} %d\nup %d\n' % (i, i, i) for i in range(500))
    whole = many_at_once(page)
    monkeypatch.setattr(exposition, "STRETCH", 1000)
    assert many_at_once(page) == whole == one_by_one(page)


def test_packed_pages_are_unpacked():
    assert series(gzip.compress(b"m 1\n")) == [("m", {}, 1.0)]


names = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,20}", fullmatch=True)
keys = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True).filter(lambda k: k != "__name__")
texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e"), max_size=20
)
lines = st.tuples(names, st.dictionaries(keys, texts, max_size=4), st.floats(allow_nan=False))


def written(name: str, labels: dict[str, str], value: float) -> str:
    escaped = {k: v.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"") for k, v in labels.items()}
    inside = ",".join(f'{k}="{v}"' for k, v in escaped.items())
    return f"{name}{{{inside}}} {value!r}" if labels else f"{name} {value!r}"


@given(st.lists(lines, max_size=6, unique_by=lambda line: (line[0], tuple(sorted(line[1].items())))))
def test_whatever_the_labels_say_the_page_is_read_as_written(rows):
    page = "".join(written(*row) + "\n" for row in rows)
    assert same(series(page.encode()), [(n, v, f) for n, v, f in rows])


@given(st.lists(st.one_of(st.text(max_size=40), lines.map(lambda row: written(*row))), max_size=8))
def test_every_line_is_a_sample_a_comment_or_rejected(rows):
    page = "\n".join(rows).encode("utf-8", errors="surrogatepass")
    found = parse_exposition(page)
    assert sorted([*found.samples["line"], *found.rejected["line"]]) == meant(page)


pieces = st.sampled_from(
    [
        *'{}",=\\ #\t',
        "\r",
        "é",
        "a",
        "le",
        "1",
        "1.5",
        "-",
        "+Inf",
        "NaN",
        "e5",
        "_",
        ":",
        '="',
        '",',
        '"} ',
        " 1\n",
        "\n",
    ]
)


@given(st.lists(pieces, max_size=60).map("".join))
def test_many_at_once_are_read_as_one_by_one(text):
    page = text.encode() + b"\n" + REGULAR
    assert equal(many_at_once(page), one_by_one(page))


def base_page() -> bytes:
    """Make a page of about 2,000 lines of every kind."""
    chance, rows = random.Random(5), []
    for n in range(400):
        rows += [
            f'# HELP m{n} some help with "quotes" and {{braces}}',
            f'kafka_log_Log_Value{{name="Size",partition="{n}",topic="orders.{chance.random()}",}} {chance.random()}',
            f'kafka_x{{a="{n}",topic="größe",}} {n}.0',
            f'kafka_y{{a="a\\"b\\\\c\\n{n}",b=""}} 2.96E-314 170000000{n:04}',
            f"up {n}",
            f'z{{a="}}{{,=#",b="{n}"}} NaN',
        ]
    return ("\n".join(rows) + "\n").encode()


def mutated(page: bytes, chance: np.random.Generator) -> bytes:
    """Change some bytes of a page, about one in every line."""
    changed = np.frombuffer(page, dtype=np.uint8).copy()
    places = chance.integers(0, len(changed), len(changed) // 60)
    likely = np.frombuffer(b'{}",=\\ #\n\t\r01aeN+-._\x00\x80\xc3\xff', dtype=np.uint8)
    changed[places] = chance.choice(likely, len(places))
    return changed.tobytes()


@pytest.mark.parametrize("lines", [MUTATIONS // 10, pytest.param(MUTATIONS, marks=pytest.mark.hostile)])
def test_mutated_lines_crash_nothing_and_are_all_accounted_for(lines):
    page, chance, tried, compared = base_page(), np.random.default_rng(11), 0, 0
    while tried < lines:
        rows = [mutated(page, chance) for _ in range(10)]
        one = b"".join(row if row.endswith(b"\n") else row + b"\n" for row in rows)
        found = parse_exposition(one)
        accounted = np.sort(
            np.concatenate([found.samples["line"].to_numpy(), found.rejected["line"].to_numpy()])
        )
        assert accounted.tolist() == meant(one)
        if compared < lines // 3:
            assert equal(many_at_once(one), one_by_one(one))
            compared += one.count(b"\n")
        tried += one.count(b"\n")


LENIENT = {  # the closed list of what prometheus_client accepts and this parser rejects, with examples
    "not a metric name": ('k,m{a="x"} 1', '1m{a="x"} 1'),
    "not <name>": ('m#{a="x"} 1', 'm{a="x"} 1 2 3'),
    "is not a number": ('k m{a="x"} 1',),
    "unknown escape": (r'm{a="\q"} 1', r'm{a="\t"} 1'),
    "not a whole number of milliseconds": ("m 1 1.5", 'm{a="x"} 1 17e3'),
    "labels are not": ('m{,a="x"} 1',),
    "it contains a NUL character": ('m{a="x\0y"} 1',),
}


def their_view(text: str) -> list | None:
    try:
        return judged(text + "\n") or None
    except Exception:  # noqa: BLE001 - it raises whatever comes up on broken lines
        return None


def test_mutated_lines_are_read_as_prometheus_own_parser_reads_them_or_rejected_for_a_known_reason():
    page, chance, both = base_page(), np.random.default_rng(12), 0
    raw = [line for _ in range(6) for line in mutated(page, chance).split(b"\n")]
    texts = [
        text
        for text in (line.decode("utf-8", errors="replace") for line in raw)
        if len(text.splitlines()) == 1
    ]
    for some in (texts[n : n + LINES_AT_ONCE] for n in range(0, len(texts), LINES_AT_ONCE)):
        read = "".join(f"{text}\n" for text in some).encode()
        mine = {number: [sample] for number, *sample, _ in many_at_once(read)}
        reasons = dict(parse_exposition(read).rejected.select("line", "reason").rows())
        for number, text in enumerate(some, start=1):
            other = their_view(text)
            if number in mine:
                both += 1
                assert other is not None, text
                assert same(mine[number], other), text
            elif other is not None:
                assert any(reason in reasons[number] for reason in LENIENT), text
    assert both > 5_000


@pytest.mark.parametrize(("reason", "text"), [(r, text) for r, texts in LENIENT.items() for text in texts])
def test_what_prometheus_own_parser_lets_pass_is_rejected_with_a_reason(reason, text):
    assert their_view(text) is not None
    assert reason in parse_exposition(text.encode() + b"\n").rejected["reason"][0]


def test_counters_keep_the_name_they_have():
    page = "# TYPE m counter\nm 1\n"
    assert series(page.encode()) == [("m", {}, 1.0)]
    assert judged(page) == [("m_total", {}, 1.0)]


def test_one_bad_line_does_not_cost_the_page():
    page = 'm{a="x"} 1\nm{a=x} 1\n'
    assert series(page.encode()) == [("m", {"a": "x"}, 1.0)]
    assert their_view(page) is None


@pytest.mark.skipif(not FIXTURE.exists(), reason="the shared fixtures are not beside this checkout")
def test_a_real_page_is_read_as_prometheus_own_parser_reads_it():
    data = FIXTURE.read_bytes()
    assert parse_exposition(data).rejected.is_empty()
    assert same(series(data), judged(data.decode()))


def test_hostile_labels_are_read_as_prometheus_own_parser_reads_them():
    page = 'm{a="}",b="x,y=\\"z\\"",} 1\nm{a="\\\\n",b="\\n"} 2\nn 3 1700000000000\n'
    assert same(series(page.encode()), judged(page))


def test_nan_stays_nan():
    assert math.isnan(series(b'm{a="a regular line of this kind"} NaN\n' + REGULAR)[0][2])
