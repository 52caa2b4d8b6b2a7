"""Signing in and out: throttled, recorded, the same text and time for a name that does not exist."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest
from django.utils import timezone

from dashboard.models import AuditEvent, Person, Session
from dashboard.models.sessions import mark_of
from dashboard.request_context import acting
from dashboard.services import audit

log = logging.getLogger(__name__)
SPAN = timedelta(minutes=15)
KNOWN = timedelta(days=30)
"""Refusals elsewhere do not keep a person out at an address from which they signed in this recently."""


PROVED = "proved"
"""When the password was last given, in the session."""


class Refused(Exception):
    """Wrong name or password, or a person who is disabled."""


class TooMany(Refused):
    """Too many refusals before; the password was not looked at."""


def sign_in(request: HttpRequest, *, username: str, password: str) -> Person:
    """Start a session. Raises TooMany or Refused; both are the same for a name that does not exist."""
    if is_throttled(username):
        log.warning("A sign-in was refused unseen, after too many tries")
        raise TooMany
    person = authenticate(request, username=username, password=password)
    if not isinstance(person, Person):
        refuse(username)
        raise Refused
    login(request, person)
    _note(request)
    audit.record(person, "access.signed_in")
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return person


def _note(request: HttpRequest) -> None:
    """Keep what tells a session from others, and put its mark on what is recorded from here on."""
    now = acting.get()
    request.session[PROVED] = time.time()
    request.session["address"], request.session["agent"] = now.address, request.headers.get("User-Agent", "")[:300]
    request.session.save()
    acting.set(replace(now, session=mark_of(request.session.session_key)))


def is_proven(request: HttpRequest) -> bool:
    """Whether the password was given a short while ago, at sign-in or since."""
    given = request.session.get(PROVED) or request.session.get("since", 0)
    return bool(time.time() - given <= settings.PROOF_SECONDS)


def prove(request: HttpRequest, password: str) -> None:
    """Take the password of whoever is signed in once more. Raises TooMany or Refused."""
    person = request.user
    assert isinstance(person, Person)
    if is_throttled(person.username):
        raise TooMany
    if not person.check_password(password):
        refuse(person.username)
        raise Refused
    request.session[PROVED] = time.time()
    audit.record(person, "access.proved")


def end_others(request: HttpRequest, mark: str = "") -> int:
    """End the other sessions of whoever is signed in, or the one with that mark; how many there were."""
    person = request.user
    assert isinstance(person, Person)
    others = Session.objects.filter(person=person).exclude(session_key=request.session.session_key)
    chosen = [row.pk for row in others if mark in ("", row.mark)]
    count = Session.objects.filter(pk__in=chosen).delete()[0]
    if count:
        audit.record(person, "access.sessions_ended", obj=person, detail={"count": count})
    return count


def sign_out(request: HttpRequest) -> None:
    """End the session, if there is one."""
    if isinstance(request.user, Person):
        audit.record(request.user, "access.signed_out")
    logout(request)


def is_throttled(username: str) -> bool:
    """Whether this name or this address was refused too often in the last quarter of an hour."""
    address, now = acting.get().address, timezone.now()
    refusals = AuditEvent.objects.filter(action="access.sign_in_refused", at__gt=now - SPAN)
    if refusals.filter(address=address).count() >= settings.SIGN_IN_TRIES:
        return True
    if refusals.filter(object_id=name_digest(username)).count() < settings.SIGN_IN_TRIES:
        return False
    return not AuditEvent.objects.filter(action="access.signed_in", at__gt=now - KNOWN, actor_name=username, address=address).exists()


def refuse(username: str) -> None:
    """Record a refusal. A name that nobody has may be a password typed into the wrong field: only its digest is kept."""
    known = Person.objects.filter(username=username).exists()
    tried = Tried(pk=name_digest(username))
    audit.record(None, "access.sign_in_refused", obj=tried, name=username if known else "—", detail={"name": username if known else "—"})


class Tried:
    """What a refusal is about: the digest of a name."""

    def __init__(self, pk: str) -> None:
        self.pk = pk


def name_digest(username: str) -> str:
    """The keyed hash under which refusals of one name are counted."""
    return hmac.new(settings.NUMBER_KEY, b"sign-in" + username.encode(), hashlib.sha256).hexdigest()[:32]
