"""A redacted sample: the same answers as on the sample itself, without a name of it; its pages too."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis import analyses
from kafka_analysis.analyses.answer import Answer
from kafka_analysis.capture.ownership import flows_of, ownership_of
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import redact_capture
from kafka_analysis.capture.redact_beside import files_beside
from kafka_analysis.model.parameters import PARAMETERS
from kafka_analysis.model.summary import SummaryResult
from kafka_analysis.report.run import run_report
from tests.notebooks.in_process import execute_in_process

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
COMMITTED = Path(__file__).with_name("summaries")
# The order of names decides between plans that are as good, or nearly so: what is moved, in how many batches (with a
# minute between two); as many more waves (of 26 hours each) as they spare clients at both ends, or the other way round.
PLANNED = {"bytes_to_move": 0.1, "fullest_after": 0.1, "minutes": 0.1}  # relative
APART = {"minutes": 3.0, "waves": 2.0, "days": 2.2, "clients_bridged": 2.0, "largest_risk_share": 0.15}
OF_A_PLAN = {*PLANNED, *APART}
SPLIT, WAVES = "40_cluster_split", "48_migration_waves"
ANALYSES = {name: name.partition("_")[2] for name in sorted(PARAMETERS)} | {"30_rebalance_plan": "rebalance"}
del ANALYSES["90_executive_summary"]  # it reads the summaries of a report
KEY = bytes(32)  # another key is another order of names, and may be another plan

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a redacted sample: the capture, and what lies beside it."""
    folder = tmp_path_factory.mktemp("redacted")
    (folder / "key").write_text(KEY.hex())
    redact_capture(SAMPLE, folder / "capture", key_file=folder / "key")
    return folder


@pytest.fixture(scope="module")
def asked(folder: Path) -> Callable[[str], Answer]:
    """Return a function that asks the question of a notebook, once."""
    capture = read_capture(folder / "capture", verify=False)
    return cache(lambda name: getattr(analyses, ANALYSES[name])(capture))


@pytest.fixture(scope="module")
def report(folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        execute_in_process(patch)
        return run_report(str(folder / "capture"), out=folder / "reports", run_id="redacted", workers=1).path


def results(path: Path) -> Iterable[SummaryResult]:
    return map(SummaryResult.model_validate, json.loads(path.read_text(encoding="utf-8"))["results"])


def told(results: Iterable[SummaryResult]) -> list[tuple[str, list[tuple[str, float | None]]]]:
    """Return lights and figures of every cluster, in the order of the figures: names have changed."""
    figures = [(r.verdict.light, [(f.name, f.value) for f in r.figures]) for r in results]
    return sorted(figures, key=rounded)


def rounded(told: tuple[str, list[tuple[str, float | None]]]) -> str:
    """Return what to sort by: sums over renamed rows differ in the last digits."""
    light, figures = told
    return repr((light, [value and f"{value:.9g}" for name, value in figures if name not in OF_A_PLAN]))


def assert_alike(found: Iterable[SummaryResult], name: str) -> None:
    redacted, committed = told(found), told(results(COMMITTED / f"{name}.summary.json"))
    assert [light for light, _ in redacted] == [light for light, _ in committed]
    for (_, figures), (_, before) in zip(redacted, committed, strict=True):
        assert [name for name, _ in figures] == [name for name, _ in before]
        for (name, value), (_, other) in zip(figures, before, strict=True):
            near, apart = PLANNED.get(name, 1e-6), APART.get(name, 0.0)
            assert value == other or math.isclose(value, other, rel_tol=near, abs_tol=apart), name


@pytest.mark.parametrize("name", ANALYSES)
def test_lights_and_figures_are_the_sample_s(asked: Callable[[str], Answer], name: str) -> None:
    assert_alike(map(SummaryResult.of, asked(name).results), name)


@pytest.mark.reports
@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_so_are_those_of_its_report(report: Path, name: str) -> None:
    assert_alike(results(report / f"{name}.summary.json"), name)


def test_waves_cost_what_the_sample_s_cost(asked: Callable[[str], Answer], sample_report: Path) -> None:
    """Compare what the search keeps small: waves, and the waves that clients spend at both ends."""
    found, tables = asked(WAVES), sample_report / "tables" / WAVES
    of_sample = [pl.read_csv(tables / f"{name}.csv") for name in ("waves", "client_waves")]
    assert math.isclose(cost_of(found.waves, found.client_waves), cost_of(*of_sample), rel_tol=0.1)


def cost_of(waves: pl.DataFrame, client_waves: pl.DataFrame) -> float:
    return len(waves) + client_waves["bridged_waves"].sum()


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Return the names of the sample that no other text holds."""
    sample, flows = read_capture(SAMPLE, verify=False), flows_of(SAMPLE)
    owners = ownership_of(SAMPLE)
    texts = {*sample.table("groups")["group"], *sample.table("topics")["topic"], *flows["client"]}
    texts |= {*flows["transactional_id"].drop_nulls(), *owners["application"].drop_nulls()}
    names = {c.cluster for c in sample.clusters}
    return names | {t for t in texts if len(t) >= 6 and re.match(r"[a-z]+[-.][a-z]", t)}


def assert_none_of(names: set[str], texts: Iterable[tuple[str, str]]) -> None:
    assert {(place, name) for place, text in texts for name in names if name in text} == set()


def test_no_name_of_the_sample_is_in_an_answer(
    asked: Callable[[str], Answer], folder: Path, names: set[str]
) -> None:
    for name in ANALYSES:
        answer = asked(name)
        spoken = (answer.text(), answer.notes, answer.gap_rows, answer.files, *answer.results)
        assert_none_of(names, [(name, repr(spoken))])
        assert_none_of(names, [(f"{name}, {key}", repr(rows.rows())) for key, rows in answer.frames.items()])
    assert_none_of(names, [(file.name, file.read_text(encoding="utf-8")) for file in beside(folder)])


@pytest.mark.reports
def test_no_name_of_the_sample_is_on_a_page(report: Path, names: set[str]) -> None:
    pages = [*report.glob("*.html"), *report.glob("*.json"), *report.glob("*.ipynb"), *report.rglob("*.csv")]
    assert len(pages) > len(PARAMETERS)
    assert_none_of(names, ((page.name, page.read_text(encoding="utf-8")) for page in pages))


def test_teams_are_as_many_and_none_of_the_sample_s(asked: Callable[[str], Answer], folder: Path) -> None:
    """Look where nothing but names and figures stands: teams are called by words that sentences may hold."""
    teams = set(ownership_of(SAMPLE)["team"])
    assert {field for file in beside(folder) for field in fields(file)} & teams == set()
    assert {text for name in ANALYSES for text in texts_in(asked(name))} & teams == set()
    assert len(set(ownership_of(folder / "capture")["team"])) == len(teams)
    shown = asked(SPLIT).topics["team"]
    assert shown.null_count() == 0
    assert shown.str.starts_with("team-").all()


def texts_in(answer: Answer) -> Iterator[str]:
    """Yield the texts of the columns, and the words of the figures."""
    for frame in answer.frames.values():
        for column in frame.get_columns():
            yield from column.explode().unique() if column.dtype == pl.List(pl.String) else ()
            yield from column.unique() if column.dtype == pl.String else ()
    yield from words_of(
        text for result in answer.results for figure in result.figures for text in dict(figure).values()
    )


@pytest.mark.reports
def test_no_team_of_the_sample_is_in_a_table_of_the_report(report: Path) -> None:
    teams = set(ownership_of(SAMPLE)["team"])
    assert {field for file in report.rglob("*.csv") for field in fields(file)} & teams == set()
    summaries = [one for file in report.glob("*.summary.json") for one in results(file)]
    figures = [figure for result in summaries for figure in result.figures]
    assert set(words_of(text for figure in figures for text in dict(figure).values())) & teams == set()


def beside(folder: Path) -> list[Path]:
    """Return the files beside the redacted capture that are there: the sample has not all of them."""
    return [file for file in files_beside(folder / "capture") if file.exists()]


def fields(file: Path) -> set[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return {field for line in csv.reader(lines) for field in line}


def words_of(values: Iterable[object]) -> Iterator[str]:
    for text in values:
        if isinstance(text, str):
            yield from re.findall(r"[\w.-]+", text)
