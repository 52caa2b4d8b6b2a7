"""A fourth provider needs one folder and one line: a toy one is sent through, with no edit anywhere else."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import CatalogueItem, Person
from dashboard.services import dispatches, secrets
from dashboard.services.dispatches import Request
from providers import registry
from providers.fields import FormContext, HeldCatalogue
from providers.sandbox.server import Sandbox
from tests import factories, toy
from tests.dashboard.engine.harness import send, states, work
from tests.toy import sandbox as toy_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_a_toy_provider_is_composed_sent_and_settled(sam: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.PROVIDERS, "toy", toy.PROVIDER)
    with Sandbox(parts={"toy": toy_sandbox.handle}) as box:
        connection = factories.connection("toy", settings={"base_url": box.address("toy")})
        secrets.put(connection=connection, name="password", value="beep", by="tests")
        item = CatalogueItem.objects.create(connection=connection, kind="pager", key="ward-3", label="Ward 3")
        ref = dispatches.new_ref()
        context = FormContext(connection.account(), ref, "UTC", timezone.now(), HeldCatalogue({"pager": [item.as_item()]}))
        action = connection.vendor.action("page")
        form = action.form({"pager": "ward-3", "text": "Please call"}, context=context)
        assert form.is_valid()
        command = action.command(form)
        asked = Request(command, action.summarise(command), item)
        composed = dispatches.submit(connection=connection, requests=[asked], ref=ref, by=sam, source="screen").dispatches
        others = send(connection, sam, 3)
        refused = send(connection, sam, changes={"text": "refuse me"})
        work()
        assert states(composed + others + refused) == [State.ACCEPTED] * 4 + [State.REJECTED]
        assert sorted(len(json.loads(record.call.body)) for record in box.requests("toy")) == [2, 3]
        assert len(box.ledger.effects("toy")) == 4
