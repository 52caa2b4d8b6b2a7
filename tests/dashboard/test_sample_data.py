"""`manage.py sample_data`: what a desk beside its sandbox starts with, and what stays as people changed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from dashboard.choices import Source, State
from dashboard.models import AuditEvent, CatalogueItem, Connection, Dispatch, Person
from dashboard.queries import onboarding
from dashboard.roles import Role
from dashboard.services import catalogue, connections, secrets
from providers.fields import flat
from providers.registry import PROVIDERS
from providers.sandbox.server import Sandbox
from providers.sandbox.world import ready_made
from tests import factories

Fill = Callable[..., str]


@pytest.fixture
def fill(db: None, sandbox: Sandbox, settings: Settings, tmp_path: Path) -> Fill:
    settings.SANDBOX_ADDRESS = sandbox.url

    def run(*words: str) -> str:
        out = StringIO()
        call_command("sample_data", "--sign-ins", str(tmp_path / "sign-ins.txt"), *words, stdout=out)
        return out.getvalue()

    return run


class TestConnections:
    def test_every_provider_gets_one_that_is_complete(self, fill: Fill, sandbox: Sandbox) -> None:
        fill()
        made = {connection.provider: connection for connection in Connection.objects.all()}
        assert made.keys() == PROVIDERS.keys()
        for key, connection in made.items():
            account = ready_made(sandbox.url)[key]
            assert (connection.name, connection.environment, connection.undo_seconds) == (f"{key}-sandbox", "sandbox", 5)
            assert connection.settings == account["settings"]
            assert secrets.read(connection=connection).values == account["secrets"]
            assert connection.vendor.settings_form(data=connection.settings).is_valid()
            assert connection.items.count() == sum(len(items) for items in account["items"].values()) > 0

    def test_every_item_could_have_been_typed(self, fill: Fill) -> None:
        fill()
        for item in CatalogueItem.objects.select_related("connection"):
            kind = item.declared
            form = kind.form(flat(kind.form.fields_of(item.as_item())), account=item.connection.account())
            assert form.is_valid(), (item.kind, item.key, form.errors)
            assert form.item() == item.as_item()

    def test_a_second_run_changes_nothing(self, fill: Fill) -> None:
        first = fill()
        before = AuditEvent.objects.count()
        assert fill() == first
        assert AuditEvent.objects.count() == before

    def test_what_people_changed_stays(self, fill: Fill) -> None:
        fill("--bare")
        item = CatalogueItem.objects.order_by("id")[0]
        catalogue.archive(item=item, by="ada")
        archived, elsewhere = Connection.objects.order_by("id")[:2]
        connections.archive(connection=archived, by="ada")
        Connection.objects.filter(pk=elsewhere.pk).update(
            settings={**elsewhere.settings, "api_url": "https://real.example", "base_url": "https://real.example"}
        )
        secrets.clear(connection=elsewhere, by="ada", reason="moved")
        fill()
        item.refresh_from_db()
        archived.refresh_from_db()
        elsewhere.refresh_from_db()
        assert item.archived_at
        assert archived.archived_at
        assert not archived.secrets.exists()
        assert elsewhere.settings["base_url"] == "https://real.example"

    def test_they_follow_the_sandbox_to_another_port(self, fill: Fill, settings: Settings) -> None:
        fill()
        with Sandbox() as other:
            settings.SANDBOX_ADDRESS = other.url
            fill()
            for connection in Connection.objects.all():
                account = ready_made(other.url)[connection.provider]
                assert connection.settings == account["settings"]
                assert secrets.read(connection=connection).values == account["secrets"]

    def test_they_cannot_follow_while_something_is_open(self, fill: Fill, settings: Settings) -> None:
        fill("--bare")
        factories.dispatch(Connection.objects.order_by("id")[0], Person.objects.get(username="sam"), state="queued")
        settings.SANDBOX_ADDRESS = "http://127.0.0.1:9"
        with pytest.raises(CommandError, match=r"^The sandbox has moved to http://127\.0\.0\.1:9, but its connections cannot follow\."):
            fill()

    def test_a_desk_with_real_accounts_is_refused(self, fill: Fill, settings: Settings) -> None:
        settings.OUTBOUND_LOOPBACK = False
        with pytest.raises(CommandError, match="needs OUTBOUND_LOOPBACK=True"):
            fill()
        assert not Connection.objects.exists()
        assert not Person.objects.exists()


class TestDispatches:
    def test_a_dozen_wait_for_the_worker_and_one_for_tomorrow(self, fill: Fill, now: datetime) -> None:
        fill()
        made = Dispatch.objects.order_by("id")
        assert len(made) == 12
        assert {row.provider for row in made} == PROVIDERS.keys()
        assert {row.source for row in made} == {Source.SAMPLE}
        assert {row.created_by_name for row in made} == {"sam"}
        assert Counter(row.state for row in made) == {State.QUEUED: 11, State.HELD: 1}
        later = made.get(state=State.HELD)
        assert later.scheduled
        assert later.due_at.date() == now.date() + timedelta(days=1)
        assert AuditEvent.objects.filter(action__in=["dispatch.made", "dispatch.scheduled"]).count() == 12

    def test_they_are_made_once(self, fill: Fill) -> None:
        fill()
        Dispatch.objects.update(state=State.CANCELLED)
        fill()
        assert Dispatch.objects.count() == 12

    def test_none_on_request_and_none_where_they_cannot_be(self, fill: Fill) -> None:
        fill("--bare")
        assert not Dispatch.objects.exists()
        Person.objects.filter(username="sam").update(is_supervisor=False)
        fill()
        assert not Dispatch.objects.exists()
        Person.objects.filter(username="sam").update(is_supervisor=True)
        Connection.objects.exclude(provider="ccai").update(paused_at=timezone.now())
        CatalogueItem.objects.filter(kind="number").update(archived_at=timezone.now())
        fill()
        assert not Dispatch.objects.exists()

    def test_those_that_have_not_left_are_taken_back_when_the_sandbox_moves(self, fill: Fill, settings: Settings) -> None:
        fill()
        settings.SANDBOX_ADDRESS = "http://127.0.0.1:9"
        fill()
        assert set(Dispatch.objects.values_list("state", flat=True)) == {State.CANCELLED}

    def test_they_are_not_the_first_dispatch_of_the_first_steps(self, fill: Fill) -> None:
        fill()
        Dispatch.objects.update(state=State.ACCEPTED)
        sam = Person.objects.get(username="sam")
        assert [str(step.title) for step in onboarding.steps(sam) if not step.done] == ["Send a first dispatch"]
        Dispatch.objects.filter(pk=Dispatch.objects.order_by("pk")[0].pk).update(source=Source.SCREEN)
        assert onboarding.steps(sam) == []


class TestPeople:
    def test_one_per_role_with_the_printed_password(self, fill: Fill) -> None:
        lines = [line.split() for line in fill().splitlines()]
        assert [line[0] for line in lines] == list(Role)
        for role, username, password in lines:
            person = Person.objects.get(username=username)
            assert person.roles == [role]
            assert person.check_password(password)
            assert len(password) >= 20

    def test_passwords_are_kept_for_their_owner_alone(self, fill: Fill, tmp_path: Path) -> None:
        printed = fill()
        file = tmp_path / "sign-ins.txt"
        assert file.stat().st_mode & 0o777 == 0o600
        assert all(line.split()[1] in printed for line in file.read_text().splitlines())

    def test_passwords_are_no_two_alike(self, fill: Fill, tmp_path: Path) -> None:
        first = {line.split()[-1] for line in fill("--bare").splitlines()}
        assert len(first) == 3
        Person.objects.all().delete()
        (tmp_path / "sign-ins.txt").unlink()
        assert first.isdisjoint(line.split()[-1] for line in fill().splitlines())

    def test_a_password_chosen_since_is_not_printed(self, fill: Fill) -> None:
        fill()
        sam = Person.objects.get(username="sam")
        sam.set_password("another long password")
        sam.save()
        assert "supervisor  sam  (the password chosen since)" in fill()

    def test_a_lost_file_changes_no_password(self, fill: Fill, tmp_path: Path) -> None:
        fill()
        before = set(Person.objects.values_list("password", flat=True))
        (tmp_path / "sign-ins.txt").unlink()
        assert fill().count("(the password chosen since)") == 3
        assert set(Person.objects.values_list("password", flat=True)) == before
