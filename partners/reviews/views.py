from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from partners.questionnaires import sheet
from partners.reviews import actions, asked
from partners.reviews.forms import DecisionForm, QueueForm
from partners.reviews.models import Kind, Review, Verdict
from partners.reviews.queue import by_urgency, filtered
from portal.access.permissions import Permission
from portal.errors import Conflict, Refused
from portal.ui.guards import staff_only
from portal.ui.requests import Request

PAGE_SIZE = 25


@staff_only()
def queue(request: Request) -> HttpResponse:
    now = timezone.now()
    form = QueueForm(request.GET)
    wanted = form.wanted()
    waiting = Review.objects.waiting()
    counts = dict(waiting.order_by().values_list("kind").annotate(Count("pk")))
    found = filtered(waiting.with_story(), at=now, **wanted)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "queue",
        "form": form,
        "wanted": wanted,
        "tabs": [("", "All", sum(counts.values()))]
        + [(kind.value, kind.label, counts.get(kind.value, 0)) for kind in Kind],
        "page": page,
        "groups": list(by_urgency(page, at=now)),
        "overdue_count": waiting.filter(due_at__lte=now).count(),
        "next": _next_for(request),
        "decided": Review.objects.decided().with_story()[:8],
        "now": now,
    }
    return render(request, "partners/reviews/queue.html", context)


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
