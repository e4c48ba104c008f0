from __future__ import annotations

import pytest

from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.spelling.dialects import dialects, find_dialect
from kafka_analysis.sources.spelling.mistakes import absent_labels, absent_names, own_families, unread_reasons

HEAD = 'name = "acme"\ntitle = "Acme"\nkind = "jmx"\nsource = "a test"\n'
LED = """
[[families]]
metrics = { acme_led = "" }
key = "what"
having = ["rack"]
[families.to]
Leaders = "leader_count"
"""
LIKE = 'like = "msk"\n[names]\nValue = ["acme_{type}_{name}"]\n'


@pytest.fixture
def acme(tmp_path):
    def made(text: str):
        (tmp_path / "acme.toml").write_text(HEAD + text, encoding="utf-8")
        return find_dialect(str(tmp_path / "acme.toml"))

    return made


def page(text: str):
    return parse_exposition(text.encode())


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_no_name_of_a_built_in_dialect_is_said_to_be_absent(dialect):
    assert (absent_names(page("up 1\n"), [dialect]), unread_reasons(page("up 1\n"), [dialect])) == ((), {})


def test_only_what_is_written_down_can_be_absent(acme):
    for dialect in (acme(LED), acme(LIKE + LED)):
        assert [tuple(family.names) for family in own_families(dialect)] == [("acme_led",)]
        assert absent_names(page("up 1\n"), [dialect]) == ("acme_led",)
        assert absent_names(page("acme_led 1\n"), [dialect]) == ()
    assert own_families(acme('lowercase_of = "msk"\n')) == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('acme_led{what="Leaders",rack="a"} 1', None),
        ('acme_led{rack="a"} 1', "label `what` is missing"),
        ('acme_led{what="Leaders"} 1', "label `rack` is missing"),
        ('acme_led{rack="a"} 1\nacme_led{what="Ledaers",rack="a"} 1', "values of `what` not in to: Ledaers"),
        ('acme_led{what="Ledaers",rack="a"} 1', "values of `what` not in to: Ledaers"),
    ],
)
def test_the_label_or_the_values_that_do_not_fit_are_named(acme, line, why):
    assert unread_reasons(page(line + "\nup 1\n"), [acme(LED)]) == ({"acme_led": why} if why else {})


def test_labels_that_no_line_of_their_family_has_are_named(acme):
    size = '[[families]]\nmetrics = { acme_size = "" }\nto = "log_size_bytes"\ntopic = "topik"\npartition = "id"\n'
    dialect = acme(LED + size)
    assert absent_labels(page('acme_size{topic="a",id="0"} 1\nup{topik="a"} 1\n'), [dialect]) == ("topik",)
    assert absent_labels(page('acme_size 1\nacme_size{topik="a",id="0"} 1\n'), [dialect]) == ()
    assert absent_labels(page("up 1\n"), [dialect]) == ()
    assert absent_labels(page("kafka_log_Log_Value{name='Size'} 1\n"), [find_dialect("msk")]) == ()


def test_of_many_values_a_few_are_named(acme):
    lines = "".join(f'acme_led{{what="w{n}",rack="a"}} 1\n' for n in range(8))
    assert unread_reasons(page(lines), [acme(LED)])["acme_led"].endswith("w0, w1, w2, w3, w4 and 3 more")
