from __future__ import annotations

import bz2
import gzip
import lzma
import zlib

import pyarrow as pa
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.page_limits import PageLimits
from kafka_analysis.sources.http.decompress import TooMuchError, limited, opened, plain, unpacked

TEXT = b"up 1\n" * 1000


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


PACKS = [gzip.compress, zstd, lzma.compress, bz2.compress]


@pytest.mark.parametrize("pack", [bytes, *PACKS])
def test_packed_or_not_the_same_comes_out(pack):
    assert plain(pack(TEXT)) == TEXT


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_two_packed_texts_are_one_text_and_zeros_may_follow(pack):
    assert plain(pack(TEXT) + pack(TEXT) + bytes(8)) == TEXT + TEXT


@pytest.mark.parametrize("pack", PACKS)
def test_a_bomb_is_not_unpacked(pack):
    with pytest.raises(InputError, match=r"^unpacks to more than 1000000 bytes"):
        plain(pack(bytes(50_000_000)), largest=1_000_000)


@pytest.mark.parametrize("pack", PACKS)
def test_what_is_cut_off_or_damaged_is_told(pack):
    packed = pack(bytes(range(256)) * 1000)
    with pytest.raises(InputError, match=r"^damaged (gzip|zstd|xz|bzip2): .*give the whole file"):
        plain(packed[: len(packed) // 2])


def bare(data: bytes) -> bytes:
    pack = zlib.compressobj(wbits=-15)
    return pack.compress(data) + pack.flush()


@pytest.mark.parametrize(
    ("pack", "kind"),
    [
        (gzip.compress, "gzip"),
        (zlib.compress, "deflate"),
        (bare, "deflate"),
        (zstd, "zstd"),
        (lzma.compress, "xz"),
        (bz2.compress, "bzip2"),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_however_the_pieces_are_cut_the_same_comes_out(pack, kind, size):
    packed = pack(TEXT)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert b"".join(unpacked(pieces, kind)) == TEXT
    if kind != "deflate":  # deflate has no first bytes of its own
        assert b"".join(opened(pieces)) == TEXT


@pytest.mark.parametrize(
    ("pack", "kind"),
    [
        (gzip.compress, "gzip"),
        (zlib.compress, "deflate"),
        (zstd, "zstd"),
        (lzma.compress, "xz"),
        (bz2.compress, "bzip2"),
    ],
)
def test_a_bomb_comes_out_a_megabyte_at_a_time(pack, kind):
    sizes = [len(piece) for piece in unpacked([pack(bytes(20_000_000))], kind)]
    assert max(sizes) <= 1024 * 1024
    assert sum(sizes) == 20_000_000


def test_lines_are_counted_while_they_come_out():
    came = []
    with pytest.raises(TooMuchError, match="more than 1000 lines"):
        came += limited(opened([gzip.compress(b"\n" * 50_000_000)]), PageLimits(most_lines=1000))
    assert came == []


@pytest.mark.parametrize("outer", [gzip.compress, zstd])
def test_what_is_packed_twice_is_refused(outer):
    with pytest.raises(InputError, match="packed more than once, gzip inside"):
        plain(outer(gzip.compress(TEXT)))


def test_zeros_may_follow_gzip_and_nothing_else():
    assert plain(gzip.compress(TEXT) + bytes(100)) == TEXT
    with pytest.raises(InputError, match="damaged gzip"):
        plain(gzip.compress(TEXT) + b"x")


@pytest.mark.parametrize(("limits", "most"), [({"most_lines": 3}, 3), ({"most_bytes": 6}, 3)])
def test_as_much_as_is_wanted_comes_and_no_more(limits, most):
    assert len(list(limited([b"a\n"] * most, PageLimits(**limits)))) == most
    with pytest.raises(TooMuchError):
        list(limited([b"a\n"] * (most + 1), PageLimits(**limits)))
