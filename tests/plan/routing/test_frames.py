from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.routing.frames import chosen


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame])
def test_columns_are_taken_from_any_frame(frame):
    rows = chosen(frame({"wave": [1], "topic": ["t"], "more": [0]}), "waves", ["topic", "wave"])
    assert rows.rows() == [("t", 1)]


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="waves: the column 'wave' is missing; give topic, wave"):
        chosen(pl.DataFrame({"topic": ["t"]}), "waves", ["topic", "wave"])
