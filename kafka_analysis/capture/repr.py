"""How a capture looks in JupyterLab and at a prompt."""

from collections.abc import Iterator
from datetime import datetime

from kafka_analysis.model.manifest import Manifest
from kafka_analysis.model.markup import block, facts_table
from kafka_analysis.model.rights import NO_AUTHORIZER
from kafka_analysis.model.units import format_duration, format_quantity, format_time


def capture_text(manifest: Manifest, start: datetime, end: datetime) -> str:
    """Return a capture, or a window of it, as lines of text."""
    lines = [f"{name}: {value}" for name, value in _facts(manifest, start, end)]
    return "\n  ".join(
        [f"capture {_title(manifest)}", *lines, "next: .table(name), .samples(metric), .topic(name)"]
    )


def capture_html(manifest: Manifest, start: datetime, end: datetime) -> str:
    """Return a capture as an HTML table; everything read from clusters is escaped."""
    return block(facts_table(_facts(manifest, start, end), title=f"capture {_title(manifest)}"))


def _title(manifest: Manifest) -> str:
    return f"{manifest.capture_id} (synthetic)" if manifest.synthetic else manifest.capture_id


def _facts(manifest: Manifest, start: datetime, end: datetime) -> Iterator[tuple[str, str]]:
    if manifest.synthetic:
        yield "synthetic", "yes: simulated, not recorded"
    seconds = (end - start).total_seconds()
    yield "window", f"{format_time(start)} to {format_time(end)} ({format_duration(seconds)})"
    for cluster in manifest.ordered_clusters:
        about = [
            cluster.role,
            cluster.flavour,
            cluster.kafka_version and f"Kafka {cluster.kafka_version}",
            NO_AUTHORIZER if cluster.has_authorizer is False else None,
        ]
        yield (
            f"cluster {cluster.cluster}",
            ", ".join(str(word) for word in about if word) or "nothing declared",
        )
    attempts, ok = sum(s.attempts for s in manifest.sources), sum(s.ok for s in manifest.sources)
    yield "answers", f"{ok:,} of {attempts:,} requests, {sum(len(s.gaps) for s in manifest.sources)} gaps"
    yield "rejected lines", f"{manifest.rejected:,}"
    tables = [
        f.path.removeprefix("tables/").removesuffix(".parquet") for f in manifest.files if "tables/" in f.path
    ]
    yield "tables", ", ".join(tables) or "none"
    samples = [f for f in manifest.files if f.path.startswith("samples/")]
    size = format_quantity(sum(f.bytes for f in manifest.files), "B")
    yield "samples", f"{sum(f.rows for f in samples):,} (all files {size})"
    for sentence in manifest.missing_rights:
        yield "missing right", sentence
    for note in manifest.notes:
        yield "note", note
