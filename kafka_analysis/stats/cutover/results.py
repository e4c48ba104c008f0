"""Put the verdict on each cell, its figures and its findings together."""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from kafka_analysis.model.findings import (
    Coverage,
    Evidence,
    Figure,
    Finding,
    Light,
    Result,
    Verdict,
    not_judged,
)
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted, listed
from kafka_analysis.stats.cutover.stages import GATES, Stage
from kafka_analysis.stats.scope.verdicts import not_covered

_LIGHTS = {"no-go": Light.RED, "not enough data": Light.GREY, "go": Light.GREEN}
_MOST_FINDINGS = 8
BEGUN_WAVES = "begun_waves"
_TOO_LATE = "The cut-over has begun: check what the groups read at the target, or go back by plan rollback."
_BEGUN = {"no-go": "began although not ready", "not enough data": "began with too little data"}
_ORDER = tuple((word, is_begun) for is_begun in (False, True) for word in ("no-go", "not enough data"))


def cutover_results(
    verdicts: Frame,
    summary: Frame,
    read_twice: Frame,
    *,
    topics: Frame,
    stage: Stage,
    waived: Sequence[str],
    coverage: Mapping[str, Coverage],
    sources: Collection[str],
    begun: Collection[int] = (),
) -> list[Result]:
    """Say of each cell whether its waves may move, and what keeps them.

    Parameters
    ----------
    verdicts, summary
        Results of :func:`~kafka_analysis.stats.cutover.summary.verdicts` and ``summarised``.
    read_twice
        Result of :func:`~kafka_analysis.stats.cutover.read_twice.by_group`.
    topics
        What moves: ``wave``, ``source``, ``target``, ``topic``.
    stage
        What has been done already.
    waived
        Checks that were not asked: said with every go.
    coverage
        Of answers about logs, of the clusters looked at, in their order; one that nothing moves to has a result only
        where it is no source. Too few answers are no go; what blocks is known all the same.
    sources
        Clusters that topics move from.
    begun
        Waves whose cut-over has begun already, judged as they were then: what would block is to be watched, for it is
        too late to stop it.

    Returns
    -------
    list of Result
        Of a cell with several waves the worst counts. Figures: topics, checks passed, records read twice at most,
        places that block; where waves have begun, their share instead of the checks passed.

    Examples
    --------
    >>> said = pl.DataFrame({"wave": [1], "target": "b", "verdict": "go", "blocking": [[]], "missing": [[]]})
    >>> lines = pl.DataFrame({"wave": [1], "target": "b", "check": "replica", "state": "ok", "looked_at": 4,
    ...     "blocks": 0, "unknown": 0, "notes": 0, "finding": None, "detail": None})
    >>> twice = pl.DataFrame({"target": ["b"], "twice_high": 7, "is_active": False})
    >>> topics = pl.DataFrame({"wave": [1], "source": "a", "target": "b", "topic": "t"})
    >>> seen = {"b": Coverage(expected=4, seen=4)}
    >>> (result,) = cutover_results(said, lines, twice, topics=topics, stage="prepared", waived=[], coverage=seen,
    ...     sources=["a"])
    >>> result.verdict.sentence
    'go for wave 1: the producers may be stopped.'
    """
    of_waves, lines, twice = to_polars(verdicts), to_polars(summary), to_polars(read_twice)
    moved = to_polars(topics)
    results = []
    for cluster, seen in coverage.items():
        own = of_waves.filter(target=cluster)
        if own.is_empty():
            if cluster not in sources:
                results.append(
                    Result(cluster=cluster, verdict=not_judged(f"nothing moves to {cluster}"), coverage=seen)
                )
            continue
        rows = lines.filter(target=cluster)
        results.append(
            Result(
                cluster=cluster,
                verdict=_verdict(own, rows, seen, stage=stage, waived=waived, begun=begun),
                coverage=seen,
                figures=_figures(
                    own, rows, twice.filter(target=cluster), moved.filter(target=cluster), begun
                ),
                findings=tuple(_findings(rows, begun)),
            )
        )
    return results or [
        Result(cluster=name, verdict=not_judged("nothing moves"), coverage=seen)
        for name, seen in coverage.items()
    ]


def wave_name(wave: int | None) -> str:
    """Return what a wave is called.

    Examples
    --------
    >>> wave_name(2), wave_name(None)
    ('wave 2', 'everything that is replicated')
    """
    return "everything that is replicated" if wave is None else f"wave {wave}"


def _verdict(
    own: pl.DataFrame,
    rows: pl.DataFrame,
    seen: Coverage,
    *,
    stage: Stage,
    waived: Sequence[str],
    begun: Collection[int],
) -> Verdict:
    without = f" ({listed(list(waived), 3)} waived)" if waived else ""
    late = pl.col("wave").is_in(list(begun))
    for word, is_begun in _ORDER:
        waves = own.filter(late.fill_null(value=False) == is_begun, verdict=word)
        if waves.is_empty():
            continue
        names = listed([wave_name(wave) for wave in waves["wave"]], 3)
        state = "blocks" if word == "no-go" else "unknown"
        wrong = rows.filter(pl.col("wave").is_in(waves["wave"].implode(), nulls_equal=True), state=state)
        first = wrong.row(0, named=True)
        places = first[state]
        more = len(wrong) - 1
        also = f", and {counted(more, 'more check')}" if more else ""
        where = (
            f"{first['finding']}: {first['detail']}"
            if places == 1
            else f"{first['finding']} ({places} places)"
        )
        said = f"{names} {_BEGUN[word]}" if is_begun else f"{word} for {names}"
        text = f"{said}: {where.rstrip('.')}{also}{without}."
        return Verdict(light=_light(_LIGHTS[word], is_begun=is_begun), sentence=text)
    lacking = not_covered(seen)
    if lacking is not None:
        return lacking
    names = listed([wave_name(wave) for wave in own["wave"]], 3)
    if set(own["wave"]) <= set(begun):
        return Verdict(light=Light.GREEN, sentence=f"{names} began when ready{without}.")
    return Verdict(light=Light.GREEN, sentence=f"go for {names}: {GATES[stage].opens}{without}.")


def _light(light: Light, *, is_begun: bool) -> Light:
    return Light.AMBER if is_begun and light is Light.RED else light


def _begun_figure(own: pl.DataFrame, begun: Collection[int]) -> Figure | None:
    """Return the share of a cell's waves that have begun, where there are any."""
    waves = set(own["wave"].drop_nulls())
    if not (late := waves & set(begun)):
        return None
    share = len(late) / len(waves)
    return Figure(
        name=BEGUN_WAVES, label=f"Cut-over has begun, of {counted(len(waves), 'wave')}", value=share, unit="%"
    )


def _figures(
    own: pl.DataFrame, rows: pl.DataFrame, twice: pl.DataFrame, topics: pl.DataFrame, begun: Collection[int]
) -> tuple[Figure, ...]:
    is_known = len(twice) > 0 and not twice["twice_high"].null_count()
    passed = int(rows["state"].is_in(["ok", "note"]).sum())
    is_range = bool(twice["is_active"].any()) if len(twice) else False
    high = float(twice["twice_high"].sum()) if is_known else (0.0 if twice.is_empty() else None)
    note = "at most: groups still read" if is_range else ""
    return (
        Figure(
            name="topics", label="Topics that move", value=float(topics["topic"].n_unique()), unit="topics"
        ),
        _begun_figure(own, begun)
        or Figure(
            name="checks_passed",
            label=f"Checks passed, of {len(rows)}",
            value=float(passed),
            unit="checks",
            better="higher",
        ),
        Figure(
            name="blocking_places",
            label="Places that block",
            value=float(rows["blocks"].sum()),
            unit="places",
            better="lower",
        ),
        Figure(
            name="unknown_places",
            label="Places without data",
            value=float(rows["unknown"].sum()),
            unit="places",
            better="lower",
        ),
        Figure(
            name="twice_records",
            label="Records read twice",
            value=high,
            unit="records",
            better="lower",
            evidence=Evidence.ESTIMATED,
            note=note,
        ),
    )


def _findings(rows: pl.DataFrame, begun: Collection[int]) -> list[Finding]:
    found = []
    for state, light in (("blocks", Light.RED), ("unknown", Light.GREY)):
        for row in rows.filter(state=state).iter_rows(named=True):
            where = f"{wave_name(row['wave'])}, {row['check']}, {counted(row[state], 'place')}"
            found.append(
                Finding(
                    light=_light(light, is_begun=row["wave"] in begun),
                    title=str(row["finding"]),
                    detail=f"{where}: {str(row['detail']).rstrip('.')}.",
                    action=_TOO_LATE if state == "blocks" and row["wave"] in begun else "",
                )
            )
    return found[:_MOST_FINDINGS]
