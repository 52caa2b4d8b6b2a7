"""What the desk declines to do, in words for the person who asked."""

from __future__ import annotations


class Refused(Exception):
    """A change that is not made. The text says why and what is possible; `field` names the form field it belongs to."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
