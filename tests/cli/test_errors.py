from __future__ import annotations

import pytest
import typer

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.model.errors import InputError, SourceError


@pytest.mark.parametrize(("error", "code"), [(InputError("bad"), 2), (SourceError("bad"), 1)])
def test_our_errors_are_one_line_and_their_exit_code(capsys, error, code):
    with pytest.raises(typer.Exit) as caught, one_line_errors():
        raise error
    assert caught.value.exit_code == code
    assert capsys.readouterr() == ("", "error: bad\n")


def test_a_fault_of_ours_is_not_hidden():
    with pytest.raises(ZeroDivisionError), one_line_errors():
        _ = 1 / 0
