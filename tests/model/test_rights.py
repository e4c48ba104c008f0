from __future__ import annotations

from kafka_analysis.model.rights import RIGHTS, describe_missing


def test_every_right_says_what_it_hides_and_the_command_that_grants_it():
    assert len({right.name for right in RIGHTS}) == len({right.hides for right in RIGHTS}) == 5
    for right in RIGHTS:
        assert f"--operation {right.operation} " in right.mend
        (said,) = describe_missing("c", [right])
        assert right.name in said
        assert right.hides in said
