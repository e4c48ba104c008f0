"""The verdict on a sizing: one sentence with brokers, type and dollars, grey where too little was seen."""

from collections.abc import Mapping
from typing import Any

from kafka_analysis.model.findings import Coverage, Light, Verdict
from kafka_analysis.model.units import counted, format_duration, format_quantity
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.common.results import no_plan
from kafka_analysis.plan.sizing.clusters import ClusterSizing
from kafka_analysis.plan.sizing.ranking import smallest_change
from kafka_analysis.stats.scope.verdicts import not_covered

ENOUGH_S = 7 * 86400.0  # a week: what sizing needs to have seen (design of the reports)
_BINDING = {
    "ingress": "bytes in decide",
    "egress": "bytes out decide",
    "partitions": "the number of partitions decides",
    "storage": "storage decides",
    "connections": "the number of connections decides",
    "minimum": "the minimum of one broker per AZ decides",
}
_PLACES = {
    "disk": "the brokers' disk throughput",
    "network": "the brokers' network",
    "published ingress": "the brokers' published ingress",
    "quota": "the service's quotas",
}


def sizing_verdict(outcome: Outcome[ClusterSizing], coverage: Coverage) -> Verdict:
    """Say what takes the place of a cluster, what it costs and what that rests on.

    Parameters
    ----------
    outcome
        One of the results of :func:`kafka_analysis.plan.sizing.clusters.size_clusters`.
    coverage
        Below what is required the verdict is grey, unless the peak is declared.

    Returns
    -------
    Verdict
        Red: no broker type fits the quotas. Amber: the highest traffic of the interval would not fit, or
        the prices are unverified. Green: the cheapest option fits.

    Examples
    --------
    >>> nothing = Outcome("c", unknown="no traffic was measured")
    >>> sizing_verdict(nothing, Coverage(expected=1, seen=1)).sentence
    'not planned: no traffic was measured.'
    """
    sizing = outcome.plan
    if sizing is None or (not sizing.declared and not_covered(coverage)):
        return no_plan(outcome, coverage)
    if sizing.ranked.is_empty():
        option, light = smallest_change(sizing.options), Light.RED
    else:
        row = sizing.ranked.row(0, named=True)
        option, light = (
            f"{option_words(row)} would suffice, {usd_words(row)}; {binding_words(row)}",
            _light(row),
        )
    if not sizing.declared and sizing.seconds < ENOUGH_S:
        seen, days = format_duration(sizing.seconds), format_quantity(ENOUGH_S / 86400, "days")
        sentence = (
            f"no verdict yet: only {seen} recorded; {days} or declared peaks are needed; so far, {option}."
        )
        return Verdict(light=Light.GREY, sentence=sentence)
    return Verdict(light=light, sentence=f"{option}.")


def option_words(row: Mapping[str, Any]) -> str:
    """Name an option.

    Examples
    --------
    >>> option_words({"brokers": 54, "broker_type": "kafka.m7g.xlarge"}), option_words({"brokers": None,
    ...     "broker_type": "serverless"})
    ('54 × kafka.m7g.xlarge', 'MSK Serverless')
    """
    return "MSK Serverless" if row["brokers"] is None else f"{row['brokers']:,} × {row['broker_type']}"


def usd_words(row: Mapping[str, Any]) -> str:
    """Write what an option costs, provisioned throughput included.

    Examples
    --------
    >>> usd_words({"total_usd": 30195.5, "provisioned_usd": None})
    '30,196 USD a month'
    """
    return f"{row['total_usd']:,.0f} USD a month"


def binding_words(row: Mapping[str, Any]) -> str:
    """Say what the number of brokers comes from.

    Examples
    --------
    >>> binding_words({"binding_constraint": "ingress", "throughput_limit": "disk", "brokers": 54})
    "bytes in decide, limited by the brokers' disk throughput"
    """
    what = _BINDING[row["binding_constraint"]]
    if row["binding_constraint"] != "ingress" and row["brokers"] is not None:
        return what
    return f"{what}, limited by {_PLACES[row['throughput_limit']]}"


def models_words(row: Mapping[str, Any]) -> str:
    """Say what S1 finds for the same broker type, beside S2.

    Examples
    --------
    >>> models_words({"brokers": 108, "s1_brokers": 27, "s1_throughput_limit": "network"})
    'S2 asks for 108 brokers, S1 for 27 (network)'
    """
    if row["brokers"] is None:
        return "both models check Serverless against the same quotas"
    if row["s1_brokers"] is None:
        return f"S2 asks for {counted(row['brokers'], 'broker')}; S1 was not computed"
    other = f"S1 for {row['s1_brokers']:,} ({row['s1_throughput_limit']})"
    return f"S2 asks for {counted(row['brokers'], 'broker')}, {other}"


def left_words(row: Mapping[str, Any]) -> str:
    """Say how much of each limit is left, the tightest first.

    Examples
    --------
    >>> left_words({"headroom_ingress": 0.25, "headroom_egress": None, "headroom_brokers": 0.1})
    'quota of brokers 10 %, bytes in 25 %'
    """
    names = {"ingress": "bytes in", "egress": "bytes out", "brokers": "quota of brokers"}
    left = {
        name.removeprefix("headroom_"): value
        for name, value in row.items()
        if name.startswith("headroom_") and value is not None
    }
    return ", ".join(
        f"{names.get(name, name)} {format_quantity(round(share, 3), '%')}"
        for name, share in sorted(left.items(), key=lambda pair: pair[1])
    )


def _light(row: Mapping[str, Any]) -> Light:
    quota = None if row["headroom_brokers"] is None else row["brokers"] / (1 - row["headroom_brokers"])
    too_many = quota is not None and row["brokers_high"] > quota + 1e-6
    return Light.AMBER if too_many or row["evidence"] == "unverified" else Light.GREEN
