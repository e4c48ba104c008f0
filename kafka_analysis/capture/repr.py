"""How a capture looks in JupyterLab and at a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from kafka_analysis.model.units import format_bytes, format_duration, format_time

if TYPE_CHECKING:
    from kafka_analysis.capture.read import Capture


def capture_text(capture: Capture) -> str:
    """Return a capture as lines of text."""
    lines = [f"{name}: {value}" for name, value in _facts(capture)]
    return "\n  ".join(
        [f"capture {capture.id}", *lines, "next: .table(name), .samples(metric), .topic(name)"]
    )


def capture_html(capture: Capture) -> str:
    """Return a capture as an HTML table; everything read from clusters is escaped."""
    rows = "".join(f"<tr><th>{escape(n)}</th><td>{escape(v)}</td></tr>" for n, v in _facts(capture))
    return f'<table class="ka-facts"><caption>capture {escape(capture.id)}</caption><tbody>{rows}</tbody></table>'


def _facts(capture: Capture) -> Iterator[tuple[str, str]]:
    manifest = capture.manifest
    seconds = (capture.end - capture.start).total_seconds()
    yield "window", f"{format_time(capture.start)} to {format_time(capture.end)} ({format_duration(seconds)})"
    for cluster in capture.clusters:
        about = [cluster.role, cluster.flavour, cluster.kafka_version and f"Kafka {cluster.kafka_version}"]
        yield (
            f"cluster {cluster.cluster}",
            ", ".join(str(word) for word in about if word) or "nothing declared",
        )
    attempts, ok = sum(s.attempts for s in manifest.sources), sum(s.ok for s in manifest.sources)
    yield "answers", f"{ok:,} of {attempts:,} asked, {sum(len(s.gaps) for s in manifest.sources)} gaps"
    yield "rejected lines", f"{manifest.rejected:,}"
    tables = [
        f.path.removeprefix("tables/").removesuffix(".parquet") for f in manifest.files if "tables/" in f.path
    ]
    yield "tables", ", ".join(tables) or "none"
    samples = [f for f in manifest.files if f.path.startswith("samples/")]
    size = format_bytes(sum(f.bytes for f in manifest.files))
    yield "samples", f"{sum(f.rows for f in samples):,} (all files {size})"
    if manifest.synthetic:
        yield "synthetic", "yes: made up, not recorded"
    for note in manifest.notes:
        yield "note", note
