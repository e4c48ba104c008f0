"""Replace the texts of a frame by rules for its columns; of a column without one, nothing stays."""

from collections.abc import Callable, Mapping
from functools import partial

import polars as pl

from kafka_analysis.capture.pseudonyms import Pseudonyms

Rule = Callable[..., str | None]
Rules = Mapping[tuple[str, ...], Rule]


def redact_rows(rows: pl.DataFrame, rules: Rules, names: Pseudonyms) -> pl.DataFrame:
    """Replace the texts of a frame.

    Parameters
    ----------
    rules
        For columns, what becomes of a text: called with its value (never null) and those of the other columns of the
        key. A column of texts without a rule becomes pseudonyms named after it.

    Examples
    --------
    >>> names = Pseudonyms(b"0123456789abcdef")
    >>> redact_rows(pl.DataFrame({"n": [1], "a": ["x"], "b": ["y"]}), {("a",): lambda a: a.upper()}, names).row(0)[:2]
    (1, 'X')
    """
    ruled = {columns[0]: (columns, rule) for columns, rule in rules.items()}
    changed = {}
    for column, dtype in rows.schema.items():
        columns, rule = ruled.get(column, ((column,), partial(names.of, column)))
        if dtype == pl.String:
            changed[column] = _replace(rows, columns, rule)
        elif dtype == pl.List(pl.String):
            texts = rows[column].explode(empty_as_null=False, keep_nulls=False).unique()
            replaced = {text: rule(text) for text in texts.drop_nulls()}
            changed[column] = rows[column].list.eval(
                pl.element().replace_strict(replaced, return_dtype=pl.String)
            )
    return rows.with_columns(**changed)


def _replace(rows: pl.DataFrame, columns: tuple[str, ...], rule: Rule) -> pl.Series:
    values = rows.select(list(columns)).unique().drop_nulls(columns[0])
    replaced = values.with_columns(
        pl.Series("_replaced", [rule(*row) for row in values.iter_rows()], dtype=pl.String)
    )
    return rows.select(list(columns)).join(
        replaced, on=list(columns), how="left", nulls_equal=True, maintain_order="left"
    )["_replaced"]
