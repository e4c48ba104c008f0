from __future__ import annotations

import socket

import pytest

from testbed.errors import TestbedError
from testbed.ports import HIGHEST, HOST, LOWEST, free_ports


def test_ports_are_distinct_and_below_those_of_outgoing_connections() -> None:
    ports = free_ports(40)
    assert len(set(ports)) == 40
    assert all(LOWEST <= port < HIGHEST for port in ports)


def test_ports_after_the_first_are_taken_in_turn() -> None:
    first = next(port for port in range(20000, 30000, 50) if _all_free(port, 3))
    assert free_ports(3, first=first) == [first, first + 1, first + 2]


def test_a_port_in_use_is_named() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(TestbedError, match=f"port {port} is in use: choose another --first-port"):
            free_ports(1, first=port)


def _all_free(first: int, count: int) -> bool:
    try:
        return bool(free_ports(count, first=first))
    except TestbedError:
        return False
