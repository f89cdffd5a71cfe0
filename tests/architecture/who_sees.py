"""Who sees what: one row for every address of the portal. A page without a row fails the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tests.architecture.population import CUSTOMERS, MEMBERS, ROLES, STAFF


class Answer(StrEnum):
    SEEN = "the page, or what the form says"
    AWAY = "another page"
    SIGN_IN = "the way to the sign-in page"
    FORBIDDEN = "that it is not theirs"
    HIDDEN = "that there is nothing"


SEEN, AWAY, SIGN_IN, FORBIDDEN, HIDDEN = Answer
# Another partner's owner and another customer see of their own what ours see of ours.
LIKE = {"other_partner": "owner", "other_customer": "customer"}


@dataclass(frozen=True)
class Row:
    """What each role is answered; `parts` names the thing whose id stands in the address."""

    answers: Mapping[str, Answer]
    parts: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    is_owned: bool = False

    def answer(self, role: str, *, whose: str) -> Answer:
        """Return what a role is told about a thing of ours or theirs; a stranger's is not there."""
        if self.is_owned and ROLES[role] not in {"", whose} and role != "machine":
            return HIDDEN
        return self.answers[LIKE.get(role, role)]

    def but(self, answer: Answer, *roles: str) -> Row:
        return replace(self, answers={**self.answers, **dict.fromkeys(roles, answer)})

    def posted(self) -> Row:
        return replace(self, method="POST")

    def shared(self) -> Row:
        """Say that the address is the same for every owner."""
        return replace(self, is_owned=False)

    def as_api(self) -> Row:
        """Say that programs are not sent to a sign-in page."""
        return self.but(FORBIDDEN, "anonymous", "machine")


def everybody(**parts: str) -> Row:
    return Row(dict.fromkeys(ROLES, SEEN), parts)


def signed_in(**parts: str) -> Row:
    return everybody(**parts).but(SIGN_IN, "anonymous", "machine")


def members(*may: str, strangers: Answer = HIDDEN, **parts: str) -> Row:
    """Keep it to the owning organization's people, or to some of their roles."""
    answers = dict.fromkeys(ROLES, strangers) | dict.fromkeys(MEMBERS, FORBIDDEN if may else SEEN)
    row = Row({**answers, **dict.fromkeys(may, SEEN)}, parts, is_owned=bool(parts))
    return row.but(SIGN_IN, "anonymous", "machine")


def staff(*may: str, others: Answer = FORBIDDEN, **parts: str) -> Row:
    answers = dict.fromkeys(ROLES, HIDDEN) | dict.fromkeys(STAFF, others if may else SEEN)
    row = Row({**answers, **dict.fromkeys(may, SEEN)}, parts)
    return row.but(SIGN_IN, "anonymous", "machine")


def customers(**parts: str) -> Row:
    answers = dict.fromkeys(ROLES, HIDDEN) | {"customer": SEEN}
    return Row(answers, parts, is_owned=True).but(SIGN_IN, "anonymous", "machine")


def nobody(**parts: str) -> Row:
    return Row(dict.fromkeys(ROLES, HIDDEN), parts)


VISITORS = everybody().but(AWAY, *(role for role in ROLES if role not in {"anonymous", "machine"}))
# An account's own page for a key or an app that this account does not have.
NOT_SET_UP = nobody().but(SIGN_IN, "anonymous", "machine")
# What a customer holds with others, of whom there are none here.
HELD_TOGETHER = nobody(slug="application").but(SIGN_IN, "anonymous", "machine")
MAKERS = ("owner", "organization_admin", "developer")
ADMINS = ("owner", "organization_admin")
OFFICERS = ("admin", "security")
APPLICATION = {"slug": "application"}
CREDENTIALS = {**APPLICATION, "environment": "environment"}
ACCESS = {**APPLICATION, "access_id": "access"}
REQUEST = {**APPLICATION, "number": "request"}
PARTNER = {"slug": "organization"}
MEMBER = {"membership_id": "membership"}
OFFER = {"offer_id": "offer", "answer": "offer_answer"}
DOMAIN = {"domain_id": "domain"}
INVITATION = {"invitation_id": "invitation"}
API = {"slug": "api"}
IMPORT = {"number": "import"}
SOURCE = {"source_id": "source"}
VERSION = {**API, "label": "label"}
OPERATION = {**VERSION, "op": "operation"}
ENDPOINT = {"endpoint_id": "endpoint"}
DELIVERY = {"message_id": "delivery"}
CHILD = {"link_id": "guardianship"}
CHILD_APP = {**CHILD, "slug": "childs_application"}
MAIL = {"message_id": "mail"}
EVIDENCE = {"public_id": "evidence"}
ANSWER = {"assignment_id": "assignment", "key": "answer_key"}
FINDING = {"number": "finding"}
RECEIPT = {"number": "receipt"}
DATA_REQUEST = {"number": "data_request"}
PAUSE = {"number": "pause"}
GUIDE = {"slug": "guide"}
WRITTEN = {**GUIDE, "number": "guide_revision"}
CAMPAIGN = {"campaign_id": "campaign"}
DATA_TASK = {"task_id": "data_task"}
ATTESTORS = (*MAKERS, "security_contact")
API_APPLICATION = (
    members(**APPLICATION).but(SEEN, *OFFICERS, "reviewer").but(HIDDEN, "catalog", "privacy")
).as_api()
API_IMPORT = (
    nobody(**IMPORT).but(FORBIDDEN, *STAFF, "anonymous", "machine").but(SEEN, "catalog", "admin")
)


def former_members(**parts: str) -> Row:
    """Show it to those whose organization has ended, which none of these is; its tests have one."""
    return nobody(**parts).but(SIGN_IN, "anonymous", "machine")


# A partner's file that none of these was asked to assess; its tests walk through one who was.
NOT_ASKED_TO_ASSESS = nobody(**PARTNER).but(SIGN_IN, "anonymous", "machine")


def support_case(**parts: str) -> Row:
    """Keep a case to the officer who opened it; its tests hide it from another one."""
    return staff("privacy", number="case", **parts)


WHO_SEES: dict[str, Row] = {
    # Everybody
    "": everybody(),
    "home/": signed_in().but(AWAY, *CUSTOMERS, *STAFF),
    "production/": members(),
    "help/": everybody(),
    "theme/": everybody().posted(),
    "language/": everybody().posted(),
    "verify/": everybody(),
    "receipts/jwks": everybody(),
    "receipts/schema/2.json": everybody(),
    "verify/<slug:number>/<slug:sha256>/": everybody(**RECEIPT, sha256="sha256"),
    "privacy/": everybody(),
    "privacy/<int:number>/": everybody(number="notice"),
    "problems/<slug:code>": everybody(code="problem"),
    "design/": nobody(),  # the gallery of components is for the demo
    ".well-known/api-catalog": everybody(),
    ".well-known/security.txt": everybody(),
    "llms.txt": everybody(),
    "healthz": everybody(),
    "readyz": everybody(),
    "metrics": nobody().but(SEEN, "machine"),
    "apis/search/": everybody(),
    "apis/": everybody(),
    "apis/index.md": everybody(),
    "apis/<slug:slug>.md": everybody(**API),
    "apis/<slug:slug>/<slug:label>.md": everybody(**VERSION),
    "apis/<slug:slug>/<slug:label>/<slug:op>.md": everybody(**OPERATION),
    "apis/<slug:slug>/": everybody(**API),
    "guides/": everybody(),
    "guides/index.md": everybody(),
    "guides/<slug:slug>.md": everybody(**GUIDE),
    "guides/<slug:slug>/": everybody(**GUIDE),
    "apis/<slug:slug>/status.md": everybody(**API),
    "apis/<slug:slug>/status/": everybody(**API),
    "apis/<slug:slug>/guides.md": everybody(**API),
    "apis/<slug:slug>/guides/": everybody(**API),
    "rules/": everybody(),
    "rules/<slug:code>/": everybody(code="rule"),
    "changes/": everybody(),
    "changes/index.md": everybody(),
    "changes/feed.atom": everybody(),
    "changes/sunsets.ics": everybody(),
    "changes/rules/": everybody(),
    "apis/<slug:slug>/changelog.md": everybody(**API),
    "apis/<slug:slug>/changelog/<int:number>.md": everybody(**API, number="entry"),
    "apis/<slug:slug>/changelog/": everybody(**API),
    "apis/<slug:slug>/changelog/feed.atom": everybody(**API),
    "apis/<slug:slug>/changelog/compare/": everybody(**API),
    "apis/<slug:slug>/changelog/<int:number>/": everybody(**API, number="entry"),
    "apis/<slug:slug>/<slug:label>/": everybody(**VERSION),
    "apis/<slug:slug>/<slug:label>/<slug:op>/": everybody(**OPERATION),
    "apis/<slug:slug>/<slug:label>/<slug:op>/try/": signed_in(**OPERATION),
    # Accounts
    "sign-up/": VISITORS,
    "sign-up/passkey/": VISITORS,
    "sign-in/": VISITORS,
    "accounts/profile/": signed_in(),
    "accounts/sign-out/": signed_in().but(AWAY, "anonymous", "machine"),
    "accounts/closed/": everybody(),
    "accounts/confirm/": signed_in(),
    "accounts/email/": signed_in(),
    "accounts/email/code/": VISITORS.but(SIGN_IN, "anonymous", "machine"),
    "accounts/password/": signed_in(),
    "accounts/password/set/": VISITORS.but(SIGN_IN, "anonymous", "machine"),
    "accounts/password/forgotten/": everybody(),
    "accounts/password/forgotten/sent/": everybody(),
    "accounts/password/new/done/": everybody(),
    "accounts/password/new/<uidb36>-<key>/": everybody(uidb36="uidb36", key="key"),
    "accounts/security/": signed_in(),
    "accounts/security/authenticate/": VISITORS.but(SIGN_IN, "anonymous", "machine"),
    "accounts/security/reauthenticate/": VISITORS.but(SIGN_IN, "anonymous", "machine"),
    "accounts/security/totp/activate/": signed_in(),
    "accounts/security/totp/deactivate/": NOT_SET_UP,
    "accounts/security/recovery-codes/": NOT_SET_UP,
    "accounts/security/recovery-codes/generate/": signed_in(),
    "accounts/security/recovery-codes/download/": NOT_SET_UP,
    "accounts/security/webauthn/": signed_in(),
    "accounts/security/webauthn/add/": signed_in(),
    "accounts/security/webauthn/reauthenticate/": VISITORS.but(SIGN_IN, "anonymous", "machine"),
    "accounts/security/webauthn/signup/": everybody().but(AWAY, *ROLES),
    "accounts/security/webauthn/keys/<int:pk>/remove/": replace(NOT_SET_UP, parts={"pk": "key_id"}),
    "accounts/security/webauthn/keys/<int:pk>/edit/": replace(NOT_SET_UP, parts={"pk": "key_id"}),
    "accounts/security/webauthn/login/": VISITORS.but(SIGN_IN, "anonymous", "machine"),
    "accounts/sessions/": signed_in(),
    # Partners
    "join/": signed_in().but(AWAY, *MEMBERS).but(FORBIDDEN, *CUSTOMERS, *STAFF),
    "endings/<slug:slug>/": former_members(**PARTNER),
    "first-call/": everybody().but(AWAY, *ROLES).but(SIGN_IN, "anonymous", "machine"),
    "first-call/start/": signed_in().but(FORBIDDEN, *CUSTOMERS, *STAFF).posted(),
    "organization/": nobody().but(SIGN_IN, "anonymous", "machine").posted(),
    "team/": members(),
    "team/<int:membership_id>/": members(*ADMINS, **MEMBER),
    # Of an owner, whom nobody removes.
    "team/<int:membership_id>/removal/": members(*ADMINS, **MEMBER).posted(),
    "team/leaving/": members(),
    "team/ownership/": members("owner"),
    "team/ownership/<int:offer_id>/<slug:answer>/": members("owner", **OFFER).posted(),
    "team/invitations/<int:invitation_id>/again/": members(*ADMINS, **INVITATION).posted(),
    "team/invitations/<int:invitation_id>/revocation/": members(*ADMINS, **INVITATION).posted(),
    "invitations/<slug:token>/": everybody(token="invitation_token"),
    "invitations/<slug:token>/answer/": signed_in(token="invitation_token")
    .but(FORBIDDEN, *(role for role in ROLES if role not in {"anonymous", "machine"}))
    .posted(),
    "settings/": members(),
    "settings/domains/": members(),
    "settings/domains/<int:domain_id>/proof/": members(*ADMINS, **DOMAIN).posted(),
    "settings/domains/<int:domain_id>/removal/": members(*ADMINS, **DOMAIN).posted(),
    "apps/": members(strangers=AWAY),
    "apps/new/": members(*MAKERS, strangers=AWAY),
    "registration-tokens/": members(strangers=AWAY),
    "registration-tokens/<int:number>/revoke/": members(
        "owner", "security_contact", number="initial_token"
    ).posted(),
    "apps/<slug:slug>/": members(**APPLICATION),
    "apps/<slug:slug>/redirects/": members(*MAKERS, **APPLICATION),
    "apps/<slug:slug>/scopes/": members(*MAKERS, **APPLICATION),
    "apps/<slug:slug>/close/": members(*MAKERS, **APPLICATION),
    "apps/<slug:slug>/<slug:environment>/keys/": members(**CREDENTIALS),
    "apps/<slug:slug>/<slug:environment>/sign-in/": members(**CREDENTIALS),
    "apps/<slug:slug>/<slug:environment>/cases/": members(**CREDENTIALS),
    "apps/<slug:slug>/<slug:environment>/credentials/": members(**CREDENTIALS),
    "apps/<slug:slug>/<slug:environment>/credentials/<int:number>/revoke/": members(
        *MAKERS, "security_contact", **CREDENTIALS, number="credential"
    ),
    "apps/<slug:slug>/log/": members(**APPLICATION),
    "agreements/": members(),
    "agreements/<slug:code>/": members(code="agreement").shared(),
    "apps/<slug:slug>/access/<int:access_id>/": members(**ACCESS),
    "apps/<slug:slug>/access/<int:access_id>/pause/": members(*ATTESTORS, **ACCESS).posted(),
    "apps/<slug:slug>/access/<int:access_id>/plan/": members(**ACCESS).posted(),
    "apps/<slug:slug>/requests/": members(**APPLICATION),
    "apps/<slug:slug>/requests/<slug:number>/": members(**REQUEST),
    "apps/<slug:slug>/requests/<slug:number>/withdrawal/": members(*MAKERS, **REQUEST).posted(),
    "security/": signed_in(),
    "security/<slug:code>/send/": members(code="questionnaire").shared(),
    "security/<slug:code>/newer/": nobody(code="questionnaire").but(
        SIGN_IN, "anonymous", "machine"
    ),
    "security/<slug:code>/helpers/": members(code="questionnaire").shared(),
    "security/<slug:code>/library/": members(code="questionnaire").shared(),
    "security/<slug:code>/library/caiq/": members(code="questionnaire").shared().posted(),
    "security/<slug:code>/renew/": members("owner", "security_contact", code="questionnaire")
    .shared()
    .posted(),
    "security/sent/<int:number>/<slug:form>/": members(number="submission", form="form").but(
        SEEN, *OFFICERS, "reviewer"
    ),
    "security/<slug:code>/<slug:section>/": members(
        code="questionnaire", section="section"
    ).shared(),
    "files/": members(),
    "files/<uuid:public_id>/": members(**EVIDENCE),
    "files/<uuid:public_id>/download/": members(*ATTESTORS, **EVIDENCE).but(
        SEEN, *OFFICERS, "reviewer"
    ),
    "files/<uuid:public_id>/removal/": members(*ATTESTORS, **EVIDENCE),
    "answers/": members(),
    "answers/<int:assignment_id>/<slug:key>/": members(**ANSWER),
    "findings/": members(),
    "findings/<int:number>/": members(**FINDING),
    "assess/": signed_in(),
    "assess/<slug:slug>/": NOT_ASKED_TO_ASSESS,
    "assess/<slug:slug>/<uuid:public_id>/download/": replace(
        NOT_ASKED_TO_ASSESS, parts={**PARTNER, **EVIDENCE}
    ),
    "webhooks/": members(),
    "webhooks/new/": members(*MAKERS),
    "webhooks/<int:endpoint_id>/": members(**ENDPOINT),
    "webhooks/<int:endpoint_id>/secret/": members(*MAKERS, **ENDPOINT).posted(),
    "webhooks/<int:endpoint_id>/test/": members(*MAKERS, **ENDPOINT).posted(),
    "webhooks/<int:endpoint_id>/switch/": members(*MAKERS, **ENDPOINT).posted(),
    "webhooks/<int:endpoint_id>/remove/": members(*MAKERS, **ENDPOINT),
    "webhooks/messages/<int:message_id>/": members(**DELIVERY),
    "webhooks/messages/<int:message_id>/again/": members(*MAKERS, **DELIVERY).posted(),
    "data-tasks/": members(),
    "data-tasks/<uuid:task_id>/": members(**DATA_TASK),
    "data-tasks/<uuid:task_id>/acknowledgement/": members(*ATTESTORS, **DATA_TASK).posted(),
    "usage/": members(strangers=AWAY),
    "ends/": members(strangers=AWAY),
    "ends/<slug:slug>/<int:number>/acknowledgement/": members(
        *MAKERS, **APPLICATION, number="ending"
    ).posted(),
    "notices/": signed_in(),
    "notices/read/": signed_in().posted(),
    "notices/preference/": signed_in().posted(),
    # Staff
    "console/questionnaires/": staff(*OFFICERS, "reviewer"),
    "console/questionnaires/ask/": staff(*OFFICERS).posted(),
    "console/questionnaires/<int:number>/": staff(*OFFICERS, "reviewer", number="draft"),
    "console/questionnaires/<int:number>/publication/": staff(*OFFICERS, number="draft").posted(),
    "console/questionnaires/<int:number>/removal/": staff(
        *OFFICERS, "reviewer", number="draft"
    ).posted(),
    "console/": staff(),
    "console/decisions/": staff(*OFFICERS, "reviewer").posted(),
    "console/reviews/<slug:number>/": staff(*OFFICERS, "reviewer", number="review"),
    "console/partners/": staff(),
    "console/partners/<slug:slug>/": staff(
        *OFFICERS, "reviewer", "privacy", others=HIDDEN, **PARTNER
    ),
    "console/agreements/": staff(),
    "console/access/<int:access_id>/": staff(
        *OFFICERS, "reviewer", others=HIDDEN, access_id="access"
    ),
    "console/access/<int:access_id>/pause/": staff(*OFFICERS, access_id="access").posted(),
    "console/access/<int:access_id>/end/": staff(*OFFICERS, access_id="access").posted(),
    "console/access/<int:access_id>/conditions/<slug:kind>/": staff(
        *OFFICERS, "reviewer", access_id="access", kind="condition"
    ).posted(),
    "console/partners/<slug:slug>/ending/": staff(*OFFICERS, **PARTNER).but(HIDDEN, "catalog"),
    "console/partners/<slug:slug>/suspension/": staff(*OFFICERS, **PARTNER).posted(),
    "console/partners/<slug:slug>/reinstatement/": staff(*OFFICERS, **PARTNER).posted(),
    "console/applications/": staff(),
    "console/applications/<slug:slug>/": staff(*OFFICERS, "reviewer", others=HIDDEN, **APPLICATION),
    "console/applications/<slug:slug>/reinstatement/": staff(*OFFICERS, **APPLICATION).posted(),
    "console/answers/<int:assignment_id>/<slug:key>/": staff(*OFFICERS, "reviewer", **ANSWER),
    "console/threads/<int:thread_id>/resolution/": staff(
        *OFFICERS, "reviewer", thread_id="thread"
    ).posted(),
    "console/findings/": staff(*OFFICERS, "reviewer"),
    "console/findings/<int:number>/": staff(*OFFICERS, "reviewer", **FINDING),
    "console/findings/<int:number>/closing/": staff(*OFFICERS, "reviewer", **FINDING).posted(),
    "console/findings/<int:number>/acceptance/": staff("security", **FINDING).posted(),
    "console/assessors/": staff(*OFFICERS),
    "console/assessors/<int:number>/ending/": staff(*OFFICERS, number="engagement").posted(),
    "console/files/": staff(*OFFICERS, "reviewer"),
    "console/files/<uuid:public_id>/scan/": staff(*OFFICERS, **EVIDENCE).posted(),
    "console/apis/": staff("catalog", "admin"),
    "console/apis/import/": staff("catalog", "admin"),
    "console/apis/import/jobs/": staff("catalog", "admin"),
    "console/apis/import/jobs/<uuid:number>/": staff("catalog", "admin", **IMPORT),
    "console/apis/import/jobs/<uuid:number>/cancel/": staff("catalog", "admin", **IMPORT).posted(),
    "console/apis/import/jobs/<uuid:number>/again/": staff("catalog", "admin", **IMPORT).posted(),
    "console/apis/import/sources/": staff("catalog", "admin"),
    "console/apis/import/sources/new/": staff("catalog", "admin"),
    "console/apis/import/sources/<int:source_id>/": staff("catalog", "admin", **SOURCE),
    "console/apis/import/sources/<int:source_id>/<slug:what>/": staff(
        "catalog", "admin", **SOURCE, what="source_move"
    ).posted(),
    "console/apis/<slug:slug>/": staff("catalog", "admin", **API),
    "console/apis/<slug:slug>/<slug:label>/publish/": staff("catalog", "admin", **VERSION).posted(),
    "console/impact/": staff(),
    "console/impact/<slug:slug>/<slug:label>/": staff(**VERSION),
    "console/impact/<slug:slug>/<slug:label>/open/": staff("catalog", "admin", **VERSION).posted(),
    "console/impact/<slug:slug>/<slug:label>/opinion/": staff("privacy", **VERSION).posted(),
    "console/searches/": staff("admin", "catalog"),
    "console/scorecards/": staff(),
    "console/scorecards/<slug:slug>/<slug:label>/": staff(**VERSION),
    "console/apis/new/": staff("catalog", "admin"),
    "console/rules/": staff("catalog", "admin"),
    "console/rules/<slug:code>/change/": staff("catalog", "admin", code="rule"),
    "console/rules/<int:override_id>/restore/": staff(
        "catalog", "admin", override_id="override"
    ).posted(),
    "console/changes/<slug:slug>/<slug:label>/end/": staff("catalog", "admin", **VERSION),
    "console/ends/": staff("catalog", "admin"),
    "console/ends/<int:number>/": staff("catalog", "admin", number="ending"),
    "console/changes/": staff("catalog", "admin"),
    "console/changes/<int:number>/": staff("catalog", "admin", number="entry"),
    "console/guides/": staff("catalog", "admin"),
    "console/guides/new/": staff("catalog", "admin"),
    "console/guides/<slug:slug>/edit/": staff("catalog", "admin", **GUIDE),
    "console/guides/<slug:slug>/publication/": staff("catalog", "admin", **GUIDE).posted(),
    "console/guides/<slug:slug>/withdrawal/": staff("catalog", "admin", **GUIDE).posted(),
    "console/guides/<slug:slug>/history/": staff("catalog", "admin", **GUIDE),
    "console/guides/<slug:slug>/history/<int:number>/": staff("catalog", "admin", **WRITTEN),
    "console/guides/<slug:slug>/history/<int:number>/restoration/": staff(
        "catalog", "admin", **WRITTEN
    ).posted(),
    "console/gaps/": staff(),
    "console/register/": staff(),
    "console/register/gateways/": staff(),
    "console/register/apis/<slug:slug>/": staff(**API),
    "console/register/apis/<slug:slug>/service/": staff("catalog", "admin", **API).posted(),
    "console/register/apis/<slug:slug>/audience/": staff("catalog", "admin", **API).posted(),
    "console/register/apis/<slug:slug>/owner/": staff("catalog", "admin", **API).posted(),
    "console/register/apis/<slug:slug>/deployments/": staff("catalog", "admin", **API).posted(),
    "console/register/apis/<slug:slug>/deployments/<int:deployment_id>/removal/": staff(
        "catalog", "admin", **API, deployment_id="deployment"
    ).posted(),
    "console/register/apis/<slug:slug>/<slug:label>/operations/": staff(
        "catalog", "admin", **VERSION
    ).posted(),
    "console/audit/": staff(*OFFICERS, "privacy"),
    "console/audit/export/": staff(*OFFICERS, "privacy"),
    "console/outbox/": staff(*OFFICERS),
    "console/outbox/<int:message_id>/": staff(*OFFICERS, **MAIL),
    "console/outbox/<int:message_id>/again/": staff(*OFFICERS, **MAIL).posted(),
    "console/privacy/": staff("privacy"),
    "console/campaigns/": staff("privacy"),
    "console/campaigns/new/": staff("privacy"),
    "console/campaigns/<int:campaign_id>/": staff("privacy", **CAMPAIGN),
    "console/campaigns/<int:campaign_id>/start/": staff("privacy", **CAMPAIGN).posted(),
    "console/campaigns/<int:campaign_id>/cancel/": staff("privacy", **CAMPAIGN).posted(),
    "console/support/": staff("privacy"),
    "console/support/<slug:number>/": support_case(),
    "console/support/<slug:number>/apps/<slug:slug>/stop/": support_case(**APPLICATION).posted(),
    "console/support/<slug:number>/apps/<slug:slug>/leave-out/": support_case(
        **APPLICATION
    ).posted(),
    "console/support/<slug:number>/birth-date/": support_case().posted(),
    "console/support/<slug:number>/guardians/": support_case().posted(),
    # The case is the guardian's own: a link is ended in the case of the child.
    "console/support/<slug:number>/guardians/<uuid:link_id>/end/": (
        support_case(**CHILD).but(HIDDEN, "privacy").posted()
    ),
    "console/rights/": staff("privacy"),
    "console/rights/holds/": staff("privacy").posted(),
    "console/rights/holds/<int:hold_id>/release/": staff("privacy", hold_id="hold").posted(),
    "console/rights/<slug:number>/": staff("privacy", **DATA_REQUEST),
    "console/rights/<slug:number>/extension/": staff("privacy", **DATA_REQUEST).posted(),
    "console/rights/<slug:number>/pause/": staff("privacy", **DATA_REQUEST).posted(),
    # A pause that its person set is not staff's to end.
    "console/rights/<slug:number>/lifting/": staff(**PAUSE).but(FORBIDDEN, *STAFF).posted(),
    # Customers; who is none reads on the pages without an id that there is nothing of theirs here
    "me/apps/": signed_in(),
    "me/apps/stop-all/": signed_in(),
    "me/apps/<slug:slug>/log/": customers(**APPLICATION),
    "me/apps/<slug:slug>/log.csv": customers(**APPLICATION),
    "me/apps/<slug:slug>/": customers(**APPLICATION),
    "me/apps/<slug:slug>/change/": customers(**APPLICATION),
    "me/apps/<slug:slug>/drop/": customers(**APPLICATION).posted(),
    "me/apps/<slug:slug>/end/": customers(**APPLICATION).posted(),
    "me/apps/<slug:slug>/pause/": customers(**APPLICATION).posted(),
    "me/apps/<slug:slug>/resume/": customers(**APPLICATION).posted(),
    "me/apps/<slug:slug>/stop/": customers(**APPLICATION),
    "me/children/": signed_in(),
    "me/children/<uuid:link_id>/": customers(**CHILD),
    "me/children/<uuid:link_id>/questions/<uuid:approval_id>/": customers(
        **CHILD, approval_id="approval"
    ),
    "me/children/<uuid:link_id>/apps/<slug:slug>/": customers(**CHILD_APP),
    "me/children/<uuid:link_id>/apps/<slug:slug>/stop/": customers(**CHILD_APP),
    "me/children/<uuid:link_id>/apps/<slug:slug>/confirm/": customers(**CHILD_APP).posted(),
    "me/children/<uuid:link_id>/stop-all/": customers(**CHILD),
    "me/joint/<slug:slug>/stop/": HELD_TOGETHER,
    "me/joint/<slug:slug>/allow/": HELD_TOGETHER.posted(),
    "me/reminders/": signed_in(),
    "me/history/": signed_in(),
    "me/receipts/<slug:number>.json": customers(**RECEIPT),
    "me/receipts/<slug:number>/": customers(**RECEIPT),
    "me/receipts/<slug:number>.pdf": customers(**RECEIPT),
    "me/receipts/<slug:number>.jws": customers(**RECEIPT),
    "me/receipts/<slug:number>/signature/": customers(**RECEIPT).posted(),
    "me/data/": signed_in(),
    "me/data/export.json": signed_in(),
    "me/rights/": signed_in(),
    "me/rights/new/<slug:kind>/": signed_in(kind="right"),
    "me/rights/close/": signed_in(),
    "me/rights/deletion/<slug:slug>/": customers(**APPLICATION),
    "me/rights/files/<str:token>/": customers(token="copy_token"),
    "me/rights/<slug:number>/": customers(**DATA_REQUEST),
    "me/rights/<slug:number>/cancel/": customers(**DATA_REQUEST).posted(),
    "me/rights/<slug:number>/lift/": customers(**PAUSE).posted(),
    "device/": signed_in(),
    "device/answered/": signed_in(),
    # Machines: what each asks for stands in the tests beside this table
    "oauth/authorize": signed_in().but(FORBIDDEN, "newcomer", *MEMBERS, *STAFF),
    "oauth/par": everybody().posted(),
    "oauth/token": everybody().posted(),
    "oauth/device_authorization": everybody().posted(),
    "oauth/introspect": everybody().posted(),
    "oauth/revoke": everybody().posted(),
    # Both want a token of their own kind, and nobody here has one.
    "oauth/register": nobody().but(FORBIDDEN, *ROLES).posted(),
    "oauth/register/<slug:client_id>": nobody(client_id="client_id").but(FORBIDDEN, *ROLES),
    "oauth/jwks": everybody(),
    "oauth/grants/<uuid:grant_id>": nobody(grant_id="arrangement").but(FORBIDDEN, *ROLES),
    "oauth/signals": nobody().but(FORBIDDEN, *ROLES),
    "oauth/signals/poll": nobody().but(FORBIDDEN, *ROLES).posted(),
    "oauth/userinfo": nobody().but(FORBIDDEN, *ROLES),  # a token opens it, nobody's session
    "oauth/logout": everybody(),
    "oauth/logout/confirm": everybody().posted(),
    ".well-known/oauth-authorization-server": everybody(),
    ".well-known/openid-configuration": everybody(),
    ".well-known/oauth-protected-resource": everybody(),
    ".well-known/oauth-protected-resource/<path:path>": everybody(path="gateway"),
    "gateway/nginx": nobody().but(FORBIDDEN, *ROLES),
    "sandbox/<slug:api_slug>/<slug:version>/<path:rest>": nobody(
        api_slug="api", version="label", rest="path"
    ).but(FORBIDDEN, *ROLES),
    "api/v1/schema": everybody(),
    "api/v1/docs": everybody(),
    "api/v1/apis": everybody(),
    "api/v1/apis/<slug:slug>": everybody(**API),
    "api/v1/apis/<slug:slug>/versions/<slug:label>/operations": everybody(**VERSION),
    "api/v1/gaps": nobody().but(FORBIDDEN, *ROLES).but(SEEN, *STAFF),
    "api/v1/lint": nobody().but(FORBIDDEN, *ROLES).but(SEEN, "catalog", "admin").posted(),
    "api/v1/specs": nobody().but(FORBIDDEN, *ROLES).but(SEEN, "catalog", "admin").posted(),
    "api/v1/specs/<int:revision_id>": nobody(revision_id="revision")
    .but(FORBIDDEN, *STAFF, "anonymous", "machine")
    .but(SEEN, "catalog", "admin"),
    "api/v1/imports/<uuid:number>": API_IMPORT,
    "api/v1/imports/<uuid:number>/cancellation": API_IMPORT.posted(),
    "api/v1/files": signed_in().as_api(),
    "api/v1/files/<uuid:public_id>": members(**EVIDENCE).but(SEEN, *OFFICERS, "reviewer").as_api(),
    "api/v1/files/<uuid:public_id>/content": members(*ATTESTORS, **EVIDENCE)
    .but(SEEN, *OFFICERS, "reviewer")
    .as_api(),
    "api/v1/assignments/<int:number>/answers/<slug:key>": replace(
        members(*ATTESTORS, number="assignment", key="answer_key")
        .but(FORBIDDEN, *OFFICERS, "reviewer")
        .as_api(),
        method="PATCH",
    ),
    "api/v1/applications": signed_in().as_api(),
    "api/v1/applications/<slug:slug>": API_APPLICATION,
    "api/v1/applications/<slug:slug>/suspension": API_APPLICATION.but(
        FORBIDDEN, *MEMBERS, "reviewer"
    ).posted(),
    "api/v1/applications/<slug:slug>/credentials": API_APPLICATION.but(
        FORBIDDEN, *MEMBERS, *OFFICERS, "reviewer"
    )
    .but(SEEN, *MAKERS)
    .posted(),
    "api/v1/applications/<slug:slug>/clients/<slug:environment>/keys": replace(
        API_APPLICATION.but(FORBIDDEN, *MEMBERS, *OFFICERS, "reviewer").but(SEEN, *MAKERS),
        parts=CREDENTIALS,
        method="PUT",
    ),
    **dict.fromkeys(
        (
            "api/v1/applications/<slug:slug>/clients/<slug:environment>/sign-in",
            "api/v1/applications/<slug:slug>/clients/<slug:environment>/authorization-details-types",
        ),
        replace(
            API_APPLICATION.but(FORBIDDEN, *MEMBERS, *OFFICERS, "reviewer").but(SEEN, *MAKERS),
            parts=CREDENTIALS,
            method="PUT",
        ),
    ),
    "api/v1/applications/<slug:slug>/access-requests": API_APPLICATION,
    "api/v1/data-tasks": signed_in().as_api(),
    "api/v1/data-tasks/<uuid:task_id>": members(**DATA_TASK).as_api(),
    "api/v1/data-tasks/<uuid:task_id>/acknowledgement": members(*ATTESTORS, **DATA_TASK)
    .as_api()
    .posted(),
    "api/v1/data-tasks/<uuid:task_id>/attestation": members(*ATTESTORS, **DATA_TASK)
    .as_api()
    .posted(),
    "api/v1/me/arrangements": signed_in().as_api(),
    "api/v1/me/arrangements/<uuid:arrangement_id>/withdrawal": customers(
        arrangement_id="arrangement"
    )
    .as_api()
    .posted(),
}
