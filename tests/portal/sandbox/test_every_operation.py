"""The sandbox answers every operation of our descriptions that keeps no state of its own."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client as Browser

from catalog.scopes.models import DataCluster, Scope
from catalog.specs.actions import import_document
from partners.applications.actions import issue_credential
from portal.access.actors import SYSTEM, Role
from tests.factories.consent import CustomerFactory
from tests.factories.descriptions import DESCRIPTIONS
from tests.factories.oauth import World
from tests.factories.partners import ClientFactory, DataUseFactory
from tests.factories.people import member
from tests.factories.publishing import published

pytestmark = pytest.mark.django_db

EVERY_OPERATION = [
    (name, key)
    for name, described in DESCRIPTIONS.items()
    if described.slug != "prescriptions"
    for key in described.operations
]


def world_with(scope: Scope) -> World:
    """Return a sandbox client that wants this scope only, and a customer."""
    client = ClientFactory()
    cluster = DataCluster.objects.filter(code=scope.cluster_code).first()
    if cluster is None:
        DataUseFactory(application=client.application, scope=scope, purpose=None, retention_days=0)
    else:
        DataUseFactory(
            application=client.application,
            scope=scope,
            purpose=cluster.purposes.first(),
            retention_days=cluster.max_retention_days,
        )
    owner = member(client.application.organization, Role.OWNER)
    _, secret = issue_credential(client, by=owner)
    customer, browser = CustomerFactory(is_test=True), Browser()
    browser.force_login(customer.user)
    return World(client, secret, customer, browser)


def token_for(scope: Scope) -> str:
    world = world_with(scope)
    if scope.cluster_code:
        page = world.ask(scope=scope.name)
        allowed = world.decide(page, s=page.context["form"].to_tick)
        answer = world.exchange(world.told(allowed)["code"])
    else:
        answer = world.post(grant_type="client_credentials", scope=scope.name)
    return str(answer.json()["access_token"])


def without_others(value: Any, schema: dict[str, Any], cluster: str) -> Any:
    """Return the example without what belongs to another cluster."""
    if isinstance(value, list):
        return [without_others(one, schema["items"], cluster) for one in value]
    if not isinstance(value, dict):
        return value
    fields = schema["properties"]
    return {
        name: without_others(inner, fields[name], cluster)
        for name, inner in value.items()
        if fields[name].get("x-data-cluster", cluster) == cluster
    }


@pytest.mark.parametrize(("name", "key"), EVERY_OPERATION)
def test_an_operation_answers_with_what_its_scope_opens(name, key):
    described = DESCRIPTIONS[name]
    path, method, operation = described.operations[key]
    revision = import_document(described.raw, by=SYSTEM, source=name)
    published(revision.version)
    (scopes,) = operation["security"][0].values()
    scope = Scope.objects.get(name=scopes[0])
    address = re.sub(r"\{\w+\}", "x_9999", path)

    response = Browser().generic(
        method,
        f"/sandbox/{described.slug}/v1{address}",
        headers={"Authorization": f"Bearer {token_for(scope)}"},
    )

    said = described.resolved(operation["responses"][str(response.status_code)])
    assert response.status_code < 300
    if method == "DELETE":
        assert not response.content
        return
    media = said["content"]["application/json"]
    jsonschema_rs.validate(media["schema"], response.json())
    assert response.json() == without_others(media["example"], media["schema"], scope.cluster_code)
