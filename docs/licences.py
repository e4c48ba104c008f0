"""Write docs/licences.md: what the project requires, extra by extra, and under which licence each of it is.

All extras must be installed: pip install -c constraints.txt -e '.[aws,kafka-admin,bench,test,lint]'

    python docs/licences.py
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "kafka-analysis"
EXTRAS = {
    "kafka-admin": "what librdkafka cannot ask of a cluster",
    "aws": "Amazon MSK and CloudWatch",
    "bench": "the other side of `benchmarks/`; no part of what runs",
    "test": "the tests",
    "lint": "style and formatting",
}
PAGE = Path(__file__).with_name("licences.md")
PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
UNKNOWN = "unknown"
# What authors write instead of an identifier of SPDX's; BSD alone does not say how many clauses it has.
NAMES = {
    "apache 2.0": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD",
    "bsd license": "BSD",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "gnu general public license (gpl)": "GPL",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mit no attribution license (mit-0)": "MIT-0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}
IDENTIFIER = r"(?:[A-Z][\w.]*(?:-[\w.]+)+|0BSD|MIT|ISC|GPL|BSD|Zlib|Unlicense)"
EXPRESSION = re.compile(rf"{IDENTIFIER}(?: (?:AND|OR|WITH) {IDENTIFIER})*")
COPYLEFT = re.compile(r"^A?GPL\b")  # LGPL's terms are kept by what is imported and not changed
EXCEPTION = re.compile(r" WITH (?:GCC|Classpath|Autoconf|Bison)-exception[\w.-]*")


def closure(extras: Iterable[str] = ()) -> tuple[dict[str, Distribution], set[str]]:
    """Return what is installed of all that the project requires, with extras or without, and names of what is not."""
    there: dict[str, Distribution] = {}
    missing, seen, asked = set(), set(), [(PROJECT, frozenset(extras))]
    while asked:
        name, chosen = step = asked.pop()
        if step in seen:
            continue
        seen.add(step)
        try:
            lines = _own() if name == PROJECT else distribution(name).requires or ()
        except PackageNotFoundError:
            missing.add(name)
            continue
        if name != PROJECT:
            there[name] = distribution(name)
        wanted = [one for one in map(Requirement, lines) if _applies(one, chosen)]
        asked += [(canonicalize_name(one.name), frozenset(one.extras)) for one in wanted]
    return there, missing


def _applies(wanted: Requirement, extras: Iterable[str]) -> bool:
    return wanted.marker is None or any(wanted.marker.evaluate({"extra": one}) for one in ("", *extras))


def _own() -> list[str]:
    """Return what the project itself requires: as it stands here, whatever version of it is installed."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return project["dependencies"] + [f'{line}; extra == "{one}"' for one in extras for line in extras[one]]


def licence_of(found: Distribution) -> str:
    """Return the licence of a distribution as an SPDX expression, as far as it says so."""
    return spelled(found.metadata) or _headed(found) or UNKNOWN


def spelled(metadata: Message) -> str:
    """Return what metadata say: an expression of SPDX's, else the field for it, else the classifiers.

    A name that only says BSD gives way to one that says how many clauses it has.
    """
    expression = metadata.get("License-Expression")
    if expression:
        return expression
    field = _named(metadata.get("License") or "")
    classifiers = [line.split(" :: ")[-1] for line in metadata.get_all("Classifier") or ()
                   if line.startswith("License :: ")]  # fmt: skip
    classified = " AND ".join(sorted({name for line in classifiers if (name := _named(line))}))
    return classified if field in ("", "BSD") and classified else field


def _named(text: str) -> str:
    """Return the identifier that a field means, or nothing where it holds a whole licence or something else."""
    first = text.strip().partition("\n")[0].strip()
    known = NAMES.get(first.lower())
    return known or (first if EXPRESSION.fullmatch(first) else "")


def _headed(found: Distribution) -> str:
    """Return what the headings of the licence's own file say."""
    for path in found.files or ():
        if re.match(r"licen[cs]e|copying", path.name, re.IGNORECASE) and path.locate().is_file():
            lines = path.locate().read_text(encoding="utf-8", errors="replace").splitlines()
            if name := next(filter(None, map(_named, lines[:3])), ""):
                return name
    return ""


def is_copyleft(expression: str) -> bool:
    """Say whether an expression leaves no choice but the GPL or AGPL, for all of it or a part."""
    parts = EXCEPTION.sub("-with-exception", expression).replace("(", "").replace(")", "").split(" AND ")
    return any(all(_is_gpl(choice) for choice in part.split(" OR ")) for part in parts)


def _is_gpl(name: str) -> bool:
    return bool(COPYLEFT.match(name.strip())) and not name.endswith("-with-exception")


def sections() -> dict[str, dict[str, str]]:
    """Return the licence of each distribution, by extra; under no name those that are always required."""
    always, _ = closure()
    found = {"": always}
    for extra in EXTRAS:
        more, _ = closure([extra])
        found[extra] = {name: one for name, one in more.items() if name not in always}
    return {extra: {name: licence_of(one) for name, one in ones.items()} for extra, ones in found.items()}


def page(by_extra: dict[str, dict[str, str]]) -> str:
    """Return the page."""
    required = by_extra[""]
    lines = [
        "# Licences",
        "",
        "`kafka_analysis` is under the Apache License 2.0. This page lists what it requires, with everything that",
        "those packages require in turn, and their licences. Nothing that is always required is under the GPL or",
        "AGPL; `tests/meta/test_licences.py` fails otherwise, and where this page is out of date.",
        "",
        '`python docs/licences.py` writes it from the metadata of what is installed. "BSD" stands where they do not',
        "say how many clauses. Wheels also carry libraries whose licences lie beside them: scipy's, for instance, the",
        "run-time libraries of GCC, under the GPL with the exception for such libraries.",
        "",
        f"## Always required ({len(required)})",
        "",
        *_table(required),
    ]
    for extra, purpose in EXTRAS.items():
        lines += ["", f"## Extra `{extra}`: {purpose}", "", *_table(by_extra[extra])]
    return "\n".join(lines) + "\n"


def _table(licences: dict[str, str]) -> list[str]:
    by_licence: dict[str, list[str]] = {}
    for name, licence in sorted(licences.items()):
        by_licence.setdefault(licence, []).append(name)
    rows = [f"| {licence} | {', '.join(names)} |" for licence, names in sorted(by_licence.items())]
    return ["| licence | distributions |", "|---|---|", *rows]


def read(text: str) -> dict[str, dict[str, str]]:
    """Return what a page says, as :func:`sections` would."""
    found: dict[str, dict[str, str]] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        extra = re.match(r"Extra `([\w-]+)`", part)
        rows = re.findall(r"^\| (?!licence)([^|]+) \| ([^|]+) \|$", part, re.MULTILINE)
        licences = {name: licence for licence, names in rows for name in names.split(", ")}
        found[extra[1] if extra else ""] = licences
    return found


if __name__ == "__main__":
    PAGE.write_text(page(sections()), encoding="utf-8")
