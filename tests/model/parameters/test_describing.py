from __future__ import annotations

import pytest

from kafka_analysis.model.errors import ParameterError, WindowError
from kafka_analysis.model.parameters.describing import (
    PartitionSkewParameters,
    ReplicationParameters,
    ThroughputBeforeAfterParameters,
)


def test_amber_is_below_red() -> None:
    with pytest.raises(ParameterError, match=r"skew_amber .* skew_red"):
        PartitionSkewParameters(capture="c", skew_amber=2.0)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"before_start": "2026-01-02"}, "before_start and before_end"),
        ({"after_end": "2026-01-02"}, "after_start and after_end"),
        ({"after_start": "2026-01-03", "after_end": "2026-01-02"}, "after_start .* after_end"),
        (
            {
                "before_start": "2026-01-01",
                "before_end": "2026-01-04",
                "after_start": "2026-01-03",
                "after_end": "2026-01-05",
            },
            "before_end .* after_start",
        ),
    ],
)
def test_an_impossible_pair_of_windows_is_refused(values: dict[str, str], names: str) -> None:
    with pytest.raises(WindowError, match=names):
        ThroughputBeforeAfterParameters(capture="c", **values)


def test_windows_are_the_common_one_and_the_two_compared() -> None:
    model = ThroughputBeforeAfterParameters(
        capture="c",
        before_start="2026-01-01",
        before_end="2026-01-02",
        after_start="2026-01-02",
        after_end="2026-01-03",
    )
    assert [(name, start and start.day) for name, start, _ in model.windows()] == [
        ("", None),
        ("before_", 1),
        ("after_", 2),
    ]


def test_aliases_are_pairs_and_spaces_do_not_count() -> None:
    given = ReplicationParameters(capture="c", aliases=["old=prod-1", " eu.west = a=b "])
    assert given.named_aliases() == {"old": "prod-1", "eu.west": "a=b"}
    assert ReplicationParameters(capture="c").named_aliases() == {}


@pytest.mark.parametrize(
    "aliases", [["old"], ["=prod"], ["old="], [""], ["old=a", "old=b"], ["old=a", "old =a"]]
)
def test_what_is_no_alias_is_refused_in_one_line(aliases: list[str]) -> None:
    with pytest.raises(ParameterError, match="aliases") as raised:
        ReplicationParameters(capture="c", aliases=aliases)
    assert len(str(raised.value).splitlines()) == 1


def test_requirements_add_to_what_is_known_and_count_more() -> None:
    given = ReplicationParameters(capture="c", requirements={"rpo_s": "30s", "targets": 3})
    asked = given.asked(targets=2, sources=1)
    assert (asked.rpo_s, asked.targets, asked.sources) == (30.0, 3, 1)


@pytest.mark.parametrize(
    "requirements",
    [{"rpo": 3}, {"rpo_s": "soon"}, {"targets": 0}, {"licences": []}, {"source_version": "new"}],
)
def test_a_wrong_requirement_is_refused_in_one_line(requirements) -> None:
    with pytest.raises(ParameterError) as raised:
        ReplicationParameters(capture="c", requirements=requirements)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize("version", ["unknown", "3", "trunk", ""])
def test_what_is_known_and_no_requirement_is_left_out(version: str) -> None:
    given = ReplicationParameters(capture="c", requirements={"targets": 2})
    asked = given.asked(source_version=version, topics=5)
    assert (asked.source_version, asked.topics, asked.targets) == (None, 5, 2)


def test_nearing_comes_before_close() -> None:
    with pytest.raises(ParameterError, match=r"retention_amber .* retention_red"):
        ReplicationParameters(capture="c", retention_amber=0.9)
