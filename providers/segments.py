"""How a text is cut into SMS segments, and which of its characters need the larger encoding.

GSM 03.38 (3GPP TS 23.038) gives the seven-bit alphabet: 160 characters in one message, 153 in each part of several.
A character outside it turns the whole text into UCS-2: 70 code units in one message, 67 in each part. A character of
the extension table counts twice; neither it nor a surrogate pair is ever cut in two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
GSM7, UCS2 = "GSM-7", "UCS-2"
ROOM: dict[str, tuple[int, int]] = {GSM7: (160, 153), UCS2: (70, 67)}
"""Units that fit one message alone, and one part of several."""


@dataclass(frozen=True, slots=True)
class Segments:
    """A text as it travels."""

    encoding: str
    units: int
    """Septets in GSM-7, code units in UCS-2."""
    count: int
    left: int
    """Units that still fit the last segment."""
    culprits: tuple[str, ...]
    """The characters that GSM-7 does not have, each once, in the order of the text."""


def segments(text: str) -> Segments:
    """How `text` is encoded and cut. An empty text has no segment."""
    culprits = tuple(dict.fromkeys(letter for letter in text if letter not in BASIC and letter not in EXTENSION))
    encoding = UCS2 if culprits else GSM7
    sizes = [_size(letter, encoding) for letter in text]
    alone, part = ROOM[encoding]
    units = sum(sizes)
    if units <= alone:
        return Segments(encoding, units, int(units > 0), alone - units, culprits)
    count, filled = _cut(sizes, part)
    return Segments(encoding, units, count, part - filled, culprits)


def _size(letter: str, encoding: str) -> int:
    if encoding == UCS2:
        return 2 if ord(letter) > 0xFFFF else 1
    return 2 if letter in EXTENSION else 1


def _cut(sizes: Iterable[int], part: int) -> tuple[int, int]:
    """How many parts there are, and the units in the last one."""
    count, filled = 1, 0
    for size in sizes:
        if filled + size > part:
            count, filled = count + 1, 0
        filled += size
    return count, filled
