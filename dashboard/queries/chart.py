"""Where the bars of the overview's chart stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import formats, timezone

from dashboard.choices import OUTCOMES
from dashboard.queries.overview import Bar

WIDTH, HEIGHT, GAP = 600, 120, 4
LABELS = 8


@dataclass(frozen=True, slots=True)
class Part:
    """One outcome's share of a bar, in the chart's units."""

    colour: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One bar as drawn."""

    label: str
    total: int
    x: float
    width: float
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawn chart with the labels of its axis."""

    bars: list[Column]
    axis: list[str]
    width: int = WIDTH
    height: int = HEIGHT


def draw(bars: Sequence[Bar], *, hourly: bool) -> Chart:
    """Place the bars: the highest fills the chart, accepted stands at the bottom, the other outcomes on top of it."""
    highest = max((bar.total for bar in bars), default=0) or 1
    step = WIDTH / max(len(bars), 1)
    labels = [formats.date_format(timezone.localtime(bar.at), "H:i" if hourly else "j M") for bar in bars]
    columns = [
        Column(label, bar.total, round(index * step, 2), round(step - GAP, 2), _parts(bar, highest))
        for index, (bar, label) in enumerate(zip(bars, labels, strict=True))
    ]
    return Chart(columns, labels[:: max(1, len(labels) // LABELS)])


def _parts(bar: Bar, highest: int) -> list[Part]:
    parts, top = [], float(HEIGHT)
    for state in OUTCOMES:
        if count := bar.counts.get(state, 0):
            height = max(2.0, HEIGHT * count / highest)
            top -= height
            parts.append(Part(state.colour, round(max(top, 0), 2), round(height, 2)))
    return parts
