"""The parts of a plan's text that are the same for most plans: checks, throttles, stopping."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_analysis.model.units import format_quantity
from kafka_analysis.plan.execution.limits import ExecutionLimits

TO = '--bootstrap-server "$BOOTSTRAP" --command-config "$CLIENT"'
REASSIGN = f"kafka-reassign-partitions.sh {TO}"
ELECT = 'kafka-leader-election.sh --bootstrap-server "$BOOTSTRAP" --admin.config "$CLIENT" --election-type preferred'

INTERVAL = """\
The low end: every broker copies at the full throttle, and nothing arrives meanwhile. Kafka holds the throttle against a
mean and counts a fetch when it was sent, so a broker may be ahead of it: by 1 MiB for each copy, and by 11 s where it
sends, 1 s where it receives (11 s, if the pause before the batch is shorter than that). The expected value: what
arrives in moving partitions is copied as well. The high end: a copy waits for the broker that sends it, and then for
the one that receives it. Peaks of traffic and slow disks are in none of them."""

_BEFORE = f"""\
## Before the start and before each batch

Set `BOOTSTRAP` to the cluster's bootstrap servers and `CLIENT` to a properties file of a user who may alter the
cluster. Work in the folder with these files. Once, before the first batch, save what is there:

```sh
kafka-topics.sh {TO} --describe > before.txt
```

If the replicas of a partition are not those the plan starts from (`replicas_before` in plan.json), stop and make a new
plan. Before each batch, go on only if all of this holds:

1. {{in_sync}}:

   ```sh
   kafka-topics.sh {TO} --describe --under-replicated-partitions
   ```

2. No reassignment is in progress. This says that none was found:

   ```sh
   {REASSIGN} --list
   ```
"""

THROTTLES = f"""\
## The throttle

`--throttle` is in bytes per second and holds for each broker, in and out separately. To change it while a batch runs,
repeat the batch's `--execute` command with `--additional` and another `--throttle`. Keep it above what arrives in the
moving partitions, or the copies never end.

**`--verify` removes the throttle, but only when the batch is complete.** A throttle that is left set goes on holding
followers back: after a restart they take long to be in sync again, and nobody remembers why. After the last batch,
neither of these may print `throttled.rate` or `throttled.replicas`:

```sh
kafka-configs.sh {TO} --describe --entity-type brokers
kafka-configs.sh {TO} --describe --entity-type topics
```"""

STOPPING = f"""\
## Stopping

**Between two batches**, do nothing: the batches that were verified are in force, every partition has all its replicas,
and the plan can go on later. If sizes or traffic are different by then, make a new plan.

**Within a batch**, cancel it with its own file, here of batch NN:

```sh
{REASSIGN} --reassignment-json-file reassignment-NN.json --cancel
```

Partitions whose copy is complete keep their new replicas; all others return to those they had; none is in between.
Cancelling removes the throttle. To bring the complete ones back too, undo the batch as its section says.

**To return to the start**, undo the batches from the last one that was begun down to the first. Each rollback keeps to
the limits of movements and disks as its batch did. Leaders are then the preferred ones of the start."""


def before(limits: ExecutionLimits, flavour: str | None, gone: Sequence[int] = ()) -> str:
    """Return what must hold before the start and before each batch; ``gone``: brokers that are not there.

    Examples
    --------
    >>> print(before(ExecutionLimits(), "msk-standard").splitlines()[-1])
    4. MSK shows the cluster as `ACTIVE`: no update, patch or repair is under way.
    """
    most = format_quantity(limits.cpu_max, "%")
    numbers = ", ".join(map(str, gone))
    first = _BEFORE.format(
        in_sync=f"Only partitions with a replica on a broker that is gone ({numbers}) are under-replicated. "
        "This prints no others"
        if gone
        else "No partition is under-replicated. This prints nothing"
    )
    if flavour is None or not flavour.startswith("msk"):
        return f"{first}\n3. CPU is below {most} on every broker."
    return (
        f"{first}\n3. `CpuUser` + `CpuSystem` (CloudWatch) is below {most} on every broker: MSK's rule is not to\n"
        "   reassign above 70 %.\n4. MSK shows the cluster as `ACTIVE`: no update, patch or repair is under way."
    )
