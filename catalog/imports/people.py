from __future__ import annotations

from catalog.imports.models import ImportJob
from portal.access.actors import SYSTEM, Actor, Role
from portal.accounts.models import StaffRole


def actor_of_job(job: ImportJob) -> Actor:
    """Return who asked for it, with the roles of today: who may import no more, imports no more."""
    user = job.requested_by
    if user is None:
        return SYSTEM
    held = StaffRole.objects.filter(user=user) if user.is_active else StaffRole.objects.none()
    roles = frozenset(map(Role, held.values_list("role", flat=True)))
    return Actor(id=f"user:{user.pk}", name=str(user), roles=roles, person_id=user.pk)
