from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from kafka_analysis.sources.exposition import MOST_LABELS, parse_exposition

FIXTURE = Path(__file__).parents[3] / "shared" / "fixtures" / "kafka_exporter_1.3.1.prom"


def series(page: bytes) -> list[tuple[str, dict[str, str], float]]:
    """Return each line as name, labels, value."""
    rows = parse_exposition(page).samples.iter_rows(named=True)
    return [
        (
            row["metric"],
            {k.removeprefix("label_"): v for k, v in row.items() if k.startswith("label_") and v is not None},
            row["value"],
        )
        for row in rows
    ]


def judged(page: str) -> list[tuple[str, dict[str, str], float]]:
    families = text_string_to_metric_families(page)
    return [
        (sample.name, sample.labels, float(sample.value)) for family in families for sample in family.samples
    ]


def same(one: list, other: list) -> bool:
    key = lambda s: (s[0], sorted(s[1].items()), str(s[2]))  # noqa: E731
    return sorted(map(key, one)) == sorted(map(key, other))


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        (r'm{a="x",} 1', {"a": "x"}),
        (r'm{ a = "x" , b="y" } 1', {"a": "x", "b": "y"}),
        (r'm{a="}"} 1', {"a": "}"}),
        (r'm{a="x,y=z"} 1', {"a": "x,y=z"}),
        (r'm{a="\"\\\n"} 1', {"a": '"\\\n'}),
        (r'm{a="\t"} 1', {"a": r"\t"}),
        (r'm{a="#"} 1 # {trace="x"} 0.5', {"a": "#"}),
        ("m{} 1", {}),
        ("m 1", {}),
        ("m\t1", {}),
        ("  m   1  ", {}),
        ('m{a=""} 1', {"a": ""}),
        ('m{a="größe ☃"} 1', {"a": "größe ☃"}),
        ('m{a="x"} 1\r', {"a": "x"}),
        ('m {a="x"} 1', {"a": "x"}),
        ('m{a="x"}1', {"a": "x"}),
    ],
)
def test_labels_are_read_as_they_stand(line, labels):
    assert series(line.encode()) == [("m", labels, 1.0)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.96E-314", 2.96e-314),
        ("+Inf", math.inf),
        ("-Inf", -math.inf),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-0", -0.0),
    ],
)
def test_values_are_floats(text, value):
    assert series(f"m {text}".encode())[0][2] == value


def test_nan_is_kept_here_and_left_out_later():
    assert math.isnan(series(b"m NaN")[0][2])


@pytest.mark.parametrize(
    ("text", "stamp"), [("m 1 1700000000000", 1700000000000), ("m 1 -5", -5), ("m 1", None)]
)
def test_times_on_lines_are_kept(text, stamp):
    assert parse_exposition(text.encode()).samples["timestamp_ms"].to_list() == [stamp]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("m{a=x} 1", "labels are not"),
        ('m{a="x" b="y"} 1', "labels are not"),
        ('m{a="x",a="y"} 1', "comes twice"),
        ('m{a="x"', "not <name>"),
        ("m", "not <name>"),
        ("m one", "is not a number"),
        ("m 1_000", "is not a number"),
        ("m 1 soon", "not a whole number of milliseconds"),
        ("m-n 1", "not a metric name"),
        ("<html>", "not <name>"),
    ],
)
def test_what_is_not_understood_is_kept_with_line_and_reason(line, reason):
    page = parse_exposition(f"ok 1\n{line}\nok 2".encode())
    number, text, why = page.rejected.row(0)
    assert (number, text) == (2, line)
    assert reason in why
    assert page.samples["line"].to_list() == [1, 3]


def test_a_line_that_is_not_utf8_spoils_only_itself():
    page = parse_exposition(b'ok 1\nm{a="\xff"} 1\nok 2')
    assert page.samples["value"].to_list() == [1, 2]
    assert page.rejected.row(0) == (2, 'm{a="\\xff"} 1', "not UTF-8")


def test_comments_and_empty_lines_are_neither():
    page = parse_exposition(b"# HELP m x\n# TYPE m counter\n\n   \nm 1\n# EOF\n")
    assert (len(page.samples), len(page.rejected)) == (1, 0)


def test_an_empty_page_has_the_columns():
    page = parse_exposition(b"")
    assert page.samples.columns == ["metric", "value", "timestamp_ms", "line"]


def test_beyond_the_most_frequent_keys_labels_share_a_column():
    keys = [f'k{i}="{i}"' for i in range(MOST_LABELS + 2)]
    both = f"m{{{','.join(keys)}}} 1\nm{{{','.join(keys[2:])}}} 2"
    page = parse_exposition(both.encode()).samples
    assert sum(column.startswith("label_") for column in page.columns) == MOST_LABELS
    assert page["labels_other"].to_list() == [
        [{"key": "k0", "value": "0"}, {"key": "k1", "value": "1"}],
        None,
    ]


def test_two_scrapes_in_one_page_are_both_read():
    assert [value for *_, value in series(b"m 1\nm 2")] == [1.0, 2.0]


names = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,20}", fullmatch=True)
keys = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True).filter(lambda k: k != "__name__")
texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e"), max_size=20
)
lines = st.tuples(names, st.dictionaries(keys, texts, max_size=4), st.floats(allow_nan=False))


def written(name: str, labels: dict[str, str], value: float) -> str:
    escaped = {k: v.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"") for k, v in labels.items()}
    inside = ",".join(f'{k}="{v}"' for k, v in escaped.items())
    return f"{name}{{{inside}}} {value!r}" if labels else f"{name} {value!r}"


@given(st.lists(lines, max_size=6, unique_by=lambda line: (line[0], tuple(sorted(line[1].items())))))
def test_whatever_the_labels_say_the_page_is_read_as_written(rows):
    page = "\n".join(written(*row) for row in rows)
    assert same(series(page.encode()), [(n, v, f) for n, v, f in rows])


@given(st.lists(st.one_of(st.text(max_size=40), lines.map(lambda row: written(*row))), max_size=8))
def test_every_line_is_a_sample_a_comment_or_rejected(rows):
    page = parse_exposition("\n".join(rows).encode("utf-8", errors="surrogatepass"))
    meant = [
        number
        for number, row in enumerate("\n".join(rows).split("\n"), start=1)
        if row.strip() and not row.lstrip().startswith("#")
    ]
    assert sorted([*page.samples["line"], *page.rejected["line"]]) == meant


@pytest.mark.skipif(not FIXTURE.exists(), reason="the shared fixtures are not beside this checkout")
def test_a_real_page_is_read_as_prometheus_own_parser_reads_it():
    data = FIXTURE.read_bytes()
    assert parse_exposition(data).rejected.is_empty()
    assert same(series(data), judged(data.decode()))


def test_hostile_labels_are_read_as_prometheus_own_parser_reads_them():
    page = 'm{a="}",b="x,y=\\"z\\"",} 1\nm{a="\\\\n",b="\\n"} 2\nn 3 1700000000000\n'
    assert same(series(page.encode()), judged(page))


def test_samples_are_typed():
    schema = parse_exposition(b'm{a="x"} 1 5').samples.schema
    assert schema == {
        "metric": pl.String, "label_a": pl.String, "value": pl.Float64, "timestamp_ms": pl.Int64, "line": pl.Int64
    }  # fmt: skip
