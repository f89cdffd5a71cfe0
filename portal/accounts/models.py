from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from portal.access.actors import STAFF_ROLES, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in: a partner's member, staff, a customer, or several of them."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=80, blank=True, default="")
    # Empty until the person chooses: their browser knows better than we do.
    locale = models.CharField(max_length=12, blank=True, default="")
    time_zone = models.CharField(max_length=40, default="UTC")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_is_unique")]
        triggers = [
            # With the account, so that two first events of a person never wait for each other.
            pgtrigger.Trigger(
                name="user_has_a_number_in_the_log",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="PERFORM person_reference(NEW.id); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def language(self) -> str:
        """Return the language to write to the person in."""
        return self.locale or settings.LANGUAGE_CODE

    @property
    def given_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.partition("@")[0]


class StaffRole(models.Model):
    """A role that a member of staff holds across the portal."""

    user = models.ForeignKey(User, models.CASCADE, related_name="staff_roles")
    role = models.CharField(
        max_length=24, choices=[(role.value, role.value) for role in sorted(STAFF_ROLES)]
    )
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="staff_role_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} as {Role(self.role)}"
