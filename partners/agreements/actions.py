from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from partners.agreements.enforcing import control_of
from partners.agreements.events import AgreementEvent
from partners.agreements.models import Acceptance, Agreement, Version
from partners.organizations.models import Organization
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Malformed, Refused
from portal.events.log import record

# How long partners have at least before a material change binds them.
NOTICE = timedelta(days=30)


@transaction.atomic
def publish_agreement(
    document: Mapping[str, Any], *, by: Actor, binding_at: datetime | None = None
) -> Version:
    """Make an agreement's next version; words that are known change nothing.

    The first version binds at once, for nobody has anything else. A later one that is material
    binds after a notice, `binding_at` or thirty days.
    """
    require(by, Permission.PUBLISH_AGREEMENT)
    clauses = _clauses(document)
    agreement, _ = Agreement.objects.get_or_create(
        code=str(document.get("code", "")), defaults={"title": str(document.get("title", ""))}
    )
    Agreement.objects.select_for_update().get(pk=agreement.pk)
    sha256 = digest_of(agreement.title, clauses)
    last = agreement.versions.order_by("-number").first()
    if last is not None and last.sha256 == sha256:
        return last
    now = timezone.now()
    is_material = last is None or bool(document.get("is_material", True))
    earliest = now if last is None or not is_material else now + NOTICE
    if binding_at is not None and binding_at < earliest:
        raise Refused("Partners need thirty days to read a material change.", code="too_soon")
    version = Version.objects.create(
        agreement=agreement,
        number=last.number + 1 if last else 1,
        clauses=clauses,
        summary=str(document.get("summary", "")),
        sha256=sha256,
        is_material=is_material,
        published_by_id=by.person_id,
        published_at=now,
        binding_at=binding_at or earliest,
    )
    record(
        AgreementEvent.PUBLISHED,
        version,
        by=by,
        code=agreement.code,
        number=version.number,
        is_material=is_material,
    )
    return version


@transaction.atomic
def accept_agreement(
    version: Version, organization: Organization, *, by: Actor, sha256: str, position: str
) -> Acceptance:
    """Accept the words that were shown; `sha256` is theirs."""
    require(by, Permission.ACCEPT_AGREEMENT, organization_id=organization.pk)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    newest = Version.objects.newest().get(agreement=version.agreement_id)
    if newest.pk != version.pk or sha256 != version.sha256:
        raise Conflict("There are newer words. Read them, then accept.", code="changed_since")
    if Acceptance.objects.filter(version=version, organization=organization).exists():
        raise Conflict("Somebody of yours has accepted it already.", code="already_accepted")
    acceptance = Acceptance.objects.create(
        version=version,
        organization=organization,
        sha256=sha256,
        signer_id=by.person_id or 0,
        position=position,
    )
    record(
        AgreementEvent.ACCEPTED,
        acceptance,
        by=by,
        organization_id=organization.pk,
        code=version.agreement.code,
        number=version.number,
        sha256=sha256,
    )
    return acceptance


def digest_of(title: str, clauses: list[dict[str, str]]) -> str:
    """Return the SHA-256 of title and clauses as canonical JSON, as 64 hex digits."""
    words = {"title": title, "clauses": clauses}
    canonical = json.dumps(words, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _clauses(document: Mapping[str, Any]) -> list[dict[str, str]]:
    clauses = [
        {name: str(clause.get(name, "")).strip() for name in ("title", "text", "control")}
        for clause in document.get("clauses", ())
    ]
    if not clauses or not all(clause["title"] and clause["text"] for clause in clauses):
        raise Malformed("An agreement has clauses, each with a title and a text.")
    for clause in clauses:
        if clause["control"] and control_of(clause["control"]) is None:
            raise Malformed(f"Nothing holds “{clause['control']}”.", code="control_unknown")
    return clauses
