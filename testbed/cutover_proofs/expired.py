"""The target's certificate expires while the mirror goes on over the connections it has: new clients are refused."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from kafka_analysis.capture.read import read_capture
from testbed.cutover_proofs.rights import NEW, USERS, SecuredPair, Seen, User, seen_by

VALID_S = 300.0  # long enough for both clusters and the mirror to start
GOOD = User(USERS[0].name, "nothing, before it expires", USERS[0].grants, "go", "", (("certificate_s", 1.0),))
EXPIRED = User(
    USERS[0].name, "nothing, and the target's certificate has expired", USERS[0].grants, "no-go",
    "a certificate has expired",
)  # fmt: skip


def once_expired(pair: SecuredPair, folder: Path) -> list[Seen]:
    """Check the wave while the certificate is good, wait until it is not, and check again."""
    before = list(seen_by(pair, folder / "before", (GOOD,)))
    shown = read_capture(folder / "before" / f"0-{GOOD.name}").table("certificates")
    until = shown.filter(cluster=NEW, kind="broker")["valid_until"].max()
    while datetime.now(UTC) <= until:
        time.sleep(1)
    return [*before, *seen_by(pair, folder / "after", (EXPIRED,))]
