"""What the frame of every page needs: navigation, the state of the desk, the theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Subquery, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.choices import State
from dashboard.models import Desk, Dispatch, Worker
from dashboard.roles import Permission
from providers.registry import PROVIDERS

KEYS = {"overview": "o", "compose": "c", "scheduled": "s", "history": "h", "doubts": "d"}
THEMES = ("light", "dark")
THEME_COOKIE = "desk-theme"


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the navigation."""

    url: str
    label: str | Promise
    icon: str
    count: int | None = None
    """How many wait there; None where nothing is counted."""
    key: str = ""
    """The letter that, after g, leads here."""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of the navigation under a title."""

    title: str | Promise
    links: Sequence[Link]


MAIN = (
    ("overview", _("Overview"), "house", Permission.SIGNED_IN),
    ("compose", _("Compose"), "send", Permission.COMPOSE),
    ("scheduled", _("Scheduled"), "calendar-clock", Permission.READ_HISTORY),
    ("history", _("History"), "history", Permission.READ_HISTORY),
    ("doubts", _("In doubt"), "circle-question-mark", Permission.READ_HISTORY),
    ("presets", _("Presets"), "bookmark", Permission.COMPOSE),
    ("desk_stop", _("Stop all sending"), "octagon-pause", Permission.STOP_ALL),
)
ADMINISTRATION = (
    ("connections", _("Connections"), "cable", Permission.MANAGE_CONNECTIONS),
    ("people", _("People"), "users", Permission.MANAGE_PEOPLE),
    ("audit", _("Audit trail"), "shield-check", Permission.READ_AUDIT),
)


class Shell:
    """The frame of one page. Everything is worked out when first asked for, so that fragments pay nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.person = getattr(request, "user", None)

    @property
    def theme(self) -> str:
        """`light`, `dark`, or empty to follow the system."""
        chosen = self.request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @property
    def request_id(self) -> str:
        """The id under which the logs know this request."""
        return str(getattr(self.request, "request_id", ""))

    @property
    def zone(self) -> str:
        """The zone in which times are shown."""
        return timezone.get_current_timezone_name()

    @cached_property
    def _state(self) -> dict[str, Any]:
        """Stop, newest worker and doubts in one query."""
        doubts = Dispatch.objects.filter(state=State.IN_DOUBT, decision=None).order_by().values("state").annotate(n=Count("pk")).values("n")
        seen = Worker.objects.order_by().values(everyone=Value(1)).annotate(at=Max("seen_at")).values("at")
        wanted = Desk.objects.values("stopped_at", "stopped_by", "stopped_reason", doubts=Subquery(doubts), seen=Subquery(seen))
        return dict(wanted.filter(pk=1).first() or wanted.get(pk=Desk.load().pk))

    @property
    def doubts(self) -> int:
        """How many dispatches in doubt wait for a decision."""
        return self._state["doubts"] or 0

    @property
    def stopped(self) -> dict[str, Any] | None:
        """Who stopped all sending, when and why."""
        return self._state if self._state["stopped_at"] else None

    @property
    def no_worker(self) -> bool:
        """Whether no worker was seen lately, so that nothing is being sent."""
        seen = self._state["seen"]
        return seen is None or (timezone.now() - seen).total_seconds() > settings.WORKER_STALE

    @cached_property
    def sections(self) -> list[Section]:
        """The navigation: only what the person may use."""
        found = [
            Section("", self._links(MAIN)),
            Section(_("Catalogue"), self._catalogue()),
            Section(_("Administration"), self._links(ADMINISTRATION)),
        ]
        return [section for section in found if section.links]

    def _links(self, lines: Sequence[tuple[str, str | Promise, str, Permission]]) -> list[Link]:
        return [self._link(name, label, icon) for name, label, icon, needed in lines if self._may(needed)]

    def _catalogue(self) -> list[Link]:
        """The kinds that are addressed from the composer, and the way to all others."""
        if not self._may(Permission.READ_CATALOGUE):
            return []
        targets = [
            self._link("items", kind.plural, kind.icon, one.key, kind.key)
            for one in PROVIDERS.values()
            for kind in one.catalogue
            if kind.key in {action.target_kind for action in one.actions if action.composed}
        ]
        return [*targets, self._link("catalogue", _("Everything"), "library")]

    def _link(self, name: str, label: str | Promise, icon: str, *args: str) -> Link:
        return Link(reverse(name, args=args), label, icon, self.doubts if name == "doubts" else None, KEYS.get(name, ""))

    @property
    def here(self) -> str:
        """The address of the line that this page belongs to: the longest one that begins the page's own."""
        urls = [link.url for section in self.sections for link in section.links]
        path = self.request.path
        return max((url for url in urls if path == url or (url != "/" and path.startswith(url))), key=len, default="")

    @property
    def may_resume(self) -> bool:
        """Whether the person may let sending go on after a stop."""
        return self._may(Permission.STOP_ALL)

    def _may(self, needed: Permission) -> bool:
        return bool(self.person and self.person.is_authenticated and self.person.may(needed))


class Can:
    """What the reader may do, for templates: `can.compose` and every other permission by its name."""

    def __init__(self, request: HttpRequest) -> None:
        self.person = getattr(request, "user", None)

    def __getitem__(self, name: str) -> bool:
        return bool(self.person and self.person.is_authenticated and self.person.may(Permission(name)))


def desk(request: HttpRequest) -> dict[str, Any]:
    """Give every template the frame as `shell` and the reader's permissions as `can`."""
    return {"shell": Shell(request), "can": Can(request)}
