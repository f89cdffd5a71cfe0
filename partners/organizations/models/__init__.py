from partners.organizations.models.domain import Domain
from partners.organizations.models.invitation import Invitation
from partners.organizations.models.organization import (
    Membership,
    Organization,
    OrganizationQuerySet,
)
from partners.organizations.models.ownership import OwnershipOffer

__all__ = [
    "Domain",
    "Invitation",
    "Membership",
    "Organization",
    "OrganizationQuerySet",
    "OwnershipOffer",
]
