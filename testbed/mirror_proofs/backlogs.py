"""Backlogs that differ in what makes an estimate of the time to catch up hard."""

from testbed.mirror_proofs.catching_up import Backlog

EVEN = Backlog("even", {"orders": (2000,) * 4}, pace=5.0, task_bytes_per_s=200_000)
UNEVEN = Backlog(
    "uneven",
    {"orders": (6000, 1200, 600, 300), "payments": (900,)},
    pace=5.0,
    task_bytes_per_s=200_000,
    tasks=2,
)
SLOW_COMMITS = Backlog(
    "commits-5-s", {"orders": (2000,) * 4}, pace=5.0, task_bytes_per_s=200_000, commit_s=5.0
)
BACKLOGS = (EVEN, UNEVEN, SLOW_COMMITS)
