from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from consent.arrangements.holding import locked
from consent.arrangements.models import Receipt, Resignature
from consent.arrangements.receipts import TYP, canonical
from consent.keys import jws
from consent.receipts.checking import is_signed
from consent.receipts.events import ReceiptEvent
from consent.receipts.reproduction import fault_of
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict
from portal.events.log import record


class NotAsWritten(Conflict):
    """What is kept does not follow from its record any more: nobody vouches for that anew."""

    code = "not_as_written"


@transaction.atomic
def sign_anew(receipt: Receipt, *, by: Actor) -> Receipt:
    """Have the present key sign a receipt whose own was given up; where one holds, nothing is done.

    The receipt stays as it was written, to the byte: it is made again from its record first.
    """
    customer = receipt.version.arrangement.customer
    require(by, Permission.WITHDRAW_CONSENT, person_id=customer.user_id)
    # Two clicks take turns; the receipt itself is nobody's to hold for a change.
    locked(receipt.version.arrangement_id)
    if is_signed(receipt):
        return receipt
    if fault_of(receipt, is_unproved=True) is not None:
        raise NotAsWritten(_("This receipt needs a look by our people first. Write to us."))
    signature = jws.sign_detached(canonical(receipt.body), typ=TYP)
    Resignature.objects.create(receipt=receipt, signature=signature)
    record(
        ReceiptEvent.SIGNED_ANEW,
        receipt,
        by=by,
        person_id=customer.user_id,
        receipt=receipt.number,
        kid=jws.kid_of(signature),
    )
    return receipt
