"""What the reference API keeps of a customer that can be shared one by one: prescriptions."""

from __future__ import annotations

from django.utils.translation import gettext as _

from consent.arrangements.customers import Customer
from consent.arrangements.picking import Selectable, keep
from portal.sandbox.models import Prescription

KIND = "rx"


def prescriptions_of(customer: Customer) -> list[Selectable]:
    """Return a customer's prescriptions; one that a doctor keeps back is shown and not shared."""
    rows = Prescription.objects.filter(customer=customer).order_by("-prescribed_date", "pk")
    return [
        Selectable(
            reference=str(row.pk),
            label=row.medicine_name,
            why_not=_("Your doctor keeps it between you.") if row.is_kept_back else "",
        )
        for row in rows
    ]


keep(KIND, prescriptions_of)
