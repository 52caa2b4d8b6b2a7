"""The overview: figures, chart, health, what comes next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import Person
from dashboard.queries import chart, overview
from tests import factories


@pytest.fixture
def vonage(db: None) -> Any:
    return factories.connection("vonage", name="vcc-emea")


def test_figures_count_outcomes_of_the_span(vonage: Any, sam: Person) -> None:
    for state, ms in (("accepted", 100), ("accepted", 300), ("rejected", 200), ("in_doubt", None), ("queued", None)):
        factories.dispatch(vonage, sam, state=state, took_ms=ms, outcome_code="x", said="No such route")
    factories.dispatch(vonage, sam, state="accepted", created_at=timezone.now() - timedelta(days=3))
    day, week = overview.figures("24h"), overview.figures("7d")
    assert {state.value: count for state, count in day.by_outcome.items()} == {"accepted": 2, "rejected": 1, "not_sent": 0, "in_doubt": 1}
    assert day.accepted_share == 50
    assert (day.median_ms, day.slow_ms) == (200, 300)
    assert day.most_rejected == "No such route"
    assert (day.doubts, day.retrying) == (1, 0)
    assert week.total == day.total + 1


@pytest.mark.parametrize(
    ("said", "explanation", "words"),
    [
        ('["7c45b8a7-0000"]', "VCC listed this request ID as failed.", "VCC listed this request ID as failed."),
        ("No such route", "", "No such route"),
        ("", "", ""),
        ("", "word " * 40, "word " * 23 + "word…"),
    ],
)
def test_the_most_frequent_rejection_is_told_in_words(vonage: Any, sam: Person, said: str, explanation: str, words: str) -> None:
    factories.dispatch(vonage, sam, state="rejected", outcome_code="x", said=said, explanation=explanation)
    assert overview.figures("24h").most_rejected == words


def test_the_chart_holds_what_the_table_holds(vonage: Any, sam: Person, now: datetime) -> None:
    for hours in (0, 0, 5):
        factories.dispatch(vonage, sam, created_at=now - timedelta(hours=hours))
    bars = overview.figures("24h").bars
    assert len(bars) == 25
    assert sum(bar.total for bar in bars) == 3
    drawn = chart.draw(bars, hourly=True)
    heights = [sum(part.height for part in bar.parts) for bar in drawn.bars]
    assert [height for height in heights if height] == [chart.HEIGHT / 2, chart.HEIGHT]
    assert drawn.most == 2
    assert drawn.bars[-1].words == f"{now:%H}:00 · Accepted 2"
    assert len(drawn.axis) == len(bars)
    assert all(bar.x >= 0 and bar.x + bar.width <= chart.WIDTH for bar in drawn.bars)


@pytest.mark.parametrize(("highest", "most"), [(0, 2), (1, 2), (3, 4), (7, 8), (9, 10), (10, 10), (11, 20), (121, 200), (5_000, 6_000)])
def test_the_scale_of_the_chart_ends_at_a_round_number(highest: int, most: int) -> None:
    bar = overview.Bar(timezone.now(), {State.ACCEPTED: highest})
    drawn = chart.draw([bar], hourly=False)
    assert (drawn.most, drawn.half * 2) == (most, most)


def test_what_is_under_way_stands_by_connection_with_the_newest(as_sam: Client, sam: Person, vonage: Any) -> None:
    assert b"Nothing is under way" in as_sam.get("/").content
    for state in ("sending", "queued", "claimed", "waiting", "accepted"):
        factories.dispatch(vonage, sam, state=state)
    factories.dispatch(vonage, sam, state="held", scheduled=True)
    leaving = factories.dispatch(vonage, sam, state="held", target="Leaving now")
    page = as_sam.get("/").content.decode()
    card = page[page.index('aria-labelledby="under-way"') :].partition("</section>")[0]
    assert [words in card for words in ("1 being sent", "2 queued", "1 to be tried again", "1 can be undone")] == [True] * 4
    assert "All 5" in card
    assert "vcc-emea" in card
    assert "No credentials" in card
    assert f'/dispatches/{leaving.ref}/">Leaving now</a>' in card
    assert card.count("/dispatches/") == 4
    listed = as_sam.get("/history/?outcome=under_way").content.decode()
    assert listed.count('class="rowlink"') == 5


def test_figures_lead_to_what_they_count(as_sam: Client, sam: Person, vonage: Any) -> None:
    for state in ("rejected", "rejected", "accepted"):
        factories.dispatch(vonage, sam, state=state)
    page = as_sam.get("/?span=7d").content.decode()
    assert '<a href="/history/?outcome=rejected&amp;span=7d">2</a>' in page
    assert as_sam.get("/history/?outcome=rejected&span=7d").content.count(b'class="rowlink"') == 2


@pytest.mark.parametrize("span", ["24h", "7d", "30d", "nonsense"])
def test_every_span_has_a_page(as_ana: Client, span: str) -> None:
    answer = as_ana.get(f"/?span={span}")
    assert answer.status_code == 200
    assert b"Compose</a>" not in answer.content


def test_the_live_part_is_quiet_while_nothing_changes(as_sam: Client, sam: Person, vonage: Any, now: datetime) -> None:
    seen = as_sam.get("/").context["seen"]
    assert as_sam.get(f"/overview/figures/?span=24h&seen={seen}").status_code == 204
    factories.dispatch(vonage, sam)
    renewed = as_sam.get(f"/overview/figures/?span=24h&seen={seen}")
    assert renewed.status_code == 200
    assert b"seen=" in renewed.content


def test_the_first_steps_go_once_all_are_taken(as_sam: Client, as_ada: Client, sam: Person) -> None:
    assert b"First steps" in as_sam.get("/").content
    connection = factories.connection("ccai")
    factories.item(connection, "number", "+16285550199")
    factories.dispatch(connection, sam)
    assert b"First steps" not in as_sam.get("/").content
