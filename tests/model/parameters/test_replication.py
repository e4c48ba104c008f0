from __future__ import annotations

import pytest
from pydantic import ValidationError

from kafka_analysis.model.parameters import ReplicationRequirements
from kafka_analysis.model.parameters.replication import read_version


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("2.8.1", (2, 8, 1)), ("3.9", (3, 9, 0)), (" 4.1.x ", (4, 1, 0)), ("2.8.2.tiered", (2, 8, 2)),
     ("3.7.0-SNAPSHOT", (3, 7, 0)), ("10.2.33", (10, 2, 33))],
)  # fmt: skip
def test_versions_have_three_numbers(text, numbers):
    assert read_version(text) == numbers


@pytest.mark.parametrize("text", ["", "3", "v3.1", "3.x", "٣.١", "3.1.2.", "1e9.0", "3..1"])
def test_what_is_no_version_is_refused(text):
    with pytest.raises(ValueError):
        read_version(text)


def test_amounts_and_durations_are_read_as_people_write_them():
    asked = ReplicationRequirements(rpo_s="30s", rto_s="5m", bytes_in_per_s="50 MB/s", source_version="3.6")
    assert (asked.rpo_s, asked.rto_s, asked.bytes_in_per_s, asked.version) == (30.0, 300.0, 5e7, (3, 6, 0))


@pytest.mark.parametrize(
    "values",
    [{"rpo_s": -1}, {"rto_s": "soon"}, {"sources": 0}, {"topics": 0}, {"bytes_in_per_s": 0}, {"licences": []},
     {"licences": ["free"]}, {"exactly_once": "yes"}, {"source_version": "new"}, {"target": "msk"},
     {"source_auth": "ldap"}, {"directions": "both"}, {"cluster": "c"}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(values):
    with pytest.raises(ValidationError):
        ReplicationRequirements(**values)


def test_it_does_not_change():
    with pytest.raises(ValidationError):
        ReplicationRequirements().topics = 3


def test_no_and_one_ask_for_nothing_but_accounts_do():
    nothing = {"exactly_once": False, "transformation": False, "sources": 1, "targets": 1, "source": "msk"}
    assert ReplicationRequirements(**nothing).asked == []
    assert ReplicationRequirements(rpo_s=0, sources=2, same_account=False).asked == [
        "rpo_s", "sources", "same_account",
    ]  # fmt: skip
