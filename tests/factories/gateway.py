"""An API whose operations the authorization code world's client may call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.test import Client as Browser

from catalog.apis.models import Api, ApiVersion, Field, Operation
from catalog.scopes.models import DataCluster, Depth, FieldRule, Scope
from catalog.specs.models import SpecRevision
from partners.subscriptions.models import Subscription
from tests.factories.catalog import PlanFactory
from tests.factories.oauth import World, make_world

EXAMPLE = {"id": 1, "need": {"name": "a"}, "extra": "b", "hidden": "never named by anybody"}


@dataclass
class Gate:
    """The world of `make_world`, with its client's API at the gateway."""

    world: World
    api: Api

    def token(self, *optional: str) -> str:
        answer = self.world.exchange(self.world.code(*optional)).json()
        return str(answer["access_token"])

    def own_token(self) -> str:
        """Return a token for the client itself, with no customer behind it."""
        answer = self.world.post(grant_type="client_credentials", scope="open:read")
        return str(answer.json()["access_token"])

    def ask(
        self, token: str = "", *, path: str = "/things", method: str = "GET", **extra: Any
    ) -> Any:
        """Ask as nginx does."""
        headers = {
            "X-Gateway-Key": settings.GATEWAY_KEY,
            "X-Original-Method": method,
            "X-Original-URI": f"/{self.api.slug}/v1{path}",
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return Browser().get("/gateway/nginx", headers={**headers, **extra})

    def call(self, token: str = "", *, path: str = "/things", **extra: Any) -> Any:
        """Call the sandbox directly, as a partner without a gateway does."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = f"/sandbox/{self.api.slug}/v1{path}"
        return Browser().get(address, headers={**headers, **extra})


def make_gate(world: World | None = None) -> Gate:
    world = world or make_world()
    api = Subscription.objects.get(client=world.client).plan.api
    version = ApiVersion.objects.create(
        api=api, label="v1", status=ApiVersion.Status.STABLE, published_at=api.published_at
    )
    SpecRevision.objects.create(
        version=version,
        status=SpecRevision.Status.CURRENT,
        source="test",
        sha256="0" * 64,
        byte_count=0,
        raw=b"",
    )
    Scope.objects.filter(name__in=["need:read", "extra:read", "open:read"]).update(
        api_slug=api.slug
    )
    listing = make_operation(version, "list-things", "/things", ["need:read"])
    make_operation(version, "get-extra", "/extra", ["extra:read"])
    make_operation(version, "list-shops", "/shops", ["open:read"])
    _field(listing, "/id", Depth.INTERNAL, 0)
    for place, (scope, pointer) in enumerate(
        [("need:read", "/need/name"), ("extra:read", "/extra")], start=1
    ):
        code = Scope.objects.get(name=scope).cluster_code
        _field(listing, pointer, Depth.SENSITIVE, place, code)
        FieldRule.objects.create(
            cluster=DataCluster.objects.get(code=code), operation_key=listing.key, pointer=pointer
        )
    _field(listing, "/hidden", Depth.SENSITIVE, 3)
    return Gate(world, api)


def open_gate() -> Gate:
    """Return one whose API has a sandbox that takes everybody."""
    gate = make_gate()
    PlanFactory(api=gate.api, sandbox=True)
    return gate


def make_operation(version: ApiVersion, slug: str, path: str, scopes: list[str]) -> Operation:
    return Operation.objects.create(
        version=version,
        slug=slug,
        method="GET",
        path=path,
        summary=slug,
        scopes=scopes,
        responses=[{"status": "200"}],
        examples={"response": EXAMPLE},
    )


def _field(operation: Operation, pointer: str, depth: Depth, place: int, cluster: str = "") -> None:
    Field.objects.create(
        operation=operation,
        pointer=pointer,
        name=pointer.rpartition("/")[2],
        type="string",
        position=place,
        depth=depth,
        cluster_code=cluster,
    )
