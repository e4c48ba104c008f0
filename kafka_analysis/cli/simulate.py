"""``kafka-analysis simulate``: a capture of any size with planted, known truth."""

from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.cli.options import signed
from kafka_analysis.cli.progress import shown_progress

_OUT = Annotated[Path, typer.Option(help="Folder of the new capture; absent or empty.")]
_PLAN = Annotated[Path | None, typer.Option(help="A YAML file with these options and more.")]
_OPTIONS = (  # fields of the plan, which checks them; a list's option is named for one of its items and may be repeated
    ("brokers", int, "Brokers of the source cluster.", None),
    ("partitions", int, "Partitions of all business topics.", None),
    ("topics", int, "Business topics (default: 12).", None),
    ("groups", int, "Consumer groups (default: 6).", None),
    ("teams", int, "Teams that own topics, groups and producers (default: 0).", None),
    ("duration", str, "Such as 2h, 14d (default: 2h).", None),
    ("interval", str, "Time between two scrapes (default: 60s).", None),
    ("racks", int, "Racks the brokers stand in (default: 3).", None),
    ("replication_factor", int, "Copies of each partition (default: 3).", None),
    ("cells", int, "Target clusters the topics are cut over to (default: 0).", None),
    ("start", str, "First scrape, UTC (default: 2026-01-05).", "TIME"),
    ("seed", int, "The same seed and options give the same rows (default: 7).", None),
    ("bytes_per_s", float, "Mean bytes in of all topics (default: 10 kB/s a partition).", None),
    ("daily", float, "Amplitude of the day, a fraction of the mean (default: 0).", None),
    ("weekly", float, "Fraction by which weekends are lower (default: 0).", None),
    ("hot_brokers", list[str], "Broker B takes FACTOR times the mean bytes in.", "B:FACTOR"),
    ("skewed_topics", list[str], "Partition 0 of TOPIC takes this share of its bytes.", "TOPIC:SHARE"),
    ("resets", int, "Restarts of brokers.", None),
    ("gaps", int, "Stretches of 5 scrapes a broker does not answer.", None),
    ("lagging_groups", int, "Groups that read 80 % of what comes in.", None),
    ("effects", list[str], "Change of bytes in within phase 'baseline' or 'after'.", "PHASE:bytes_in=+10%"),
)


def simulate(*, out: Path, plan: Path | None = None, **given: Any) -> None:
    """Make up a capture of any size, labelled synthetic, in which what there is to find is known.

    What was planted is written beside it, to OUT.planted.json; with teams, what their users would declare to
    OUT.ownership.csv and OUT.flows.csv. Exit codes: 0 done, 2 wrong use (nothing written).
    The last line printed is the capture's folder.
    """
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.simulate import plan_of, planted_file, read_plan, simulate_plan

    with one_line_errors(), shown_progress() as show:
        values = {} if plan is None else read_plan(plan)
        values |= {name: value for name, value in given.items() if value is not None and value != []}
        path = simulate_plan(
            out, plan_of(values), on_progress=lambda p: show(p.step / p.steps, f"{p.samples:,} samples")
        )
        typer.echo(repr(read_capture(path, verify=False)), err=True)
    typer.echo(f"what was planted: {planted_file(out)}", err=True)
    typer.echo(str(out))


def _option(name: str, kind: Any, words: str, metavar: str | None) -> Parameter:
    item = name.removesuffix("s") if kind == list[str] else name
    option = typer.Option(f"--{item.replace('_', '-')}", metavar=metavar, help=words)
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option])


signed(
    simulate,
    [
        Parameter("out", Parameter.KEYWORD_ONLY, annotation=_OUT),
        Parameter("plan", Parameter.KEYWORD_ONLY, default=None, annotation=_PLAN),
        *(_option(*option) for option in _OPTIONS),
    ],
)
