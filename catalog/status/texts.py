"""The status of an API as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from catalog.apis.models import Api
from catalog.apis.plain import cell, code
from catalog.status.facts import Standing, state_of_api


def status_lines(api: Api, standings: Sequence[Standing]) -> Iterator[str]:
    yield from (f"# Status of {cell(api.name)}", "", f"{state_of_api(api).words}.", "")
    if api.slo_percent is not None:
        yield f"Promised: {api.slo_percent.normalize():f} % of each month."
    if api.slo_latency_ms is not None:
        yield f"Promised: 95 of 100 calls within {api.slo_latency_ms} ms."
    yield from ("", "## Versions", "", "| Version | State | Stops answering | What follows |")
    yield "|---|---|---|---|"
    yield from map(_version, standings)
    places = list(_places(standings))
    yield from ("", "## Where it runs", "", *(places or ["Not known."]))


def _version(one: Standing) -> str:
    ends = f"{one.version.sunset_at:%-d %B %Y}" if one.version.sunset_at else "No end announced"
    follows = ""
    if one.end is not None:
        follows = one.end.successor.label if one.end.successor else one.end.no_successor
    return f"| {cell(one.version.label)} | {one.state.words} | {ends} | {cell(follows)} |"


def _places(standings: Iterable[Standing]) -> Iterator[str]:
    for one in standings:
        for place in one.deployments:
            seen = f"known since {place.seen_at:%-d %B %Y}"
            where = place.get_environment_display()
            yield f"- {cell(one.version.label)}, {where}: {code(place.base_url)}, {seen}"
