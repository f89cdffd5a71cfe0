from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.gateway.decision import (
    RULES,
    ConsentFacts,
    Facts,
    Possession,
    Presented,
    Reason,
    TokenFacts,
    decide,
)
from consent.gateway.wording import TITLES

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TOKEN = TokenFacts(
    expires_at=NOON + SECOND,
    is_revoked=False,
    scopes=frozenset({"rx:read", "x"}),
    possession=Possession.HELD,
)
CONSENT = ConsentFacts(
    status="active",
    ends_at=NOON + SECOND,
    is_same_epoch=True,
    scopes=frozenset({"rx:read"}),
    customer_is_active=True,
)
PASSING = Facts(
    at=NOON,
    needed=frozenset({"rx:read"}),
    consentable=frozenset({"rx:read"}),
    presented=Presented.HEADER,
    token=TOKEN,
    client_is_live=True,
    granted=frozenset({"rx:read"}),
    consent=CONSENT,
    sunset_at=NOON + SECOND,
)
# One wrong fact each, in the order in which the rules look.
WRONG = [
    ({"needed": None}, Reason.OPERATION_UNKNOWN),
    ({"sunset_at": NOON}, Reason.VERSION_SUNSET),
    ({"presented": Presented.NOTHING}, Reason.TOKEN_MISSING),
    ({"presented": Presented.TWICE}, Reason.TOKEN_DUPLICATE),
    ({"presented": Presented.QUERY}, Reason.TOKEN_IN_QUERY),
    ({"token": None}, Reason.TOKEN_UNKNOWN),
    ({"token": replace(TOKEN, possession=Possession.MISSING)}, Reason.PROOF_MISSING),
    ({"token": replace(TOKEN, possession=Possession.INVALID)}, Reason.PROOF_INVALID),
    ({"token": replace(TOKEN, possession=Possession.UNCHECKED)}, Reason.PROOF_UNCHECKED),
    ({"consent": replace(CONSENT, status="withdrawn")}, Reason.CONSENT_WITHDRAWN),
    ({"consent": replace(CONSENT, status="revoked")}, Reason.CONSENT_REVOKED),
    ({"consent": replace(CONSENT, status="expired")}, Reason.CONSENT_EXPIRED),
    ({"consent": replace(CONSENT, status="invalidated")}, Reason.CONSENT_INVALIDATED),
    ({"consent": replace(CONSENT, ends_at=NOON)}, Reason.CONSENT_EXPIRED),
    ({"token": replace(TOKEN, is_revoked=True)}, Reason.TOKEN_REVOKED),
    ({"token": replace(TOKEN, expires_at=NOON)}, Reason.TOKEN_EXPIRED),
    ({"token": replace(TOKEN, is_for_this_api=False)}, Reason.AUDIENCE_MISMATCH),
    ({"client_is_live": False}, Reason.APPLICATION_INACTIVE),
    ({"granted": None}, Reason.SUBSCRIPTION_MISSING),
    ({"granted": frozenset()}, Reason.SCOPE_MISSING),
    ({"token": replace(TOKEN, scopes=frozenset({"x"}))}, Reason.SCOPE_MISSING),
    ({"consent": None}, Reason.CUSTOMER_MISSING),
    ({"consent": replace(CONSENT, customer_is_active=False)}, Reason.CUSTOMER_INACTIVE),
    ({"consent": replace(CONSENT, is_same_epoch=False)}, Reason.CONSENT_SUPERSEDED),
    ({"consent": replace(CONSENT, status="paused")}, Reason.CONSENT_PAUSED),
    ({"consent": replace(CONSENT, scopes=frozenset())}, Reason.CONSENT_NARROWED),
    ({"consent": replace(CONSENT, restricted=frozenset({"rx:read"}))}, Reason.ACCESS_RESTRICTED),
]


def test_a_call_with_every_fact_in_order_passes():
    assert decide(PASSING) is Reason.ALLOWED


@pytest.mark.parametrize(("change", "reason"), WRONG)
def test_one_wrong_fact_refuses_the_call(change, reason):
    assert decide(replace(PASSING, **change)) is reason


@pytest.mark.parametrize("first", range(len(WRONG)))
@pytest.mark.parametrize("second", range(len(WRONG)))
def test_the_first_refusal_in_the_order_of_the_rules_is_reported(first, second):
    early, late = sorted((first, second))
    if WRONG[early][0].keys() & WRONG[late][0].keys():
        return  # Two wrong values of one fact cannot hold at once.

    facts = replace(PASSING, **(WRONG[late][0] | WRONG[early][0]))

    assert decide(facts) is WRONG[early][1]


def test_an_operation_without_customer_data_needs_no_consent():
    facts = replace(PASSING, consentable=frozenset(), consent=None)

    assert decide(facts) is Reason.ALLOWED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ends_at": NOON}, Reason.CONSENT_EXPIRED),
        ({"is_same_epoch": False}, Reason.CONSENT_SUPERSEDED),
        ({"customer_is_active": False}, Reason.CUSTOMER_INACTIVE),
    ],
)
def test_a_customers_token_opens_nothing_once_its_consent_is_gone(change, reason):
    facts = replace(PASSING, consentable=frozenset(), consent=replace(CONSENT, **change))

    assert decide(facts) is reason


def test_a_status_that_nobody_thought_of_is_not_active():
    facts = replace(PASSING, consent=replace(CONSENT, status="resting"))

    assert decide(facts) is not Reason.ALLOWED


SCOPES = st.frozensets(st.sampled_from(["rx:read", "x", "y"]))
INSTANTS = st.integers(-2, 2).map(lambda seconds: NOON + timedelta(seconds=seconds))
ANY_FACTS = st.builds(
    Facts,
    at=st.just(NOON),
    needed=st.none() | SCOPES,
    consentable=SCOPES,
    presented=st.sampled_from(Presented),
    token=st.none() | st.builds(TokenFacts, INSTANTS, st.booleans(), SCOPES),
    client_is_live=st.booleans(),
    granted=st.none() | SCOPES,
    consent=st.none()
    | st.builds(
        ConsentFacts,
        st.sampled_from(["active", "withdrawn", "revoked", "expired", "paused", "resting"]),
        INSTANTS,
        st.booleans(),
        SCOPES,
        st.booleans(),
    ),
    sunset_at=st.none() | INSTANTS,
)


@given(ANY_FACTS)
def test_nothing_passes_with_a_fact_missing(facts):
    if decide(facts) is not Reason.ALLOWED:
        return

    assert facts.needed is not None
    assert facts.sunset_at is None or facts.at < facts.sunset_at
    assert facts.presented is Presented.HEADER
    assert facts.token is not None
    assert not facts.token.is_revoked
    assert facts.at < facts.token.expires_at
    assert facts.client_is_live
    assert facts.granted is not None
    assert facts.needed <= facts.granted & facts.token.scopes
    if facts.consentable:
        assert facts.consent is not None
        assert facts.consent.status == "active"
        assert facts.at < facts.consent.ends_at
        assert facts.consentable <= facts.consent.scopes


def test_every_rule_refuses_something():
    refused_by = {rule(replace(PASSING, **change)) for change, _ in WRONG for rule in RULES}

    assert refused_by - {None} == {reason for _, reason in WRONG}
    assert all(any(rule(replace(PASSING, **change)) for change, _ in WRONG) for rule in RULES)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_that_fit_a_header(reason):
    title = TITLES[reason]

    assert title.isascii()
    assert not set(title) & set("\"'\\$\r\n")
    assert (reason.status >= 500) == (reason is Reason.PROOF_UNCHECKED)


def test_facts_have_no_defaults_that_could_let_a_call_pass():
    assert all(field.default is field.default_factory for field in fields(Facts))
