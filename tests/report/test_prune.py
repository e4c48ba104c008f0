from __future__ import annotations

import pytest

from kafka_analysis.report.folder import point_latest
from kafka_analysis.report.prune import newest_runs, prune


def names(out) -> set[str]:
    return {path.name for path in out.iterdir()}


@pytest.fixture
def out(made, tmp_path):
    """Return a folder of five runs, r0 the oldest, r4 the latest."""
    for day in range(5):
        made.put(tmp_path, made.run(f"r{day}", day), made.summary(made.answer()))
    point_latest(tmp_path, "r4")
    return tmp_path


def test_the_newest_stay(out) -> None:
    assert prune(out, keep=2, current="r4").removed == ("r2", "r1", "r0")
    assert names(out) == {"r3", "r4", "latest"}
    assert (out / "latest" / "index.html").exists()


@pytest.mark.parametrize("keep", [5, 6, 100])
def test_nothing_is_removed_where_there_are_no_more(out, keep) -> None:
    assert prune(out, keep=keep, current="r4").removed == ()


def test_the_current_run_stays_whatever_the_clock_says(out) -> None:
    prune(out, keep=1, current="r0")
    assert names(out) == {"r0", "r4", "latest"}  # r4 is the newest that is complete


def test_the_newest_in_which_nothing_failed_stays(made, out) -> None:
    for day in (5, 6):
        made.put(out, made.run(f"r{day}", day, failed=("nb",)))
    prune(out, keep=1, current="r6")
    assert names(out) == {"r4", "r6", "latest"}


def test_what_is_no_run_of_ours_is_left(made, out, tmp_path_factory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    made.put(elsewhere, made.run("linked", -9))
    (out / "linked").symlink_to(elsewhere / "linked")
    made.put(out, made.run("copied", -8)).rename(out / "my copy")
    (out / "notes").mkdir()
    (out / "notes" / "index.html").write_text("mine")
    (out / "r0" / "inner").mkdir()
    (out / "r1" / "tables").symlink_to(elsewhere)
    pruned = prune(out, keep=1, current="r4")
    assert names(out) == {"r0", "r4", "latest", "linked", "my copy", "notes"}
    assert (elsewhere / "linked" / "index.html").exists()
    [note] = pruned.notes
    assert "run r0 was not pruned: it holds 'inner'" in note


def test_a_run_that_cannot_be_moved_is_named(out, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    pruned = prune(out, keep=4, current="r4")
    assert (pruned.removed, pruned.notes) == ((), ("run r0 was not pruned: Permission denied",))


def test_links_to_it_become_plain_text(made, out) -> None:
    text = '<p>since <a class="run" href="../{}/nb.html">Monday</a></p><a href="../r1/nb.html">mine</a>'
    for name, before in (("r2", "r1"), ("r4", "r3")):
        run = made.run(name, 2 if name == "r2" else 4)
        compared = run.notebooks[0].model_copy(update={"compared_with": before})
        (out / name / "run.json").write_text(
            run.model_copy(update={"notebooks": (compared,)}).model_dump_json()
        )
        for page in ("index.html", "nb.html"):
            (out / name / page).write_text(text.format(before))
    (out / "r3" / "index.html").write_text(text.format("r1"))
    prune(out, keep=3, current="r4")
    plain = '<p>since Monday</p><a href="../r1/nb.html">mine</a>'
    assert [(out / "r2" / page).read_text() for page in ("index.html", "nb.html")] == [plain, plain]
    assert (out / "r4" / "index.html").read_text() == text.format("r3")
    assert (out / "r3" / "index.html").read_text() == text.format("r1")  # it compares with none


def test_a_killed_pruning_leaves_whole_runs_only(out, crashes, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("points")
    points = crashes.crash_points(out, lambda: prune(out, keep=2, current="r4"), snapshots=folder)
    for point in points:
        for run in point.glob("[!.]*"):
            assert {path.name for path in run.iterdir()} == {
                "index.html",
                "nb.html",
                "nb.summary.json",
                "run.json",
            }
    assert len(points) > 3


def test_the_names_of_the_newest(out) -> None:
    assert newest_runs(out, 2) == {"r3", "r4"}
    assert newest_runs(out, 0) == set()
    assert len(newest_runs(out, None)) == len(newest_runs(out, 9)) == 5
