"""The history: filters, search, pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from dashboard import crypto
from dashboard.models import CatalogueItem, Person, SearchHandle
from dashboard.queries import history
from tests import factories


@pytest.fixture
def vonage(db: None) -> Any:
    return factories.connection("vonage", name="vcc-emea", country="GB")


def shown(client: Client, address: str) -> list[str]:
    """The targets on a page of the history, in order."""
    return [row.target for row in client.get(address).context["page"].rows]


def test_newest_first(as_sam: Client, sam: Person, vonage: Any) -> None:
    for target in ("first", "second", "third"):
        factories.dispatch(vonage, sam, target=target)
    assert shown(as_sam, "/history/") == ["third", "second", "first"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("provider=ccai", ["text"]),
        ("provider=vonage", ["doubtful", "old", "route"]),
        ("outcome=in_doubt", ["doubtful"]),
        ("outcome=under_way", ["text"]),
        ("span=24h", ["text", "doubtful", "route"]),
        ("connection=vcc-emea&outcome=accepted", ["old", "route"]),
        ("by=sam", ["text", "doubtful", "old", "route"]),
        ("by=nobody", []),
    ],
)
def test_filters_narrow(as_sam: Client, sam: Person, vonage: Any, query: str, expected: list[str]) -> None:
    ccai = factories.connection("ccai")
    factories.dispatch(vonage, sam, target="route")
    factories.dispatch(vonage, sam, target="old", created_at=timezone.now() - timedelta(days=3))
    factories.dispatch(vonage, sam, target="doubtful", state="in_doubt")
    factories.dispatch(ccai, sam, target="text", state="queued")
    assert shown(as_sam, f"/history/?{query}") == expected


def test_dates_are_days_in_the_readers_zone(as_sam: Client, sam: Person, vonage: Any) -> None:
    factories.dispatch(vonage, sam, target="on the day", created_at="2026-07-01T22:30:00Z")
    factories.dispatch(vonage, sam, target="after midnight in London", created_at="2026-07-01T23:30:00Z")
    assert shown(as_sam, "/history/?start=2026-07-01&end=2026-07-01") == ["on the day"]


def test_an_unknown_filter_value_is_named_and_narrows_nothing(as_sam: Client, sam: Person, vonage: Any) -> None:
    factories.dispatch(vonage, sam)
    answer = as_sam.get("/history/?provider=nobody")
    assert len(answer.context["page"].rows) == 1
    assert b"nobody is not one of the available choices" in answer.content


@pytest.mark.parametrize("text", ["ObjectId_001", "objectid_0", "13141f79-79bb", "5006x00000XX", "OfferToUpdate", "114", "4396816"])
def test_ids_are_found_by_their_beginning(as_sam: Client, sam: Person, vonage: Any, text: str) -> None:
    ids = {
        "external_id": "ObjectId_001",
        "request_id": "13141f79-79bb-4e4f-a7bc-a96f3a08d1bb",
        "ticket_id": "5006x00000XXxxxXXX",
        "message_name": "OfferToUpdateAPIpage",
        "chat_id": "114",
        "job_id": "4396816",
    }
    factories.dispatch(vonage, sam, target="wanted", references=ids)
    factories.dispatch(vonage, sam, target="another", references={"external_id": "Case 7"})
    answer = as_sam.post("/history/search/", {"text": text})
    assert shown(as_sam, answer["Location"]) == ["wanted"]


@pytest.mark.parametrize("text", ["kx7mp4wq2z", "KX7MP4WQ2Z ", "kx7m"])
def test_a_dispatch_is_found_by_its_reference(as_sam: Client, sam: Person, vonage: Any, text: str) -> None:
    factories.dispatch(vonage, sam, target="wanted", ref="kx7mp4wq2z")
    factories.dispatch(vonage, sam, target="another")
    answer = as_sam.post("/history/search/", {"text": text})
    assert shown(as_sam, answer["Location"]) == ["wanted"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("Autumn offer", "autumn o"), ("Autumn offer", "Autumn offer"), ("Über 100 %", "über"), ("50 % off_now", "50 % off_")],
)
def test_a_dispatch_is_found_by_the_name_that_the_list_shows(as_sam: Client, sam: Person, vonage: Any, name: str, text: str) -> None:
    item, other = factories.item(vonage, "route", "R-1"), factories.item(vonage, "route", "R-2")
    factories.dispatch(vonage, sam, target="R-1", item=item)
    factories.dispatch(vonage, sam, target="R-2", item=other)
    CatalogueItem.objects.filter(pk=item.pk).update(label=name)
    CatalogueItem.objects.filter(pk=other.pk).update(label="The autumn offer")
    answer = as_sam.post("/history/search/", {"text": text})
    assert shown(as_sam, answer["Location"]) == ["R-1"]
    assert name in as_sam.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("text", ["Straße-7", "straße", "STRAßE-7"])
def test_letters_are_folded_alike_when_stored_and_searched(as_sam: Client, sam: Person, vonage: Any, text: str) -> None:
    factories.dispatch(vonage, sam, target="wanted", references={"external_id": "Straße-7"})
    answer = as_sam.post("/history/search/", {"text": text})
    assert shown(as_sam, answer["Location"]) == ["wanted"]


@pytest.mark.parametrize("text", ["+44 7700 936658", "07700 936658", "+447700936658"])
def test_a_number_is_found_and_never_stands_in_the_address(as_sam: Client, sam: Person, vonage: Any, text: str) -> None:
    factories.dispatch(vonage, sam, target="wanted", references={"number": crypto.number_hash("+447700936658")})
    factories.dispatch(vonage, sam, target="another", references={"number": crypto.number_hash("+447700900000")})
    answer = as_sam.post("/history/search/", {"text": text, "span": "7d"})
    assert "936658" not in answer["Location"]
    assert "span=7d" in answer["Location"]
    page = as_sam.get(answer["Location"])
    assert [row.target for row in page.context["page"].rows] == ["wanted"]
    assert b"7700936658" not in page.content.replace(b" ", b"")


def test_a_handle_belongs_to_whoever_searched(as_sam: Client, as_ana: Client, sam: Person, vonage: Any) -> None:
    factories.dispatch(vonage, sam, references={"number": crypto.number_hash("+447700936658")})
    as_sam.post("/history/search/", {"text": "+447700936658"})
    handle = SearchHandle.objects.get().handle
    answer = as_ana.get(f"/history/?n={handle}")
    assert answer.context["searched"] == ""
    assert "leads to a search for a telephone number by somebody else" in answer.content.decode()
    assert b"7700936658" not in bytes(SearchHandle.objects.get().text_sealed)


@pytest.mark.database
def test_what_is_searched_for_is_looked_up_in_the_indexes(db: None) -> None:
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = history.dispatches(history.Filters(text="case-1")).order_by("-id")[:50].explain()
    for index in ("reference_prefix", "dashboard_dispatch_item_id"):
        assert index in plan, plan


def test_pages_follow_the_key(as_sam: Client, sam: Person, vonage: Any) -> None:
    for number in range(120):
        factories.dispatch(vonage, sam, target=f"t{number}")
    first = as_sam.get("/history/?outcome=accepted").context["page"]
    second = as_sam.get("/history/" + first.older).context["page"]
    third = as_sam.get("/history/" + second.older).context["page"]
    assert [len(page.rows) for page in (first, second, third)] == [50, 50, 20]
    assert not first.newer
    assert not third.older
    assert [row.target for row in as_sam.get("/history/" + second.newer).context["page"].rows] == [row.target for row in first.rows]
    assert "outcome=accepted" in second.older


def test_as_many_queries_for_fifty_rows_as_for_one(as_sam: Client, sam: Person, vonage: Any, django_assert_num_queries: Any) -> None:
    factories.dispatch(vonage, sam)
    as_sam.get("/history/")
    with django_assert_num_queries(QUERIES):
        as_sam.get("/history/")
    for _ in range(60):
        factories.dispatch(vonage, sam)
    with django_assert_num_queries(QUERIES):
        as_sam.get("/history/")


QUERIES = 6


def test_the_empty_history_teaches(as_sam: Client, as_ana: Client) -> None:
    assert b"Compose the first one" in as_sam.get("/history/").content
    assert b"Compose the first one" not in as_ana.get("/history/").content


def test_htmx_gets_the_table_alone(as_sam: Client, sam: Person, vonage: Any) -> None:
    factories.dispatch(vonage, sam)
    answer = as_sam.get("/history/", headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert b"Route Interaction NR" in answer.content


def test_whose_dispatches_are_shown_is_said_and_can_be_taken_away(as_sam: Client, sam: Person, vonage: Any) -> None:
    factories.dispatch(vonage, sam)
    page = as_sam.get("/history/?by=sam&outcome=accepted&before=999999").content.decode()
    assert '<a class="chip" href="/history/?outcome=accepted">Sent by: sam' in page
    assert "Sent by" not in as_sam.get("/history/").content.decode()


def test_why_something_failed_stands_in_its_row(as_sam: Client, sam: Person, vonage: Any) -> None:
    factories.dispatch(vonage, sam, state="rejected", explanation="The named route is not known.")
    assert "<small>The named route is not known.</small>" in as_sam.get("/history/").content.decode()
