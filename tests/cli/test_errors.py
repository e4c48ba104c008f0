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


def test_an_error_of_any_length_is_printed_at_once_and_short(capsys):
    with pytest.raises(typer.Exit), one_line_errors():
        raise InputError("[" * 200_000 + " ann:secret@host")
    assert len(capsys.readouterr().err) < 4_100
    with pytest.raises(typer.Exit), one_line_errors():
        raise InputError("word " * 799 + "ann:secret" + "x" * 100 + "@host")  # the cut parts the login
    assert "ann:" not in capsys.readouterr().err
