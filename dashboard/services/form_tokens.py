"""The signed token of a composer form: which dispatch it will become, and whose form it is."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

from dashboard.models import Person

SIGNER = "dashboard.compose.form"


@dataclass(frozen=True, slots=True)
class Slip:
    """What a token says. `ref` is empty when it is not one of ours, or somebody else's."""

    ref: str
    fresh: bool
    """Whether the form may still be sent."""


def make_token(*, ref: str, person: Person) -> str:
    """A token that lets this person send a form under that reference within FORM_LIFE."""
    return TimestampSigner(salt=SIGNER).sign_object({"ref": ref, "person": person.pk})


def read_token(token: str, *, person: Person) -> Slip:
    """What a token says. One that has run out still names its reference; a forged or foreign one names nothing."""
    try:
        return Slip(_ref(token, person, settings.FORM_LIFE), fresh=True)
    except SignatureExpired:
        return Slip(_ref(token, person, None), fresh=False)
    except BadSignature:
        return Slip("", fresh=False)


def _ref(token: str, person: Person, life: float | None) -> str:
    said = TimestampSigner(salt=SIGNER).unsign_object(token, max_age=life)
    if said["person"] != person.pk:
        raise BadSignature("The form belongs to somebody else.")
    return str(said["ref"])
