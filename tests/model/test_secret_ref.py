from __future__ import annotations

import pytest
from pydantic import ValidationError

from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.secret_ref import SecretRef


@pytest.mark.parametrize("name", ["hunter2", "HUNTER2", "hunter 2"])
def test_what_is_no_name_of_a_variable_may_be_the_secret_and_is_not_shown(name):
    with pytest.raises(ProfileError, match="may be the secret itself") as caught:
        SecretRef(env=name).read()
    assert name not in str(caught.value)


@pytest.mark.parametrize("reference", [{}, {"env": "A", "file": "b"}, {"value": "hunter2"}])
def test_a_secret_lies_in_one_place(reference):
    with pytest.raises(ValidationError) as caught:
        SecretRef(**reference)
    assert "hunter2" not in str(caught.value)


def test_it_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("KA_TEST_PASSWORD", "hunter2")
    reference = SecretRef(env="KA_TEST_PASSWORD")
    assert reference.read() == "hunter2"
    assert "hunter2" not in repr(reference)


def test_or_from_a_file_without_its_line_end(tmp_path):
    (tmp_path / "secret").write_text("hunter2 \n", encoding="utf-8")
    assert SecretRef(file=tmp_path / "secret").read() == "hunter2 "


def test_a_secret_that_is_not_there_is_named_by_its_place(tmp_path, monkeypatch):
    monkeypatch.delenv("KA_TEST_PASSWORD", raising=False)
    with pytest.raises(ProfileError, match="KA_TEST_PASSWORD is not set"):
        SecretRef(env="KA_TEST_PASSWORD").read()
    with pytest.raises(ProfileError, match="No such file"):
        SecretRef(file=tmp_path / "none").read()
    (tmp_path / "binary").write_bytes(b"\xff\xfehunter2")
    with pytest.raises(ProfileError, match="not UTF-8") as caught:
        SecretRef(file=tmp_path / "binary").read()
    assert "hunter2" not in str(caught.value)
