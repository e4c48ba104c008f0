"""The file that says which topic belongs to which cell, as ``plan split`` writes it."""

from pathlib import Path

import polars as pl

from kafka_analysis.capture.ownership import file_beside, table_beside
from kafka_analysis.model.errors import InputError

CELLS = {"topic": pl.String, "cell": pl.String}


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
        reason = str(error).splitlines()[0]
        message = f"{path} cannot be read ({reason}); it must be CSV in UTF-8 with topic, cell"
        raise InputError(message) from None
