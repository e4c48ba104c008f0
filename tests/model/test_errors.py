from __future__ import annotations

import inspect

import pytest

from kafka_analysis.model import errors

ALL = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Exception)]
OWN = {
    errors.StoppedError: 130,
    errors.BusyError: 75,
}  # as a shell says of Ctrl-C, and sysexits.h of "try again"


@pytest.mark.parametrize("error", ALL)
def test_every_error_is_ours_and_has_an_exit_code(error):
    assert issubclass(error, errors.KafkaAnalysisError)
    assert error.exit_code == OWN.get(error, 2 if issubclass(error, errors.InputError) else 1)


def test_what_is_far_from_everything_gets_no_suggestion():
    text = str(errors.InputError.unknown("metric", "zzz", ["bytes_in_total"]))
    assert text == "unknown metric 'zzz'. Allowed: bytes_in_total"


def test_a_name_that_begins_with_what_was_written_is_suggested_first():
    names = ["request_bytes", "requests_total", "requests_total_of_all_the_brokers"]
    assert "did you mean 'requests_total'" in str(errors.InputError.unknown("metric", "requests", names))


def test_where_nothing_is_allowed_it_says_so():
    assert str(errors.InputError.unknown("table", "x", [])) == "unknown table 'x'. Allowed: none"


def test_the_error_is_of_the_class_that_was_asked():
    assert type(errors.CaptureError.unknown("table", "x", [])) is errors.CaptureError
