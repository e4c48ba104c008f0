from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from kafka_analysis.model.errors import InputError, SourceError
from kafka_analysis.sources.exposition.any_page import parse_page
from kafka_analysis.sources.exposition.page_bytes import text_of

PAGE = 'kafka_server_replicamanager_leadercount{host="Zürich"} 4\nup 1\n'
SAVE_AS = "save as UTF-8, in PowerShell 5 with Out-File -Encoding utf8"


def tar(mode: str, form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=form) as archive:
        member = tarfile.TarInfo("broker-1.prom")
        member.size = len(PAGE.encode())
        archive.addfile(member, io.BytesIO(PAGE.encode()))
    return out.getvalue()


def old_tar() -> bytes:
    """Return an archive as it was before its header had a magic word: only the checksum tells."""
    header = bytearray(tar("w", tarfile.USTAR_FORMAT)[:512])
    header[257:265] = bytes(8)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + PAGE.encode().ljust(512, b"\0")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("broker-1.prom", PAGE)
    return out.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_however_a_page_was_saved_and_packed_the_same_text_comes_out(pack, coding):
    assert text_of(pack(PAGE.encode(coding))) == PAGE.encode()


def test_the_mark_of_big_endian_is_known_too():
    assert text_of(codecs.BOM_UTF16_BE + PAGE.encode("utf-16-be")) == PAGE.encode()


def test_a_file_with_a_mark_appended_to_another_loses_no_line():
    assert text_of(PAGE.encode() + PAGE.encode("utf-8-sig")) == 2 * PAGE.encode()


def test_with_a_mark_the_first_line_counts():
    assert parse_page(b"\xef\xbb\xbfup 1\n").samples["metric"].to_list() == ["up"]
    assert parse_page("\ufeff# TYPE up gauge\r\nup 1\r\n".encode("utf-16-le")).samples["value"].to_list() == [
        1.0
    ]


@pytest.mark.parametrize("cut", [b"\xff\xfeu\x00p", "up 1".encode("utf-16") + b"\x00\xd8"])
def test_utf_16_that_is_cut_off_says_how_to_save_it(cut):
    with pytest.raises(SourceError, match=f"^UTF-16 that is damaged or cut off; {SAVE_AS}$"):
        text_of(cut)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (tar("w"), "a tar archive"), (tar("w", tarfile.GNU_FORMAT), "a tar archive"), (old_tar(), "a tar archive"),
        (tar("w:gz"), "a tar archive"), (tar("w:xz"), "a tar archive"), (tar("w:bz2"), "a tar archive"),
        (zipped(), "a zip archive"), (gzip.compress(zipped()), "a zip archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"), (b"Rar!\x1a\x07\x01\x00", "a rar archive"),
    ],
)  # fmt: skip
def test_an_archive_is_refused_by_name_whatever_packs_it(data, what):
    with pytest.raises(SourceError, match=f"^{what}; unpack it and give the files$"):
        text_of(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x04\x22\x4d\x18abc", "packed with lz4, which is not supported; unpack it first"),
        (b"\x1f\x9d\x90", "packed with compress"),
        (b"PAR1\x00", "a Parquet file, not a metrics page"),
        (b"%PDF-1.7", "a PDF document, not a metrics page"),
    ],
)
def test_other_files_are_refused_by_name(data, said):
    with pytest.raises(SourceError, match=said):
        text_of(data)


@pytest.mark.parametrize("outer", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize(
    ("inner", "name"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2"), (lzma.compress, "xz")]
)
def test_what_is_packed_twice_is_refused(outer, inner, name):
    with pytest.raises(InputError, match=f"packed more than once, {name} inside; unpack it first"):
        text_of(outer(inner(PAGE.encode())))


@pytest.mark.parametrize("name", ["BZh_messages_total", "LZIP_total", "PKx", "SQLite"])
def test_a_metric_whose_name_begins_like_a_packed_file_is_text(name):
    assert parse_page(f"{name} 1\n".encode()).samples["metric"].to_list() == [name]


def test_text_that_is_long_enough_for_a_header_is_no_archive():
    page = b"up 1\n" * 200
    assert text_of(page) == page
    assert text_of(bytes(10_240)) == bytes(10_240)
