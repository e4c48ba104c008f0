"""Nothing that is always required is under the GPL, and docs/licences.md names the licence of everything."""

from __future__ import annotations

import importlib.util
import tomllib
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("licences", ROOT / "docs" / "licences.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written(script):
    return script.read(script.PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {pin.name: str(pin.specifier).removeprefix("==") for pin in pins}


def test_nothing_that_is_always_required_is_under_the_gpl(script):
    installed, missing = script.closure()
    assert missing == set()
    assert {"polars", "numpy", "jupyter-core"} <= installed.keys()  # what is required in turn is among them
    licences = {name: script.licence_of(one) for name, one in installed.items()}
    assert {name: licence for name, licence in licences.items() if script.is_copyleft(licence)} == {}
    assert [name for name, licence in licences.items() if licence == script.UNKNOWN] == []


def test_the_page_names_all_that_is_installed_with_its_licence(script, written, pinned):
    for extra, licences in script.sections().items():
        installed, _ = script.closure([extra] if extra else [])
        here = licences.keys() & pinned.keys()  # another system or Python may need others too
        assert here <= written[extra].keys(), extra
        as_pinned = {name for name in here if installed[name].version == pinned[name]}
        said = {name: written[extra][name] for name in as_pinned}
        assert said == {name: licences[name] for name in as_pinned}


def test_the_page_names_nothing_else(script, written, pinned):
    assert {name for licences in written.values() for name in licences} <= pinned.keys()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert written.keys() == {"", *project["optional-dependencies"]}
    direct = {
        "": project["dependencies"],
        **{extra: lines for extra, lines in project["optional-dependencies"].items() if extra != "test"},
    }
    for extra, lines in direct.items():
        names = {Requirement(line).name for line in lines}
        assert names <= written[extra].keys() | written[""].keys(), extra


def test_the_page_is_written_as_it_is_read(script, written):
    assert script.read(script.page(written)) == written
    assert script.page(written) == script.PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("GPL-2.0-or-later", True),
        ("GPL", True),
        ("AGPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", True),
        ("GPL-2.0-only OR AGPL-3.0-only", True),
        ("GPL-2.0-only OR MIT", False),
        ("LGPL-3.0-only", False),
        ("BSD-3-Clause AND GPL-3.0-or-later WITH GCC-exception-3.1", False),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("MPL-2.0 AND MIT", False),
    ],
)
def test_what_leaves_no_choice_but_the_gpl_is_seen(script, expression, expected):
    assert script.is_copyleft(expression) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("License-Expression", "MIT AND 0BSD"), ("License", "GPL")], "MIT AND 0BSD"),
        (
            [("License", "BSD-3-Clause"), ("Classifier", "License :: OSI Approved :: BSD License")],
            "BSD-3-Clause",
        ),
        ([("License", "MPL-2.0 AND MIT")], "MPL-2.0 AND MIT"),
        ([("License", "Dual License"), ("Classifier", "License :: OSI Approved :: MIT License")], "MIT"),
        ([("License", "UNKNOWN"), ("Classifier", "License :: OSI Approved :: ISC License (ISCL)")], "ISC"),
        ([("License", "GNU General Public License (GPL)")], "GPL"),
        (
            [
                ("Classifier", f"License :: OSI Approved :: {one}")
                for one in ("BSD License", "Apache Software License")
            ],
            "Apache-2.0 AND BSD",
        ),
        ([("License", "BSD 3-Clause License\n\nCopyright (c) 2022")], "BSD-3-Clause"),
        ([("License", "as is"), ("Classifier", "Topic :: Software Development")], ""),
    ],
)
def test_a_licence_is_read_however_it_is_spelled(script, fields, expected):
    metadata = Message()
    for field, value in fields:
        metadata[field] = value
    assert script.spelled(metadata) == expected


def test_a_licence_that_only_its_file_names_is_read_there(script, tmp_path):
    folder = tmp_path / "odd-1.0.dist-info"
    (folder / "licenses").mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.4\nName: odd\nVersion: 1.0\n")
    (folder / "RECORD").write_text("odd-1.0.dist-info/licenses/LICENSE,,\n")
    odd = Distribution.at(folder)
    assert script.licence_of(odd) == script.UNKNOWN
    (folder / "licenses" / "LICENSE").write_text("MIT License\n\nPermission is hereby granted")
    assert script.licence_of(odd) == "MIT"
