"""Commands of Kafka's own tools, with names out of a cluster quoted so that a shell takes them for nothing else."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

SOURCE = '--bootstrap-server "$SOURCE" --command-config "$SOURCE_CLIENT"'
_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


def shell_word(text: str) -> str:
    r"""Return a name as one word of a shell, on one line.

    Examples
    --------
    >>> print(shell_word("orders.created"), shell_word("a b; rm -rf $HOME"), shell_word("it's\n`x`"))
    orders.created 'a b; rm -rf $HOME' $'it\'s\n`x`'
    """
    if text.isprintable():
        return text if _PLAIN.fullmatch(text) else shlex.quote(text)
    letters = (letter if letter.isprintable() and letter not in "\\'" else _escape(letter) for letter in text)
    return f"$'{''.join(letters)}'"


def at_target(command: str, variable: str) -> str:
    """Return a command for a cell, whose addresses are in a variable.

    Examples
    --------
    >>> at_target("kafka-topics.sh --list", "CELL_1")
    'kafka-topics.sh --bootstrap-server "$CELL_1" --command-config "$CELL_1_CLIENT" --list'
    """
    tool, _, rest = command.partition(" ")
    return f'{tool} --bootstrap-server "${variable}" --command-config "${variable}_CLIENT" {rest}'


def at_source(command: str) -> str:
    """Return a command for the source.

    Examples
    --------
    >>> at_source("kafka-topics.sh --list")
    'kafka-topics.sh --bootstrap-server "$SOURCE" --command-config "$SOURCE_CLIENT" --list'
    """
    tool, _, rest = command.partition(" ")
    return f"{tool} {SOURCE} {rest}"


def variables(cells: Iterable[str]) -> dict[str, str]:
    """Return the name of a shell variable for each cell, no two the same.

    Examples
    --------
    >>> variables(["cell-1", "cell_1", "1 öl", "source"])
    {'1 öl': 'CELL_1_L', 'cell-1': 'CELL_1', 'cell_1': 'CELL_1_2', 'source': 'CELL_SOURCE'}
    """
    found: dict[str, str] = {}
    for cell in sorted(cells):
        word = re.sub(r"[^A-Z0-9]+", "_", cell.upper()).strip("_")
        plain = name = (word if re.match(r"CELL_\w", word) else f"CELL_{word}").rstrip("_")
        number = 2
        while name in found.values():
            name, number = f"{plain}_{number}", number + 1
        found[cell] = name
    return found


def block(*lines: str) -> str:
    """Return commands as a block of Markdown that no name can end.

    Examples
    --------
    >>> print(block("ls"))
    ```sh
    ls
    ```
    """
    most = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, most + 1)
    return "\n".join([f"{fence}sh", *lines, fence])


def _escape(letter: str) -> str:
    named = {"\n": r"\n", "\t": r"\t", "\r": r"\r", "\\": r"\\", "'": r"\'"}
    return named.get(letter) or (
        f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
    )
