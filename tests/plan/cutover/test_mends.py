from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis import stats
from kafka_analysis.plan.cutover.mends import known_mends, with_mends
from kafka_analysis.stats.cutover.rows import check_rows
from kafka_analysis.stats.mirror.failures.words import FAILURE_WORDS
from tests.cutover_frames import ODD

PLACE = ("source", "target", "topic", "name")
COMMANDS = pl.DataFrame(
    [
        ("a", "b", ODD, "retention.ms", "set it", "set it back"),
        ("a", "b", None, "acl", "add it", None),
        ("a", "b", ODD, "retention.ms", "set it", "set it back"),
    ],
    schema=dict.fromkeys((*PLACE, "mend", "undo"), pl.String),
    orient="row",
)


def finding(check: str, text: str, *place: str | None) -> pl.DataFrame:
    return check_rows(
        check, pl.DataFrame([place or (None,) * 4], schema=PLACE, orient="row"), state="blocks", finding=text
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            finding("parity", "configuration differs", "a", "b", ODD, "retention.ms"),
            ("set it", "set it back"),
        ),
        (finding("parity", "access control entry differs", "a", "b", None, "acl"), ("add it", None)),
        (finding("parity", "configuration differs", "a", "b", ODD, "other"), (None, None)),
        (finding("brokers", "no leader", "a", "b", ODD, "retention.ms"), None),
    ],
)
@pytest.mark.parametrize("kind", [lambda rows: rows, lambda rows: rows.to_pandas()])
def test_differences_have_their_own_command_and_the_rest_what_is_known_in_general(
    rows, expected, kind
) -> None:
    found = with_mends(kind(rows), kind(COMMANDS))
    assert len(found) == 1
    mend = found.select("mend", "undo").row(0)
    assert mend == expected if expected else mend[0].startswith("Start the brokers")


def test_every_finding_of_the_checks_has_a_mend() -> None:
    """Findings as they are spelled in the code: what a check says and nobody can mend would be a dead end."""
    folder = Path(stats.__file__).parent / "cutover"
    own = {f for path in folder.glob("*.py") for f in findings_of(path.read_text(encoding="utf-8"))}
    assert len(own) > 30
    assert own - set(known_mends()["finding"]) == set()


def findings_of(text: str) -> set[str]:
    parts = [match[1] for match in re.finditer(r"finding=(pl\.when.*?),\n\s+detail=", text, re.DOTALL)]
    said = {word for part in parts for word in re.findall(r'then\(\s*pl\.lit\("([^"]+)"\)', part)}
    said |= {word for part in parts for word in re.findall(r'otherwise\(\s*pl\.lit\("([^"]+)"\)', part)}
    return said | set(re.findall(r'finding="([^"]+)"', text))


def test_every_known_failure_has_an_action_and_no_finding_stands_twice() -> None:
    mends = known_mends()
    assert {words.title for words in FAILURE_WORDS.values()} <= set(mends["finding"])
    assert mends["finding"].is_duplicated().sum() == 0
    assert mends["mend"].null_count() == 0


def test_no_row_has_no_mend() -> None:
    found = with_mends(finding("brokers", "no leader").clear(), COMMANDS.clear())
    assert found.is_empty()
    assert {"mend", "undo"} <= set(found.columns)
