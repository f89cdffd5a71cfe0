"""What is known of an API today, from what was written down and the clock; nothing is guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.apis.models import Api, ApiVersion
from catalog.changes.models import Deprecation
from catalog.inventory.models import Deployment


@dataclass(frozen=True, slots=True)
class State:
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A version: how it stands, what was announced about its end, and where it is called."""

    version: ApiVersion
    state: State
    end: Deprecation | None
    deployments: Sequence[Deployment]


_OF_API = {
    Api.Status.PUBLISHED: State("Answers", "success"),
    Api.Status.SUSPENDED: State("Paused: every call is refused", "danger"),
    Api.Status.DEPRECATED: State("Answers, and will end", "warning"),
    Api.Status.RETIRED: State("Ended", "neutral"),
}
_UNPUBLISHED = State("Not published", "neutral")
_OF_VERSION = {
    ApiVersion.Status.BETA: State("Preview", "info"),
    ApiVersion.Status.STABLE: State("Current", "success"),
    ApiVersion.Status.DEPRECATED: State("Deprecated", "warning"),
    ApiVersion.Status.SUNSET: State("Ended", "neutral"),
}


def state_of_api(api: Api) -> State:
    return _OF_API.get(Api.Status(api.status), _UNPUBLISHED)


def state_of_version(version: ApiVersion, *, at: datetime) -> State:
    """Return how the version stands at that instant, whether or not a job wrote it down."""
    if version.has_ended(at=at):
        return _OF_VERSION[ApiVersion.Status.SUNSET]
    if version.is_deprecated(at=at):
        return _OF_VERSION[ApiVersion.Status.DEPRECATED]
    return _OF_VERSION.get(ApiVersion.Status(version.status), _UNPUBLISHED)


def standings_of(versions: Sequence[ApiVersion], *, at: datetime) -> list[Standing]:
    """Return all of them with two questions to the database."""
    announced = Deprecation.objects.announced().filter(version__in=versions)
    ends = {end.version_id: end for end in announced.select_related("successor__api")}
    places: dict[int | None, list[Deployment]] = {}
    for one in Deployment.objects.filter(version__in=versions).order_by("environment", "base_url"):
        places.setdefault(one.version_id, []).append(one)
    return [
        Standing(
            version, state_of_version(version, at=at), ends.get(version.pk),
            places.get(version.pk, []),
        )
        for version in versions
    ]  # fmt: skip
