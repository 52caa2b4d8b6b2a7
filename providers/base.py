"""What a provider is: data and small pure functions, gathered in one frozen `Provider` per vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise

from providers.fields import ActionForm, ItemForm, SettingsForm
from providers.types import Account, Answer, Command, Draft, Found, Json, Outcome, Reading, Secrets, Summary, Token, WireRequest

Text = str | Promise
Naming = Callable[[str, str], str]
"""What the catalogue calls the item of a kind and key."""


class Repeat(StrEnum):
    """What the machine may do after an answer was lost."""

    SAME_ID = "same-id"
    """Send the same bytes again: the vendor processes an id only once."""
    PROBE_NAME = "probe-name"
    """Send the same bytes again after a quiet time: "already exists" proves that the first arrived."""
    NEVER = "never"
    """Nothing: a repeat could reach a person twice."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one account may do at once and in a while. Sources are named in each provider's README."""

    in_flight: int
    """Calls under way at the same time."""
    calls: int
    """Calls in `per_seconds`; 0 means no pace is kept."""
    per_seconds: float
    max_body: int = 0
    """Bytes in one request; 0 means no limit is documented."""
    most_in_flight: int = 0
    """The highest in-flight number an admin may set; 0 means 64."""
    breaker: int = 5
    """Server errors or lost answers in a row after which the lane pauses and probes."""
    hours_per_number: int = 0
    """Hours in which the vendor supports one message to the same number only; 0 means that it names no such limit."""


@dataclass(frozen=True, slots=True)
class SecretField:
    """A secret that a connection needs."""

    name: str
    label: Text
    help: Text = ""


@dataclass(frozen=True, slots=True)
class CatalogueKind:
    """A kind of thing that supervisors set up under a connection."""

    key: str
    label: Text
    plural: Text
    teaches: Text
    """One or two sentences for the empty list: what this is and where the vendor shows it."""
    form: type[ItemForm]
    icon: str
    saves_by: str = ""
    """The action performed at the vendor when an item is saved; empty when saving is ours alone."""
    fetched: bool = False
    """True when `Provider.fetch` can list these at the vendor."""


def by_key(kind: str, key: str) -> str:
    """What an item is called where no catalogue is at hand: its key."""
    return key


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be asked of a provider."""

    key: str
    label: Text
    purpose: Text
    icon: str
    form: type[ActionForm]
    command: Callable[[ActionForm], Command]
    """The command of a valid form."""
    fields: Callable[[Command], Mapping[str, Json]]
    """The inverse: form data that makes the same command again, without its idempotency key."""
    summarise: Callable[[Command], Summary]
    spoken: Callable[[Command, Naming], str] | None = None
    """The sentence of the summary in the catalogue's names; None where keys are all there is to say."""
    mask: frozenset[str] = frozenset()
    """The form fields that hold personal data."""
    target_kind: str = ""
    """The catalogue kind this action addresses; empty when it addresses none."""
    target_field: str = ""
    """The form field that names the catalogue item."""
    composed: bool = True
    """False for an action that has its own screen (registering a provider) and no tile in the composer."""
    reaches_many: bool = False
    """True when one call reaches a whole audience: its confirmation names audience and environment."""


@dataclass(frozen=True, slots=True)
class BearerAuth:
    """Access by a token that is asked for with the connection's secrets."""

    request: Callable[[Account, Secrets], WireRequest]
    read: Callable[[Answer, float], Token]
    """The token in an answer received at that moment (epoch seconds); raises AccessRefused or BadAnswer."""
    renew_before: float
    """Seconds before its end at which a token is renewed."""
    least_age: float = 0
    """Seconds that must lie between two token requests with the same secrets; 0 means none."""


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """Access by user name and password on every request."""

    username: Callable[[Account], str]
    password: str
    """The name of the secret."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A call that proves access and reaches nobody."""

    request: Callable[[Account], WireRequest]
    read: Callable[[Answer], Outcome]
    """ACCEPTED when access works; otherwise our sentence says what is wrong."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Everything the desk knows of one vendor's API."""

    key: str
    label: Text
    short: Text
    settings_form: type[SettingsForm]
    secrets: tuple[SecretField, ...]
    catalogue: tuple[CatalogueKind, ...]
    actions: tuple[Action, ...]
    repeat: Repeat
    limits: Limits
    hosts: tuple[str, ...]
    """Host patterns that may be called, as fnmatch patterns over the whole host name."""
    auth: BearerAuth | BasicAuth
    suggest_key: Callable[[str], str]
    """The idempotency key that belongs to a dispatch's reference: a function of the reference alone."""
    proves: Callable[[str, str], bool]
    """(key, reference): whether a key is ours alone, so that "already exists" proves our own earlier attempt."""
    build: Callable[[Account, Sequence[Command]], WireRequest]
    pack: Callable[[Account, Sequence[Command]], int]
    """How many of the leading commands travel in one call, at least 1."""
    parse: Callable[[Answer, WireRequest], Reading]
    """Total: any answer gives an outcome for every key, and no exception."""
    read: Callable[[Account, Json, str], list[Draft]]
    """A vendor's JSON body (and the catalogue item it is for) as form data; raises CannotExpress."""
    endpoints: Callable[[Account], tuple[str, ...]]
    """Every address that requests and tokens of this account go to, for the outbound check."""
    doubt_advice: Text
    """What to look for in the vendor's portal when an answer was lost."""
    undo: Callable[[Command], Draft | None] | None = None
    """What takes an accepted command back (releases it), as form data; None for a command that cannot be taken back."""
    probe: Probe | None = None
    """None where the token alone is the proof of access."""
    fetch: Callable[[Account, str, str], WireRequest] | None = None
    """(account, catalogue kind, next page): the request that lists items at the vendor."""
    read_fetch: Callable[[str, Answer], Found] | None = None
    latest: Callable[[Command], datetime | None] = lambda command: None
    """The moment after which a command must not be sent, or sent again, any more; None when there is none."""

    def action(self, key: str) -> Action:
        """The action of that key; raises KeyError."""
        return {action.key: action for action in self.actions}[key]

    def kind(self, key: str) -> CatalogueKind:
        """The catalogue kind of that key; raises KeyError."""
        return {kind.key: kind for kind in self.catalogue}[key]
