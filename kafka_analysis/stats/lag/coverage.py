"""How many of the answers about committed offsets there are."""

from collections.abc import Mapping

import polars as pl

from kafka_analysis.model.findings import Coverage
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.scope.windows import Window


def answers_seen(
    answers: Frame,
    *,
    windows: Mapping[str, Window],
    required_ratio: float = 0.5,
    of: str = "committed offsets",
) -> dict[str, Coverage]:
    """Count how often each cluster's committed offsets were read in its window, of as often as it was to be expected.

    Offsets add up, so that a missing answer between two others loses nothing: less is required than of scrapes.

    Parameters
    ----------
    answers
        ``cluster`` and ``ts`` of every answer.
    windows
        The window of each cluster. Expected: the time from its first answer to the end of the window ÷ the median time
        between two answers. A cluster whose groups have committed nothing yet gives no answer.
    required_ratio
        What makes a verdict.
    of
        What was read, in words.

    Returns
    -------
    dict of Coverage
        One for each window. Nothing is expected where there are fewer than two answers: they tell no interval.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in (0, 1, 2, 8)]
    >>> seen = answers_seen(pl.DataFrame({"cluster": "c", "ts": t}), windows={"c": Window(t[0], t[-1])})
    >>> seen["c"].expected, seen["c"].seen, seen["c"].ratio
    (8, 4, 0.5)
    """
    rows = to_polars(answers).select("cluster", "ts").unique().sort("ts")
    return {
        name: _of_cluster(rows.filter(cluster=name)["ts"], window, required_ratio, of)
        for name, window in windows.items()
    }


def _of_cluster(answers: pl.Series, window: Window, required_ratio: float, of: str) -> Coverage:
    if len(answers) < 2:
        return Coverage(
            expected=0,
            seen=0,
            required_ratio=required_ratio,
            unit="answers",
            worst=f"its {of} were not read at least twice",
        )
    between_s = answers.diff().dt.total_milliseconds().median() / 1000
    since_first_s = (window.end - answers[0]).total_seconds()
    expected = max(round(since_first_s / between_s), len(answers))
    return Coverage(expected=expected, seen=len(answers), required_ratio=required_ratio, unit="answers")
