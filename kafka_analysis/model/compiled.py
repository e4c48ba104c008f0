"""Compile what must walk over millions of rows or bytes one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small function into each compiled function that calls it: a call would copy every array's header.

    Examples
    --------
    >>> @inlined
    ... def twice(number):
    ...     return number + number
    >>> twice(2)
    4
    """
    return njit(inline="always")(function)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function with Numba when it is first called; keep the result on disk where there is a place for it.

    Examples
    --------
    >>> @compiled
    ... def twice(number):
    ...     return number + number
    >>> twice(2)
    4
    """
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # neither the package's folder nor the user's can be written to
        return njit(nogil=True)(function)
