"""What one application is asked to delete, once the person no longer shares anything with it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.arrangements.holding import lock_customer
from consent.arrangements.models import ALL_DATA, Arrangement, Customer
from consent.rights.actions import AlreadyAsked, Kind, receive
from consent.rights.models import DataRequest, Task
from consent.rights.recipients import ask_application
from partners.applications.models import Application
from portal.access.actors import Actor
from portal.errors import Conflict


class StillShared(Conflict):
    """What is deleted while it is shared comes back with the next call."""

    code = "still_shared"


@transaction.atomic
def ask_to_delete(customer: Customer, application: Application, *, by: Actor) -> DataRequest:
    """Ask an application to delete all that it holds of the person (GDPR Art. 17); once at a time.

    The request is done when the application says that it has deleted, or why it need not.
    """
    lock_customer(customer)
    if is_shared(customer, application):
        raise StillShared(_("Stop sharing first. Then it can be asked to delete what it has."))
    if open_one(customer, application) is not None:
        raise AlreadyAsked(_("You have asked for this already. We are at it."))
    request = receive(
        customer.user, by=by, kind=Kind.DELETION, application=application, is_started=True
    )
    ask_application(
        request,
        Task.Action.DELETE,
        application=application,
        customer=customer,
        cluster_codes=[ALL_DATA],
        by=by,
    )
    return request


def open_one(customer: Customer, application: Application) -> DataRequest | None:
    """Return what the person has asked of the application and is not answered yet."""
    asked = DataRequest.objects.open().filter(kind=Kind.DELETION, application=application)
    return asked.filter(person_id=customer.user_id).first()


def is_shared(customer: Customer, application: Application) -> bool:
    mine = Arrangement.objects.filter(customer=customer, client__application=application)
    return mine.running(at=timezone.now()).exists()
