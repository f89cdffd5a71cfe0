"""The map: every address of the portal, in the order of the people who use them."""

from django.urls import URLPattern, URLResolver, include, path

from portal.ui import reference

handler400 = "portal.home.refusals.bad_request"
handler403 = "portal.home.refusals.not_allowed"
handler404 = "portal.home.refusals.not_found"
handler500 = "portal.home.refusals.server_error"
urlpatterns: list[URLPattern | URLResolver] = [
    # Everybody
    path("", include("portal.home.urls")),
    path("", include("portal.search.urls")),
    path("", include("catalog.changes.urls")),
    path("", include("catalog.guides.urls")),
    path("", include("catalog.rules.urls")),
    path("apis/", include("catalog.status.urls")),
    path("", include("portal.sandbox.trying.urls")),
    path("apis/", include("catalog.apis.urls")),
    path("", include("portal.accounts.urls")),
    # Partners
    path("", include("partners.organizations.urls")),
    path("", include("partners.applications.urls")),
    path("", include("partners.subscriptions.urls")),
    path("", include("partners.agreements.urls")),
    path("", include("partners.upgrades.urls")),
    path("", include("partners.endings.urls")),
    path("security/", include("partners.dossiers.urls")),
    path("security/", include("partners.renewals.urls")),
    path("security/", include("partners.questionnaires.urls")),
    path("", include("partners.evidence.urls")),
    path("", include("partners.remarks.urls")),
    path("", include("partners.findings.urls")),
    path("", include("partners.assessors.urls")),
    path("webhooks/", include("partners.webhooks.urls")),
    path("usage/", include("portal.insights.urls")),
    path("", include("portal.notifications.urls")),
    # Staff
    path("console/", include("partners.reviews.urls")),
    path("console/questionnaires/", include("partners.drafts.urls")),
    path("console/apis/import/", include("catalog.imports.urls")),
    path("console/apis/", include("catalog.specs.urls")),
    path("console/scorecards/", include("catalog.scorecards.urls")),
    path("console/impact/", include("catalog.impact.urls")),
    path("console/privacy/", include("consent.oversight.urls")),
    path("console/campaigns/", include("consent.campaigns.urls")),
    path("console/register/", include("catalog.inventory.urls")),
    path("console/gaps/", include("portal.insights.staff_urls")),
    path("console/audit/", include("portal.audit.urls")),
    path("console/support/", include("consent.support.urls")),
    # Customers
    path("me/", include("consent.arrangements.urls")),
    path("me/children/", include("consent.guardians.urls")),
    path("me/joint/", include("consent.joint.urls")),
    path("me/reminders/", include("consent.reminders.urls")),
    path("privacy/", include("consent.notices.urls")),
    path("", include("consent.rights.urls")),
    path("", include("consent.receipts.urls")),
    # Machines
    path("", include("consent.keys.urls")),
    path("", include("consent.oauth.urls")),
    path("", include("consent.signals.urls")),
    path("", include("consent.registration.urls")),
    path("gateway/", include("consent.gateway.urls")),
    path("", include("portal.sandbox.urls")),
    path("api/v1/schema", reference.schema, name="schema"),
    path("api/v1/docs", reference.reference, name="reference"),
    path("api/v1/", include("catalog.apis.api")),
    path("api/v1/", include("catalog.imports.api")),
    path("api/v1/", include("catalog.imports.lint_api")),
    path("api/v1/", include("catalog.specs.api")),
    path("api/v1/", include("portal.insights.api")),
    path("api/v1/", include("partners.applications.api")),
    path("api/v1/", include("partners.evidence.api")),
    path("api/v1/", include("partners.questionnaires.api")),
    path("api/v1/", include("partners.subscriptions.api")),
    path("api/v1/", include("consent.arrangements.api")),
    path("api/v1/", include("consent.rights.api")),
]
