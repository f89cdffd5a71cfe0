"""The controls of agreements that people's rights can tell."""

from __future__ import annotations

from datetime import datetime

from consent.rights.models import Task
from partners.agreements.enforcing import Finding, holds
from partners.organizations.models import Organization


@holds("deletion", "Data is deleted when a customer asks, and late answers are seen")
def is_data_deleted(organization: Organization, at: datetime) -> Finding:
    late = Task.objects.late(at=at).filter(application__organization=organization).count()
    return Finding(not late, f"{late} tasks are late" if late else "No task is late")
