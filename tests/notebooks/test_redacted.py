"""The notebooks on a redacted sample: the same answers as on the sample itself, without a name of it."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import redact_capture
from kafka_analysis.model.parameters import PARAMETERS
from kafka_analysis.report.run import run_report

ROOT = Path(__file__).parents[2]
COMMITTED = Path(__file__).with_name("summaries")
OF_A_PLAN = {"bytes_to_move", "minutes", "fullest_after"}
PLANNED = 0.1  # the order of names decides between plans that are as good, or nearly so
PAUSES = 3.0  # minutes: and so how many batches there are, with a minute between two

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(300)]


# These read files beside the capture (owners, declared flows, cells), which are not redacted with it.
FILES_BESIDE = {"40_cluster_split", "48_migration_waves"}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("redacted")
    redact_capture(ROOT / "data" / "sample", folder / "capture")
    return run_report(str(folder / "capture"), out=folder / "reports", run_id="redacted", workers=2).path


def told(path: Path) -> list[tuple[str, list[tuple[str, float]]]]:
    """Return lights and figures of every cluster, in the order of the figures: names have changed."""
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    figures = [(r["verdict"]["light"], [(f["name"], f["value"]) for f in r["figures"]]) for r in results]
    return sorted(figures, key=rounded)


def rounded(told: tuple[str, list[tuple[str, float]]]) -> str:
    """Return what to sort by: sums over renamed rows differ in the last digits."""
    light, figures = told
    return repr((light, [value and f"{value:.9g}" for name, value in figures if name not in OF_A_PLAN]))


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - FILES_BESIDE))
def test_lights_and_figures_are_the_sample_s(report: Path, name: str) -> None:
    redacted, committed = told(report / f"{name}.summary.json"), told(COMMITTED / f"{name}.summary.json")
    assert [light for light, _ in redacted] == [light for light, _ in committed]
    for (_, figures), (_, before) in zip(redacted, committed, strict=True):
        assert [name for name, _ in figures] == [name for name, _ in before]
        for (name, value), (_, other) in zip(figures, before, strict=True):
            near = PLANNED if name in OF_A_PLAN else 1e-6
            apart = PAUSES if name == "minutes" else 0.0
            assert value == other or math.isclose(value, other, rel_tol=near, abs_tol=apart), name


def test_no_name_of_the_sample_is_on_a_page(report: Path) -> None:
    sample = read_capture(ROOT / "data" / "sample", verify=False)
    texts = {*sample.table("groups")["group"], *sample.table("topics")["topic"]}
    names = {c.cluster for c in sample.clusters} | {t for t in texts if re.match(r"[a-z]+[-.][a-z]", t)}
    pages = [*report.glob("*.html"), *report.glob("*.json"), *report.glob("*.ipynb")]
    assert len(pages) > len(PARAMETERS)
    found = {(p.name, n) for p in pages for n in names if n in p.read_text(encoding="utf-8")}
    assert found == set()
