"""Where somebody is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.models import Person, Session

BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"), ("curl", "curl"))
"""What stands in a user agent, and the name that people know; the first that fits counts."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Browser:
    """One place where somebody is signed in."""

    mark: str
    name: str
    address: str
    since: datetime
    seen: datetime
    here: bool


def browsers(person: Person, session_key: str | None) -> list[Browser]:
    """Every session of somebody that has not run out, this one first, then those used last."""
    rows = Session.objects.filter(person=person, expire_date__gt=timezone.now())
    found = [_browser(row, row.session_key == session_key) for row in rows]
    alive = [one for one in found if one.here or (timezone.now() - one.seen).total_seconds() <= person.idle_seconds]
    return sorted(alive, key=lambda one: (not one.here, -one.seen.timestamp()))


def _browser(row: Session, here: bool) -> Browser:
    data = row.get_decoded()
    seen = datetime.fromtimestamp(data.get("seen", 0), UTC)
    since = datetime.fromtimestamp(data.get("since", 0), UTC)
    return Browser(row.mark, in_words(data.get("agent", "")), data.get("address", ""), since, seen, here)


def in_words(agent: str) -> str:
    """A user agent as people would name it: "Firefox on Linux"."""
    browser = next((name for sign, name in BROWSERS if sign in agent), _("A browser"))
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else str(browser)
