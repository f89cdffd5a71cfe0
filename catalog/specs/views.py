from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.apis.models import Api, ApiVersion
from catalog.rules.models import Override, levels_for
from catalog.rules.rulebook import ERROR, INFO, OFF, RULES, WARNING, Rule
from catalog.specs import actions
from catalog.specs.forms import BeginningForm
from catalog.specs.gates import gaps_of
from catalog.specs.models import Finding, SpecRevision
from catalog.specs.naming import slugify
from portal.access.permissions import Permission
from portal.errors import Conflict
from portal.ui.guards import staff_only
from portal.ui.requests import Request

APIS_ON_A_PAGE = 50
REJECTED_SHOWN = 10
FINDINGS_SHOWN = 500


@require_safe
@staff_only(Permission.IMPORT_SPEC)
def listing(request: Request) -> HttpResponse:
    described = Prefetch(
        "versions", ApiVersion.objects.newest_first(), to_attr="described_versions"
    )
    apis = Api.objects.select_related("owner").prefetch_related(described)
    if wanted := request.GET.get("q", "").strip():
        apis = apis.filter(Q(name__icontains=wanted) | Q(slug__icontains=wanted))
    page = Paginator(apis.order_by("name", "pk"), APIS_ON_A_PAGE).get_page(request.GET.get("page"))
    _count_errors(page.object_list)
    context = {
        "nav": "apis",
        "page": page,
        "wanted": wanted,
        "rejected": SpecRevision.objects.rejected().defer("raw").order_by("-pk")[:REJECTED_SHOWN],
    }
    return render(request, "catalog/specs/list.html", context)


@staff_only(Permission.IMPORT_SPEC)
def beginning(request: Request) -> HttpResponse:
    is_sent = request.method == "POST"
    form = BeginningForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        answer = HttpResponse(form.cleaned_data["text"], content_type="application/yaml")
        name = f"{slugify(form.cleaned_data['name'], max_length=60) or 'api'}.v1.yaml"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    context = {"nav": "apis", "form": form}
    return render(request, "catalog/specs/new.html", context, status=status)


@require_safe
@staff_only(Permission.IMPORT_SPEC)
def api(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Api.objects.select_related("owner"), slug=slug)
    versions = list(found.versions.order_by("-pk"))
    label = request.GET.get("version", "")
    version = next(
        (one for one in versions if one.label == label), versions[0] if versions else None
    )
    context = {"nav": "apis", "api": found, "versions": versions, "version": version}
    if version is not None:
        revisions = version.revisions.select_related("imported_by").defer("raw").order_by("-pk")
        current = next(
            (one for one in revisions if one.status == SpecRevision.Status.CURRENT), None
        )
        context |= {
            "revisions": revisions[:20],
            "current": current,
            "lost": _lost(current),
            "groups": _findings(current, found),
            "may_publish": version.may_move_to(ApiVersion.Status.STABLE),
        }
        if context["may_publish"]:
            context["gaps"] = gaps_of(version, at=timezone.now())
    return render(request, "catalog/specs/api.html", context)


@require_POST
@staff_only(Permission.PUBLISH_VERSION)
def publication(request: Request, slug: str, label: str) -> HttpResponse:
    version = get_object_or_404(ApiVersion, api__slug=slug, label=label)
    try:
        actions.publish_version(version, by=request.actor)
    except Conflict as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            f"{version} is in the catalog. {version.api.get_audience_display()} can read it now.",
        )
    address = redirect("specs:api", slug)
    address["Location"] += f"?version={label}"
    return address


def _count_errors(apis: Iterable[Any]) -> None:
    """Put the number of errors of its description on each listed version, as levels are now."""
    listed = list(apis)
    versions = {version.pk: version for api in listed for version in api.described_versions}
    found = Finding.objects.filter(
        revision__version__in=versions, revision__status=SpecRevision.Status.CURRENT
    )
    standing = list(Override.objects.in_force(at=timezone.now()).reaching(listed))
    levels = {api.pk: levels_for(api, standing) for api in listed}
    for version in versions.values():
        version.error_count = 0
    rows = found.values_list("revision__version", "rule", "severity").annotate(count=Count("pk"))
    for key, rule, severity, count in rows:
        version = versions[key]
        if levels[version.api_id].get(rule, severity) == ERROR:
            version.error_count += count


def _lost(revision: SpecRevision | None) -> list[tuple[str, int, int]]:
    """Return title, points and share of the rules that cost something, the costliest first."""
    pairs = [] if revision is None else [(str(rule), int(points)) for rule, points in revision.lost]
    costly = sorted(pairs, key=lambda pair: -pair[1])
    return [
        (RULES[rule].title, points, points * 100 // 40) for rule, points in costly if rule in RULES
    ]


def _findings(
    revision: SpecRevision | None, api: Api
) -> list[tuple[str, str, list[tuple[Finding, Rule | None]]]]:
    """Return the findings under their levels as they are now, each beside its rule."""
    if revision is None:
        return []
    levels = levels_for(api, Override.objects.in_force(at=timezone.now()).reaching([api]))
    found = list(revision.findings.order_by("pk")[:FINDINGS_SHOWN])
    kinds = (
        (ERROR, "Errors", "danger"),
        (WARNING, "Warnings", "warning"),
        (INFO, "Hints", "info"),
        (OFF, "Switched off", "neutral"),
    )
    return [
        (title, tone, rows)
        for level, title, tone in kinds
        if (
            rows := [
                (one, RULES.get(one.rule))
                for one in found
                if levels.get(one.rule, one.severity) == level
            ]
        )
    ]
