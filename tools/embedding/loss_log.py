"""Loss curves: a CSV file, and the same as TensorBoard reads it."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pandas as pd

LOSSES = "losses.csv"
EVENTS = "events.out.tfevents.tribune"
COLUMNS = ["stage", "step", "loss", "time"]


class LossLog:
    """Rows of stage, step (from 1), loss and time (Unix seconds), written as they come.

    `kept`: rows of an earlier run that goes on; both files are begun anew with them.
    """

    def __init__(self, folder: Path, kept: pd.DataFrame) -> None:
        self._csv = (folder / LOSSES).open("w", encoding="utf-8", buffering=1)
        self._events = (folder / EVENTS).open("wb")
        self._csv.write(",".join(COLUMNS) + "\n")
        self._events.write(_frame(_double(1, time.time()) + _bytes(3, b"brain.Event:2")))
        for row in kept.itertuples():
            self._write(row.stage, row.step, row.loss, row.time)

    def add(self, stage: str, step: int, loss: float) -> None:
        """Write one row."""
        self._write(stage, step, loss, time.time())

    def close(self) -> None:
        """Close both files."""
        self._csv.close()
        self._events.close()

    def _write(self, stage: str, step: int, loss: float, when: float) -> None:
        self._csv.write(f"{stage},{step},{loss:.6f},{when:.2f}\n")
        value = _bytes(1, f"loss/{stage}".encode()) + _key(2, 5) + struct.pack("<f", loss)
        event = _double(1, when) + _key(2, 0) + _varint(step) + _bytes(5, _bytes(1, value))
        self._events.write(_frame(event))
        self._events.flush()


def read_losses(folder: Path) -> pd.DataFrame:
    """The rows written so far; none where nothing was."""
    path = folder / LOSSES
    if not path.is_file():
        return pd.DataFrame({name: [] for name in COLUMNS})
    frame = pd.read_csv(path)
    # A kill may have cut the last row.
    return frame.dropna()


# TensorBoard's file is a TFRecord of Event messages (tensorflow/core/util/event.proto): length,
# checksum, bytes, checksum. Written here because TensorBoard itself is not among the dependencies.


def _frame(message: bytes) -> bytes:
    length = struct.pack("<Q", len(message))
    return length + _masked_checksum(length) + message + _masked_checksum(message)


def _masked_checksum(data: bytes) -> bytes:
    crc = checksum(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def checksum(data: bytes) -> int:
    """CRC-32C (Castagnoli) of the bytes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 * (crc & 1))
    return crc ^ 0xFFFFFFFF


def _key(field: int, wire: int) -> bytes:
    return bytes([field << 3 | wire])


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _double(field: int, number: float) -> bytes:
    return _key(field, 1) + struct.pack("<d", number)


def _bytes(field: int, data: bytes) -> bytes:
    return _key(field, 2) + _varint(len(data)) + data
