"""Take Polars or pandas frames in, compute in Polars, hand back the kind that came."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import narwhals as nw
import polars as pl

Function = TypeVar("Function", bound=Callable[..., Any])


def to_polars(frame: Any) -> pl.DataFrame:
    """Return any frame Narwhals knows (Polars, pandas, PyArrow, lazy ones collected) as a Polars frame.

    Missing numbers of pandas (NaN) become null, because a value that is not known is missing here.

    Examples
    --------
    >>> import pandas as pd
    >>> to_polars(pd.DataFrame({"broker": [1.0, None]}))["broker"].to_list()
    [1.0, None]
    """
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame
    return nw.from_native(frame).lazy().collect("polars").to_native().fill_nan(None)


def same_kind(function: Function) -> Function:
    """Let a function on Polars frames accept other frames and return the kind of its first argument.

    Every positional argument that is a frame is converted; a result that is a Polars frame is converted back.

    Examples
    --------
    >>> import pandas as pd
    >>> @same_kind
    ... def double(frame):
    ...     return frame * 2
    >>> type(double(pd.DataFrame({"value": [1]}))).__name__
    'DataFrame'
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        first = next((a for a in args if hasattr(a, "columns") or isinstance(a, pl.LazyFrame)), None)
        converted = [to_polars(a) if hasattr(a, "columns") or isinstance(a, pl.LazyFrame) else a for a in args]
        named = {k: to_polars(v) if hasattr(v, "columns") else v for k, v in kwargs.items()}
        result = function(*converted, **named)
        return _back(result, first)

    return cast("Function", wrapper)


def _back(result: Any, like: Any) -> Any:
    if not isinstance(result, pl.DataFrame) or like is None or isinstance(like, pl.DataFrame | pl.LazyFrame):
        return result
    if type(like).__module__.startswith("pandas"):
        return result.to_pandas()
    return result.to_arrow() if type(like).__module__.startswith("pyarrow") else result
