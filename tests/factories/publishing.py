"""What comes before a version is public: somebody answers for it, and its impact is assessed."""

from __future__ import annotations

from catalog.apis.models import Api, ApiVersion
from catalog.impact.exposure import exposure_of
from catalog.specs.actions import publish_version
from portal.access.actors import SYSTEM, Actor, Role
from tests.factories.impact import assessed
from tests.factories.people import staff


def made_ready(version: ApiVersion) -> ApiVersion:
    """Close the gaps that no description closes by itself."""
    if version.api.owner_id is None:
        version.api.owner_id = staff(Role.CATALOG).person_id
        Api.objects.filter(pk=version.api_id).update(owner=version.api.owner_id)
    if exposure_of(version):
        assessed(version)
    return version


def published(version: ApiVersion, *, by: Actor = SYSTEM) -> ApiVersion:
    publish_version(made_ready(version), by=by)
    return version
