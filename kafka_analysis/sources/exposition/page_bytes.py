"""Make UTF-8 text of the bytes of a page, however it was packed and saved; refuse by name what cannot be a page."""

import codecs

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.http.decompress import plain

_UTF8 = codecs.BOM_UTF8
_MARKS = {  # the longer ones first: UTF-32's begins like UTF-16's
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_SAVE_AS = "save as UTF-8, in PowerShell 5 with Out-File -Encoding utf8"
_ARCHIVES = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"PK\x07\x08": "a zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"!<arch>\n": "an ar archive",
    b"070701": "a cpio archive",
    b"070707": "a cpio archive",
}
_PACKED = {
    b"\x04\x22\x4d\x18": "lz4",
    b"LZIP": "lzip",
    b"\x1f\x9d": "compress (.Z)",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
    b"\x89LZO\x00": "lzop",
}
_FILES = {
    b"%PDF-": "a PDF document",
    b"\x89PNG": "an image",
    b"SQLite format 3\x00": "a SQLite database",
    b"PAR1": "a Parquet file",
    b"\x7fELF": "a program",
}
_BLOCK = 512
_CHECKSUM = slice(148, 156)


def text_of(data: bytes) -> bytes:
    r"""Return a page as UTF-8 text: unpacked, without a byte order mark, and out of UTF-16 or UTF-32.

    Parameters
    ----------
    data
        What was read from a file or sent by a server: text, or packed with gzip, zstd, xz or bzip2.

    Raises
    ------
    SourceError
        It is an archive, packed in another way, or another kind of file; its text is damaged.
    InputError
        Packed data are damaged, packed more than once, or unpack to too much.

    Examples
    --------
    >>> text_of("up 1\n".encode("utf-16")), text_of("\ufeffup 1\n".encode())
    (b'up 1\n', b'up 1\n')
    >>> text_of(b"PK\x03\x04")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.SourceError: a zip archive; unpack it and give the files
    """
    page = plain(data)
    refused = not_text(page)
    if refused is not None:
        raise SourceError(refused)
    return _utf8(page)


def not_text(page: bytes) -> str | None:
    r"""Return what a file is that holds no page but perhaps several, and what to do; None when it may be a page.

    Examples
    --------
    >>> not_text(b"7z\xbc\xaf\x27\x1c"), not_text(b"LZIP\x01"), not_text(b"up 1\n")
    ('a 7z archive; unpack it and give the files', 'packed with lzip, which is not supported; unpack it first', None)
    """
    archive = "a tar archive" if _is_tar(page) else _named(page, _ARCHIVES)
    if archive:
        return f"{archive}; unpack it and give the files"
    packed = _named(page, _PACKED)
    if packed and not page.startswith(b"LZIP_"):
        return f"packed with {packed}, which is not supported; unpack it first"
    other = _named(page, _FILES)
    return other and f"{other}, not a metrics page"


def _named(page: bytes, kinds: dict[bytes, str]) -> str | None:
    return next((kind for start, kind in kinds.items() if page.startswith(start)), None)


def _is_tar(page: bytes) -> bool:
    """Tell a tar archive by the checksum of its first header, which old ones have too."""
    header = page[:_BLOCK]
    digits = header[_CHECKSUM].strip(b" \0")
    if len(header) < _BLOCK or not digits.isdigit() or set(digits) & set(b"89"):
        return False
    total = sum(header) - sum(header[_CHECKSUM]) + 8 * ord(" ")
    return total == int(digits, 8)


def _utf8(page: bytes) -> bytes:
    name = _named(page, _MARKS)
    coding = name or _unmarked(page)
    if coding is None:
        return _unmarked_lines(page)
    try:
        return page.decode(coding).removeprefix("\ufeff").encode()
    except UnicodeError:
        said = (name or coding)[:6].upper()
        raise SourceError(f"{said} that is damaged or cut off; {_SAVE_AS}") from None


def _unmarked(page: bytes) -> str | None:
    """Tell UTF-16 without a mark: every second byte of its beginning is zero, as in no text of another coding."""
    head = page[:64]
    even, odd = head[::2], head[1::2]
    if len(head) < 4 or len(page) % 2:
        return None
    if not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) else None


def _unmarked_lines(page: bytes) -> bytes:
    """Take UTF-8's mark away, also where a file that had one was appended to another."""
    return page.removeprefix(_UTF8).replace(b"\n" + _UTF8, b"\n")
