"""``kafka-analysis inspect``: say what is in a page of metrics or in a capture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kafka_analysis.cli.dialect_option import DIALECT
from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.model.brief_text import brief
from kafka_analysis.model.units import counted, format_quantity, format_time, listed

if TYPE_CHECKING:
    from kafka_analysis.capture.read import Capture
    from kafka_analysis.live.checks.inspect import Example, PageReport

SHOWN_INSTANCES = 10
SHOWN_UNKNOWN = 12
_MOST_IN_FULL = 1e15


def inspect(
    place: Annotated[
        str,
        typer.Argument(metavar="FILE|URL|CAPTURE", help="A saved page, a URL, or the folder of a capture."),
    ],
    *,
    dialect: Annotated[list[str] | None, DIALECT] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what a page or capture holds: dialects, metrics, possible analyses, duplicates, rejected and unknown lines.

    Exit codes: 0 done, 2 it cannot be read, or no metric in it is known.
    """
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.live.checks.inspect import inspect_page, is_address, read_page
    from kafka_analysis.sources.spelling.dialects import find_dialect

    with one_line_errors():
        if not is_address(place) and _is_folder(place):
            capture = read_capture(place)
            typer.echo(json.dumps(_capture_json(capture), indent=2) if as_json else _capture_text(capture))
            return
        known = [find_dialect(word) for word in dialect or ()]
        source, data = read_page(place)
        report = inspect_page(data, source=source, known=known)
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
    lines = [
        f"{report.source}: {report.title or report.hint or 'no Kafka broker metrics found'}",
        f"  lines read      {counts.read:,}",
        f"  recognised      {counts.stored:,} in {len(report.metrics)} metrics, {report.topics} topics",
        f"  not catalogued  {counts.not_catalogued:,}",
        f"  not a number    {counts.not_a_number:,}",
        f"  marked unknown  {counts.unknown:,}",
        f"  duplicates      {counts.duplicates:,}",
        f"  conflicting     {counts.conflicting:,}",
        f"  rejected        {counts.rejected:,}",
        *_instances(report.instances),
        *_absent("in the dialect, but on no line", report.absent),
        *_absent("labels in the dialect, but on none of their lines", report.absent_labels),
    ]
    lines += [f"    line {r.line}: {brief(r.reason)}: '{brief(r.text)}'" for r in report.rejected]
    if report.first and report.last:
        lines.append(f"  times           {format_time(report.first)} to {format_time(report.last)}")
    lines += _uses(report.lacking, report.covered) if report.metrics else []
    lines += _not_compared(report.not_covered)
    lines += ["  metrics (series):"] if report.metrics else []
    lines += [
        f"    {name} ({series})  e.g. {_example(report.examples[name])}"
        for name, series in report.metrics.items()
    ]
    lines += _unknown(report.unknown, report.unread)
    return "\n".join(lines)


def _example(example: Example) -> str:
    """Write a value in full, so that a wrong unit or scale is seen."""
    value, size = example.value, abs(example.value)
    digits = (
        ".4g"
        if size >= _MOST_IN_FULL
        else ",.0f"
        if value.is_integer()
        else ",.1f"
        if size >= 1000
        else ".4g"
    )
    of = f"{brief(example.series, 80)} = " if example.series else ""
    return f"{of}{value:{digits}} {example.unit}".rstrip()


def _not_compared(reasons: Mapping[str, str]) -> list[str]:
    """Name the counters whose topics are not compared with the total, those of one reason together."""
    if not reasons:
        return []
    names = {why: [name for name, reason in reasons.items() if reason == why] for why in reasons.values()}
    return ["  topics not compared: " + "; ".join(f"{', '.join(of)} ({why})" for why, of in names.items())]


def _absent(what: str, names: Sequence[str]) -> list[str]:
    return [f"  {what}: {listed([brief(name, 80) for name in names], SHOWN_UNKNOWN)}"] if names else []


def _unknown(found: Mapping[str, int], reasons: Mapping[str, str]) -> list[str]:
    """Name the lines that are not read: those the user's dialect names first, with the reason."""
    if not found:
        return []
    why = {name: reasons.get(name.partition("{")[0]) for name in found}
    shown = sorted(found, key=lambda name: why[name] is None)[:SHOWN_UNKNOWN]
    lines = [
        f"    {brief(name)} ({found[name]:,})" + (f": {why[name]}" if why[name] else "") for name in shown
    ]
    left = len(found) - len(shown)
    more = [f"    and {left:,} more (--json lists all)"] if left > 0 else []
    return ["  names not read (lines):", *lines, *more]


def _instances(found: Mapping[str, int | None]) -> list[str]:
    """Say how many processes' series are on the page, where there are several."""
    if not found:
        return []
    names = [f"'{brief(n, 80)}'" + ("" if b is None else f" (broker {b})") for n, b in found.items()]
    shown = ", ".join(names[:SHOWN_INSTANCES]) + (" …" if len(names) > SHOWN_INSTANCES else "")
    split = (
        "split by broker" if None not in found.values() else "no broker ids found: ingest refuses the page"
    )
    return [f"  instances       series of {len(found)} instances on one page, {split}: {shown}"]


def _uses(lacking: Mapping[str, Sequence[str]], covered: Mapping[str, float]) -> list[str]:
    """Say which analyses are possible, and how far topics add up to their brokers' totals."""
    uses = [f"    {name}: " + (f"no, needs {', '.join(n)}" if n else "yes") for name, n in lacking.items()]
    shares = ", ".join(f"{name} {format_quantity(share, '%')}" for name, share in covered.items())
    sums = [f"  topics as a share of the brokers' totals: {shares}"] if covered else []
    return ["  possible analyses:", *uses, *sums]


def _capture_text(capture: Capture) -> str:
    from kafka_analysis.live.checks.inspect import inspect_capture

    lines = [repr(capture), *_uses(*inspect_capture(capture)), "  targets:"]
    lines += [
        f"    {r['cluster']} {r['target']}: {r['ok']} of {r['attempts']} answered"
        + (f", dialect {r['dialect']}" if r["dialect"] else "")
        + (f", {counted(r['errors'], 'internal error')}: see errors.log" if r["errors"] else "")
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
