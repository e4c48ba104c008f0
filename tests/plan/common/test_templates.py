from __future__ import annotations

import jinja2
import pytest

from kafka_analysis.plan.common.templates import escaped, filled


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("orders", "orders"),
        ("__x", r"\_\_x"),
        ("<b>|`a`", r"\<b\>\|\`a\`"),
        ("a\n# b\x00", r"a \# b "),
        ("[l](http://x)", r"\[l\](http://x)"),
    ],
)
def test_names_have_no_meaning(name, shown):
    assert escaped(name) == shown


def test_a_value_that_is_not_given_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="row"):
        filled("waves/checklist.md.jinja", last=3)
