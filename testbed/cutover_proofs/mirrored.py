"""Wait until a mirror has stored that it copied every record that was written down."""

from __future__ import annotations

from testbed.cutover_proofs.records import Written
from testbed.mirror import mirrored_by
from testbed.mirror_failures.mirror_runs import WITHIN_S, check, log_of
from testbed.mirror_failures.pair import Pair
from testbed.waiting import wait_for


def wait_until_mirrored(pair: Pair, written: Written) -> None:
    """Wait until MirrorMaker has stored the position of the last committed record of every partition, or a later one.

    Raises
    ------
    TestbedError
        If one of its tasks dies, or it takes too long.
    """
    last = {place: max(ids) for place, ids in written.ids.items() if ids}

    def is_mirrored() -> bool:
        check(pair)
        reached = mirrored_by(pair.new, f"mm2-offsets.{pair.old.name}.internal")
        return all(reached.get(place, -1) >= offset for place, offset in last.items())

    wait_for(is_mirrored, "the mirror of all records", within_s=WITHIN_S, every_s=0.5, where=log_of(pair))
