"""Who the people of the log are, for as long as anybody may know.

The log cannot be changed, so it never holds an account's number: a person stands in it by a number
of their own, drawn at random, and one row says which account that is. With the row goes the
person's key as well, which seals what has to be kept and must become unreadable.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable

from django.db import connection
from django.db.models import BigIntegerField, CharField, Func, Value
from django.db.models.functions import Cast, Concat

from portal import secrets
from portal.events.models import Person

PREFIX = "user:"


class Reference(Func):
    """The number of an account's person in the log, as the database knows it."""

    function = "person_reference"
    arity = 1
    output_field = BigIntegerField()

    def __init__(self, account_id: int) -> None:
        super().__init__(Value(account_id, output_field=BigIntegerField()))


def named(name: str, prefix: str) -> str | Concat:
    """Return `user:7` as it goes into the log, and every other name as it is."""
    number = name.removeprefix(prefix)
    if number == name or not number.isdigit():
        return name
    return Concat(Value(prefix), Cast(Reference(int(number)), CharField()))


def reference_of(account_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_reference(%s)", [account_id])
        return int(cursor.fetchone()[0])


def account_of(reference: int | None) -> int | None:
    """Return whose number that is; None for what nobody can tell any more."""
    return accounts_of([reference]).get(reference) if reference is not None else None


def accounts_of(references: Iterable[int]) -> dict[int, int]:
    known = Person.objects.filter(reference__in=list(references))
    return dict(known.values_list("reference", "account_id"))


def seal_for(account_id: int, plain: str, *, context: str) -> str:
    """Encrypt under the person's own key; `context` must be the same to read it."""
    return secrets.seal_with(_key_of(account_id), plain, context=context)


def unseal_for(account_id: int, sealed: str, *, context: str) -> str:
    """Return the words, or raise `secrets.Unreadable` when the key is gone."""
    person = Person.objects.filter(account_id=account_id).exclude(sealed_key="").first()
    if person is None:
        raise secrets.Unreadable(context)
    return secrets.unseal_with(_opened(person), sealed, context=context)


def shred(account_id: int) -> bool:
    """Forget who the person was; the log stays as it is, about somebody whom nobody knows."""
    return bool(Person.objects.filter(account_id=account_id).delete()[0])


def _key_of(account_id: int) -> bytes:
    reference = reference_of(account_id)
    person = Person.objects.select_for_update().get(pk=reference)
    if not person.sealed_key:
        key = base64.b64encode(os.urandom(32)).decode()
        person.sealed_key = secrets.seal(key, context=_context(person))
        person.save(update_fields=["sealed_key"])
    return _opened(person)


def _opened(person: Person) -> bytes:
    return base64.b64decode(secrets.unseal(person.sealed_key, context=_context(person)))


def _context(person: Person) -> str:
    return f"events_person:{person.pk}:key"
