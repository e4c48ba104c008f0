"""A report over the sample, executed once for all tests that read it, in whichever process they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from kafka_analysis.report.run import run_report
from tests.notebooks.in_process import execute_in_process

ROOT = Path(__file__).parents[2]
RUN = "fresh"


@pytest.fixture(scope="session")
def sample_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.getbasetemp()
    shared = place.parent if "PYTEST_XDIST_WORKER" in os.environ else place
    with FileLock(shared / "sample-report.lock"), pytest.MonkeyPatch.context() as patch:
        if not (shared / "sample-report" / RUN / "run.json").exists():
            patch.chdir(ROOT)
            execute_in_process(patch)
            run_report("data/sample", out=shared / "sample-report", run_id=RUN, workers=1)
    return shared / "sample-report" / RUN


@pytest.fixture(scope="session")
def report(sample_report: Path) -> Path:
    return sample_report
