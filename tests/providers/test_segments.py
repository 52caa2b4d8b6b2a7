"""The segment counter, at and around every edge of 3GPP TS 23.038."""

from __future__ import annotations

import pytest

from providers.segments import GSM7, UCS2, Segments, segments


@pytest.mark.parametrize(
    ("text", "units", "count", "left"),
    [
        ("", 0, 0, 160),
        ("a", 1, 1, 159),
        ("a" * 160, 160, 1, 0),
        ("a" * 161, 161, 2, 145),
        ("a" * 306, 306, 2, 0),
        ("a" * 307, 307, 3, 152),
        ("€" * 80, 160, 1, 0),
        ("€" * 81, 162, 2, 143),
        ("Grüße @£$¥ àéñ Ωß\n", 18, 1, 142),
    ],
)
def test_gsm7(text: str, units: int, count: int, left: int) -> None:
    assert segments(text) == Segments(GSM7, units, count, left, ())


@pytest.mark.parametrize(
    ("text", "units", "count", "left"),
    [
        ("ł", 1, 1, 69),
        ("ł" * 70, 70, 1, 0),
        ("ł" * 71, 71, 2, 63),
        ("ł" * 134, 134, 2, 0),
        ("ł" * 135, 135, 3, 66),
        ("😀" * 35, 70, 1, 0),
        ("😀" * 36, 72, 2, 61),
    ],
)
def test_ucs2(text: str, units: int, count: int, left: int) -> None:
    found = segments(text)
    assert (found.encoding, found.units, found.count, found.left) == (UCS2, units, count, left)


def test_an_extension_character_is_not_cut_in_two() -> None:
    """152 letters and a euro sign: its two septets do not fit the one that is left in the first part."""
    found = segments("a" * 152 + "€" + "a" * 7)
    assert (found.units, found.count, found.left) == (161, 2, 153 - 9)


def test_a_surrogate_pair_is_not_cut_in_two() -> None:
    found = segments("ł" * 66 + "😀" + "ł" * 3)
    assert (found.units, found.count, found.left) == (71, 2, 67 - 5)


def test_culprits_are_named_once_in_the_order_of_the_text() -> None:
    assert segments("It’s “here” – it’s 5 °C, cześć").culprits == ("’", "“", "”", "–", "°", "ś", "ć")
    assert segments('It\'s "here" - {5} €').culprits == ()


def test_the_small_letter_that_gsm7_lacks() -> None:
    """The alphabet has Ç and not ç: a well-known trap."""
    assert segments("Ç").encoding == GSM7
    assert segments("ç").culprits == ("ç",)
