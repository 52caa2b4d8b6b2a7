"""People and their roles."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.db import models
from django.utils.crypto import salted_hmac

from dashboard.roles import HOLDERS, Permission, Role


class People(BaseUserManager["Person"]):
    """Finds and makes people."""


class Person(AbstractBaseUser):
    """Somebody who signs in. Roles are three plain columns: a person can hold several."""

    username = models.CharField(max_length=60, unique=True, validators=[ASCIIUsernameValidator()])
    name = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    is_supervisor = models.BooleanField(default=False)
    is_admin = models.BooleanField(default=False)
    is_auditor = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    must_choose_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.username

    @property
    def shown_name(self) -> str:
        """The name for screens."""
        return self.name or self.username

    @property
    def roles(self) -> list[Role]:
        """The roles held, in the order of the matrix."""
        return [role for role in Role if getattr(self, f"is_{role.value}")]

    @property
    def idle_seconds(self) -> float:
        """How long a session of theirs goes on without a request."""
        return float(settings.SESSION_IDLE_SECONDS_ADMIN if self.is_admin else settings.SESSION_IDLE_SECONDS)

    def may(self, permission: Permission) -> bool:
        """Whether one of the person's roles holds that permission."""
        return self.is_active and any(role in HOLDERS[permission] for role in self.roles)

    def get_session_auth_hash(self) -> str:
        """Ends every session when the password, a role or the account's state changes."""
        state = f"{self.password}:{self.is_supervisor}:{self.is_admin}:{self.is_auditor}:{self.is_active}"
        return salted_hmac("dashboard.person.session", state, algorithm="sha256").hexdigest()
