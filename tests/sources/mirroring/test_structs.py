from __future__ import annotations

import pytest

from kafka_analysis.sources.mirroring.structs import Fields, at_least


def test_fields_are_read_one_after_the_other():
    fields = Fields(b"\x00\x03\xc3\xbcx\xff\xff\xff\xff\xff\xff\xff\xfe")
    assert (fields.text(), fields.number("q"), fields.end()) == ("üx", -2, None)


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x02a", b"\xff\xffab", b"\x00\x01\xff"])
def test_a_text_that_is_cut_off_or_none_is_a_value_error(data):
    with pytest.raises(ValueError):
        Fields(data).text()


def test_a_number_below_the_least_is_a_value_error():
    with pytest.raises(ValueError, match="impossible"):
        at_least(0, 1, -1)
