"""Who shares what with whom, until when, how it was said, and how it was used."""

from consent.arrangements.customers import ALL_DATA, Customer, Pseudonym
from consent.arrangements.models.arrangements import Arrangement, ArrangementQuerySet
from consent.arrangements.models.joint import JointStop
from consent.arrangements.models.readings import Reading
from consent.arrangements.models.receipts import Receipt
from consent.arrangements.models.versions import MAX_PERIOD, ArrangementVersion, Item
from consent.arrangements.signatures import Resignature
from consent.arrangements.vocabulary import Attention, Duration, Management

__all__ = [
    "ALL_DATA",
    "MAX_PERIOD",
    "Arrangement",
    "ArrangementQuerySet",
    "ArrangementVersion",
    "Attention",
    "Customer",
    "Duration",
    "Item",
    "JointStop",
    "Management",
    "Pseudonym",
    "Reading",
    "Receipt",
    "Resignature",
]
