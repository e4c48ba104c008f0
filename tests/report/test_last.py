"""The executive summary runs last, over what the others left: here by a notebook of its name that says what it saw."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from kafka_analysis.report.earlier import Earlier
from kafka_analysis.report.history import Predecessor
from kafka_analysis.report.last import LAST, newest_run, over_run, split_last
from kafka_analysis.report.outcome import RunOutcome
from kafka_analysis.report.run import run_report
from tests.made_summaries import NOW
from tests.notebooks.in_process import execute_in_process

SEEN = """
seen = sorted(path.name.split('.')[0] for path in Path(summaries).glob('*.summary.json'))
before = sorted(path.name for path in Path(previous).glob('*.summary.json')) if previous else None
results = [result.model_copy(update={'cluster': 'all', 'verdict': Verdict(light=Light.RED,
    sentence=f'{seen}, before: {before}.')}) for result in results]
first_screen(results)
"""


@pytest.fixture(scope="module")
def books(workshop: Path, write_in: Callable[..., Path]) -> Iterator[Path]:
    write_in("10_good", answer=True)
    write_in("20_raises", "raise ValueError('no')", answer=True)
    with pytest.MonkeyPatch.context() as patch:
        execute_in_process(patch)
        yield write_in(LAST, "summaries, previous = summaries, globals().get('previous')", SEEN, answer=True)


def report(books: Path, run_id: str, **options) -> RunOutcome:
    given = {"only": ["10_good", LAST], "fail_on": "red", **options}
    return run_report("cap", out="reports", notebooks=books, run_id=run_id, workers=2, **given)


@pytest.fixture(scope="module")
def runs(books: Path) -> list[RunOutcome]:
    return [report(books, "one"), report(books, "two")]


def sentence(run: RunOutcome) -> str:
    return run.summaries[LAST].results[0].verdict.sentence


def test_it_sees_the_others_and_the_newest_run_like_it(runs: list[RunOutcome]) -> None:
    assert sentence(runs[0]) == "['10_good'], before: None."
    assert sentence(runs[1]) == f"['10_good'], before: ['10_good.summary.json', '{LAST}.summary.json']."
    assert [one.compared_with for one in runs[1].run.notebooks] == ["one", "one"]


def test_what_it_leaves_names_the_run_as_it_is_called(runs: list[RunOutcome]) -> None:
    texts = {
        path.name: path.read_text(encoding="utf-8") for path in runs[1].path.glob("*.*") if path.is_file()
    }
    assert [name for name, text in texts.items() if ".unfinished" in text] == []
    assert "reports/two" in texts[f"{LAST}.html"]
    assert "summaries = 'reports/two'" in "".join(
        line for cell in json.loads(texts[f"{LAST}.ipynb"])["cells"] for line in cell["source"]
    )
    (last,) = [one for one in runs[1].run.notebooks if one.notebook == LAST]
    assert (last.parameters["summaries"], last.parameters["previous"]) == ("reports/two", "reports/one")


def test_its_light_does_not_count_twice(runs: list[RunOutcome]) -> None:
    assert runs[0].summaries[LAST].results[0].verdict.light == "red"
    assert (runs[0].run.fail_on, runs[0].exit_code) == ("red", 0)


def test_alone_it_sees_nothing(books: Path) -> None:
    assert sentence(report(books, "alone", only=[LAST])) == "[], before: None."


def test_it_says_what_failed_and_all_are_counted(books: Path) -> None:
    done: list[tuple[str, int, int]] = []
    run = report(
        books, "failing", only=None, on_progress=lambda one, n, of: done.append((one.notebook, n, of))
    )
    assert sentence(run).startswith("['10_good'], ")
    assert run.exit_code == 1
    assert sorted(n for _, n, _ in done) == [1, 2, 3]
    assert done[-1] == (LAST, 3, 3)


def test_folders_that_are_named_stay(books: Path, runs: list[RunOutcome]) -> None:
    named = {LAST: {"summaries": "reports/one"}}
    run = report(books, "named", only=[LAST], parameters=named)
    assert sentence(run).startswith(f"['10_good', '{LAST}'], before: None")


def test_only_that_notebook_is_last() -> None:
    jobs = [SimpleNamespace(notebook=SimpleNamespace(name=name)) for name in ("99_own", LAST, "10_inventory")]
    others, last = split_last(jobs)
    assert [job.notebook.name for job in others] == ["99_own", "10_inventory"]
    assert [job.notebook.name for job in last] == [LAST]


def earlier(run_id: str, year: int, *, is_kept: bool = True) -> Earlier:
    made_at = NOW.replace(year=year)
    return Earlier(NOW, before=Predecessor(run_id, made_at, {}), is_kept=is_kept)


def test_the_newest_run_compared_with_whose_folder_is_kept_is_taken() -> None:
    before = {
        "10_inventory": earlier("a", 2024),
        "20_partition_skew": earlier("b", 2025),
        "99_own": earlier("c", 2026, is_kept=False),
        "98_new": Earlier(NOW),
    }
    assert newest_run(before) == "b"


def test_a_job_of_another_kind_stays_as_it_is() -> None:
    job = SimpleNamespace(parameters=SimpleNamespace(summaries="mine"))
    assert over_run(job, Path("run"), before={}, root=Path()) is job
