"""``kafka-analysis simulate``: a capture of any size with planted, known truth."""

from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.cli.options import signed
from kafka_analysis.cli.progress import shown_progress

_OUT = Annotated[Path, typer.Option(help="Folder for the new capture; must be empty or not exist yet.")]
_PLAN = Annotated[Path | None, typer.Option(help=r"YAML file with these options and more. \[default: none]")]
_OPTIONS = (  # fields of the plan, which checks them: name, type, help, default, metavar; a list takes single items
    ("brokers", int, "Brokers of the source cluster, required here or in --plan.", "none", None),
    ("partitions", int, "Partitions of all business topics, required here or in --plan.", "none", None),
    ("topics", int, "Business topics.", "12", None),
    ("groups", int, "Consumer groups.", "6", None),
    ("teams", int, "Teams that own topics, groups and producers.", "0", None),
    ("duration", str, "Length of the capture: 2h, 14d.", "2h", None),
    ("interval", str, "Time between two scrapes.", "60s", None),
    ("racks", int, "Racks of the brokers.", "3", None),
    ("replication_factor", int, "Replicas of each partition.", "3", None),
    ("cells", int, "Target clusters that topics are cut over to.", "0", None),
    ("start", str, "First scrape, UTC.", "2026-01-05", "TIME"),
    ("seed", int, "Random seed: the same seed and options give the same rows.", "7", None),
    ("bytes_per_s", float, "Mean bytes in of all topics, in bytes/s.", "10,000 for each partition", None),
    ("daily", float, "Amplitude of the daily cycle, a fraction of the mean.", "0", None),
    ("weekly", float, "Fraction by which weekends are lower.", "0", None),
    (
        "hot_brokers",
        list[str],
        "Broker B takes FACTOR × the mean bytes in; may be repeated.",
        "none",
        "B:FACTOR",
    ),
    (
        "skewed_topics",
        list[str],
        "Share of TOPIC's bytes in partition 0; may be repeated.",
        "none",
        "TOPIC:SHARE",
    ),
    ("resets", int, "Broker restarts.", "0", None),
    ("gaps", int, "Gaps of 5 scrapes in which a broker does not answer.", "0", None),
    ("lagging_groups", int, "Groups that read only 80 % of the incoming records.", "0", None),
    (
        "effects",
        list[str],
        "Change of bytes in during the phase 'baseline' or 'after'; may be repeated.",
        "none",
        "PHASE:bytes_in=+10%",
    ),
)


def simulate(*, out: Path, plan: Path | None = None, **given: Any) -> None:
    """Simulate a capture of any size, labelled synthetic, with known problems planted in it.

    OUT.planted.json lists what was planted; with --teams, OUT.ownership.csv and OUT.flows.csv hold what the teams would
    declare. Exit codes: 0 done, 2 wrong use (nothing written). The last line printed is the capture's folder.
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


def _option(name: str, kind: Any, words: str, default: str, metavar: str | None) -> Parameter:
    item = name.removesuffix("s") if kind == list[str] else name
    help_ = rf"{words} \[default: {default}]"
    option = typer.Option(f"--{item.replace('_', '-')}", metavar=metavar, help=help_)
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option])


signed(
    simulate,
    [
        Parameter("out", Parameter.KEYWORD_ONLY, annotation=_OUT),
        Parameter("plan", Parameter.KEYWORD_ONLY, default=None, annotation=_PLAN),
        *(_option(*option) for option in _OPTIONS),
    ],
)
