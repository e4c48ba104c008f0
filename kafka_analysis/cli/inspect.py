"""``kafka-analysis inspect``: say what is in a page of metrics or in a capture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.model.units import format_quantity, format_time

if TYPE_CHECKING:
    from kafka_analysis.capture.read import Capture
    from kafka_analysis.live.checks.inspect import PageReport

SHOWN_INSTANCES = 10


def inspect(
    place: Annotated[
        str,
        typer.Argument(metavar="FILE|URL|CAPTURE", help="A saved page, its address, or a capture's folder."),
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Say what is in it: dialects, metrics recognised, what it is good for, duplicates, rejected lines.

    Exit codes: 0 done, 2 it cannot be read, or is not about Kafka.
    """
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.live.checks.inspect import inspect_page, is_address, read_page

    with one_line_errors():
        if not is_address(place) and _is_folder(place):
            capture = read_capture(place)
            typer.echo(json.dumps(_capture_json(capture), indent=2) if as_json else _capture_text(capture))
            return
        source, data = read_page(place)
        report = inspect_page(data, source=source)
    typer.echo(report.model_dump_json(indent=2) if as_json else _page_text(report))
    if report.dialect is None:
        raise typer.Exit(2)


def _is_folder(place: str) -> bool:
    try:
        return Path(place).is_dir()
    except (OSError, ValueError):  # too long, or with a null byte
        return False


def _page_text(report: PageReport) -> str:
    counts = report.lines
    head = (
        f"{report.source}: {report.title}"
        if report.title
        else f"{report.source}: nothing about Kafka brokers here"
    )
    lines = [
        head,
        f"  lines read      {counts.read:,}",
        f"  recognised      {counts.stored:,} in {len(report.metrics)} metrics, {report.topics} topics",
        f"  not catalogued  {counts.not_catalogued:,}",
        f"  not a number    {counts.not_a_number:,}",
        f"  said unknown    {counts.unknown:,}",
        f"  duplicates      {counts.duplicates:,}",
        f"  conflicting     {counts.conflicting:,}",
        f"  rejected        {counts.rejected:,}",
        *_instances(report.instances),
    ]
    lines += [f"    line {r.line}: {r.reason}: {r.text!r}" for r in report.rejected]
    if report.first and report.last:
        lines.append(f"  times           {format_time(report.first)} to {format_time(report.last)}")
    lines += _uses(report.lacking, report.covered) if report.metrics else []
    lines += ["  metrics (series):"] if report.metrics else []
    lines += [f"    {name} ({series})" for name, series in report.metrics.items()]
    return "\n".join(lines)


def _instances(found: Mapping[str, int | None]) -> list[str]:
    """Say how many processes' series are on the page, where there are several."""
    if not found:
        return []
    names = [f"{name!r} (broker {b})" if b is not None else repr(name) for name, b in found.items()]
    shown = ", ".join(names[:SHOWN_INSTANCES]) + (" …" if len(names) > SHOWN_INSTANCES else "")
    split = (
        "split by broker" if None not in found.values() else "they name no brokers: ingest refuses the page"
    )
    return [f"  instances       series of {len(found)} instances on one page, {split}: {shown}"]


def _uses(lacking: Mapping[str, Sequence[str]], covered: Mapping[str, float]) -> list[str]:
    """Say which analyses can be done, and how far topics add up to their brokers' totals."""
    told = [f"    {name}: " + (f"no, needs {', '.join(n)}" if n else "yes") for name, n in lacking.items()]
    shares = ", ".join(f"{name} {format_quantity(share, '%')}" for name, share in covered.items())
    sums = [f"  topics add up to the brokers' totals: {shares}"] if covered else []
    return ["  good for:", *told, *sums]


def _capture_text(capture: Capture) -> str:
    from kafka_analysis.live.checks.inspect import inspect_capture

    lines = [repr(capture), *_uses(*inspect_capture(capture)), "  targets:"]
    lines += [
        f"    {r['cluster']} {r['target']}: {r['ok']} of {r['attempts']} answered"
        + (f", dialect {r['dialect']}" if r["dialect"] else "")
        + (f", {r['errors']} errors of this program: see errors.log" if r["errors"] else "")
        for r in capture.targets.iter_rows(named=True)
    ]
    lines += ["  gaps:"] if len(capture.gaps) else []
    lines += [
        f"    {r['cluster']} {r['target']}: {r['start']:%H:%M:%S} to {r['end']:%H:%M:%S} UTC, {r['reason']}"
        for r in capture.gaps.iter_rows(named=True)
    ]
    lines += ["  metrics (series, samples):"]
    seen = capture.metrics().iter_rows(named=True)
    return "\n".join([*lines, *(f"    {r['metric']} ({r['series']:,}, {r['samples']:,})" for r in seen)])


def _capture_json(capture: Capture) -> dict[str, Any]:
    from kafka_analysis.live.checks.inspect import inspect_capture

    lacking, covered = inspect_capture(capture)
    return {
        **capture.manifest.model_dump(mode="json"),
        "metrics": capture.metrics().to_dicts(),
        "lacking": lacking,
        "covered": covered,
    }
