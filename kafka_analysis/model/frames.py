"""Take Polars or pandas frames in, compute in Polars, hand back the kind that came."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar, cast

import narwhals as nw
import numpy as np
import polars as pl

Function = TypeVar("Function", bound=Callable[..., Any])

# A frame of Polars (eager or lazy), pandas or PyArrow; inside a function under `same_kind`, an eager Polars one.
Frame: TypeAlias = Any

_MANY = (np.ndarray, pl.Series, list)
_NUMBERS = ("broker", "leader", "partition", "wave")
_LISTS = ("replicas", "isr")


def to_polars(frame: Frame) -> pl.DataFrame:
    """Return any frame Narwhals knows (Polars, pandas, PyArrow, lazy ones collected) as a Polars frame.

    Missing numbers of pandas (NaN) become null, because a value that is not known is missing here. Ids of brokers and
    partitions become the 32-bit integers of the capture, whatever pandas made of them, so that frames join.

    Examples
    --------
    >>> import pandas as pd
    >>> to_polars(pd.DataFrame({"broker": [1.0, None], "lag_seconds": [None, 0.5]})).rows()
    [(1, None), (None, 0.5)]
    """
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if not isinstance(frame, pl.DataFrame):
        frame = nw.from_native(frame).lazy().collect("polars").to_native().fill_nan(None)
    schema = frame.schema
    numbers = [pl.col(n).cast(pl.Int32) for n in _NUMBERS if n in schema and schema[n].is_numeric()]
    lists = [pl.col(n).cast(pl.List(pl.Int32)) for n in _LISTS if n in schema and schema[n].is_nested()]
    return frame.with_columns(*numbers, *lists)


def as_lazy(frame: Frame) -> pl.LazyFrame:
    """Return a lazy Polars frame; one that is lazy already as it is.

    Examples
    --------
    >>> as_lazy(pl.DataFrame({"x": [1]})).collect().rows()
    [(1,)]
    """
    return frame if isinstance(frame, pl.LazyFrame) else to_polars(frame).lazy()


def repeated(columns: Mapping[str, object], schema: pl.Schema) -> pl.DataFrame:
    """Return a frame of some columns of a schema: the others are null, and a single value stands in every row.

    Parameters
    ----------
    columns
        Arrays, series and lists of one length; or single values, of which there is one row if there are no others.

    Examples
    --------
    >>> schema = pl.Schema({"topic": pl.String, "partition": pl.Int32, "leader": pl.Int32})
    >>> repeated({"topic": "orders", "partition": [0, 1]}, schema).rows()
    [('orders', 0, None), ('orders', 1, None)]
    """
    given = {name: columns.get(name) for name in schema}
    rows = next((len(v) for v in given.values() if isinstance(v, _MANY)), 1)
    return pl.DataFrame(
        [
            pl.Series(name, value, dtype=schema[name])
            if isinstance(value, _MANY)
            else pl.Series(name, [value], dtype=schema[name]).new_from_index(0, rows)
            for name, value in given.items()
        ]
    )


def same_kind(function: Function) -> Function:
    """Let a function on Polars frames accept other frames and return the kind of the first one it is given.

    Every argument that is a frame is converted; a result that is a Polars frame is converted back.

    Examples
    --------
    >>> import pandas as pd
    >>> @same_kind
    ... def double(frame):
    ...     return frame * 2
    >>> type(double(pd.DataFrame({"value": [1]}))).__module__.split(".")[0]
    'pandas'
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        first = next((a for a in (*args, *kwargs.values()) if _is_frame(a)), None)
        converted = [to_polars(a) if _is_frame(a) else a for a in args]
        named = {k: to_polars(v) if _is_frame(v) else v for k, v in kwargs.items()}
        return back_to(function(*converted, **named), first)

    return cast("Function", wrapper)


def _is_frame(value: object) -> bool:
    return isinstance(value, pl.LazyFrame) or hasattr(value, "columns")


def back_to(result: object, like: Frame) -> Frame:
    """Return a Polars frame as the kind of another frame; what is no Polars frame stays as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> type(back_to(pl.DataFrame({"a": [1]}), pd.DataFrame())).__module__.split(".")[0]
    'pandas'
    """
    if not isinstance(result, pl.DataFrame) or isinstance(like, pl.DataFrame | pl.LazyFrame):
        return result
    if type(like).__module__.startswith("pandas"):
        return result.to_pandas()
    return result.to_arrow() if type(like).__module__.startswith("pyarrow") else result
