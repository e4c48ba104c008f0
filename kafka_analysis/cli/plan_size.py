"""``kafka-analysis plan size``: how many MSK brokers of which type, and what they cost a month."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kafka_analysis.cli.errors import told
from kafka_analysis.cli.output_folder import check_folder, write_folder
from kafka_analysis.cli.size_input import PLAIN, sized_capture, sized_numbers
from kafka_analysis.model.errors import InputError

if TYPE_CHECKING:
    from kafka_analysis.model.findings import Result

_RATES = ("bytes_in_avg", "bytes_in_peak", "bytes_out_avg", "bytes_out_peak")
_SHOWN = 5


def size(
    capture: Annotated[
        Path | None,
        typer.Argument(metavar="[CAPTURE]", help="Folder of the capture, unless all numbers are given."),
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="Folder for the tables; absent or empty.")],
    cluster: Annotated[str | None, typer.Option(help="Which cluster [default: sources, else all].")] = None,
    peak: Annotated[str, typer.Option(help="p95 or p99 of the intervals, or peak: the highest.")] = "p99",
    bytes_in_avg: Annotated[
        str | None, typer.Option(help="Declare it, such as '100 MB/s', in place of what was measured.")
    ] = None,
    bytes_in_peak: Annotated[str | None, typer.Option(help="Declare it.")] = None,
    bytes_out_avg: Annotated[str | None, typer.Option(help="Declare it.")] = None,
    bytes_out_peak: Annotated[str | None, typer.Option(help="Declare it.")] = None,
    partitions: Annotated[
        int | None, typer.Option(help="Without a capture: number, without replicas.")
    ] = None,
    retention_hours: Annotated[float | None, typer.Option(help="How long records are kept.")] = None,
    primary_retention_hours: Annotated[
        float | None, typer.Option(help="Of that on the brokers, the rest in tiered storage.")
    ] = None,
    replication_factor: Annotated[int, typer.Option(help="Copies on the target.")] = 3,
    connections: Annotated[int | None, typer.Option(help="Open connections, where known.")] = None,
    growth: Annotated[float, typer.Option(help="Factor on all bytes, for what is to come.")] = 1.0,
    compression: Annotated[float, typer.Option(help="Factor on all bytes, for another compression.")] = 1.0,
    tolerates: Annotated[
        str, typer.Option(help="nothing, broker or az: may be lost at the peak.")
    ] = "nothing",
    catch_up: Annotated[float, typer.Option(help="Bytes read again from disk ÷ bytes in.")] = 0.0,
    replication: Annotated[
        str, typer.Option(help="What a replicator writes besides, such as '50 MB/s'.")
    ] = "0",
    availability_zones: Annotated[int, typer.Option(help="Brokers are as many in each.")] = 3,
    metadata: Annotated[str, typer.Option(help="kraft or zookeeper.")] = "kraft",
    authentication: Annotated[str, typer.Option(help="iam, or scram (also mutual TLS).")] = "iam",
    catalogue: Annotated[
        Path | None, typer.Option(help="CSV or folder with broker types, prices or quotas of your own.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Size MSK clusters by two published models, and write options, ranking and costs as tables.

    Exit codes: 0 done (also where nothing fits: it says what would have to change), 2 wrong use (nothing written). The
    last line printed is the folder.
    """
    from kafka_analysis import plan

    rates = dict(zip(_RATES, (bytes_in_avg, bytes_in_peak, bytes_out_avg, bytes_out_peak), strict=True))
    more = {
        "declared_retention_hours": retention_hours, "primary_retention_hours": primary_retention_hours,
        "connections": connections,
    }  # fmt: skip
    options: dict[str, Any] = {
        "peak": peak, "replication_factor": replication_factor, "growth": growth, "compression": compression,
        "tolerates": tolerates, "catch_up": catch_up, "availability_zones": availability_zones,
        "metadata": metadata, "authentication": authentication,
    }  # fmt: skip
    with told():
        check_folder(out)
        options |= {name: value for name, value in more.items() if value is not None}
        options |= _declared(rates) | {"replication_bytes_per_s": _amount("replication", replication)}
        known = plan.read_catalogue(catalogue)
        if capture is None:
            sized, coverage = sized_numbers(known, options, partitions=partitions), {}
        elif partitions is not None:
            raise InputError("--partitions is for plain numbers; leave it or the CAPTURE out")
        else:
            sized, coverage = sized_capture(capture, cluster, known, options)
        results = plan.sizing_answers(sized, coverage=coverage)
        frames = plan.sizing_frames(sized)
        document = json.dumps([json.loads(one.model_dump_json()) for one in results], indent=2)
        write_folder(
            out,
            {f"{name}.csv": frame.write_csv() for name, frame in frames.items()} | {"sizing.json": document},
        )
    typer.echo(document if as_json else _text(results, frames["ranking"].to_dicts()), err=not as_json)
    typer.echo(str(out), err=as_json)


def _declared(rates: dict[str, str | None]) -> dict[str, float]:
    found = {}
    for name, text in rates.items():
        if text is not None:
            _, end, which = name.split("_")
            found[f"declared_{which}_{end}"] = _amount(name, text)
    return found


def _amount(name: str, text: str) -> float:
    """Read an amount as people write it."""
    from pydantic import TypeAdapter, ValidationError

    from kafka_analysis.model.parameters import Amount

    try:
        return TypeAdapter(Amount).validate_python(text)
    except ValidationError:
        option = name.replace("_", "-")
        message = f"--{option} {text!r}: it must be bytes per second, such as '100 MB/s' or 1e8"
        raise InputError(message) from None


def _text(results: list[Result], ranking: list[dict[str, Any]]) -> str:
    lines = []
    for result in results:
        lines.append(result.text() if result.cluster != PLAIN else result.text().rpartition("\n")[0])
        own = [row for row in ranking if row["cluster"] == result.cluster][:_SHOWN]
        lines += ["  cheapest that fit (S2; S1 in brackets):"] if own else []
        for row in own:
            count = "" if row["brokers"] is None else f"{row['brokers']} × "
            other = "" if row["s1_brokers"] is None else f" ({row['s1_brokers']})"
            lines.append(f"    {count}{row['broker_type']}{other}: {row['total_usd']:,.0f} USD a month")
    return "\n".join(lines)
