"""Searches in which a telephone number stands: by handle, and found as if there were none."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboard import crypto
from dashboard.models import Person, SearchHandle
from tests import factories

NUMBER = "+14155550100"


def targets(client: Client, address: str) -> list[str]:
    """The targets on a page of the history."""
    return [row.target for row in client.get(address).context["page"].rows]


@pytest.mark.parametrize("text", ["tel:+14155550100", "TEL:+1-415-555-0100", "+1 415 555 0100", "(415) 555-0100"])
def test_a_number_is_found_through_its_handle(as_sam: Client, sam: Person, text: str) -> None:
    connection = factories.connection("vonage", country="US")
    factories.dispatch(connection, sam, target="wanted", references={"number": crypto.number_hash(NUMBER)})
    factories.dispatch(connection, sam, target="another", references={"number": crypto.number_hash("+14155550101")})
    address = as_sam.post("/history/search/", {"text": text})["Location"]
    assert address.startswith("/history/?n=")
    assert targets(as_sam, address) == ["wanted"]


@pytest.mark.parametrize(
    "text",
    ["+1 415 555 0100 Joe", "Joe: 415-555-0100", "4155550100 ext 5", "case 7 of +14155550100", "Joe_415_555_0100", "x415·555·0100"],
)
def test_a_number_beside_words_never_stands_in_the_address(as_sam: Client, sam: Person, text: str) -> None:
    factories.dispatch(factories.connection("vonage"), sam, target="wanted", references={"external_id": text})
    address = as_sam.post("/history/search/", {"text": text})["Location"]
    assert address == f"/history/?n={SearchHandle.objects.get().handle}"
    page = as_sam.get(address)
    assert [row.target for row in page.context["page"].rows] == ["wanted"]
    assert text not in page.context["searched"]


@pytest.mark.parametrize("text", ["ObjectId_001", "5006x00000XXxxxXXX", "kx7mp4wq2z", "4396", "Case 7, 2026"])
def test_a_text_without_a_number_is_an_address_to_share(as_sam: Client, db: None, text: str) -> None:
    assert as_sam.post("/history/search/", {"text": text})["Location"].startswith("/history/?q=")
