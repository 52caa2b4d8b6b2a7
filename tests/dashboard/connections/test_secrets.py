"""Secrets: sealed where they belong, counted, never shown; and the rotation of keys."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone

from dashboard import crypto
from dashboard.models import AccessToken, AuditEvent, Connection, Dispatch, Invocation, Person, Preset, SearchHandle, Secret
from dashboard.services import connections, resealing, secrets
from dashboard.services.journal import Journal
from dashboard.services.replaying import replay_abandoned
from providers.errors import NotConfigured
from providers.types import Answer, Command
from tests import factories

pytestmark = pytest.mark.django_db
OTHER_KEY = b"o" * 32


def put_both(connection: Connection, by: Person | str = "terminal") -> None:
    secrets.put_all(connection=connection, values={"client_id": "an id", "client_secret": "a secret"}, by=by)


def test_what_is_put_is_read() -> None:
    connection = factories.connection("vonage")
    put_both(connection)
    read = secrets.read(connection=connection)
    assert (read["client_id"], read["client_secret"]) == ("an id", "a secret")


def test_nothing_stands_in_clear(ada: Person) -> None:
    connection = factories.connection("vonage")
    secrets.put(connection=connection, name="client_secret", value="SENTINEL", by=ada)
    assert b"SENTINEL" not in bytes(Secret.objects.get().sealed)
    assert "SENTINEL" not in repr(secrets.state(connection=connection))
    put_both(connection)
    assert "a secret" not in repr(secrets.read(connection=connection))


def test_what_is_missing_is_named() -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    secrets.put(connection=connection, name="client_id", value="an id", by="terminal")
    with pytest.raises(NotConfigured, match=r"vcc-emea lacks its credentials: Client secret\."):
        secrets.read(connection=connection)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        secrets.put(connection=factories.connection("vonage"), name="password", value="x", by="terminal")


def test_a_new_secret_drops_the_token_and_counts() -> None:
    connection = factories.connection("vonage")
    token = AccessToken.objects.create(connection=connection, sealed=b"x", issued_at=1.0, expires_at=2.0, asked_at=3.0)
    before = connection.secrets_version
    secrets.put(connection=connection, name="client_id", value="an id", by="terminal")
    token.refresh_from_db()
    assert connection.secrets_version == Connection.objects.get(pk=connection.pk).secrets_version == before + 1
    assert (token.sealed, token.issued_at, token.expires_at) == (None, 0, 0)


def test_a_new_secret_does_not_resume() -> None:
    connection = factories.connection("vonage")
    connections.pause(connection=connection, reason="The credentials were refused.", by="worker")
    put_both(connection)
    connection.refresh_from_db()
    assert connection.is_paused


def test_a_ciphertext_moved_to_another_row_does_not_open() -> None:
    mine, theirs = factories.connection("vonage"), factories.connection("vonage")
    put_both(mine)
    put_both(theirs)
    moved = Secret.objects.get(connection=mine, name="client_id").sealed
    Secret.objects.filter(connection=theirs, name="client_id").update(sealed=moved)
    with pytest.raises(NotConfigured, match="changed or moved"):
        secrets.read(connection=theirs)


def test_a_ciphertext_moved_to_another_name_does_not_open() -> None:
    connection = factories.connection("vonage")
    put_both(connection)
    moved = Secret.objects.get(name="client_id").sealed
    Secret.objects.filter(name="client_secret").update(sealed=moved)
    with pytest.raises(NotConfigured, match="changed or moved"):
        secrets.read(connection=connection)


def test_a_wrong_key_fails_loudly(settings: Any) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    put_both(connection)
    settings.DESK_KEYS = (OTHER_KEY,)
    with pytest.raises(NotConfigured, match=r"of vcc-emea cannot be opened\. No key in DESK_KEYS"):
        secrets.read(connection=connection)


def test_a_missing_key_is_found_by_the_checks(settings: Any) -> None:
    put_both(factories.connection("vonage", name="vcc-emea"))
    assert not [message for message in run_checks(databases=["default"]) if message.id == "desk.E008"]
    settings.DESK_KEYS = (OTHER_KEY, *settings.DESK_KEYS)
    assert not [message for message in run_checks(databases=["default"]) if message.id == "desk.E008"]
    settings.DESK_KEYS = (OTHER_KEY,)
    found = [message.msg for message in run_checks(databases=["default"]) if message.id == "desk.E008"]
    assert found == ["No key in DESK_KEYS opens client_id of vcc-emea.", "No key in DESK_KEYS opens client_secret of vcc-emea."]


def test_age_and_fingerprint_are_known(ada: Person) -> None:
    connection = factories.connection("vonage")
    put_both(connection, by=ada)
    Secret.objects.filter(name="client_id").update(set_at=timezone.now() - timedelta(days=90))
    Secret.objects.filter(name="client_secret").update(set_at=timezone.now() - timedelta(days=89))
    old, young = secrets.state(connection=connection)
    assert (old.set, old.set_by, old.age_days, old.old) == (True, "ada", 90, True)
    assert (young.age_days, young.old) == (89, False)
    assert old.fingerprint == crypto.fingerprint("an id")
    assert len(old.fingerprint) == 8


def test_clearing_removes_all_and_is_recorded(ada: Person) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    put_both(connection)
    assert secrets.clear(connection=connection, by=ada, reason="leaked") == 2
    assert not Secret.objects.exists()
    events = AuditEvent.objects.filter(action="secret.cleared")
    assert {event.detail["reason"] for event in events} == {"leaked"}
    assert {event.object_name for event in events} == {"vcc-emea"}


# --- rotation -------------------------------------------------------------------------------------


def everything_sealed(sam: Person) -> Connection:
    """One row in every table that holds sealed values."""
    connection = factories.connection("vonage")
    put_both(connection)
    token = AccessToken(connection=connection)
    token.sealed = crypto.seal(b"a token", token.place)
    token.save()
    factories.dispatch(connection, sam)
    invocation = Invocation(uid=uuid4(), connection=connection, method="POST", url="https://x", worker="w", epoch=1)
    invocation.request_sealed = crypto.seal(b"asked", invocation.place("request"))
    invocation.answer_sealed = crypto.seal(b"said", invocation.place("answer"))
    invocation.created_at = timezone.now()
    invocation.save()
    preset = Preset(uid=uuid4(), name="mine", owner=sam, connection=connection, action="route")
    preset.fields_sealed = crypto.seal(b"{}", preset.place)
    preset.save()
    handle = SearchHandle(handle="h", owner=sam, shown="+1 415-•••-0100", created_at=timezone.now())
    handle.text_sealed = crypto.seal(b"+14155550100", handle.place)
    handle.save()
    return connection


def test_every_sealed_column_of_the_desk_is_rotated() -> None:
    binary = {
        (model, field.name)
        for model in apps.get_app_config("dashboard").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField)
    }
    assert binary == {(column.model, column.column) for column in resealing.SEALED}


def test_rotation_seals_everything_under_the_first_key(sam: Person, settings: Any) -> None:
    connection = everything_sealed(sam)
    old_key = settings.DESK_KEYS[0]
    settings.DESK_KEYS = (OTHER_KEY, old_key)
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    assert "8 values were sealed again" in out.getvalue()
    settings.DESK_KEYS = (OTHER_KEY,)
    assert secrets.read(connection=connection)["client_secret"] == "a secret"
    assert crypto.unseal(AccessToken.objects.get().sealed or b"", AccessToken.objects.get().place) == b"a token"
    assert isinstance(Dispatch.objects.get().command(), Command)
    invocation = Invocation.objects.get()
    assert crypto.unseal(invocation.request_sealed, invocation.place("request")) == b"asked"
    assert crypto.unseal(invocation.answer_sealed or b"", invocation.place("answer")) == b"said"
    assert crypto.unseal(Preset.objects.get().fields_sealed, Preset.objects.get().place) == b"{}"
    assert AuditEvent.objects.get(action="secrets.rotated").detail == {"count": 8}


def test_a_second_rotation_finds_nothing_to_do(sam: Person, settings: Any) -> None:
    everything_sealed(sam)
    settings.DESK_KEYS = (OTHER_KEY, settings.DESK_KEYS[0])
    assert resealing.reseal_all(by="terminal") == 8
    before = bytes(Secret.objects.get(name="client_id").sealed)
    assert resealing.reseal_all(by="terminal") == 0
    assert bytes(Secret.objects.get(name="client_id").sealed) == before


def test_rotation_goes_beyond_one_chunk(sam: Person, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "CHUNK", 2)
    connection = factories.connection("vonage")
    for _number in range(5):
        factories.dispatch(connection, sam)
    settings.DESK_KEYS = (OTHER_KEY, settings.DESK_KEYS[0])
    assert resealing.reseal_all(by="terminal") == 5


def test_a_value_that_no_key_opens_stops_the_rotation_and_is_named(settings: Any) -> None:
    put_both(factories.connection("vonage"))
    settings.DESK_KEYS = (OTHER_KEY,)
    with pytest.raises(CommandError, match=r"secret \d+: No key in DESK_KEYS opens this value"):
        call_command("rotate_keys")
    assert not AuditEvent.objects.filter(action="secrets.rotated").exists()


@pytest.mark.parametrize("known", [True, False])
def test_answers_that_a_dead_worker_left_keep_the_old_key(settings: Any, tmp_path: Path, known: bool) -> None:
    settings.JOURNAL = tmp_path
    journal = Journal("desk/1")
    journal.write(str(uuid4()), Answer(200, body=b"{}"))
    put_both(factories.connection("vonage"))
    old_key = settings.DESK_KEYS[0]
    settings.DESK_KEYS = (OTHER_KEY, old_key)
    call_command("rotate_keys")

    journal.close()
    if not known:
        settings.DESK_KEYS = (OTHER_KEY,)
    out = StringIO()
    with pytest.raises(CommandError, match=r"Keep the old key: a worker that is gone left answers in desk_1\.journal\. Start a worker"):
        call_command("rotate_keys", stdout=out)
    assert "0 values were sealed again" in out.getvalue()

    settings.DESK_KEYS = (OTHER_KEY, old_key)
    assert replay_abandoned() == 1
    call_command("rotate_keys")


def test_an_empty_journal_keeps_no_key(settings: Any, tmp_path: Path) -> None:
    settings.JOURNAL = tmp_path
    journal = Journal("desk/1")
    journal.write("1", Answer(200, body=b"{}"))
    journal.resolve("1")
    (tmp_path / "dead.journal").write_bytes(journal.path.read_bytes())
    call_command("rotate_keys")
    journal.close()


def test_a_secret_put_while_keys_rotate_stays(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = factories.connection("vonage")
    put_both(connection)
    settings.DESK_KEYS = (OTHER_KEY, settings.DESK_KEYS[0])
    seal = crypto.Keyring.seal

    def seal_late(keyring: crypto.Keyring, plain: bytes, place: str) -> bytes:
        monkeypatch.setattr(crypto.Keyring, "seal", seal)
        secrets.put(connection=connection, name="client_id", value="newer", by="terminal")
        return seal(keyring, plain, place)

    monkeypatch.setattr(crypto.Keyring, "seal", seal_late)
    resealing.reseal_all(by="terminal")
    assert secrets.read(connection=connection)["client_id"] == "newer"
