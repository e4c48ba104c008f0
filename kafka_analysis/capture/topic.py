"""One topic of a capture, for looking at."""

from dataclasses import dataclass

import polars as pl

from kafka_analysis.model.markup import block, facts_table

_SHOWN_CONFIGS = (
    "cleanup.policy",
    "retention.ms",
    "retention.bytes",
    "min.insync.replicas",
    "max.message.bytes",
)


@dataclass(frozen=True, repr=False)
class Topic:
    """What a capture knows about one topic of one cluster; the frames are the capture's tables, filtered."""

    name: str
    cluster: str
    kind: str
    partitions: pl.DataFrame
    topic_configs: pl.DataFrame
    offsets: pl.DataFrame
    group_offsets: pl.DataFrame

    @property
    def facts(self) -> dict[str, str]:
        """Return the facts shown, by name; what is not known is absent."""
        latest = self.partitions.filter(pl.col("ts") == pl.col("ts").max())
        copies = sorted(latest["replicas"].list.len().unique())
        facts = {
            "cluster": self.cluster,
            "kind": self.kind,
            "partitions": str(latest["partition"].n_unique()) if len(latest) else "unknown",
            "replicas": ", ".join(map(str, copies)) or "unknown",
        }
        records = _records(self.offsets)
        if records is not None:
            facts["records in the log"] = f"{records:,} (log end − log start offset)"
        configs = dict(self.topic_configs.sort("ts").select("name", "value").iter_rows())
        facts |= {name: configs[name] for name in _SHOWN_CONFIGS if configs.get(name) is not None}
        groups = self.group_offsets["group"].unique().sort().to_list()
        facts["groups"] = ", ".join(groups) or "none with committed offsets"
        return facts

    def __repr__(self) -> str:
        lines = [f"topic {self.name}", *[f"  {name}: {value}" for name, value in self.facts.items()]]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return block(facts_table(self.facts.items(), title=f"topic {self.name}"))


def _records(offsets: pl.DataFrame) -> int | None:
    latest = offsets.filter(pl.col("ts") == pl.col("ts").max())
    held = latest["log_end_offset"] - latest["log_start_offset"]
    return int(held.sum()) if len(held) and held.null_count() == 0 else None
