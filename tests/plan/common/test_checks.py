from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.checks import with_columns_needed


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame])
def test_a_frame_of_any_kind_is_taken(frame):
    rows = with_columns_needed(frame({"wave": [1], "topic": ["t"]}), "waves", ["topic", "wave"])
    assert rows.rows() == [(1, "t")]


def test_a_missing_column_is_named_with_those_that_are_needed():
    with pytest.raises(InputError, match=r"waves.*'wave'.*topic, wave"):
        with_columns_needed(pl.DataFrame({"topic": ["t"]}), "waves", ["topic", "wave"])
