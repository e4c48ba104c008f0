import polars as pl

from kafka_analysis.stats.cutover.counted import counted


def test_one_is_singular_and_unknown_stays_unknown() -> None:
    rows = pl.DataFrame({"n": [0, 1, 2, None]})
    assert rows.select(text=counted("n", "record"))["text"].to_list() == [
        "0 records",
        "1 record",
        "2 records",
        None,
    ]


def test_the_verb_goes_with_the_number() -> None:
    rows = pl.DataFrame({"n": [1, 21]})
    said = rows.select(text=counted(-pl.col("n") * -1, "record is read", "records are read"))["text"]
    assert said.to_list() == ["1 record is read", "21 records are read"]
