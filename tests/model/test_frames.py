from __future__ import annotations

import pandas as pd
import polars as pl
import pyarrow as pa

from kafka_analysis.model.frames import same_kind, to_polars

ROWS = {"broker": [1, 2], "value": [1.5, None]}


@same_kind
def doubled(frame, *, other=None, by=2):
    assert isinstance(frame, pl.DataFrame)
    assert other is None or isinstance(other, pl.DataFrame)
    return frame.with_columns(pl.col("value") * by)


def test_each_kind_of_frame_comes_back_as_it_came():
    frame = pl.DataFrame(ROWS)
    for given, kind in (
        (frame, pl.DataFrame),
        (frame.to_pandas(), pd.DataFrame),
        (frame.to_arrow(), pa.Table),
    ):
        answer = doubled(given)
        assert isinstance(answer, kind)
        assert to_polars(answer)["value"].to_list() == [3.0, None]


def test_lazy_frames_are_collected():
    assert isinstance(doubled(pl.LazyFrame(ROWS)), pl.DataFrame)
    assert to_polars(pl.LazyFrame(ROWS))["value"].to_list() == [1.5, None]


def test_frames_given_by_name_are_converted_too():
    pandas = pd.DataFrame(ROWS)
    assert isinstance(doubled(pl.DataFrame(ROWS), other=pandas), pl.DataFrame)
    assert isinstance(doubled(frame=pandas, other=pl.LazyFrame(ROWS)), pd.DataFrame)


def test_what_is_no_frame_passes_untouched():
    @same_kind
    def echo(frame, text):
        return text

    assert echo(pd.DataFrame(ROWS), "text") == "text"
    assert echo("no frame", [1]) == [1]


def test_nan_of_pandas_is_missing():
    assert to_polars(pd.DataFrame({"value": [float("nan"), 1.0]}))["value"].to_list() == [None, 1.0]
    assert to_polars(pa.table({"value": [float("nan"), 1.0]}))["value"].to_list() == [None, 1.0]


def test_ids_are_those_of_the_capture_whatever_pandas_made_of_them():
    frame = to_polars(
        pd.DataFrame(
            {"broker": [1.0, None], "partition": [0, 1], "leader": [2, 3], "replicas": [[1, 2], [2, 3]]}
        )
    )
    assert frame.schema == {
        "broker": pl.Int32,
        "partition": pl.Int32,
        "leader": pl.Int32,
        "replicas": pl.List(pl.Int32),
    }
    assert frame["broker"].to_list() == [1, None]


def test_a_name_in_place_of_an_id_stays_a_name():
    assert to_polars(pl.DataFrame({"broker": ["b-1"]}))["broker"].to_list() == ["b-1"]
