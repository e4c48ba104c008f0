"""Compare `parse_exposition` with prometheus_client's parser, and with counting line feeds: the least one can do.

The page is made up: 310,000 samples (36 MB) in the spelling of Amazon MSK's Open Monitoring, 2 % of them with awkward
label values (escapes, UTF-8, braces and commas). Warm: the best of some runs in one process, ours and theirs in turn.
Cold: whole processes, from the start of Python to the last sample, what is compiled being on disk. Memory: the peak of
our process against the size of the page, with Python and its libraries, and without them. Both parsers must agree on
every sample.

    python benchmarks/parse_exposition.py [--samples 310000] [--repeats 3]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from timing import peak_bytes, told_by

NAMES = {
    "kafka_server_BrokerTopicMetrics_Count": ("name", "topic"),
    "kafka_server_BrokerTopicMetrics_OneMinuteRate": ("name", "topic"),
    "kafka_log_Log_Value": ("name", "partition", "topic"),
    "kafka_cluster_Partition_Value": ("name", "partition", "topic"),
    "kafka_network_RequestMetrics_99thPercentile": ("name", "request", "version"),
    "kafka_server_FetcherLagMetrics_Value": ("clientId", "name", "partition", "topic"),
}
AWKWARD = (r"a\"b", r"path\\to\\x", r"two\nlines", "größe", "x{y}z", "k=v,w", "日本")
AWKWARD_SHARE = 0.02
MB = 1e6


def make_page(samples: int, *, seed: int = 7) -> bytes:
    """Make a page of metrics like that of a large broker."""
    chance, lines, left = random.Random(seed), [], samples
    while left > 0:
        name = chance.choice(list(NAMES))
        lines += [
            f"# HELP {name} Attribute exposed for management ({name}<><>Value)",
            f"# TYPE {name} untyped",
        ]
        for _ in range(min(chance.randint(50, 400), left)):
            labels = ",".join(f'{key}="{_label(key, chance)}"' for key in NAMES[name])
            lines.append(f"{name}{{{labels},}} {_value(chance)}")
            left -= 1
    return ("\n".join(lines) + "\n").encode()


def _label(key: str, chance: random.Random) -> str:
    if key == "topic":
        awkward = chance.choice(AWKWARD) if chance.random() < AWKWARD_SHARE else ""
        return (
            f"team-{chance.randint(1, 40)}.topic-{chance.randint(1, 3000)}.v{chance.randint(1, 3)}{awkward}"
        )
    if key in ("partition", "version"):
        return str(chance.randint(0, 99))
    return chance.choice({"request": ("Fetch", "Produce"), "clientId": ("ReplicaFetcherThread-0-7",)}.get(
        key, ("BytesInPerSec", "LogEndOffset", "UnderReplicated")))  # fmt: skip


def _value(chance: random.Random) -> str:
    return chance.choice((str(chance.randint(0, 10**12)), repr(chance.random() * 1e9), "0.0", "2.96E-314"))


def ours(page: bytes) -> int:
    """Parse with this project's parser and return how many samples there are."""
    from kafka_analysis.sources.exposition.page import parse_exposition

    return len(parse_exposition(page).samples)


def theirs(page: bytes) -> int:
    """Parse with prometheus_client, keeping the samples as one would, and return how many there are."""
    from prometheus_client.parser import text_string_to_metric_families

    return len(
        [sample for family in text_string_to_metric_families(page.decode()) for sample in family.samples]
    )


def line_feeds(page: bytes) -> int:
    """Count line feeds."""
    return page.count(b"\n")


WAYS: dict[str, Callable[[bytes], int]] = {
    "ours": ours,
    "prometheus_client": theirs,
    "line feeds": line_feeds,
}


def warm(page: bytes, repeats: int) -> dict[str, float]:
    """Return the best seconds of each way, run in turn."""
    best = dict.fromkeys(WAYS, float("inf"))
    for name in [*WAYS] * repeats:
        began = time.perf_counter()
        WAYS[name](page)
        best[name] = min(best[name], time.perf_counter() - began)
    return best


def cold(path: Path, name: str, repeats: int) -> tuple[float, int, int]:
    """Return the best seconds and the peak memory in bytes of a process: the whole, and what the page adds to it."""
    best, peak = float("inf"), (0, 0)
    for _ in range(repeats):
        began = time.perf_counter()
        said = told_by(__file__, "--one", name, str(path))
        best = min(best, time.perf_counter() - began)
        peak = max(peak, tuple(map(int, said.split())))
    return best, *peak


def agree(page: bytes) -> bool:
    """Tell whether both parsers read the same names, labels and values, in the same order."""
    from prometheus_client.parser import text_string_to_metric_families

    from kafka_analysis.sources.exposition.page import parse_exposition

    read = parse_exposition(page).samples
    keys = [column for column in read.columns if column.startswith("label_")]
    mine = [
        (row["metric"], {k[6:]: row[k] for k in keys if row[k] is not None}, row["value"])
        for row in read.iter_rows(named=True)
    ]
    families = text_string_to_metric_families(page.decode())
    other = [(s.name, s.labels, s.value) for family in families for s in family.samples]
    order = lambda s: (s[0], sorted(s[1].items()), s[2])  # noqa: E731 - a family may come twice: theirs are regrouped
    return sorted(mine, key=order) == sorted(other, key=order)


def main() -> int:
    """Measure and print ratios; return 1 when the parsers disagree."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--samples", type=int, default=310_000)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument(
        "--one", nargs=2, metavar=("WAY", "FILE"), help="parse a file one way, print the peak memory"
    )
    given = options.parse_args()
    if given.one:
        way = WAYS[given.one[0]]
        way(make_page(10))  # what is loaded and compiled for any page
        idle = peak_bytes()
        way(Path(given.one[1]).read_bytes())
        sys.stdout.write(f"{peak_bytes()} {peak_bytes() - idle}\n")
        return 0
    page = make_page(given.samples)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.prom")
        path.write_bytes(page)
        seconds = warm(page, given.repeats)
        whole = {name: cold(path, name, given.repeats) for name in ("ours", "prometheus_client")}
    print(f"page: {len(page) / MB:.1f} MB, {given.samples:,} samples")
    for name, spent in seconds.items():
        print(f"warm {name}: {spent:.3f} s ({len(page) / MB / spent:,.0f} MB/s)")
    print(f"warm: {seconds['prometheus_client'] / seconds['ours']:.1f} × as fast as prometheus_client")
    print(f"warm: {seconds['ours'] / seconds['line feeds']:.0f} × the time of counting line feeds")
    print(f"cold: {whole['prometheus_client'][0] / whole['ours'][0]:.1f} × as fast as prometheus_client"
          f" ({whole['ours'][0]:.2f} s against {whole['prometheus_client'][0]:.2f} s)")  # fmt: skip
    print(f"peak memory of the whole process: {whole['ours'][1] / len(page):.1f} × the page;"
          f" without what any page takes: {whole['ours'][2] / len(page):.1f} ×")  # fmt: skip
    same = agree(page)
    print(f"both read the same samples: {'yes' if same else 'NO'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
