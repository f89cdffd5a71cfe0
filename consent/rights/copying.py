"""A copy of everything about a person: built in parts by a job, sealed, fetched once within a day.

Between two parts the job looks whether the account is still there: what was closed meanwhile is
not copied any further, and what was copied is gone.
"""

from __future__ import annotations

import base64
import json

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from consent.rights import clock, export, packing
from consent.rights.actions import Status, locked, note, receive
from consent.rights.events import RequestEvent
from consent.rights.models import Copy, CopyPart, DataRequest
from portal import secrets
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Malformed, NotFound
from portal.events import people
from portal.events.hints import hint

PREFIX = "mcp_"


@transaction.atomic
def ask_for_copy(person: User, *, by: Actor, kind: DataRequest.Kind) -> DataRequest:
    if kind not in export.SECTIONS:
        raise Malformed("This kind of request is not about a copy.")
    request = receive(person, by=by, kind=kind)
    Copy.objects.create(request=request)
    transaction.on_commit(_nudge)
    return request


def build_copies() -> int:
    """Build what waits; return how many parts were made."""
    made = 0
    for pk in list(Copy.objects.filter(status=Copy.Status.BUILDING).values_list("pk", flat=True)):
        while build_next_part(pk):
            made += 1
    return made


@transaction.atomic
def build_next_part(copy_id: int) -> bool:
    """Write one part, or put the parts together; False when there is nothing left to do."""
    # The request first, as whoever closes the account does.
    request = locked(DataRequest.objects.get(copy=copy_id))
    copy = _locked(copy_id)
    if copy.status != Copy.Status.BUILDING:
        return False
    if not request.is_open or not request.person.is_active:
        _close(copy, Copy.Status.REMOVED, by=SYSTEM)
        return False
    if request.status == Status.RECEIVED:
        request.move_to(Status.IN_PROGRESS, started_at=timezone.now())
    last = copy.parts.order_by("number").last()
    place = export.after(
        DataRequest.Kind(request.kind),
        last.section if last else "",
        last.position if last else None,
    )
    if place is None:
        _put_together(copy, request)
        return False
    with translation.override(request.person.language):
        rows, position = export.read(request.person, *place)
    number = last.number + 1 if last else 1
    CopyPart.objects.create(
        copy=copy,
        number=number,
        section=place[0],
        position=position,
        sealed=people.seal_for(
            request.person_id,
            json.dumps(rows, default=str, ensure_ascii=False),
            context=_part_context(copy, number),
        ),
    )
    return True


def link_of(copy: Copy) -> str:
    """Return what opens the file, for its owner's page."""
    if copy.status != Copy.Status.READY or not copy.expires_at or copy.expires_at <= timezone.now():
        return ""
    return people.unseal_for(
        copy.request.person_id, copy.sealed_token, context=_context(copy, "token")
    )


@transaction.atomic
def fetch_copy(token: str, *, by: Actor) -> tuple[Copy, bytes]:
    """Return the file to its owner, this once."""
    found = Copy.objects.filter(token_digest=secrets.digest(token)).first()
    if found is None or found.request.person_id != by.person_id:
        raise NotFound(_("There is no such file."))
    require(by, Permission.EXERCISE_RIGHTS, person_id=found.request.person_id)
    copy = _locked(found.pk)
    if copy.status != Copy.Status.READY or not copy.expires_at or copy.expires_at <= timezone.now():
        raise NotFound(_("This file was fetched already, or its day is over."))
    sealed = people.unseal_for(
        copy.request.person_id, copy.sealed_file, context=_context(copy, "file")
    )
    _close(copy, Copy.Status.FETCHED, by=by)
    return copy, base64.b64decode(sealed)


@transaction.atomic
def remove(copy: Copy, *, by: Actor) -> bool:
    """Take away the file and whatever there is of it; again changes nothing."""
    copy = _locked(copy.pk)
    if not copy.may_move_to(Copy.Status.REMOVED):
        return False
    _close(copy, Copy.Status.REMOVED, by=by)
    return True


def remove_old_copies() -> int:
    old = Copy.objects.filter(status=Copy.Status.READY, expires_at__lte=timezone.now())
    return sum(remove(copy, by=SYSTEM) for copy in old)


def _put_together(copy: Copy, request: DataRequest) -> None:
    now = timezone.now()
    sections: dict[str, list[object]] = {}
    for part in copy.parts.order_by("number"):
        plain = people.unseal_for(
            request.person_id, part.sealed, context=_part_context(copy, part.number)
        )
        sections.setdefault(part.section, []).extend(json.loads(plain))
    with translation.override(request.person.language):
        file = packing.pack(request, sections, at=now)
    token = secrets.new_secret(PREFIX)
    copy.move_to(
        Copy.Status.READY,
        token_digest=secrets.digest(token),
        sealed_token=people.seal_for(request.person_id, token, context=_context(copy, "token")),
        sealed_file=people.seal_for(
            request.person_id, base64.b64encode(file).decode(), context=_context(copy, "file")
        ),
        expires_at=now + clock.COPY_KEPT,
    )
    copy.parts.all().delete()
    request.move_to(Status.COMPLETED, ended_at=now)
    note(RequestEvent.COPY_BUILT, request, by=SYSTEM)
    note(RequestEvent.COMPLETED, request, by=SYSTEM)


def _close(copy: Copy, status: Copy.Status, *, by: Actor) -> None:
    copy.move_to(status, sealed_file="", sealed_token="", closed_at=timezone.now())
    copy.parts.all().delete()
    is_fetched = status == Copy.Status.FETCHED
    kind = RequestEvent.COPY_FETCHED if is_fetched else RequestEvent.COPY_REMOVED
    note(kind, copy.request, by=by)


def _locked(copy_id: int) -> Copy:
    held = Copy.objects.select_for_update(of=("self",))
    return held.select_related("request__person").get(pk=copy_id)


def _context(copy: Copy, column: str) -> str:
    return f"rights_copy:{copy.pk}:{column}"


def _part_context(copy: Copy, number: int) -> str:
    return f"rights_copypart:{copy.pk}:{number}"


def _nudge() -> None:
    hint("consent.rights.tasks.build_copies")
