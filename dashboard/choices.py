"""The words of the desk with their labels, colours and rules: states, environments, sources, decisions."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where a dispatch stands. Every change is one conditional UPDATE along `NEXT`."""

    HELD = "held", _("Scheduled")
    QUEUED = "queued", _("Queued")
    CLAIMED = "claimed", _("Queued")
    SENDING = "sending", _("Sending")
    WAITING = "waiting", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
    NOT_SENT = "not_sent", _("Not sent")
    IN_DOUBT = "in_doubt", _("In doubt")
    CANCELLED = "cancelled", _("Cancelled")

    @property
    def colour(self) -> str:
        """The class of the pill that shows this state."""
        return COLOURS[self]

    @property
    def explanation(self) -> Promise:
        """What this state means, in a sentence."""
        return EXPLANATIONS[self]


COLOURS: dict[State, str] = {
    State.HELD: "wait",
    State.QUEUED: "wait",
    State.CLAIMED: "wait",
    State.SENDING: "wait",
    State.WAITING: "wait",
    State.ACCEPTED: "good",
    State.REJECTED: "bad",
    State.NOT_SENT: "warn",
    State.IN_DOUBT: "doubt",
    State.CANCELLED: "quiet",
}
EXPLANATIONS: dict[State, Promise] = {
    State.HELD: _("It waits for its time, and can still be taken back."),
    State.QUEUED: _("It waits for its turn on the connection."),
    State.CLAIMED: _("A worker is preparing it."),
    State.SENDING: _("The request is leaving or its answer is awaited."),
    State.WAITING: _("It did not get through and will be tried again."),
    State.ACCEPTED: _("The provider accepted it. That is not yet proof that a person was reached."),
    State.REJECTED: _("The provider refused it. Nothing was done."),
    State.NOT_SENT: _("It never left, or was never processed, and will not be tried again."),
    State.IN_DOUBT: _("The request left, but no answer proves what became of it."),
    State.CANCELLED: _("It was taken back before it left."),
}

NEXT: dict[State, frozenset[State]] = {
    State.HELD: frozenset({State.QUEUED, State.CANCELLED}),
    State.QUEUED: frozenset({State.CLAIMED, State.CANCELLED, State.NOT_SENT, State.IN_DOUBT, State.ACCEPTED}),
    State.CLAIMED: frozenset({State.SENDING, State.QUEUED, State.WAITING, State.NOT_SENT, State.IN_DOUBT}),
    State.SENDING: frozenset({State.CLAIMED, State.ACCEPTED, State.REJECTED, State.WAITING, State.QUEUED, State.NOT_SENT, State.IN_DOUBT}),
    State.WAITING: frozenset({State.QUEUED, State.CANCELLED, State.NOT_SENT, State.IN_DOUBT, State.ACCEPTED}),
    State.IN_DOUBT: frozenset({State.ACCEPTED}),
    State.ACCEPTED: frozenset(),
    State.REJECTED: frozenset(),
    State.NOT_SENT: frozenset(),
    State.CANCELLED: frozenset(),
}
"""From queued and waiting, only a row with an unanswered attempt can end as in doubt, or as accepted by a late answer."""

OPEN = frozenset({State.HELD, State.QUEUED, State.CLAIMED, State.SENDING, State.WAITING})
RECALLABLE = frozenset({State.HELD, State.QUEUED, State.WAITING})
"""States from which a dispatch can be taken back, as long as no attempt of it is unanswered."""
OUTCOMES = (State.ACCEPTED, State.REJECTED, State.NOT_SENT, State.IN_DOUBT)


class Environment(TextChoices):
    """What a connection is for."""

    PRODUCTION = "production", _("Production")
    TEST = "test", _("Test")
    SANDBOX = "sandbox", _("Sandbox")


class Source(TextChoices):
    """Where a dispatch was made."""

    SCREEN = "screen", _("Composer")
    TERMINAL = "terminal", _("Terminal")
    CATALOGUE = "catalogue", _("Catalogue")
    SAMPLE = "sample", _("Sample data")


class Found(TextChoices):
    """What a person found out about a dispatch in doubt."""

    ARRIVED = "arrived", _("It arrived")
    DID_NOT_ARRIVE = "did_not_arrive", _("It did not arrive")


class AttemptState(TextChoices):
    """What became of one attempt of one dispatch."""

    OPEN = "open", _("Under way")
    NOT_SENT = "not_sent", _("Did not leave")
    ANSWERED = "answered", _("Answered")
    UNANSWERED = "unanswered", _("No answer")


class Breaker(TextChoices):
    """Whether a lane trusts its provider."""

    CLOSED = "closed", _("Healthy")
    OPEN = "open", _("Paused after errors")
    PROBING = "probing", _("Trying again")


class ErrandState(TextChoices):
    """How far an errand has come."""

    ASKED = "asked", _("Waiting for the worker")
    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")

    @property
    def colour(self) -> str:
        """The class of the pill that shows this state."""
        return ERRAND_COLOURS[self]


ERRAND_COLOURS: dict[ErrandState, str] = {
    ErrandState.ASKED: "wait",
    ErrandState.RUNNING: "wait",
    ErrandState.DONE: "good",
    ErrandState.FAILED: "bad",
}
