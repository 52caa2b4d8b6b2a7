"""The audit trail as sentences, with filters, paged by key."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from dashboard.models import AuditEvent, Person
from dashboard.queries.audit import AREAS, sentence
from dashboard.services import audit, people
from tests import factories

pytestmark = pytest.mark.django_db


def lines(client: Client, query: str = "") -> list[str]:
    """The sentences on a page, tags taken out."""
    page = client.get(f"/audit/{query}").content.decode()
    return [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in re.findall(r'<td class="any">(.*?)</td>', page, re.S)]


def test_events_read_as_sentences_newest_first(as_ana: Client, ada: Person) -> None:
    connection = factories.connection("vonage", name="vcc-test")
    audit.record(ada, "connection.paused", obj=connection, detail={"reason": "maintenance <b>"})
    audit.record(ada, "secret.set", obj=connection, detail={"secret": "client_secret", "fingerprint": "ab12cd34"})
    assert lines(as_ana) == [
        "ada set the secret client_secret of vcc-test (fingerprint ab12cd34)",
        "ada paused the connection vcc-test: maintenance &lt;b&gt;",
    ]


def test_a_password_that_somebody_else_set_names_its_owner(as_ana: Client, sam: Person) -> None:
    people.set_password(person=sam, password="correct horse battery", by=sam)
    people.set_password(person=sam, password="correct horse staple", by="set-up")
    audit.record("set-up", "item.added", name="mei", detail={"kind": "Outbound number"})
    assert lines(as_ana) == ["set-up added the outbound number mei", "set-up set the password of sam", "sam chose a new password"]


def test_moments_in_sentences_are_those_of_the_reader(as_ana: Client, sam: Person, ana: Person) -> None:
    ana.time_zone = "Asia/Tokyo"
    ana.save()
    detail = {"connection": "vcc-test", "when": "2026-07-01T18:30+00:00"}
    audit.record(sam, "dispatch.scheduled", obj=factories.dispatch(factories.connection(), sam), detail=detail)
    assert lines(as_ana)[0].endswith("through vcc-test for 2 Jul 2026, 03:30")


def test_links_lead_only_where_the_reader_may_go(as_ana: Client, as_ada: Client, ada: Person, sam: Person) -> None:
    connection = factories.connection()
    dispatch = factories.dispatch(connection, sam)
    audit.record(ada, "connection.resumed", obj=connection)
    audit.record(sam, "dispatch.cancelled", obj=dispatch)
    audit.record(ada, "person.enabled", obj=sam)
    for client, found in ((as_ada, True), (as_ana, False)):
        page = client.get("/audit/").content.decode()
        assert f'href="/dispatches/{dispatch.ref}/"' in page
        assert (f'href="/connections/{connection.name}/"' in page) is found
        assert (f'href="/people/{sam.pk}/"' in page) is found


def test_every_declared_event_has_an_area_and_shows_without_detail() -> None:
    for action, words in audit.SENTENCES.items():
        assert any(action.startswith((f"{area}.", f"{area}s.")) for area in AREAS), action
        shown = sentence(AuditEvent(action=action, object_name="it"))
        assert shown
        names = {name for _text, name, _spec, _how in Formatter().parse(str(words)) if name}
        assert ("—" in shown) == bool(names - {"name"})
    assert sentence(AuditEvent(action="of.old")) == "of.old"


@pytest.fixture
def three(ada: Person, sam: Person) -> None:
    connection = factories.connection("ccai", name="us-line")
    audit.record(ada, "connection.added", obj=connection)
    audit.record(sam, "access.signed_in")
    audit.record(ada, "secrets.rotated", detail={"count": 3})
    event = AuditEvent.objects.get(action="access.signed_in")
    QuerySet(AuditEvent).filter(pk=event.pk).update(at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?who=sam", 1),
        ("?who=SAM", 1),
        ("?who=sa", 0),
        ("?what=access", 1),
        ("?what=secret", 1),
        ("?what=connection", 1),
        ("?about=us-l", 1),
        ("?about=nowhere", 0),
        ("?start=2026-03-01&end=2026-03-01", 1),
        ("?start=2026-03-02&end=2026-03-02", 0),
        ("?start=0001-01-01&end=9999-12-31", 3),
        ("?what=nonsense", 3),
        ("?start=nonsense", 3),
        ("?before=nonsense", 3),
        ("?before=99999999999999999999999", 3),
    ],
)
def test_filters(as_ana: Client, three: None, query: str, count: int) -> None:
    assert len(lines(as_ana, query)) == count


def test_days_are_days_of_the_reader(as_ana: Client, ana: Person, three: None) -> None:
    ana.time_zone = "Asia/Tokyo"
    ana.save()
    assert len(lines(as_ana, "?start=2026-03-02&end=2026-03-02")) == 1


def test_a_span_that_ends_before_it_begins_is_said(as_ana: Client) -> None:
    assert "This day is before the first one." in as_ana.get("/audit/?start=2026-03-02&end=2026-03-01").content.decode()


def test_the_first_visit_teaches(as_ana: Client) -> None:
    page = as_ana.get("/audit/").content.decode()
    assert "Nothing has happened yet" in page
    assert "Nothing fits" in as_ana.get("/audit/?who=x").content.decode()


def test_pages_lead_there_and_back_and_keep_the_filters(as_ana: Client) -> None:
    for number in range(120):
        audit.record("worker", "item.added", name=f"item-{number:03}", detail={"kind": "skill"})
    audit.record("terminal", "desk.resumed")
    seen = []
    query = "?what=item"
    for _ in range(3):
        seen += lines(as_ana, query)
        page = as_ana.get(f"/audit/{query}").content.decode()
        link = re.search(r'href="(\?[^"]*before=[^"]*)"', page)
        newer = re.search(r'href="(\?[^"]*after=[^"]*)"', page)
        query = link[1].replace("&amp;", "&") if link else ""
    assert seen == [f"worker added the skill item-{number:03}" for number in reversed(range(120))]
    assert query == ""
    assert newer
    assert lines(as_ana, newer[1].replace("&amp;", "&"))[0] == "worker added the skill item-069"


@pytest.mark.parametrize("rows", [10, 2_000])
def test_as_many_queries_for_ten_rows_as_for_thousands(as_ana: Client, django_assert_num_queries: Any, rows: int) -> None:
    now = timezone.now()
    AuditEvent.objects.bulk_create(
        AuditEvent(at=now - timedelta(seconds=n), action="access.signed_in", actor_name="x") for n in range(rows)
    )
    as_ana.get("/audit/")
    with django_assert_num_queries(4):
        as_ana.get("/audit/")


def test_nothing_changes_or_deletes_an_event(ada: Person) -> None:
    event = audit.record(ada, "access.signed_in")
    with pytest.raises(TypeError, match="never changed"):
        event.save()
    with pytest.raises(TypeError, match="never changed"):
        AuditEvent.objects.filter(pk=event.pk).update(actor_name="somebody else")
    with pytest.raises(TypeError, match="never changed"):
        AuditEvent.objects.bulk_update([event], ["actor_name"])
    with pytest.raises(TypeError, match="never deleted"):
        AuditEvent.objects.filter(pk=event.pk).delete()
    with pytest.raises(TypeError, match="never deleted"):
        event.delete()


def test_an_undeclared_event_is_refused(ada: Person) -> None:
    with pytest.raises(KeyError):
        audit.record(ada, "made.up")
