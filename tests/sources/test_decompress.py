from __future__ import annotations

import gzip

import pyarrow as pa
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.sources.decompress import plain

TEXT = b"up 1\n" * 1000


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd])
def test_packed_or_not_the_same_comes_out(pack):
    assert plain(pack(TEXT)) == TEXT


def test_two_gzip_members_are_one_text():
    assert plain(gzip.compress(TEXT) + gzip.compress(TEXT)) == TEXT + TEXT


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_bomb_is_not_unpacked(pack):
    with pytest.raises(InputError, match=r"^unpacks to more than 1000000 bytes"):
        plain(pack(bytes(50_000_000)), largest=1_000_000)


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_what_is_cut_off_or_damaged_is_told(pack):
    packed = pack(bytes(range(256)) * 1000)
    with pytest.raises(InputError, match=r"^damaged (gzip|zstd): .*give the whole file"):
        plain(packed[: len(packed) // 2])
