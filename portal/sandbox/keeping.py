"""What the reference API keeps of a customer that can be shared one by one: prescriptions."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.translation import gettext as _

from consent.arrangements.customers import Customer
from consent.arrangements.picking import Selectable, keep
from portal.sandbox.models import Prescription

KIND = "rx"


def prescriptions_of(customer: Customer) -> list[Selectable]:
    """Return a customer's prescriptions; one that a doctor keeps back is shown and not shared."""
    others = Prescription.co_holders.through.objects.filter(prescription=OuterRef("pk"))
    rows = Prescription.objects.of(customer.pk).order_by("-prescribed_date", "pk")
    told = rows.annotate(others=ArraySubquery(others.order_by("customer").values("customer")))
    return [
        Selectable(
            reference=str(pk),
            label=name,
            why_not=_("Your doctor keeps it between you.") if is_kept_back else "",
            holders=tuple(one for one in (owner, *others) if one != customer.pk),
        )
        for pk, name, is_kept_back, owner, others in told.values_list(
            "pk", "medicine_name", "is_kept_back", "customer", "others"
        )
    ]


keep(KIND, prescriptions_of)
