"""A number with its noun, and the verb that goes with it, row by row."""

import polars as pl


def counted(number: str | pl.Expr, one: str, many: str = "") -> pl.Expr:
    """Return the text of a number and what is counted, null where the number is.

    Parameters
    ----------
    number
        Column or expression of a whole number.
    one, many
        The words after 1 and after any other number; by default ``many`` is ``one`` with an s.

    Examples
    --------
    >>> rows = pl.DataFrame({"n": [1, 2, None]})
    >>> rows.select(counted("n", "record was read", "records were read"))["n"].to_list()
    ['1 record was read', '2 records were read', None]
    >>> rows.select(counted("n", "stretch", "stretches"))["n"].to_list()
    ['1 stretch', '2 stretches', None]
    """
    value = pl.col(number) if isinstance(number, str) else number
    words = pl.when(value == 1).then(pl.lit(one)).otherwise(pl.lit(many or f"{one}s"))
    return pl.format("{} {}", value, words)
