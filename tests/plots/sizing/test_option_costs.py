from __future__ import annotations

import polars as pl

from kafka_analysis import plots

ROWS = pl.DataFrame(
    {
        "broker_type": ["a", "a", "serverless", "serverless"],
        "brokers": [3, 3, None, None],
        "item": ["brokers", "storage", "cluster", "tax"],
        "monthly_usd": [40.0, 2.0, 1000.0, 234.5],
    }
)


def test_bars_add_up_and_the_cheapest_is_on_top():
    axes = plots.option_costs(ROWS).axes[0]
    assert [text.get_text() for text in axes.texts] == [" 1,234 USD", " 42 USD"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["serverless", "3 × a"]
    widths = {bars.get_label(): [bar.get_width() for bar in bars] for bars in axes.containers}
    assert widths == {"brokers": [0, 40], "cluster": [1000, 0], "storage": [0, 2], "tax": [234.5, 0]}
    starts = {bars.get_label(): [bar.get_x() for bar in bars] for bars in axes.containers}
    assert starts["storage"] == [1000, 40]


def test_the_caption_has_both_ends():
    assert "Cheapest: 3 × a, 42 USD; last shown: serverless, 1,234 USD." in plots.option_costs(ROWS).caption
    assert plots.option_costs(ROWS.head(2)).caption.endswith("Cheapest: 3 × a, 42 USD.")


def test_nothing_fits_is_said():
    assert "no option fits" in plots.option_costs(ROWS.clear()).caption
