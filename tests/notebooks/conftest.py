"""One execution of every notebook on the sample, shared by all tests of a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafka_analysis.report.run import run_report

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run of all notebooks on the sample."""
    out = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return run_report("data/sample", out=out, run_id="fresh", workers=2).path
