"""Where the bars of the overview's chart stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import formats, timezone

from dashboard.choices import OUTCOMES
from dashboard.queries.overview import Bar

WIDTH, HEIGHT, GAP = 600, 120, 4
LABELS = 8
STEPS = (1, 2, 4, 6, 8, 10)
"""The scale ends at one of these times a power of ten, so that its middle is a whole number too."""


@dataclass(frozen=True, slots=True)
class Part:
    """One outcome's share of a bar, in the chart's units."""

    colour: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One bar as drawn."""

    words: str
    """When, and how many of which outcome."""
    x: float
    width: float
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawn chart with its scale and the labels of its axis: one place for each bar, most of them empty."""

    bars: list[Column]
    axis: list[str]
    most: int
    """Where the scale ends."""
    width: int = WIDTH
    height: int = HEIGHT
    middle: float = HEIGHT / 2

    @property
    def half(self) -> int:
        """The middle of the scale."""
        return self.most // 2


def draw(bars: Sequence[Bar], *, hourly: bool) -> Chart:
    """Place the bars along a scale from 0; accepted stands at the bottom, the other outcomes on top of it."""
    most = _scale(max((bar.total for bar in bars), default=0))
    step = WIDTH / max(len(bars), 1)
    labels = [formats.date_format(timezone.localtime(bar.at), "H:i" if hourly else "j M") for bar in bars]
    columns = [
        Column(_words(label, bar), round(index * step, 2), round(step - GAP, 2), _parts(bar, most))
        for index, (bar, label) in enumerate(zip(bars, labels, strict=True))
    ]
    every = max(1, len(labels) // LABELS)
    return Chart(columns, [label if at % every == 0 else "" for at, label in enumerate(labels)], most)


def _scale(highest: int) -> int:
    power = int(10 ** (len(str(highest)) - 1))
    return next(end for step in STEPS if (end := step * power) >= highest and end % 2 == 0)


def _words(label: str, bar: Bar) -> str:
    counted = [f"{state.label} {count:,}" for state in OUTCOMES if (count := bar.counts.get(state, 0))]
    return f"{label} · {' · '.join(counted) or 0}"


def _parts(bar: Bar, most: int) -> list[Part]:
    parts, top = [], float(HEIGHT)
    for state in OUTCOMES:
        if count := bar.counts.get(state, 0):
            height = max(2.0, HEIGHT * count / most)
            top -= height
            parts.append(Part(state.colour, round(max(top, 0), 2), round(height, 2)))
    return parts
