"""Commands of Kafka's own tools for a shell: no name means more than itself, and no failure is overlooked.

``--topic`` takes a regular expression, and a dot in it stands for any letter: dots are put in brackets. A loop ends as
its last command does, ``kafka-consumer-groups.sh`` ends with 0 whatever happened, and so does ``kafka-get-offsets.sh``
where a partition has no leader: so what failed is noted, named at the end, and makes the whole block fail.
"""

import re
import shlex
from collections.abc import Iterable, Iterator

SOURCE = "SOURCE"
TOPICS = 'kafka-topics.sh --describe --topic "$pattern"'
OFFSETS = (
    'kafka-get-offsets.sh --topic "$pattern" 2>&1 |'
    " awk '1; /^Skip / { skipped = 1 } /:[0-9]+$/ { told = 1 } END { exit skipped || !told }'"
)
GROUPS = (
    'kafka-consumer-groups.sh --describe --group "$group" 2>&1 |'
    " awk '1; /^GROUP / { known = 1 } END { exit !known }'"
)
_PATTERN = r"""pattern=$(printf '%s\n' "$topic" | sed 's/[.]/[.]/g')"""
_PLAIN = re.compile(rb"[\w .,:/@+=]", re.ASCII)


def at_end(command: str, variable: str) -> str:
    """Return a command for one end, the source or a cell, whose addresses are in a variable.

    Examples
    --------
    >>> at_end("kafka-topics.sh --list", "CELL_1")
    'kafka-topics.sh --bootstrap-server "$CELL_1" --command-config "$CELL_1_CLIENT" --list'
    """
    tool, _, rest = command.partition(" ")
    return f'{tool} --bootstrap-server "${variable}" --command-config "${variable}_CLIENT" {rest}'


def each_topic(command: str, file: str, ends: Iterable[str]) -> Iterator[str]:
    r"""Yield a loop over a file of topics; the command has the name in ``$topic``, or in ``$pattern``, its dots quoted.

    Examples
    --------
    >>> print(*each_topic(TOPICS, "wave-1-CELL_1.txt", ["SOURCE"]), sep="\n")
    while IFS= read -r topic; do
      pattern=$(printf '%s\n' "$topic" | sed 's/[.]/[.]/g')
      kafka-topics.sh --bootstrap-server "$SOURCE" --command-config "$SOURCE_CLIENT" --describe --topic "$pattern" ||
        failed="$failed [$topic at SOURCE]"
    done < wave-1-CELL_1.txt || failed="$failed [wave-1-CELL_1.txt]"
    """
    yield "while IFS= read -r topic; do"
    if "$pattern" in command:
        yield f"  {_PATTERN}"
    for end in ends:
        yield from _or_noted(at_end(command, end), f"$topic at {end}", indent="  ")
    yield _done(file)


def each_group(file: str, groups: Iterable[str], ends: Iterable[str]) -> Iterator[str]:
    """Yield a loop over a file of groups; those whose names are no lines of a file come one by one.

    A group is known if a table of it is printed: the tool's exit code does not tell.

    Examples
    --------
    >>> list(each_group("wave-1-groups.txt", ["a", "b"], []))
    ['while IFS= read -r group; do', 'done < wave-1-groups.txt || failed="$failed [wave-1-groups.txt]"']
    """
    names, calls = tuple(groups), [line for end in ends for line in _of_group(end)]
    if any(map(is_line, names)):
        yield from ("while IFS= read -r group; do", *(f"  {line}" for line in calls), _done(file))
    for name in names:
        if not is_line(name):
            yield from (f"group=$(printf '{octal(name)}.'); group=${{group%.}}", *calls)


def each_end(command: str, ends: Iterable[str]) -> Iterator[str]:
    """Yield a command for each end.

    Examples
    --------
    >>> list(each_end("kafka-topics.sh --list", ["SOURCE"]))
    ['kafka-topics.sh --bootstrap-server "$SOURCE" --command-config "$SOURCE_CLIENT" --list ||',
     '  failed="$failed [SOURCE]"']
    """
    for end in ends:
        yield from _or_noted(at_end(command, end), end)


def block(*lines: str) -> str:
    r"""Return commands as a block of Markdown that no name can end, which fails if any of them has noted a failure.

    Examples
    --------
    >>> print(block("ls || failed=ls"))
    ```sh
    (
    failed=
    ls || failed=ls
    [ -z "$failed" ] || { printf 'Failed:%s\n' "$failed" >&2; exit 1; }
    )
    ```
    """
    most = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, most + 1)
    end = r"""[ -z "$failed" ] || { printf 'Failed:%s\n' "$failed" >&2; exit 1; }"""
    return "\n".join([f"{fence}sh", "(", "failed=", *lines, end, ")", fence])


def is_line(name: str) -> bool:
    r"""Tell whether a name can be a line of a file that people and shells read.

    Examples
    --------
    >>> is_line("prüfung größe"), is_line("a\nb")
    (True, False)
    """
    return name.isprintable()


def octal(text: str) -> str:
    r"""Return a name as ``printf`` of every shell takes it between single quotes.

    Examples
    --------
    >>> print(octal("it's\n-ß"))
    it\047s\012\055\303\237
    """
    letters = (bytes([code]) for code in text.encode())
    return "".join(byte.decode() if _PLAIN.fullmatch(byte) else f"\\{byte[0]:03o}" for byte in letters)


def quoted(text: str) -> str:
    r"""Return a name as one word of a shell, on one line: what cannot be read there is written for ``printf``.

    Examples
    --------
    >>> print(quoted("it's"), quoted("a\nb"), quoted("plain"))
    'it'"'"'s' "$(printf 'a\012b')" plain
    """
    if is_line(text):
        return shlex.quote(text)
    kept = text.rstrip("\n")  # which the shell would cut off
    return f"\"$(printf '{octal(kept)}')\"" + "'\n'" * (len(text) - len(kept))


def variables(cells: Iterable[str]) -> dict[str, str]:
    """Return the name of a shell variable for each cell, no two the same.

    Examples
    --------
    >>> variables(["cell-1", "cell_1", "1 öl", "source"])
    {'1 öl': 'CELL_1_L', 'cell-1': 'CELL_1', 'cell_1': 'CELL_1_2', 'source': 'CELL_SOURCE'}
    """
    names: dict[str, str] = {}
    for cell in sorted(cells):
        word = re.sub(r"[^A-Z0-9]+", "_", cell.upper()).strip("_")
        plain = name = (word if re.match(r"CELL_\w", word) else f"CELL_{word}").rstrip("_")
        number = 2
        while name in names.values():
            name, number = f"{plain}_{number}", number + 1
        names[cell] = name
    return names


def _of_group(end: str) -> Iterator[str]:
    return _or_noted(at_end(GROUPS, end), f"$group at {end}")


def _done(file: str) -> str:
    """Return the end of a loop over a file, which may be absent: the commands may be run in another folder."""
    return f'done < {file} || failed="$failed [{file}]"'


def _or_noted(command: str, what: str, *, indent: str = "") -> Iterator[str]:
    yield f"{indent}{command} ||"
    yield f'{indent}  failed="$failed [{what}]"'
