from django.urls import URLPattern, path

from partners.organizations import domain_pages, invitation_pages, team_pages, views

app_name = "organizations"
urlpatterns: list[URLPattern] = [
    path("join/", views.join, name="join"),
    path("organization/", team_pages.switch, name="switch"),
    path("team/", team_pages.team, name="team"),
    path("team/<int:membership_id>/", team_pages.member, name="member"),
    path("team/<int:membership_id>/removal/", team_pages.removal, name="removal"),
    path("team/leaving/", team_pages.leaving, name="leaving"),
    path("team/ownership/", team_pages.handover, name="handover"),
    path(
        "team/ownership/<int:offer_id>/<slug:answer>/", team_pages.offer_answer, name="offer_answer"
    ),
    path(
        "team/invitations/<int:invitation_id>/again/", invitation_pages.again, name="invite_again"
    ),
    path(
        "team/invitations/<int:invitation_id>/revocation/",
        invitation_pages.revocation,
        name="revoke_invitation",
    ),
    path("invitations/<slug:token>/", invitation_pages.invitation, name="invitation"),
    path("invitations/<slug:token>/answer/", invitation_pages.answer, name="answer_invitation"),
    path("settings/", views.settings, name="settings"),
    path("settings/domains/", domain_pages.domains, name="domains"),
    path("settings/domains/<int:domain_id>/proof/", domain_pages.proof, name="prove_domain"),
    path("settings/domains/<int:domain_id>/removal/", domain_pages.release, name="release_domain"),
    path("console/partners/", views.directory, name="directory"),
    path("console/partners/<slug:slug>/", views.partner, name="partner"),
    path("console/partners/<slug:slug>/suspension/", views.suspension, name="suspension"),
    path("console/partners/<slug:slug>/reinstatement/", views.reinstatement, name="reinstatement"),
]
