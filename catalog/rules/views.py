from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.rules import actions
from catalog.rules.forms import OverrideForm
from catalog.rules.models import Override
from catalog.rules.rulebook import GROUPS, RULES, Group, Rule
from portal.access.permissions import Permission, allows
from portal.errors import Conflict
from portal.ui.caching import revalidated
from portal.ui.guards import staff_only
from portal.ui.requests import Request

ENDED_SHOWN = 50


@require_safe
@revalidated
def listing(request: Request) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()[:100]
    groups = [(group, rules) for group in GROUPS if (rules := _matching(group, wanted))]
    context = {
        "nav": "rules",
        "wanted": wanted,
        "groups": groups,
        "count": sum(len(rules) for _, rules in groups),
        "total": len(RULES),
    }
    return render(request, "catalog/rules/list.html", context)


@require_safe
@revalidated
def rule(request: Request, code: str) -> HttpResponse:
    found = _rule(code)
    may_change = allows(request.actor, Permission.OVERRIDE_RULE)
    context = {
        "nav": "rules",
        "rule": found,
        "group": next(group for group in GROUPS if group.name == found.group),
        "may_change": may_change and not found.is_fixed,
    }
    if may_change:
        overrides = Override.objects.in_force(at=timezone.now()).filter(rule=code)
        context["overrides"] = overrides.with_names()
    return render(request, "catalog/rules/rule.html", context)


@require_safe
@staff_only(Permission.OVERRIDE_RULE)
def overrides(request: Request) -> HttpResponse:
    now = timezone.now()
    every = Override.objects.with_names()
    standing = Override.objects.in_force(at=now)
    context = {
        "nav": "rules",
        "standing": every.filter(pk__in=standing),
        "ended": every.exclude(pk__in=standing)[:ENDED_SHOWN],
    }
    return render(request, "catalog/rules/overrides.html", context)


@staff_only(Permission.OVERRIDE_RULE)
def change(request: Request, code: str) -> HttpResponse:
    found = _rule(code)
    if found.is_fixed:
        raise actions.RuleFixed(f"{found.name} protects customers. Its level stays as it is.")
    is_sent = request.method == "POST"
    form = OverrideForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        actions.override_rule(found, by=request.actor, **form.cleaned_data)
        messages.success(request, f"{found.name} has another level now.")
        return redirect("rules:overrides")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    context = {"nav": "rules", "rule": found, "form": form}
    return render(request, "catalog/rules/change.html", context, status=status)


@require_POST
@staff_only(Permission.OVERRIDE_RULE)
def restoration(request: Request, override_id: int) -> HttpResponse:
    override = get_object_or_404(Override, pk=override_id)
    try:
        actions.restore_rule(override, by=request.actor)
    except Conflict as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The rule’s own level counts again.")
    return redirect("rules:overrides")


def _rule(code: str) -> Rule:
    if code not in RULES:
        raise Http404
    return RULES[code]


def _matching(group: Group, wanted: str) -> list[Rule]:
    words = wanted.lower().split()
    return [
        rule
        for rule in group.rules
        if all(
            word in f"{rule.name} {rule.code} {rule.title} {rule.why} {group.title}".lower()
            for word in words
        )
    ]
