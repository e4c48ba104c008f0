from __future__ import annotations

from kafka_analysis.model import compiled


def test_without_a_place_for_what_is_compiled_it_is_compiled_all_the_same(monkeypatch):
    def njit(*, nogil: bool, cache: bool = False):
        if cache:
            message = "cannot cache function: no locator available"
            raise RuntimeError(message)
        return lambda function: (function, nogil)

    monkeypatch.setattr(compiled, "njit", njit)
    assert compiled.compiled(len) == (len, True)
