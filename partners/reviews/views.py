from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from partners.questionnaires import sheet
from partners.reviews import actions, asked
from partners.reviews.forms import DecisionForm, QueueForm, TogetherForm
from partners.reviews.models import Kind, Review, Verdict
from partners.reviews.queue import Inbox, Shown, by_urgency
from partners.reviews.together import decide_together
from portal import waiting
from portal.access.permissions import Permission, allows
from portal.errors import Conflict, Refused
from portal.ui.guards import staff_only
from portal.ui.requests import Request

PAGE_SIZE = 25


@staff_only()
@require_GET
def queue(request: Request) -> HttpResponse:
    return _inbox(request, TogetherForm())


@staff_only(Permission.REVIEW)
@require_POST
def together(request: Request) -> HttpResponse:
    """Decide the rows that were ticked, and say of each that could not be why."""
    form = TogetherForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose what to decide from the list.")
        return redirect("reviews:queue")
    try:
        outcome = decide_together(
            form.seen(),
            by=request.actor,
            verdict=Verdict(form.cleaned_data["verdict"]),
            reason=form.cleaned_data["reason"],
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("reviews:queue")
    if outcome.decided:
        numbers = ", ".join(map(str, outcome.decided))
        messages.success(request, f"Decided: {numbers}. The partners are told now.")
    for refused, why in outcome.refused:
        messages.error(request, f"{refused} is still open. {why}")
    return redirect("reviews:queue")


@staff_only(Permission.REVIEW)
def review(request: Request, number: str) -> HttpResponse:
    found = get_object_or_404(Review.objects.with_story(), pk=_pk_of(number))
    form = DecisionForm(request.POST if request.method == "POST" else None, review=found)
    if request.method == "POST" and form.is_valid():
        try:
            decided = actions.cast_vote(
                found,
                by=request.actor,
                verdict=Verdict(form.cleaned_data["verdict"]),
                reason=form.cleaned_data["reason"],
                digest=form.cleaned_data["digest"],
                profile=form.cleaned_data.get("profile"),
                terms=form.terms(),
            )
        except Conflict as refusal:
            messages.error(request, str(refusal))
            return redirect(found)
        except Refused as refusal:
            for name in refusal.errors or {"verdict": [str(refusal)]}:
                form.add_error(name, str(refusal))
        else:
            messages.success(request, _done(decided))
            return redirect("reviews:queue")
    return render(
        request,
        "partners/reviews/review.html",
        _story(request, found) | {"form": form},
        status=422 if form.errors else 200,
    )


def _inbox(request: Request, form: TogetherForm) -> HttpResponse:
    now = timezone.now()
    sources = waiting.sources_for(request.actor)
    narrowing = QueueForm(request.GET, kinds=[(one.kind, one.label) for one in sources])
    wanted = narrowing.wanted(at=now)
    inbox = Inbox(sources, wanted, at=now)
    page: Page[Shown] = Paginator(inbox, PAGE_SIZE).get_page(request.GET.get("page"))
    counts = inbox.tally.counts
    context = {
        "nav": "queue",
        "form": narrowing,
        "wanted": wanted,
        "tabs": [("", "All", sum(counts.values()))]
        + [(one.kind, one.label, counts.get(one.kind, 0)) for one in sources],
        "page": page,
        "groups": list(by_urgency(page, at=now)),
        "overdue_count": inbox.tally.late,
        "next": _next_for(request),
        "decided": Review.objects.decided().with_story()[:8],
        "together": form,
        "may_decide": allows(request.actor, Permission.REVIEW),
        "now": now,
    }
    return render(request, "partners/reviews/queue.html", context)


def _story(request: Request, found: Review) -> dict[str, object]:
    votes = list(found.votes.all())
    total, bars = asked.bars_of(found)
    return {
        "nav": "queue",
        "review": found,
        "votes": votes,
        "why_not": actions.why_not(found, votes, by=request.actor),
        "missing_count": max(found.quorum - len(votes), 0),
        "needs_security": found.needs_two and not any(vote.for_security for vote in votes),
        "total": total,
        "bars": bars,
        "uses": asked.uses_of(found.access_request) if found.access_request else [],
        "sections": sheet.told(found.submission) if found.submission else [],
        "clearance": Review.objects.filter(
            organization=found.organization_id,
            kind=Kind.QUESTIONNAIRE,
            status=Review.Status.APPROVED,
        )
        .order_by("-decided_at")
        .first(),
        "now": timezone.now(),
    }


def _next_for(request: Request) -> Review | None:
    """Return the most urgent review that this person may decide."""
    return (
        Review.objects.waiting()
        .exclude(votes__voter=request.actor.person_id)
        .exclude(organization__in=list(request.actor.memberships))
        .first()
    )


def _pk_of(number: str) -> int:
    digits = number.removeprefix("R-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 12:
        raise Http404
    return int(digits)


def _done(decided: Review) -> str:
    match decided.status:
        case Review.Status.OPEN:
            return f"Your approval of {decided} is recorded. Somebody else has to agree."
        case Review.Status.APPROVED:
            return f"{decided} is approved. {decided.organization} is told now."
        case Review.Status.RETURNED:
            return f"{decided} is sent back. {decided.organization} is told now."
    return f"{decided} is refused. {decided.organization} is told now."
