"""Compare the size of a capture's samples with that of Prometheus' own storage of the same samples.

The samples of a capture (the sample by default) are written anew by this project's writer, and given to
`promtool tsdb create-blocks-from openmetrics` under the same names and labels. Both hold the same series, times and
values; the index of the TSDB counts, since Prometheus cannot read without it, as do the names in our files.

    python benchmarks/capture_size.py [CAPTURE]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.samples import SERIES

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
LABELS = [name for name in SERIES if name != "metric"]


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _escaped(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    return text.str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)


def as_openmetrics(samples: pl.DataFrame) -> str:
    """Write samples as OpenMetrics, grouped by metric, with their times in seconds."""
    pairs = [
        pl.when(pl.col(name).is_not_null()).then(pl.format(f'{name}="{{}}"', _escaped(name)))
        for name in LABELS
    ]
    labels = pl.concat_str(pairs, separator=",", ignore_nulls=True)
    seconds = (pl.col("ts").dt.timestamp("ms") / 1000).cast(pl.String)
    parts = [
        "metric",
        pl.lit("{"),
        labels,
        pl.lit("} "),
        pl.col("value").cast(pl.String),
        pl.lit(" "),
        seconds,
    ]
    lines = samples.sort(*SERIES, "ts").select(line=pl.concat_str(parts))["line"]
    return "\n".join([*lines, "# EOF", ""])


def written_here(samples: pl.DataFrame, folder: Path) -> int:
    """Write samples as a capture and return the bytes of its samples."""
    with CaptureWriter(folder) as writer:
        writer.add_samples(samples)
        writer.finish(window=(samples["ts"].min(), samples["ts"].max()))
    return size_of(folder / "samples")


def written_by_prometheus(samples: pl.DataFrame, folder: Path) -> int:
    """Write samples as blocks of Prometheus' TSDB and return their bytes."""
    text = folder.with_suffix(".txt")
    text.write_text(as_openmetrics(samples), encoding="utf-8")
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"promtool failed: {done.stderr.strip()[-300:]}")
    return size_of(folder)


def main() -> int:
    """Measure and print the ratio, where promtool is installed."""
    if shutil.which("promtool") is None:
        print(
            "promtool is not on the PATH; install prometheus (Debian's package of that name)", file=sys.stderr
        )
        return 2
    capture = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    samples = read_capture(capture).samples().collect().unique([*SERIES, "ts"], keep="last")
    with tempfile.TemporaryDirectory() as folder:
        ours = written_here(samples, Path(folder, "capture"))
        theirs = written_by_prometheus(samples, Path(folder, "tsdb"))
    series = samples.select(pl.struct(SERIES).n_unique()).item()
    print(f"{len(samples):,} samples of {series:,} series")
    print(f"capture: {ours:,} bytes, {ours / len(samples):.2f} a sample")
    print(f"Prometheus' TSDB: {theirs:,} bytes, {theirs / len(samples):.2f} a sample")
    print(f"capture / TSDB: {ours / theirs:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
