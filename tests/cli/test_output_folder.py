from __future__ import annotations

import pytest

from kafka_analysis.cli.output_folder import check_folder, write_folder
from kafka_analysis.model.errors import InputError


def test_whole_or_not_at_all(tmp_path):
    out = tmp_path / "deep" / "plan"
    check_folder(out)
    write_folder(out, {"a.csv": "1", "b.json": "{}"})
    assert sorted(path.name for path in out.iterdir()) == ["a.csv", "b.json"]
    with pytest.raises(InputError, match="is not empty"):
        check_folder(out)
    with pytest.raises(InputError, match="cannot write"):
        write_folder(tmp_path / "other", {"no/such/folder": "x"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep"]


def test_a_file_is_no_folder(tmp_path):
    path = tmp_path / "x"
    path.write_text("")
    with pytest.raises(InputError, match="absent or empty"):
        check_folder(path)
