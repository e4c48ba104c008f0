"""Find loopback ports that nobody listens on."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator

from testbed.errors import TestbedError

HOST = "127.0.0.1"
# Below the range the system gives to outgoing connections: a killed broker must find its port free again.
LOWEST, HIGHEST = 15000, 32000


def free_ports(count: int, *, first: int | None = None) -> list[int]:
    """Return `count` distinct ports of the loopback address that are free now.

    Parameters
    ----------
    count
        How many ports are needed.
    first
        Take this port and the ones after it; without it any free ones are found.

    Raises
    ------
    TestbedError
        If a port from `first` on is in use, or too few are free.

    Examples
    --------
    >>> len(set(free_ports(3)))
    3
    """
    with contextlib.ExitStack() as held:  # all held at once, so that none is given twice
        if first is not None:
            return [held.enter_context(_held(port)) and port for port in range(first, first + count)]
        return _search(count, held)


def _search(count: int, held: contextlib.ExitStack) -> list[int]:
    found: list[int] = []
    for port in _candidates():
        with contextlib.suppress(TestbedError):
            held.enter_context(_held(port))
            found.append(port)
        if len(found) == count:
            return found
    message = f"fewer than {count} ports are free between {LOWEST} and {HIGHEST}"
    raise TestbedError(message)


def _candidates() -> Iterator[int]:
    start = random.SystemRandom().randrange(LOWEST, HIGHEST)
    yield from range(start, HIGHEST)
    yield from range(LOWEST, start)


def _held(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
    try:
        sock.bind((HOST, port))
    except (OSError, OverflowError) as error:
        sock.close()
        raise TestbedError.port_in_use(port) from error
    return sock
