from __future__ import annotations

import os

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.routing import text
from kafka_analysis.plan.routing.moves import move_groups, move_topics
from kafka_analysis.routing.files import Follower, read_routing, table_file, write_routing


@pytest.mark.parametrize("name", ["routing.json", "routing.yaml", "routing.yml"])
def test_a_file_comes_back_as_it_was_and_nothing_is_left_beside_it(routes, tmp_path, name):
    path = write_routing(routes, tmp_path / name)
    assert read_routing(path) == routes
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_yaml_is_yaml(routes, tmp_path):
    assert (
        write_routing(routes, tmp_path / "r.yaml").read_text(encoding="utf-8").startswith("schema_version: 1")
    )


def test_a_version_that_is_not_higher_is_not_written(routes, tmp_path):
    path = write_routing(move_topics(routes, ["orders"], paused=True), tmp_path / "r.json")
    write_routing(read_routing(path), path)  # the same again is no harm
    with pytest.raises(InputError, match="has version 2; write a higher version, not 2"):
        write_routing(move_topics(routes, ["clicks"], paused=True), path)
    with pytest.raises(InputError, match="has version 2"):
        write_routing(routes, path)


def test_what_cannot_be_read_is_told(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"cannot read .*: it is a folder"):
        read_routing(tmp_path)
    with pytest.raises(InputError, match=r"cannot read .*: no such file"):
        table_file(tmp_path / "none")()
    monkeypatch.setattr(text, "MOST_BYTES", 5)
    (tmp_path / "long").write_text("x" * 9)
    with pytest.raises(InputError, match="at most 5"):
        read_routing(tmp_path / "long")


def test_a_file_is_read_again_only_when_it_changed(routes, tmp_path):
    path = write_routing(routes, tmp_path / "r.json")
    read = table_file(path)
    first = read()
    assert read() is first
    write_routing(move_topics(routes, ["orders"], paused=True), path)
    assert read().version == 2
    known = path.stat()
    path.write_text("x" * known.st_size)
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert read().version == 2  # by its looks it is the same


class TestFollower:
    def test_it_looks_when_it_is_time(self, routes, held, world):
        follower = Follower(held, every_s=5, clock=world.clock)
        held.table = move_topics(routes, ["orders"], paused=True)
        world.seconds = 4.9
        assert follower.look().table.version == 1
        assert follower.look(now=True).table.version == 2
        held.table = move_topics(held.table, ["orders"], paused=False)
        world.seconds = 9.8
        assert follower.look().table.version == 2
        world.seconds = 9.9
        assert follower.look().table.version == 3

    def test_the_first_must_be_good(self, routes, held):
        held.table = move_groups(routes, ["billing"], topics=["orders"], state="target")
        with pytest.raises(InputError, match="version 2 of the routing table is not used: group billing has"):
            Follower(held)

    def test_a_bad_one_changes_nothing_until_a_good_one_comes(self, routes, held):
        follower = Follower(held)
        held.table = move_groups(routes, ["billing"], topics=["orders"], state="target")
        assert follower.look(now=True).table == routes
        assert "group billing has the state target" in follower.problem
        held.table = move_groups(held.table, ["billing"], topics=["orders"], state="source")
        assert follower.look(now=True).table.version == 3
        assert follower.problem is None

    def test_an_older_version_is_not_heeded(self, routes, held):
        second = move_topics(routes, ["orders"], paused=True)
        held.table = second
        follower = Follower(held)
        held.table = routes
        assert follower.look(now=True).table == second
        assert follower.problem == "version 1 is not above version 2, which is in use; give a higher version"
        held.table = second
        follower.look(now=True)
        assert follower.problem is None

    def test_a_file_that_is_gone_is_no_end(self, routes, tmp_path):
        path = write_routing(routes, tmp_path / "r.json")
        follower = Follower(table_file(path))
        path.unlink()
        assert follower.look(now=True).table == routes
        assert "no such file" in follower.problem
