"""Errors a user can mend: one line that says what was wrong and what to do."""

from __future__ import annotations

from pathlib import Path


class TestbedError(Exception):
    """Say in one line what stopped the testbed and how to mend it."""

    __test__ = False  # not a test class, whatever pytest makes of its name

    @classmethod
    def tool_missing(cls, tool: str, hint: str) -> TestbedError:
        """Report a program that is not on the PATH."""
        return cls(f"`{tool}` is not on the PATH: {hint}")

    @classmethod
    def port_in_use(cls, port: int) -> TestbedError:
        """Report a port that another process holds."""
        return cls(
            f"port {port} is in use: choose another --first-port, or leave it out and free ports are found"
        )

    @classmethod
    def not_running(cls, run_dir: Path) -> TestbedError:
        """Report that there is no testbed to act on."""
        return cls(f"no testbed is running in {run_dir}: start one with `python -m testbed up`")

    @classmethod
    def gave_up(cls, what: str, seconds: float, where: Path | str) -> TestbedError:
        """Report a condition that was not met before its deadline."""
        return cls(f"{what} did not happen within {seconds:.0f} s: see {where}")
