from __future__ import annotations

import io
import os
import sys

import pytest

from kafka_analysis.model.compile_notice import KEPT, NOT_KEPT, CompileNotice, say_beside

PLANNER = "kafka_analysis.plan.rebalance.annealing"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class KernelStream(io.StringIO):
    """A stand-in for what a kernel puts in the place of standard error: its fileno is the process's own."""

    __module__ = "ipykernel.iostream"

    def __init__(self, descriptor: int | None) -> None:
        super().__init__()
        self._descriptor = descriptor

    def fileno(self) -> int:
        if self._descriptor is None:
            raise io.UnsupportedOperation
        return self._descriptor


@pytest.fixture
def said():
    return []


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def notice(said, clock):
    return CompileNotice(said.append, clock=clock)


def spend(notice, clock, seconds, *, module=PLANNER, kept=True):
    """Compile a function for so long; look only at its end, as within a long pass."""
    notice.begin(module, kept=kept)
    clock.now += seconds
    notice.look()
    notice.end()


@pytest.mark.parametrize(
    ("seconds", "expected"), [([0.9], []), ([1.0], [KEPT]), ([0.4, 0.4], []), ([0.4, 0.7], [KEPT])]
)
def test_it_is_said_from_a_second_on_of_all_functions_together(notice, clock, said, seconds, expected):
    for one in seconds:
        spend(notice, clock, one)
        clock.now += 100  # what lies between is not compiling
    assert said == expected


def test_it_is_said_once_and_while_it_lasts(notice, clock, said):
    notice.begin(PLANNER, kept=True)
    clock.now = 1.5
    notice.look()
    assert said == [KEPT]
    clock.now = 30
    notice.look()
    notice.end()
    spend(notice, clock, 30)
    assert said == [KEPT]


def test_callees_count_once_with_what_calls_them(notice, clock, said):
    notice.begin(PLANNER, kept=True)
    spend(notice, clock, 0.4, module="numba.np.arraymath")
    spend(notice, clock, 0.4)
    notice.end()
    spend(notice, clock, 0.1)
    assert said == []


def test_what_is_short_elsewhere_is_passed_over(notice, clock, said):
    spend(notice, clock, 50, module="kafka_analysis.stats.reduce.growth")
    spend(notice, clock, 0.5)
    assert said == []


def test_where_nothing_can_be_kept_it_says_what_would_help(notice, clock, said):
    spend(notice, clock, 2, kept=False)
    assert said == [NOT_KEPT]


def test_a_terminal_gets_a_line(capsys):
    say_beside("Compiling")
    assert capsys.readouterr() == ("", "Compiling\n")


@pytest.mark.parametrize(
    ("session", "on_page", "beside"), [(None, "", b"Compiling\n"), ("a.ipynb", "Compiling\n", b"")]
)
def test_a_kernel_shows_it_only_where_somebody_looks(monkeypatch, session, on_page, beside):
    reads, writes = os.pipe()
    os.set_blocking(reads, False)
    stream = KernelStream(writes)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    if session:
        monkeypatch.setenv("JPY_SESSION_NAME", session)
    say_beside("Compiling")
    os.close(writes)
    assert (stream.getvalue(), os.read(reads, 100)) == (on_page, beside)
    os.close(reads)


def test_a_kernel_that_does_not_listen_there_itself_writes_to_standard_error(monkeypatch, capfd):
    monkeypatch.setattr(sys, "stderr", KernelStream(None))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    say_beside("Compiling")
    assert capfd.readouterr() == ("", "Compiling\n")


def test_nobody_listening_is_no_error(monkeypatch, capfd):
    monkeypatch.setattr(sys, "stderr", KernelStream(-1))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    say_beside("Compiling")
    assert capfd.readouterr() == ("", "")
