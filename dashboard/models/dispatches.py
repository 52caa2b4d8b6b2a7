"""Dispatches, what is known of them, and decisions about those in doubt."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from dashboard import crypto
from dashboard.choices import AttemptState, Found, Source, State
from dashboard.models.catalogue import CatalogueItem
from dashboard.models.connections import Connection, person_key
from providers.base import Action
from providers.types import Command


class Dispatch(models.Model):
    """One command to be carried out once: the intent, its idempotency key, its state. The row is the truth."""

    ref = models.CharField(max_length=16, unique=True)
    """The short key in addresses; the idempotency key is made from it alone."""
    submission = models.CharField(max_length=16)
    """The form token under which it came; several dispatches can come in one submission."""
    position = models.PositiveSmallIntegerField(default=0)
    content_digest = models.CharField(max_length=64)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="dispatches")
    provider = models.CharField(max_length=40)
    action = models.CharField(max_length=40)
    item = models.ForeignKey(CatalogueItem, null=True, blank=True, on_delete=models.PROTECT, related_name="dispatches")
    command_sealed = models.BinaryField()
    key = models.CharField(max_length=500)
    """The idempotency key. Made with the row, never made again."""
    key_by_hand = models.BooleanField(default=False)
    call_group = models.CharField(max_length=16, blank=True)
    """Dispatches of one call stay together when it is repeated."""

    target = models.CharField(max_length=300)
    detail = models.CharField(max_length=300, blank=True)
    sentence = models.TextField()

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    urgent = models.BooleanField(default=True)
    due_at = models.DateTimeField()
    """Not to be claimed before."""
    give_up_at = models.DateTimeField()
    scheduled = models.BooleanField(default=False)
    """True for a time that a person chose; false for the undo window."""
    suspended = models.BooleanField(default=False)
    """True when it must not be claimed until somebody with the right resumes it: its maker was disabled."""
    claimed_epoch = models.PositiveBigIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    unanswered = models.BooleanField(default=False)
    """An attempt left and was not answered: from then on only accepted or in doubt can follow."""
    first_unanswered_at = models.DateTimeField(null=True, blank=True)
    repeats = models.PositiveSmallIntegerField(default=0)
    """Attempts made after the first unanswered one."""

    created_at = models.DateTimeField()
    created_by = person_key()
    created_by_name = models.CharField(max_length=60)
    source = models.CharField(max_length=12, choices=Source, default=Source.SCREEN)
    supersedes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by")

    settled_at = models.DateTimeField(null=True, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    outcome_code = models.CharField(max_length=80, blank=True)
    said = models.TextField(blank=True)
    explanation = models.TextField(blank=True)
    advice = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "position"], name="dispatch_submitted_once"),
            models.UniqueConstraint("connection", Lower("key"), name="dispatch_key_once"),
        ]
        indexes = [
            models.Index(fields=["connection", "-urgent", "id"], condition=Q(state="queued"), name="dispatch_queue"),
            models.Index(fields=["state", "due_at"], condition=Q(state__in=["held", "waiting"]), name="dispatch_due"),
            models.Index(fields=["connection", "due_at"], condition=Q(state__in=["held", "waiting"]), name="dispatch_due_there"),
            models.Index(fields=["give_up_at"], condition=Q(state__in=["queued", "waiting"]), name="dispatch_give_up"),
            models.Index(fields=["first_unanswered_at"], condition=Q(state__in=["queued", "waiting"]), name="dispatch_unanswered"),
            models.Index(fields=["connection", "state"], condition=Q(state__in=["claimed", "sending"]), name="dispatch_in_flight"),
            models.Index(fields=["connection", "id"], condition=Q(state="in_doubt"), name="dispatch_doubt"),
            models.Index(fields=["state", "-id"], name="dispatch_by_state"),
            models.Index(fields=["provider", "-id"], name="dispatch_by_provider"),
            models.Index(fields=["created_at", "state", "provider"], name="dispatch_figures"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def status(self) -> State:
        """The state with its label, colour and rules."""
        return State(self.state)

    @property
    def named_target(self) -> str:
        """What is addressed, by the name that people gave it."""
        return self.item.label if self.item and self.item.label else self.target

    @property
    def asked(self) -> Action:
        """The action as its provider declares it."""
        return self.connection.vendor.action(self.action)

    @property
    def place(self) -> str:
        """What the sealed command is bound to."""
        return f"dispatch|{self.ref}"

    def seal_command(self, command: Command) -> None:
        """Freeze the command into this row."""
        plain = json.dumps({"action": command.action, "key": command.key, "values": command.values}, ensure_ascii=False)
        self.command_sealed = crypto.seal(plain.encode(), self.place)

    def command(self) -> Command:
        """The command as it was frozen; raises crypto.Unreadable."""
        stored: dict[str, Any] = json.loads(crypto.unseal(self.command_sealed, self.place))
        return Command(**stored)


class Reference(models.Model):
    """An id under which a dispatch can be found. Numbers stand here as keyed hashes (kind `number`)."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="references")
    kind = models.CharField(max_length=30)
    value = models.CharField(max_length=500)
    folded = models.CharField(max_length=500)
    """The value in lower case, for the search."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispatch", "kind", "value"], name="reference_once")]
        indexes = [
            models.Index(fields=["folded", "dispatch"], name="reference_search"),
            models.Index(fields=["folded"], opclasses=["varchar_pattern_ops"], name="reference_prefix"),
        ]


class Decision(models.Model):
    """What a person found out about a dispatch in doubt. It changes no state; it closes the question."""

    dispatch = models.OneToOneField(Dispatch, on_delete=models.PROTECT, related_name="decision")
    found = models.CharField(max_length=16, choices=Found)
    reason = models.CharField(max_length=500)
    decided_at = models.DateTimeField()
    decided_by = person_key()
    decided_by_name = models.CharField(max_length=60)


class Invocation(models.Model):
    """One HTTP exchange as it happened. One VCC call can carry many dispatches."""

    uid = models.UUIDField(unique=True)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="invocations")
    method = models.CharField(max_length=8)
    url = models.CharField(max_length=500)
    headers = models.JSONField(default=list)
    """The request's headers as (name, value), the credential masked."""
    request_sealed = models.BinaryField()
    request_shown = models.TextField()
    """The body with personal values masked."""
    digest = models.CharField(max_length=64)
    secrets_version = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=80)
    epoch = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()
    marked_at = models.DateTimeField(null=True, blank=True)
    """The durable mark: written the instant before the first byte leaves. Null proves that nothing left."""
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer_headers = models.JSONField(default=list)
    answer_sealed = models.BinaryField(null=True, blank=True)
    answer_shown = models.TextField(blank=True)
    answer_complete = models.BooleanField(default=True)
    connected_ms = models.PositiveIntegerField(null=True, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    failure = models.CharField(max_length=30, blank=True)
    """The cause when no answer was read: a value of providers.errors.Cause."""
    failure_text = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["connection", "-id"], name="invocation_recent"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=True), name="invocation_open"),
        ]

    def place(self, part: str) -> str:
        """What the sealed request or answer is bound to."""
        return f"invocation|{self.uid}|{part}"


class Attempt(models.Model):
    """One dispatch's share in one invocation."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="tries")
    invocation = models.ForeignKey(Invocation, on_delete=models.PROTECT, related_name="tries")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.OPEN)
    outcome_code = models.CharField(max_length=80, blank=True)
    said = models.TextField(blank=True)
    explanation = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispatch", "number"], name="attempt_once")]
