"""Find loopback ports that nobody listens on."""

from __future__ import annotations

import contextlib
import socket

from testbed.errors import TestbedError

HOST = "127.0.0.1"


def free_ports(count: int, *, first: int | None = None) -> list[int]:
    """Return `count` distinct ports of the loopback address that are free now.

    Parameters
    ----------
    count
        How many ports are needed.
    first
        Take this port and the ones after it; without it the system chooses.

    Raises
    ------
    TestbedError
        If a port from `first` on is in use.

    Examples
    --------
    >>> len(set(free_ports(3)))
    3
    """
    wanted = [0] * count if first is None else list(range(first, first + count))
    with contextlib.ExitStack() as held:  # all held at once, so that none is given twice
        return [_bind(held.enter_context(socket.socket()), port) for port in wanted]


def _bind(sock: socket.socket, port: int) -> int:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
    try:
        sock.bind((HOST, port))
    except (OSError, OverflowError) as error:
        raise TestbedError.port_in_use(port) from error
    return sock.getsockname()[1]
