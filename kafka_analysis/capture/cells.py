"""Files that say which topic belongs to which cell and wave, as ``plan split`` and ``plan waves`` write them."""

from pathlib import Path

import polars as pl

from kafka_analysis.capture.ownership import file_beside, table_beside
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.strict_files import one_line

CELLS = {"topic": pl.String, "cell": pl.String}
WAVES = {**CELLS, "wave": pl.Int32}


def cells_of(capture: str | Path, path: str | Path | None = None) -> pl.DataFrame:
    """Read a file of topics and cells; None = the one beside the capture, where there is one, else no topic has a cell.

    Examples
    --------
    >>> cells_of("no/such/capture").rows()
    []
    """
    return table_beside(file_beside(capture, "cells"), path, read_cells, CELLS)


def read_cells(path: str | Path) -> pl.DataFrame:
    r"""Read which topic belongs to which cell from CSV with the columns ``topic`` and ``cell``.

    Parameters
    ----------
    path
        The file, in UTF-8; other columns are passed over.

    Raises
    ------
    InputError
        It cannot be read, or has not these columns.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "cells.csv"
    >>> _ = file.write_text("topic,cell\norders,cell-1\n", encoding="utf-8")
    >>> read_cells(file).rows()
    [('orders', 'cell-1')]
    """
    try:
        return pl.read_csv(Path(path).read_bytes(), columns=list(CELLS), infer_schema=False).select(*CELLS)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = one_line(error)
        message = f"{path} cannot be read ({reason}); it must be CSV in UTF-8 with topic, cell"
        raise InputError(message) from None


def waves_of(capture: str | Path, path: str | Path | None = None) -> pl.DataFrame | None:
    """Read a file of topics, cells and waves; None = the one beside the capture; without either there is no plan.

    Examples
    --------
    >>> waves_of("no/such/capture") is None
    True
    """
    beside = file_beside(capture, "waves")
    if path is None and not beside.exists():
        return None
    return read_waves(path or beside)


def read_waves(path: str | Path) -> pl.DataFrame:
    r"""Read in which wave a topic moves to which cell from CSV with the columns ``topic``, ``cell`` and ``wave``.

    Parameters
    ----------
    path
        The file, in UTF-8; other columns are passed over. ``plan waves`` writes it as ``topic_waves.csv``.

    Raises
    ------
    InputError
        It cannot be read, has not these columns, a wave is not a whole number from 1, or a topic is named twice.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "topic_waves.csv"
    >>> _ = file.write_text("topic,cell,wave\norders,cell-1,2\n", encoding="utf-8")
    >>> read_waves(file).rows()
    [('orders', 'cell-1', 2)]
    """
    try:
        rows = pl.read_csv(Path(path).read_bytes(), columns=list(WAVES), infer_schema=False).select(*WAVES)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = one_line(error)
        message = f"{path} cannot be read ({reason}); it must be CSV in UTF-8 with topic, cell, wave"
        raise InputError(message) from None
    if rows["topic"].null_count() or rows["cell"].null_count():
        raise InputError(f"{path} has a row without a topic or cell; give each row all of topic, cell, wave")
    numbered = rows.with_columns(number=pl.col("wave").cast(pl.Int32, strict=False))
    wrong = numbered.filter((pl.col("number") >= 1).not_() | pl.col("number").is_null())
    if len(wrong):
        raise InputError(
            f"{path}: wave {wrong['wave'][0]!r} of topic {wrong['topic'][0]!r} is not a whole number from 1"
        )
    twice = rows.filter(pl.col("topic").is_duplicated())
    if len(twice):
        raise InputError(
            f"{path}: topic {twice['topic'][0]!r} is listed twice; give each topic one cell and one wave"
        )
    return numbered.select("topic", "cell", wave="number")
