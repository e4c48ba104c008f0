from __future__ import annotations

import pytest
from pydantic import ValidationError

from kafka_analysis.model.parameters.cutover_reads import CutoverReads


def test_every_option_says_what_it_means():
    assert all(field.description for field in CutoverReads.model_fields.values())


def test_amounts_and_durations_are_written_as_people_do():
    read = CutoverReads(seal_s="1m", ages_s=["1h", 0.0], bytes_at_most="10 MB")
    assert (read.seal_s, read.ages_s, read.bytes_at_most) == (60.0, [3600.0, 0.0], 10e6)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0.0},
        {"bytes_at_most": 0.0},
        {"ages_s": []},
        {"positions": -1},
        {"records": 0},
        {"partitions_at_most": 0},
        {"isolation": "some"},
        {"sealed": 1.0},
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        CutoverReads(**wrong)
