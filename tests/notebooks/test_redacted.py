"""The notebooks on a redacted sample: the same answers as on the sample itself, without a name of it."""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.capture.ownership import flows_of, ownership_of
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import redact_capture
from kafka_analysis.capture.redact_beside import files_beside
from kafka_analysis.model.parameters import PARAMETERS
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
WAVES = "48_migration_waves"
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
def report(folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        execute_in_process(patch, pictures=False)
        return run_report(str(folder / "capture"), out=folder / "reports", run_id="redacted", workers=1).path


def told(path: Path) -> list[tuple[str, list[tuple[str, float]]]]:
    """Return lights and figures of every cluster, in the order of the figures: names have changed."""
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    figures = [(r["verdict"]["light"], [(f["name"], f["value"]) for f in r["figures"]]) for r in results]
    return sorted(figures, key=rounded)


def rounded(told: tuple[str, list[tuple[str, float]]]) -> str:
    """Return what to sort by: sums over renamed rows differ in the last digits."""
    light, figures = told
    return repr((light, [value and f"{value:.9g}" for name, value in figures if name not in OF_A_PLAN]))


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_lights_and_figures_are_the_sample_s(report: Path, name: str) -> None:
    redacted, committed = told(report / f"{name}.summary.json"), told(COMMITTED / f"{name}.summary.json")
    assert [light for light, _ in redacted] == [light for light, _ in committed]
    for (_, figures), (_, before) in zip(redacted, committed, strict=True):
        assert [name for name, _ in figures] == [name for name, _ in before]
        for (name, value), (_, other) in zip(figures, before, strict=True):
            near, apart = PLANNED.get(name, 1e-6), APART.get(name, 0.0)
            assert value == other or math.isclose(value, other, rel_tol=near, abs_tol=apart), name


def test_waves_cost_what_the_sample_s_cost(report: Path, sample_report: Path) -> None:
    """Compare what the search keeps small: waves, and the waves that clients spend at both ends."""
    assert math.isclose(cost_of_waves(report), cost_of_waves(sample_report), rel_tol=0.1)


def cost_of_waves(report: Path) -> float:
    waves, clients = (
        pl.read_csv(report / "tables" / WAVES / f"{name}.csv") for name in ("waves", "client_waves")
    )
    return len(waves) + clients["bridged_waves"].sum()


def test_no_name_of_the_sample_is_on_a_page(report: Path, folder: Path) -> None:
    sample, flows = read_capture(SAMPLE, verify=False), flows_of(SAMPLE)
    owners = ownership_of(SAMPLE)
    texts = {*sample.table("groups")["group"], *sample.table("topics")["topic"], *flows["client"]}
    texts |= {*flows["transactional_id"].drop_nulls(), *owners["application"].drop_nulls()}
    names = {c.cluster for c in sample.clusters}
    names |= {t for t in texts if len(t) >= 6 and re.match(r"[a-z]+[-.][a-z]", t)}
    pages = [*report.glob("*.html"), *report.glob("*.json"), *report.glob("*.ipynb"), *report.rglob("*.csv")]
    assert len(pages) > len(PARAMETERS)
    pages += beside(folder)
    texts = ((page.name, page.read_text(encoding="utf-8")) for page in pages)
    assert {(page, name) for page, text in texts for name in names if name in text} == set()


def test_teams_are_as_many_and_none_of_the_sample_s(report: Path, folder: Path) -> None:
    """Look where nothing but names and figures stands: teams are called by words that sentences may hold."""
    teams = set(ownership_of(SAMPLE)["team"])
    tables = [*report.rglob("*.csv"), *beside(folder)]
    assert {field for file in tables for field in fields(file)} & teams == set()
    words = [word for file in report.glob("*.summary.json") for word in words_of_figures(file)]
    assert set(words) & teams == set()
    assert len(set(ownership_of(folder / "capture")["team"])) == len(teams)
    shown = pl.read_csv(report / "tables" / "40_cluster_split" / "topics.csv")["team"]
    assert shown.null_count() == 0
    assert shown.str.starts_with("team-").all()


def beside(folder: Path) -> list[Path]:
    """Return the files beside the redacted capture that are there: the sample has not all of them."""
    return [file for file in files_beside(folder / "capture") if file.exists()]


def fields(file: Path) -> set[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return {field for line in csv.reader(lines) for field in line}


def words_of_figures(summary: Path) -> list[str]:
    results = json.loads(summary.read_text(encoding="utf-8"))["results"]
    texts = [text for r in results for f in r["figures"] for text in f.values() if isinstance(text, str)]
    return [word for text in texts for word in re.findall(r"[\w.-]+", text)]
