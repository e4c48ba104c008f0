"""The three figures that matter, and what it costs: chosen by rules, never by hand."""

from collections.abc import Iterator, Sequence

from kafka_analysis.model.executive import KeyFigure
from kafka_analysis.model.findings import Evidence, Figure, Light
from kafka_analysis.model.summary import Summary
from kafka_analysis.stats.summary.order import (
    is_wave_under_way,
    reading_order,
    subject_of,
    subject_place,
    worst,
)
from kafka_analysis.stats.summary.sentence import PROGRESS, THROUGHPUT

MOST_FIGURES = 3
_SPEAKING = {  # the figures that speak for a notebook, the first that is known and not 0
    "10_inventory": ("partitions",),
    "20_partition_skew": ("bytes_out_per_s_max_over_mean", "bytes_in_per_s_max_over_mean"),
    "30_rebalance_plan": ("fullest_before",),
    "40_cluster_split": ("worst_client_share",),
    "45_msk_sizing": ("tightest_headroom",),
    "48_migration_waves": ("largest_risk_share",),
    "50_replication": ("lost_records", "lag_seconds_max", "lag_records"),
    "60_cutover_readiness": ("blocking_places", "unknown_places", "twice_records"),
    "75_consumer_lag": ("lost_records", "lag_seconds_max", "lag_records"),
}
_COSTS = {"40_cluster_split": "monthly_usd", "45_msk_sizing": "monthly_usd"}


def key_figures(summaries: Sequence[Summary]) -> tuple[KeyFigure, ...]:
    """Choose three figures: how far the migration is, then what the worst answers rest on, one a subject.

    Parameters
    ----------
    summaries
        Of a run, each notebook once.

    Returns
    -------
    tuple of KeyFigure
        First the share of the business traffic that the targets carry, where it is known. Then of each subject
        (cut-over; traffic and consumers; cells; load; inventory) the figure that speaks for its worst answer, the
        subjects in reading order. At the same light measured figures come before estimated and declared ones, and of
        several clusters the worst value is shown. Unknown values are left out. Fewer than three where there are no
        more.

    Examples
    --------
    >>> key_figures([])
    ()
    """
    cutover_first = is_wave_under_way(summaries)
    chosen = [*_progress(summaries)]
    said = {(figure.notebook, figure.figure.name) for figure in chosen}
    candidates = [figure for summary in summaries for figure in _worst_of(summary)]
    candidates.sort(key=lambda one: _order(one, cutover_first=cutover_first))
    subjects: set[str] = set()
    for candidate in candidates:
        subject = subject_of(candidate.notebook)
        if subject not in subjects and (candidate.notebook, candidate.figure.name) not in said:
            subjects.add(subject)
            chosen.append(candidate)
    return tuple(chosen[:MOST_FIGURES])


def costs(summaries: Sequence[Summary]) -> tuple[KeyFigure, ...]:
    """Return what the cells, and the brokers that a sizing chose, cost: every cluster's known figure.

    Examples
    --------
    >>> costs([])
    ()
    """
    return tuple(
        KeyFigure(
            notebook=summary.notebook, cluster=result.cluster, light=result.verdict.light, figure=figure
        )
        for summary in summaries
        for result in summary.results
        for figure in result.figures
        if figure.name == _COSTS.get(summary.notebook) and figure.value is not None
    )


def _order(one: KeyFigure, *, cutover_first: bool) -> tuple[object, ...]:
    not_first, light, place, name = reading_order(one.light, one.notebook, cutover_first=cutover_first)
    evidence = [*Evidence].index(one.figure.evidence)
    return not_first, light, subject_place(one.notebook), evidence, place, name


def _progress(summaries: Sequence[Summary]) -> Iterator[KeyFigure]:
    for summary in summaries:
        for result in summary.results if summary.notebook == THROUGHPUT else ():
            light = result.verdict.light
            for figure in result.figures if light is not Light.GREY else ():
                if figure.name == PROGRESS and figure.value is not None:
                    yield KeyFigure(notebook=THROUGHPUT, cluster=result.cluster, light=light, figure=figure)
                    return


def _worst_of(summary: Summary) -> Iterator[KeyFigure]:
    """Yield the figure that speaks for the worst answers of a notebook: of several clusters the worst value."""
    light = worst(result.verdict.light for result in summary.results)
    known = [
        (result.cluster, figure)
        for result in summary.results
        if result.verdict.light is light
        for figure in result.figures
        if figure.value is not None
    ]
    named = [pair for name in _SPEAKING.get(summary.notebook, ()) for pair in known if pair[1].name == name]
    pairs = [pair for pair in named if pair[1].value] or named
    pairs = pairs or [pair for pair in known if pair[1].better != "neither"]
    same = [pair for pair in pairs if pair[1].name == pairs[0][1].name]
    if same:
        cluster, figure = max(same, key=lambda pair: _badness(pair[1]))
        yield KeyFigure(notebook=summary.notebook, cluster=cluster, light=light, figure=figure)


def _badness(figure: Figure) -> float:
    return -(figure.value or 0.0) if figure.better == "higher" else (figure.value or 0.0)
