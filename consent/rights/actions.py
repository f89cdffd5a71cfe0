"""What a person asks about their own data, and what staff answer."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.scopes.models import DataCluster
from consent.arrangements.models import ALL_DATA, Customer
from consent.rights import clock
from consent.rights.events import RequestEvent
from consent.rights.models import DataRequest, Task
from consent.rights.recipients import ask_recipients
from partners.applications.models import Application
from portal import secrets
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, Malformed, Refused
from portal.events import people
from portal.events.log import record
from portal.notifications.actions import prefer_mail

Kind, Status = DataRequest.Kind, DataRequest.Status
# What somebody reads and answers. The others are done by the portal at once or by a job.
ANSWERED = (Kind.RECTIFICATION, Kind.OBJECTION, Kind.REVIEW, Kind.COMPLAINT)
# What an officer may close: an application that never answers is not the last word.
CLOSED_BY_STAFF = (*ANSWERED, Kind.DELETION)
NEWS = "news"
OBJECTIONS = {
    "use": gettext_lazy("How Meridian counts and checks the use of your data"),
    NEWS: gettext_lazy("News by mail"),
}
EXTENSIONS = {
    "complex": gettext_lazy("It is complex"),
    "many": gettext_lazy("There are many requests"),
}
MAX_WORDS = 2000


class AlreadyAsked(Conflict):
    code = "already_asked"


class WordsMissing(Refused):
    code = "words_missing"


class TooLate(Refused):
    code = "too_late"


@transaction.atomic
def ask(
    person: User,
    *,
    by: Actor,
    kind: DataRequest.Kind,
    words: str = "",
    about: str = "",
    cluster_codes: Sequence[str] = (),
) -> DataRequest:
    """Take a request that a person of ours will answer."""
    if kind not in ANSWERED:
        raise Malformed("This kind of request has an action of its own.")
    if not words.strip():
        raise WordsMissing(_("Say in your own words what it is about."))
    if kind == Kind.OBJECTION and about not in OBJECTIONS:
        raise Malformed(_("Say what you object to."))
    if kind == Kind.RECTIFICATION:
        known_clusters(cluster_codes)
    request = receive(person, by=by, kind=kind, about=about, cluster_codes=cluster_codes)
    request.sealed_words = seal(request, "words", words.strip()[:MAX_WORDS])
    request.save(update_fields=["sealed_words"])
    if about == NEWS:
        # Art. 21(3): there is nothing to weigh.
        prefer_mail(person, wants_mail=False)
        request.move_to(Status.COMPLETED, ended_at=timezone.now())
        note(RequestEvent.COMPLETED, request, by=by)
    return request


def receive(
    person: User,
    *,
    by: Actor,
    kind: DataRequest.Kind,
    about: str = "",
    cluster_codes: Sequence[str] = (),
    application: Application | None = None,
    is_started: bool = False,
) -> DataRequest:
    """Start the clock, in the caller's transaction."""
    require(by, Permission.EXERCISE_RIGHTS, person_id=person.pk)
    now = timezone.now()
    try:
        with transaction.atomic():
            request = DataRequest.objects.create(
                person=person,
                kind=kind,
                status=Status.IN_PROGRESS if is_started else Status.RECEIVED,
                about=about,
                cluster_codes=sorted(cluster_codes),
                application=application,
                received_at=now,
                due_at=clock.due_at(now),
                started_at=now if is_started else None,
            )
    except IntegrityError as error:
        raise AlreadyAsked(_("You have asked for this already. We are at it.")) from error
    note(RequestEvent.RECEIVED, request, by=by)
    return request


@transaction.atomic
def cancel_request(request: DataRequest, *, by: Actor) -> DataRequest:
    request = locked(request)
    require(by, Permission.EXERCISE_RIGHTS, person_id=request.person_id)
    if not request.may_be_cancelled:
        raise Conflict(_("This can no longer be taken back."), code="not_cancellable")
    request.move_to(Status.CANCELLED, ended_at=timezone.now())
    note(RequestEvent.CANCELLED, request, by=by)
    return request


@transaction.atomic
def read_request(request: DataRequest, *, by: Actor) -> str:
    """Return the person's words to who answers them; the log keeps that they were read."""
    require(by, Permission.ANSWER_RIGHTS)
    request = locked(request)
    if request.status == Status.RECEIVED and request.kind in ANSWERED:
        request.move_to(Status.IN_PROGRESS, started_at=timezone.now())
    note(RequestEvent.READ, request, by=by)
    return words_of(request)


@transaction.atomic
def extend_request(request: DataRequest, *, by: Actor, reason: str) -> DataRequest:
    """Take two more months, once, and tell the person while the first one runs (Art. 12(3))."""
    require(by, Permission.ANSWER_RIGHTS)
    request = locked(request)
    if reason not in EXTENSIONS:
        raise Malformed("Say why more time is needed.")
    now = timezone.now()
    if not request.is_open or request.extended_at is not None:
        raise Conflict("More time can be taken once, while the request is open.")
    if now >= request.due_at:
        raise TooLate("The first month is over. More time can no longer be taken.")
    request.extended_at, request.extension_reason = now, reason
    request.due_at = clock.extended_due_at(request.received_at)
    request.save(update_fields=["extended_at", "extension_reason", "due_at"])
    note(RequestEvent.EXTENDED, request, by=by, reason=reason)
    return request


@transaction.atomic
def answer_request(
    request: DataRequest, *, by: Actor, answer: str, is_granted: bool
) -> DataRequest:
    """Close it with words for the person; a correction is news for who got the data."""
    require(by, Permission.ANSWER_RIGHTS)
    request = locked(request)
    if request.kind not in CLOSED_BY_STAFF:
        raise Malformed("The portal answers this kind of request by itself.")
    if not answer.strip():
        raise WordsMissing("The person needs to read what was decided, and why.")
    request.move_to(
        Status.COMPLETED if is_granted else Status.REFUSED,
        ended_at=timezone.now(),
        sealed_answer=seal(request, "answer", answer.strip()[:MAX_WORDS]),
    )
    if is_granted and request.kind == Kind.RECTIFICATION:
        customer = Customer.objects.filter(user_id=request.person_id).first()
        if customer is not None:
            ask_recipients(
                request,
                Task.Action.RECTIFY,
                customer=customer,
                cluster_codes=request.cluster_codes,
                by=by,
            )
    kind = RequestEvent.COMPLETED if is_granted else RequestEvent.REFUSED
    note(kind, request, by=by)
    return request


def known_clusters(cluster_codes: Sequence[str], *, may_be_all: bool = False) -> None:
    if may_be_all and list(cluster_codes) == [ALL_DATA]:
        return
    known = DataCluster.objects.filter(superseded_at=None, code__in=cluster_codes)
    if not cluster_codes or known.values("code").distinct().count() != len(set(cluster_codes)):
        raise Malformed(_("Say which data it is about."))


def words_of(request: DataRequest) -> str:
    return _opened(request, "words", request.sealed_words)


def answer_of(request: DataRequest) -> str:
    return _opened(request, "answer", request.sealed_answer)


def seal(request: DataRequest, column: str, plain: str) -> str:
    return people.seal_for(request.person_id, plain, context=_context(request, column))


def locked(request: DataRequest) -> DataRequest:
    held = DataRequest.objects.select_for_update(of=("self",)).select_related("person")
    return held.get(pk=request.pk)


def note(kind: RequestEvent, request: DataRequest, *, by: Actor, reason: str = "") -> None:
    record(
        kind,
        request,
        by=by,
        person_id=request.person_id,
        request=request.number,
        right=request.kind,
        reason=reason,
    )


def _opened(request: DataRequest, column: str, sealed: str) -> str:
    """Return the words, or nothing once the person's key is gone."""
    if not sealed:
        return ""
    try:
        return people.unseal_for(request.person_id, sealed, context=_context(request, column))
    except secrets.Unreadable:
        return ""


def _context(request: DataRequest, column: str) -> str:
    return f"rights_datarequest:{request.pk}:{column}"
