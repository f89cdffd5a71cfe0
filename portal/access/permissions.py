"""The access matrix: every permission, and the roles that carry it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.access.actors import STAFF_ROLES, Actor, Role
from portal.errors import NotAllowed


class Permission(StrEnum):
    # Catalog
    IMPORT_SPEC = "spec:import"
    PUBLISH_VERSION = "version:publish"
    DESCRIBE_API = "api:describe"
    OVERRIDE_RULE = "rule:override"
    ASSESS_IMPACT = "impact:assess"
    JUDGE_IMPACT = "impact:judge"
    READ_GAPS = "gaps:read"
    READ_SEARCHES = "searches:read"
    DRAFT_CHANGE = "change:draft"
    EDIT_CHANGE = "change:edit"
    PUBLISH_CHANGE = "change:publish"
    ANNOUNCE_DEPRECATION = "deprecation:announce"
    WRITE_GUIDE = "guide:write"
    PUBLISH_GUIDE = "guide:publish"
    # Partners
    JOIN = "organization:join"
    MANAGE_MEMBERS = "organization:manage_members"
    PLACE_MEMBER = "organization:place_member"
    TRANSFER_OWNERSHIP = "organization:transfer"
    PROVE_DOMAIN = "organization:prove_domain"
    SET_SIGN_IN = "organization:set_sign_in"
    CHANGE_ORGANIZATION = "organization:change"
    SUSPEND_ORGANIZATION = "organization:suspend"
    END_RELATIONSHIP = "organization:end"
    CARRY_OUT_END = "ending:carry_out"
    ATTEST_RETURN = "return:attest"
    DRAFT_QUESTIONNAIRE = "questionnaire:draft"
    PUBLISH_QUESTIONNAIRE = "questionnaire:publish"
    ASSIGN_QUESTIONNAIRE = "questionnaire:assign"
    ANSWER_QUESTIONNAIRE = "questionnaire:answer"
    SUBMIT_QUESTIONNAIRE = "questionnaire:submit"
    UPLOAD_EVIDENCE = "evidence:upload"
    READ_EVIDENCE = "evidence:read"
    SCAN_EVIDENCE = "evidence:scan_again"
    ACCEPT_RISK = "risk:accept"
    ENGAGE_ASSESSOR = "assessor:engage"
    REGISTER_APPLICATION = "application:register"
    CHANGE_APPLICATION = "application:change"
    SUSPEND_APPLICATION = "application:suspend"
    ISSUE_CREDENTIAL = "credential:issue"
    REVOKE_CREDENTIAL = "credential:revoke"
    SET_CLIENT_KEYS = "client:rekey"
    CHOOSE_PROFILE = "profile:choose"
    TRY_SANDBOX = "sandbox:try"
    REQUEST_ACCESS = "access:request"
    ACKNOWLEDGE_END = "end:acknowledge"
    PUBLISH_AGREEMENT = "agreement:publish"
    ACCEPT_AGREEMENT = "agreement:accept"
    PAUSE_ACCESS = "access:pause"
    REVOKE_ACCESS = "access:revoke"
    MANAGE_WEBHOOKS = "webhook:manage"
    OPEN_REVIEW = "review:open"
    REVIEW = "review:vote"
    REVIEW_SECURITY = "review:vote_security"
    # Consent
    GIVE_CONSENT = "consent:give"
    WITHDRAW_CONSENT = "consent:withdraw"
    CHOOSE_REMINDERS = "consent:reminders"
    REVOKE_CONSENT = "consent:revoke"
    ACT_FOR_CUSTOMER = "consent:act_for_customer"
    DECIDE_WITH_CHILD = "child:decide_with"
    KEEP_GUARDIANSHIPS = "guardianship:keep"
    CHANGE_BIRTH_DATE = "birth_date:change"
    PUBLISH_NOTICE = "notice:publish"
    ASK_AGAIN = "consent:ask_again"
    ALLOW_REGISTRATION = "registration:allow"
    STOP_REGISTRATION = "registration:stop"
    EXERCISE_RIGHTS = "rights:exercise"
    ANSWER_RIGHTS = "rights:answer"
    HOLD_RECORDS = "records:hold"
    ATTEST_TASK = "data_task:attest"
    # Oversight
    ROTATE_KEY = "key:rotate"
    COMPROMISE_KEY = "key:compromise"
    READ_AUDIT = "audit:read"
    READ_OUTBOX = "outbox:read"
    RUN_JOBS = "jobs:run"
    MANAGE_STAFF = "staff:manage"


CARRIED_BY: Mapping[Permission, frozenset[Role]] = {
    Permission.IMPORT_SPEC: frozenset({Role.CATALOG, Role.ADMIN, Role.SYSTEM}),
    Permission.PUBLISH_VERSION: frozenset({Role.CATALOG, Role.ADMIN, Role.SYSTEM}),
    Permission.DESCRIBE_API: frozenset({Role.CATALOG, Role.ADMIN, Role.SYSTEM}),
    Permission.OVERRIDE_RULE: frozenset({Role.CATALOG, Role.ADMIN}),
    Permission.ASSESS_IMPACT: frozenset({Role.CATALOG, Role.ADMIN}),
    Permission.JUDGE_IMPACT: frozenset({Role.PRIVACY}),
    Permission.READ_GAPS: STAFF_ROLES,
    Permission.READ_SEARCHES: frozenset({Role.CATALOG, Role.ADMIN}),
    Permission.DRAFT_CHANGE: frozenset({Role.SYSTEM}),
    Permission.EDIT_CHANGE: frozenset({Role.CATALOG, Role.ADMIN}),
    Permission.PUBLISH_CHANGE: frozenset({Role.CATALOG, Role.ADMIN, Role.SYSTEM}),
    Permission.ANNOUNCE_DEPRECATION: frozenset({Role.CATALOG, Role.ADMIN}),
    Permission.WRITE_GUIDE: frozenset({Role.CATALOG, Role.ADMIN}),
    Permission.PUBLISH_GUIDE: frozenset({Role.CATALOG, Role.ADMIN}),
    Permission.JOIN: frozenset({Role.CUSTOMER}),
    Permission.MANAGE_MEMBERS: frozenset({Role.OWNER, Role.ORGANIZATION_ADMIN}),
    # Without asking the person: for whoever declares what a whole portal holds.
    Permission.PLACE_MEMBER: frozenset({Role.SYSTEM}),
    Permission.TRANSFER_OWNERSHIP: frozenset({Role.OWNER}),
    Permission.PROVE_DOMAIN: frozenset({Role.OWNER, Role.ORGANIZATION_ADMIN}),
    # Whoever names the place where people sign in could sign in as any of them.
    Permission.SET_SIGN_IN: frozenset({Role.OWNER}),
    Permission.CHANGE_ORGANIZATION: frozenset({Role.OWNER, Role.ORGANIZATION_ADMIN}),
    Permission.SUSPEND_ORGANIZATION: frozenset({Role.ADMIN, Role.SECURITY}),
    Permission.END_RELATIONSHIP: frozenset({Role.ADMIN, Role.SECURITY}),
    Permission.CARRY_OUT_END: frozenset({Role.SYSTEM}),
    Permission.ATTEST_RETURN: frozenset({Role.OWNER, Role.SECURITY_CONTACT, Role.SIGNER}),
    Permission.DRAFT_QUESTIONNAIRE: frozenset({Role.ADMIN, Role.REVIEWER, Role.SECURITY}),
    Permission.PUBLISH_QUESTIONNAIRE: frozenset({Role.ADMIN, Role.SECURITY, Role.SYSTEM}),
    Permission.ASSIGN_QUESTIONNAIRE: frozenset({Role.ADMIN, Role.SECURITY, Role.SYSTEM}),
    Permission.ANSWER_QUESTIONNAIRE: frozenset(
        {Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER, Role.SECURITY_CONTACT}
    ),
    Permission.SUBMIT_QUESTIONNAIRE: frozenset({Role.OWNER, Role.SECURITY_CONTACT}),
    Permission.UPLOAD_EVIDENCE: frozenset(
        {Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER, Role.SECURITY_CONTACT}
    ),
    Permission.READ_EVIDENCE: frozenset(
        {
            Role.OWNER,
            Role.ORGANIZATION_ADMIN,
            Role.DEVELOPER,
            Role.SECURITY_CONTACT,
            Role.ASSESSOR,
            Role.REVIEWER,
            Role.SECURITY,
            Role.ADMIN,
        }
    ),
    Permission.SCAN_EVIDENCE: frozenset({Role.SECURITY, Role.ADMIN}),
    Permission.ACCEPT_RISK: frozenset({Role.SECURITY}),
    Permission.ENGAGE_ASSESSOR: frozenset({Role.SECURITY, Role.ADMIN}),
    Permission.REGISTER_APPLICATION: frozenset(
        {Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER}
    ),
    Permission.CHANGE_APPLICATION: frozenset({Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER}),
    Permission.SUSPEND_APPLICATION: frozenset({Role.ADMIN, Role.SECURITY}),
    Permission.ISSUE_CREDENTIAL: frozenset({Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER}),
    Permission.REVOKE_CREDENTIAL: frozenset(
        {Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER, Role.SECURITY_CONTACT, Role.SECURITY}
    ),
    Permission.SET_CLIENT_KEYS: frozenset({Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER}),
    Permission.CHOOSE_PROFILE: frozenset({Role.REVIEWER, Role.SECURITY, Role.ADMIN}),
    Permission.TRY_SANDBOX: frozenset({Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER}),
    Permission.REQUEST_ACCESS: frozenset({Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER}),
    Permission.ACKNOWLEDGE_END: frozenset({Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER}),
    Permission.PAUSE_ACCESS: frozenset(
        {Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER, Role.SECURITY_CONTACT}
    ),
    Permission.PUBLISH_AGREEMENT: frozenset({Role.ADMIN, Role.SYSTEM}),
    Permission.ACCEPT_AGREEMENT: frozenset({Role.OWNER, Role.SIGNER}),
    Permission.REVOKE_ACCESS: frozenset({Role.ADMIN, Role.SECURITY, Role.SYSTEM}),
    Permission.MANAGE_WEBHOOKS: frozenset({Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER}),
    Permission.OPEN_REVIEW: frozenset({Role.SYSTEM}),
    Permission.REVIEW: frozenset({Role.REVIEWER, Role.SECURITY, Role.ADMIN}),
    Permission.REVIEW_SECURITY: frozenset({Role.SECURITY}),
    Permission.GIVE_CONSENT: frozenset({Role.CUSTOMER}),
    Permission.WITHDRAW_CONSENT: frozenset({Role.CUSTOMER}),
    Permission.CHOOSE_REMINDERS: frozenset({Role.CUSTOMER}),
    Permission.REVOKE_CONSENT: frozenset({Role.PRIVACY, Role.SECURITY}),
    Permission.ACT_FOR_CUSTOMER: frozenset({Role.PRIVACY}),
    Permission.DECIDE_WITH_CHILD: frozenset({Role.CUSTOMER}),
    Permission.KEEP_GUARDIANSHIPS: frozenset({Role.PRIVACY}),
    Permission.CHANGE_BIRTH_DATE: frozenset({Role.PRIVACY}),
    Permission.PUBLISH_NOTICE: frozenset({Role.PRIVACY, Role.SYSTEM}),
    Permission.ASK_AGAIN: frozenset({Role.PRIVACY, Role.SYSTEM}),
    Permission.ALLOW_REGISTRATION: frozenset({Role.OWNER}),
    Permission.STOP_REGISTRATION: frozenset({Role.OWNER, Role.SECURITY_CONTACT}),
    Permission.EXERCISE_RIGHTS: frozenset({Role.CUSTOMER}),
    Permission.ANSWER_RIGHTS: frozenset({Role.PRIVACY}),
    Permission.HOLD_RECORDS: frozenset({Role.PRIVACY}),
    Permission.ATTEST_TASK: frozenset(
        {Role.OWNER, Role.ORGANIZATION_ADMIN, Role.DEVELOPER, Role.SECURITY_CONTACT}
    ),
    Permission.ROTATE_KEY: frozenset({Role.ADMIN, Role.SECURITY, Role.SYSTEM}),
    Permission.COMPROMISE_KEY: frozenset({Role.ADMIN, Role.SECURITY, Role.SYSTEM}),
    Permission.READ_AUDIT: frozenset({Role.ADMIN, Role.SECURITY, Role.PRIVACY}),
    Permission.READ_OUTBOX: frozenset({Role.ADMIN, Role.SECURITY}),
    Permission.MANAGE_STAFF: frozenset({Role.ADMIN, Role.SYSTEM}),
    Permission.RUN_JOBS: frozenset({Role.ADMIN, Role.SYSTEM}),
}


def allows(
    actor: Actor,
    permission: Permission,
    *,
    organization_id: int | None = None,
    person_id: int | None = None,
) -> bool:
    held = actor.roles_over(organization_id=organization_id, person_id=person_id)
    return not CARRIED_BY[permission].isdisjoint(held)


def require(
    actor: Actor,
    permission: Permission,
    *,
    organization_id: int | None = None,
    person_id: int | None = None,
) -> None:
    """Raise `NotAllowed` unless a role of the actor over that owner carries the permission."""
    if not allows(actor, permission, organization_id=organization_id, person_id=person_id):
        thing, _, verb = permission.value.partition(":")
        raise NotAllowed(f"{actor.name} may not {verb.replace('_', ' ')} this {thing}.")
