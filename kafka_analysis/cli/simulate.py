"""``kafka-analysis simulate``: a capture of any size with planted, known truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.cli.progress import shown_progress


def simulate(
    *,
    out: Annotated[Path, typer.Option(help="Folder of the new capture; absent or empty.")],
    plan: Annotated[Path | None, typer.Option(help="A YAML file with these options and more.")] = None,
    brokers: Annotated[int | None, typer.Option(help="Brokers of the source cluster.")] = None,
    partitions: Annotated[int | None, typer.Option(help="Partitions of all business topics.")] = None,
    topics: Annotated[int | None, typer.Option(help="Business topics [default: 12].")] = None,
    groups: Annotated[int | None, typer.Option(help="Consumer groups [default: 6].")] = None,
    teams: Annotated[
        int | None, typer.Option(help="Teams that own topics, groups and producers [default: 0].")
    ] = None,
    duration: Annotated[str | None, typer.Option(help="Such as 2h, 14d [default: 2h].")] = None,
    interval: Annotated[str | None, typer.Option(help="Time between two scrapes [default: 60s].")] = None,
    racks: Annotated[int | None, typer.Option(help="Racks the brokers stand in [default: 3].")] = None,
    replication_factor: Annotated[
        int | None, typer.Option(help="Copies of each partition [default: 3].")
    ] = None,
    cells: Annotated[
        int | None, typer.Option(help="Target clusters the topics are cut over to [default: 0].")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="First scrape, UTC [default: 2026-01-05].")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="The same seed and options give the same rows [default: 7].")
    ] = None,
    bytes_per_s: Annotated[
        float | None, typer.Option(help="Mean bytes in of all topics [default: 10 kB/s a partition].")
    ] = None,
    daily: Annotated[
        float | None, typer.Option(help="Amplitude of the day, a fraction of the mean [default: 0].")
    ] = None,
    weekly: Annotated[
        float | None, typer.Option(help="Fraction by which weekends are lower [default: 0].")
    ] = None,
    hot_broker: Annotated[
        list[str] | None,
        typer.Option(metavar="B:FACTOR", help="Broker B takes FACTOR times the mean bytes in."),
    ] = None,
    skewed_topic: Annotated[
        list[str] | None,
        typer.Option(metavar="TOPIC:SHARE", help="Partition 0 of TOPIC takes this share of its bytes."),
    ] = None,
    resets: Annotated[int | None, typer.Option(help="Restarts of brokers.")] = None,
    gaps: Annotated[int | None, typer.Option(help="Stretches of 5 scrapes a broker does not answer.")] = None,
    lagging_groups: Annotated[
        int | None, typer.Option(help="Groups that read 80 % of what comes in.")
    ] = None,
    effect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PHASE:bytes_in=+10%", help="Change of bytes in within phase 'baseline' or 'after'."
        ),
    ] = None,
) -> None:
    """Make up a capture of any size, labelled synthetic, in which what there is to find is known.

    What was planted is written beside it, to OUT.planted.json; with teams, what their users would declare to
    OUT.ownership.csv and OUT.flows.csv. Exit codes: 0 done, 2 wrong use (nothing written).
    The last line printed is the capture's folder.
    """
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.simulate import plan_of, planted_file, read_plan, simulate_plan

    given = {
        "brokers": brokers, "partitions": partitions, "topics": topics, "groups": groups, "teams": teams,
        "duration": duration,
        "interval": interval, "racks": racks, "replication_factor": replication_factor, "cells": cells, "start": start,
        "seed": seed, "bytes_per_s": bytes_per_s, "daily": daily, "weekly": weekly, "hot_brokers": hot_broker,
        "skewed_topics": skewed_topic, "resets": resets, "gaps": gaps, "lagging_groups": lagging_groups,
        "effects": effect,
    }  # fmt: skip
    with one_line_errors(), shown_progress() as show:
        values = {} if plan is None else read_plan(plan)
        values |= {name: value for name, value in given.items() if value is not None and value != []}
        path = simulate_plan(
            out, plan_of(values), on_progress=lambda p: show(p.step / p.steps, f"{p.samples:,} samples")
        )
        typer.echo(repr(read_capture(path, verify=False)), err=True)
    typer.echo(f"what was planted: {planted_file(out)}", err=True)
    typer.echo(str(out))
