"""What the desk declines to do, in words for the person who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from dashboard.models import Dispatch


class Refused(Exception):
    """A change that is not made. The text says why and what is possible; `field` names the form field it belongs to."""

    status = 422
    """What a page that shows the form again answers."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NoRoom(Refused):
    """There is no room on the disk for more."""

    status = 507

    def __init__(self) -> None:
        text = _("The disk on which this desk keeps its records is nearly full, so nothing new is stored and nothing is sent.")
        advice = _("All that is stored can be read. Do this again when an admin has made room.")
        super().__init__(f"{text} {advice}")


class OtherContent(Refused):
    """The form was already sent, with other content."""

    def __init__(self, first: Dispatch) -> None:
        super().__init__(_("This form was already sent with other content, as %(ref)s.") % {"ref": first.ref})
        self.first = first


class KeyTaken(Refused):
    """The idempotency key was used before on this connection."""

    def __init__(self, key: str, earlier: Dispatch) -> None:
        super().__init__(_("“%(key)s” was already used on this connection, by %(ref)s.") % {"key": key, "ref": earlier.ref})
        self.key, self.earlier = key, earlier
