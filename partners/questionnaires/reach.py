"""What an organization could do harm with: what its applications need, and what it says itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalog.apis.models import SAFE_METHODS, ApiVersion, Operation
from catalog.scopes.models import DataCluster, Depth
from partners.applications.models import Application, DataUse
from partners.organizations.models import Organization
from partners.questionnaires.content import Content
from partners.questionnaires.exposure import Exposure
from partners.questionnaires.values import Value

DATA_OF = {
    Depth.PUBLIC: "none",
    Depth.INTERNAL: "pseudonymous",
    Depth.PERSONAL: "personal",
    Depth.SENSITIVE: "special",
}
# The European Economic Area, and whom its Commission has found to protect data as well.
ADEQUATE = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
        *("AD", "AR", "CA", "CH", "FO", "GB", "GG", "IL", "IM", "JE", "JP", "KR", "NZ", "UY"),
    }
)


def exposure_of(
    organization: Organization, content: Content, answers: Mapping[str, Value]
) -> Exposure:
    """Return it as it is now, with what the answers add: where data lies, and who helps."""
    countries = answers.get(content.exposure.get("countries", ""))
    suppliers = answers.get(content.exposure.get("suppliers", ""))
    return replace(
        reach_of(organization),
        leaves_adequate=isinstance(countries, list)
        and not ADEQUATE.issuperset(map(str, countries)),
        supplier_count=len(suppliers) if isinstance(suppliers, list) else 0,
    )


def reach_of(organization: Organization) -> Exposure:
    """Return what its applications say that they need, all of them together."""
    uses = list(
        DataUse.objects.filter(application__organization=organization)
        .exclude(application__status=Application.Status.CLOSED)
        .select_related("scope")
    )
    clusters = {use.scope.cluster_code for use in uses if use.scope.cluster_code}
    depths = DataCluster.objects.current().filter(code__in=clusters).values_list("depth", flat=True)
    changing = Operation.objects.filter(version__status__in=ApiVersion.PUBLIC_STATUSES).exclude(
        method__in=SAFE_METHODS
    )
    names = sorted({use.scope.name for use in uses})
    writes = any(changing.filter(scopes__contains=[name]).exists() for name in names)
    reads = "read" if uses else "none"
    return Exposure(
        data=DATA_OF[Depth(max(depths, default=Depth.PUBLIC))],
        access="write" if writes else reads,
        # Whoever may come back on another day holds a token that lives on without the customer.
        works_offline=any(use.max_days > 1 for use in uses if use.scope.cluster_code),
    )
