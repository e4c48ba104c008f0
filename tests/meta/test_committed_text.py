"""Nothing committed betrays a machine, a registry or a secret."""

from __future__ import annotations

import re

import pytest

# Folders of a person or a machine, as they stand in tracebacks and lock files.
HOME = re.compile(r"(?<![\w.])/(?:home|Users|root|work|tmp)/(?!(?:you|user|me)\b)[\w.-]+|[A-Z]:\\\\Users\\\\")
REGISTRY = re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host|^@ *https?://", re.MULTILINE)
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}")
ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")
PLACES_IN_TESTS = ("tests/", "testbed/")


def offending(pattern, paths, root):
    texts = (
        (path.relative_to(root).as_posix(), path.read_text(encoding="utf-8", errors="replace"))
        for path in paths
    )
    return {name: found[:3] for name, text in texts if (found := pattern.findall(text))}


@pytest.fixture
def texts(committed, root):
    """Return committed files that hold text, this one left out."""
    kept = [
        path
        for path in committed()
        if path.suffix not in (".parquet", ".png", ".ico") and path.name != "LICENSE"
    ]
    return [path for path in kept if path != root / "tests/meta/test_committed_text.py"]


def test_no_machine_s_folders(texts, root):
    product = [path for path in texts if not path.relative_to(root).as_posix().startswith(PLACES_IN_TESTS)]
    assert offending(HOME, product, root) == {}


@pytest.mark.parametrize(
    "pattern", [REGISTRY, PRIVATE_KEY, ACCESS_KEY], ids=["registry", "private key", "access key"]
)
def test_no_registries_and_no_secrets(texts, root, pattern):
    assert offending(pattern, texts, root) == {}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (HOME, "File /home/ann/kafka/x.py"),
        (HOME, '"/root/.cache"'),
        (REGISTRY, "--extra-index-url https://example.org"),
        (PRIVATE_KEY, "-----BEGIN RSA PRIVATE KEY-----\n" + "A" * 64),
        (ACCESS_KEY, "AKIA" + "ABCDEFGHIJKLMNOP"),
    ],
)
def test_the_checks_would_see_them(pattern, text):
    assert pattern.search(text)
    assert not HOME.search("https://example.org/home/page and ./tmp/x")


def test_no_file_is_larger_than_a_clone_can_bear(committed):
    assert [path.name for path in committed() if path.stat().st_size > 50_000_000] == []
