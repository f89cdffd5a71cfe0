"""A refresh token that is used up and its successor, as they stand in the database."""

from __future__ import annotations

import pytest
from django.utils import timezone

from consent.oauth.models import RefreshToken
from consent.oauth.rotation import rotate
from tests.factories.openid import make_openid_world, tokens_of

OF_ITS_OWN = {"id", "token_checksum", "created", "updated", "revoked"}


@pytest.fixture
def raw(db) -> str:
    """Return a refresh token for somebody who signed in, so that no column is empty."""
    token: str = tokens_of(make_openid_world())["refresh_token"]
    RefreshToken.objects.update(
        details=[{"content": {"type": "a"}, "scope": "need:read", "api": "a", "version": 1}],
        resource=["https://gateway.example/a"],
    )
    return token


def columns(token: RefreshToken) -> dict[str, object]:
    names = {field.attname for field in token._meta.concrete_fields} - OF_ITS_OWN
    return {name: getattr(token, name) for name in names}


def test_a_successor_is_for_all_that_its_predecessor_was_for(raw):
    held = RefreshToken.objects.get()

    assert rotate(held, raw, at=timezone.now())

    successor = RefreshToken.objects.get(revoked=None)
    assert successor.pk != held.pk
    assert columns(successor) == columns(held)
    assert successor.sign_in_id
    assert successor.details


def test_of_two_that_rotate_the_same_token_one_goes_through(raw):
    held = RefreshToken.objects.get()
    rotate(held, raw, at=timezone.now())

    assert not rotate(held, raw, at=timezone.now())
    assert RefreshToken.objects.count() == 2
