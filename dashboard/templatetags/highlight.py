"""Cuts JSON, curl commands and HTTP heads into pieces with a class each, for colouring. The template escapes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST = 30_000
"""Longer texts stay plain: colouring them helps nobody and costs time."""
JSON = re.compile(r'(?P<k>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<s>"(?:[^"\\]|\\.)*")|(?P<n>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)')
SHELL = re.compile(r"(?P<s>'[^']*')|(?P<k>(?<=\s)--?[a-zA-Z][\w-]*)")
PATTERNS = {"json": JSON, "curl": SHELL, "http": JSON}


def pieces(text: str, language: str) -> Iterator[tuple[str, str]]:
    """(class, piece) pairs that together are the text; the class is k, s, n or empty."""
    pattern = PATTERNS.get(language)
    if pattern is None or len(text) > MOST:
        yield "", text
        return
    end = 0
    for match in pattern.finditer(text):
        if match.start() > end:
            yield "", text[end : match.start()]
        yield match.lastgroup or "", match[0]
        end = match.end()
    if end < len(text):
        yield "", text[end:]
