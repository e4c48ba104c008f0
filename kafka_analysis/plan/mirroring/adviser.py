"""Which tool and pattern of replication does what is asked, and why the others do not."""

from collections import Counter
from dataclasses import dataclass

import polars as pl

from kafka_analysis.model.parameters.replication import ReplicationRequirements
from kafka_analysis.plan.mirroring.facts import replication_facts
from kafka_analysis.plan.mirroring.rules.cluster_linking import CLUSTER_LINKING
from kafka_analysis.plan.mirroring.rules.flink import FLINK
from kafka_analysis.plan.mirroring.rules.mirror_maker import DEDICATED, ON_CONNECT
from kafka_analysis.plan.mirroring.rules.msk_replicator import MSK_REPLICATOR
from kafka_analysis.plan.mirroring.rules.routing_layer import ROUTING_LAYER
from kafka_analysis.plan.mirroring.rules.rule import Fit, Rule

_ROUTING = "routing layer"
RULES: dict[str, tuple[Rule, ...]] = {
    "MirrorMaker 2, dedicated": DEDICATED,
    "MirrorMaker 2 on Connect": ON_CONNECT,
    "Flink job": FLINK,
    "Cluster Linking": CLUSTER_LINKING,
    "MSK Replicator": MSK_REPLICATOR,
    _ROUTING: ROUTING_LAYER,
}
_WORDS = {
    "rpo_s": "records lost", "rto_s": "recovery time", "directions": "directions", "sources": "sources",
    "targets": "targets", "topics": "topics", "bytes_in_per_s": "bytes in", "licences": "licences",
    "transformation": "transformation", "order_per_key": "order per key", "group_offsets": "group offsets",
    "same_offsets": "same offsets", "exactly_once": "exactly once", "same_topic_names": "same topic names",
    "acls_and_configs": "ACLs and configs", "source_version": "source version", "source_auth": "source auth",
    "target": "target", "same_account": "same account",
}  # fmt: skip
_ENDS = (
    "source_version",
    "source_auth",
    "target",
    "same_account",
)  # a tool may need to know them: judged unasked
_NO_FACT = "no known fact decides this: try it"
_WORST_FIRST = list(Fit)
_REASONS = dict.fromkeys(("tool", "requirement", "verdict", "reason", "fact"), pl.String)


@dataclass(frozen=True)
class ReplicationAdvice:
    """What each tool is worth for what is asked.

    ``tools``: a row per tool: ``tool``, ``pattern`` (null: not asked), ``verdict`` (fits, fits with care, does not fit,
    unknown), ``reasons``, the worst first, each with its fact's name at the end. ``reasons``: a row per reason:
    ``tool``, ``requirement``, ``verdict``, ``reason``, ``fact`` (null: no fact decides), ``source`` and ``evidence`` of
    the fact.
    """

    tools: pl.DataFrame
    reasons: pl.DataFrame


def advise_replication(requirements: ReplicationRequirements) -> ReplicationAdvice:
    """Judge each tool of replication by what is asked of it.

    Parameters
    ----------
    requirements
        What is asked, and what is known of the two ends; None is not asked.

    Returns
    -------
    ReplicationAdvice
        A tool does not fit if one requirement rules it out. Its verdict is unknown if no fact decides one of them, or
        it needs to know more of the two ends; nothing fits by default. A further requirement never brings back a tool
        that does not fit.

    Notes
    -----
    Each reason cites a fact of :func:`~kafka_analysis.plan.mirroring.facts.replication_facts`, where its source stands.

    Examples
    --------
    >>> asked = ReplicationRequirements(directions="one-way", same_offsets=True, target="other", licences=["confluent"])
    >>> advise_replication(asked).tools.select("tool", "verdict").rows()[3:5]
    [('Cluster Linking', 'fits with care'), ('MSK Replicator', 'does not fit')]
    """
    rows = [row for tool, rules in RULES.items() for row in _reasons(tool, rules, requirements)]
    known = replication_facts().select("fact", "source", "evidence")
    reasons = pl.DataFrame(rows, schema=_REASONS, orient="row").join(
        known, on="fact", how="left", maintain_order="left"
    )
    tools = [
        (tool, _pattern(tool, requirements), *_verdict(reasons.filter(tool=tool).rows(named=True)))
        for tool in RULES
    ]
    schema = {"tool": pl.String, "pattern": pl.String, "verdict": pl.String, "reasons": pl.List(pl.String)}
    return ReplicationAdvice(pl.DataFrame(tools, schema=schema, orient="row"), reasons)


def _reasons(
    tool: str, rules: tuple[Rule, ...], asked: ReplicationRequirements
) -> list[tuple[str, str, str, str, str | None]]:
    """Return what is to be said of a tool, in the order of the requirements."""
    rows = []
    for requirement in _WORDS:
        is_asked = requirement in asked.asked
        found = [rule for rule in rules if rule.requirement == requirement and rule.holds(asked)]
        shown = found if is_asked else [rule for rule in found if rule.fit is Fit.UNKNOWN]
        if is_asked or requirement in _ENDS:
            rows += [(tool, requirement, str(rule.fit), _text(rule, asked), rule.fact) for rule in shown]
        if is_asked and not found:
            rows.append((tool, requirement, str(Fit.UNKNOWN), _NO_FACT, None))
    return rows


def _text(rule: Rule, asked: ReplicationRequirements) -> str:
    return rule.reason if isinstance(rule.reason, str) else rule.reason(asked)


def _verdict(reasons: list[dict[str, str | None]]) -> tuple[str, list[str]]:
    """Return the worst of what is said of a tool, and all of it: the worst first, of each requirement one at first."""
    if not reasons:
        return str(Fit.UNKNOWN), ["no requirements are given"]
    seen: Counter[tuple[str | None, ...]] = Counter()
    places = []
    for row in reasons:
        key = (row["verdict"], row["requirement"])
        places.append((_WORST_FIRST.index(Fit(row["verdict"])), seen[key]))
        seen[key] += 1
    ranked = [row for _, row in sorted(zip(places, reasons, strict=True), key=lambda pair: pair[0])]
    texts = [f"{_WORDS[row['requirement']]}: {row['reason']} [{row['fact'] or 'no fact'}]" for row in ranked]
    return str(ranked[0]["verdict"]), texts


def _pattern(tool: str, asked: ReplicationRequirements) -> str | None:
    """Return the pattern by where records are written and how many clusters there are; None if nobody said."""
    if tool == _ROUTING:
        return "no replica"
    many = ("sources" in asked.asked, "targets" in asked.asked)
    shape = {(True, True): "geo-locality", (True, False): "aggregation", (False, True): "fan-out"}.get(many)
    if asked.directions == "both-ways":
        return ", ".join(["active/active", *([shape] if shape else [])])
    return shape or ("active/passive" if asked.directions == "one-way" else None)
