"""What kind of file this is, and its text as lines, whatever the encoding.

UTF-8 and UTF-16 with or without a byte order mark, GB18030, and Windows-1252 (a superset of
Latin-1) for what is none of these. A UTF-8 file with a few damaged bytes stays UTF-8: only those
bytes are read as Windows-1252.
"""

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from tools.errors import ReadError

_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"
_ESCAPED = re.compile("[\udc80-\udcff]")
_WINDOWS_1252 = {
    0xDC00 + byte: bytes([byte]).decode("windows-1252", errors="replace")
    for byte in range(0x80, 0x100)
}
_NOT_REVIEWS = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"SQLite format 3": "an SQLite database",
}


@dataclass(frozen=True)
class FileFacts:
    """A file as it lies on disk: `kind` is "text" or "parquet", `bytes` its size there,
    `encoding` a name to show and "" for Parquet, `note` a sentence to show or ""."""

    path: Path
    sha256: str
    bytes: int
    kind: str
    gzipped: bool = False
    encoding: str = ""
    note: str = ""


def inspect_file(path: Path) -> FileFacts:
    """Hash a file and find out its kind and encoding, reading it once through.

    Raises:
        ReadError: no such file, a directory, unreadable, empty, damaged gzip, not text or Parquet.
    """
    if not path.exists():
        raise ReadError(f"There is no file {path}. Check the name.")
    if not path.is_file():
        raise ReadError(f"{path} is not a file. Give the files in it one by one.")
    try:
        with path.open("rb") as raw:
            sha256 = hashlib.file_digest(raw, "sha256").hexdigest()
            size = raw.tell()
            raw.seek(0)
            start = raw.read(6)
    except OSError as error:
        raise ReadError(f"{path.name} cannot be opened: {error.strerror}.") from error
    if start.startswith(b"PAR1"):
        return FileFacts(path, sha256, size, "parquet")
    gzipped = start.startswith(_GZIP)
    try:
        encoding, note = _find_encoding(path, gzipped)
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(
            f"{path.name} is a damaged gzip file ({error}). Fetch or compress it again."
        ) from error
    return FileFacts(path, sha256, size, "text", gzipped, encoding, note)


def read_lines(
    facts: FileFacts, progress: Callable[[float], None] = lambda share: None
) -> Iterator[str]:
    """The lines of a text file in order, each with its line ending as it stands.

    `progress` is called now and then with the share of the file's bytes read, in [0, 1].
    """
    codec, errors = _CODECS[facts.encoding]
    with facts.path.open("rb") as raw, _unpack(raw, facts.gzipped) as data:
        start = TextIOWrapper(data, encoding=codec, errors=errors, newline="")
        # What ends the first line ends them all: a carriage return elsewhere is text.
        line_end = "\r" if start.readline().endswith("\r") else "\n"
        start.detach().seek(0)
        text = TextIOWrapper(data, encoding=codec, errors=errors, newline=line_end)
        for number, line in enumerate(text):
            if number % 2048 == 0:
                progress(raw.tell() / facts.bytes)
            if errors == "surrogateescape" and not line.isascii():
                line = line.translate(_WINDOWS_1252)
            yield line.replace("\0", "") if "\0" in line else line


# A high byte that "surrogateescape" sets aside is then read as Windows-1252.
_CODECS = {
    "UTF-8": ("utf-8-sig", "strict"),
    "UTF-8 with BOM": ("utf-8-sig", "strict"),
    "UTF-8 with damaged bytes": ("utf-8-sig", "surrogateescape"),
    "UTF-16": ("utf-16", "replace"),
    "UTF-16 LE": ("utf-16-le", "replace"),
    "UTF-16 BE": ("utf-16-be", "replace"),
    "GB18030": ("gb18030", "replace"),
    "Windows-1252": ("ascii", "surrogateescape"),
}


def _unpack(raw: BinaryIO, gzipped: bool) -> gzip.GzipFile | BinaryIO:
    return gzip.GzipFile(fileobj=raw) if gzipped else raw


def _find_encoding(path: Path, gzipped: bool) -> tuple[str, str]:
    good = bad = zeros = 0
    with path.open("rb") as raw, _unpack(raw, gzipped) as data:
        start = data.read(_BLOCK)
        wide = _wide_encoding(start)
        _refuse_non_text(path.name, start, wide)
        for block in _blocks(start, data):
            zeros += 0 if wide else block.count(0)
            if not (wide or block.isascii()):
                text = block.decode("utf-8", errors="surrogateescape")
                bad += len(_ESCAPED.findall(text))
                good += len(block) - len(text)
    notes = [f"NUL bytes taken out of {path.name}: {zeros:,}."] if zeros else []
    encoding = wide or ("UTF-8 with BOM" if start.startswith(b"\xef\xbb\xbf") else "UTF-8")
    if wide:
        notes.append(f"{path.name} is read as {wide}.")
    elif bad and good > bad:
        encoding = "UTF-8 with damaged bytes"
        notes.append(f"Bytes of {path.name} that are not UTF-8, read as Windows-1252: {bad:,}.")
    elif bad:
        encoding = "GB18030" if _looks_chinese(start) else "Windows-1252"
        notes.append(
            f"{path.name} is not UTF-8 and is read as {encoding}; if its letters look wrong, "
            "save it as UTF-8 and read it again."
        )
    return encoding, " ".join(notes)


def _blocks(start: bytes, data: gzip.GzipFile | BinaryIO) -> Iterator[bytes]:
    """Blocks of whole lines, so that no character is cut in two."""
    pending = start
    while more := data.read(max(_BLOCK, len(pending))):
        cut = pending.rfind(b"\n") + 1
        yield pending[:cut]
        pending = pending[cut:] + more
    yield pending


def _refuse_non_text(name: str, start: bytes, wide: str) -> None:
    body = start.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if not body:
        raise ReadError(f"{name} is empty. Give a file with a header and at least one review.")
    kinds = (kind for magic, kind in _NOT_REVIEWS.items() if start.startswith(magic))
    found = next(kinds, "HTML or XML" if body.startswith(b"<") else "")
    controls = len(start) - len(start.translate(None, bytes([*range(1, 9), *range(14, 32)])))
    if not found and not wide and controls > len(start) * 0.02:
        found = "a binary file"
    if found:
        raise ReadError(
            f"{name} looks like {found}, not like reviews. Give CSV, JSON lines or Parquet."
        )


def _wide_encoding(start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    sample = start[: min(4096, len(start) // 2 * 2)]
    for zeros, encoding in ((sample[1::2], "UTF-16 LE"), (sample[::2], "UTF-16 BE")):
        if zeros.count(0) > len(zeros) * 0.6 and sample.count(0) < len(sample) * 0.6:
            return encoding
    return ""


def _looks_chinese(start: bytes) -> bool:
    """Two-byte characters make long runs of high bytes of even length; accents do not."""
    sample = start[: start.rfind(b"\n") + 1] or start
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", sample)]
    even = sum(length % 2 == 0 for length in runs)
    if not runs or even < 0.9 * len(runs) or sum(runs) < 4 * len(runs):
        return False
    try:
        sample.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
