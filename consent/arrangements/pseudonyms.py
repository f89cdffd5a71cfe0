from __future__ import annotations

from uuid import UUID

from consent.arrangements.models import Customer, Pseudonym
from partners.applications.models import Application


def pseudonym_of(customer: Customer, application: Application) -> UUID:
    """Return the only name by which the application knows the customer."""
    pseudonym, _ = Pseudonym.objects.get_or_create(application=application, customer=customer)
    return pseudonym.subject
