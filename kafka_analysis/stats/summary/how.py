"""How an action is carried out, what it changes, how to take it back: kept in ``how.csv`` by words of the action."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from kafka_analysis.model.summary import SummaryResult
from kafka_analysis.model.units import UNKNOWN, format_quantity

_ROOM = "kafka_analysis.stats.summary"


@dataclass(frozen=True)
class How:
    """The command or setting of an action, its effect and how to take it back; '' is not known."""

    command: str = ""
    effect: str = ""
    undo: str = ""


def how_to(notebook: str, action: str, result: SummaryResult, *, several: bool = False) -> How:
    """Return how an action of a notebook is carried out, from the first row of ``how.csv`` whose words are in it.

    Parameters
    ----------
    notebook, action
        Of a finding.
    result
        The answer it stands in: its figures are filled into the effect (one without a value is ``unknown``), its
        cluster into the command, quoted for a shell.
    several
        Whether it is about other clusters too: the command is for all of them then.

    Returns
    -------
    How
        Empty texts where no row fits: then only the notebook's own words are known.

    Examples
    --------
    >>> how_rows("99_own")
    ()
    """
    row = next((row for row in how_rows(notebook) if row["text"] in action), None)
    if row is None:
        return How()
    figures = {figure.name: format_quantity(figure.value, figure.unit) for figure in result.figures}
    command = row["command"].replace(" --cluster {cluster}", "") if several else row["command"]
    effect = row["effect"].format_map(_Known(figures))
    return How(
        command=command.replace("{cluster}", shlex.quote(result.cluster)),
        effect=f"{result.cluster}: {effect}" if several and effect != row["effect"] else effect,
        undo=row["undo"],
    )


def known_by(notebook: str, sentence: str) -> str:
    """Return what would make known what a sentence says is not, from ``known_by.csv``; words before notebooks.

    Examples
    --------
    >>> known_by("20_partition_skew", "no verdict: only 80 % of the expected scrapes are there.")[:30]
    'Record again without the gaps '
    >>> known_by("99_own", "nobody knows")
    'Its page says what is missing.'
    """
    of_words = (
        row["how"] for row in _rows("known_by.csv") if not row["notebook"] and row["text"] in sentence
    )
    of_notebook = (row["how"] for row in _rows("known_by.csv") if row["notebook"] == notebook)
    return next(of_words, None) or next(of_notebook, "Its page says what is missing.")


def how_rows(notebook: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of ``how.csv`` about a notebook, in their order: the first whose words are in an action fits.

    Examples
    --------
    >>> how_rows("30_rebalance_plan")[0]["text"]
    'Follow plan.md'
    """
    return tuple(row for row in _rows("how.csv") if row["notebook"] == notebook)


@cache
def _rows(name: str) -> tuple[Mapping[str, str], ...]:
    frame = pl.read_csv((files(_ROOM) / name).read_bytes(), infer_schema=False).fill_null("")
    return tuple(frame.to_dicts())


class _Known(dict[str, str]):
    """Figures by name; one that an answer does not have is unknown."""

    def __missing__(self, name: str) -> str:
        return UNKNOWN
