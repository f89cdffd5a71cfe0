"""What a guardian, a child and staff do at the same moment: one comes first, and the rest obey."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from consent.arrangements import changing
from consent.arrangements.children import GuardianNeeded
from consent.arrangements.models import Arrangement
from consent.guardians import linking
from consent.guardians.deciding import AlreadyAnswered, approve, refuse
from consent.guardians.stopping import stop_sharing
from consent.minors.models import Approval
from consent.oauth.children import ALLOWED
from partners.subscriptions.access import uses_of
from portal.errors import NotAllowed
from tests.factories.consent import share
from tests.factories.families import EVIDENCE, Family, make_family
from tests.factories.gateway import Gate, make_gate
from tests.factories.oauth import World
from tests.races.threads import PATIENCE, Halt, at_once, live_tokens

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


@pytest.fixture
def gate(transactional_db) -> Gate:
    return make_gate()


@pytest.fixture
def world(gate) -> World:
    return gate.world


@pytest.fixture
def family(world) -> Family:
    return make_family(world.customer)


def allowed(family: Family, world: World) -> Approval:
    return family.allows(family.asks(world.client), "need:read", "extra:read")


def code_for(world: World, state: str) -> str:
    return world.told(world.decide(world.ask(state=state), until=ALLOWED))["code"]


def agree(world: World) -> Arrangement:
    uses = uses_of(world.client, at=timezone.now())
    return share(world.customer, world.client, uses=uses, scopes=["need:read"], days=30)


def stop(family: Family) -> list[Arrangement]:
    return stop_sharing(family.child.user, by=family.by_guardian)


def test_s23_a_guardian_stops_while_the_app_exchanges_the_code(gate, world, family):
    for seed in range(ROUNDS):
        allowed(family, world)
        code = code_for(world, f"state {seed}")

        answer, _ = at_once(partial(world.exchange, code), partial(stop, family), seed=seed)

        assert not live_tokens()
        assert not Arrangement.objects.filter(status__in=Arrangement.RUNNING).exists()
        if answer.status_code == 200:
            last = gate.ask(answer.json()["access_token"])
            assert last["X-Portal-Reason"] == "consent_withdrawn"


def test_s23_a_stop_that_is_committed_first_leaves_the_code_worthless(world, family):
    allowed(family, world)
    code, halt = code_for(world, "a state"), Halt("FOR NO KEY UPDATE")

    def exchange() -> Any:
        return halt.around(partial(world.exchange, code))()

    def stop_before() -> None:
        assert halt.reached.wait(timeout=PATIENCE)
        stop(family)
        halt.go.set()

    answer, _ = at_once(exchange, stop_before)

    assert answer.json()["error"] == "invalid_grant"
    assert not live_tokens()


def test_s23_a_guardian_stops_while_the_child_agrees(world, family):
    for seed in range(ROUNDS):
        allowed(family, world)

        agreed, stopped = at_once(partial(agree, world), partial(stop, family), seed=seed)

        # Either the child came first and it was stopped, or there was nothing allowed any more.
        assert isinstance(agreed, GuardianNeeded) != bool(stopped)
        assert not Arrangement.objects.filter(status__in=Arrangement.RUNNING).exists()


def test_s23_two_guardians_answer_at_the_same_moment_and_one_counts(world, family):
    for seed in range(ROUNDS):
        approval = family.asks(world.client, signs_in=bool(seed % 2))
        by = family.by_guardian

        answers = at_once(
            partial(approve, approval, by=by, scopes=["need:read"], period="90"),
            partial(refuse, approval, by=by),
            seed=seed,
        )

        assert sum(isinstance(answer, AlreadyAnswered) for answer in answers) == 1
        approval.refresh_from_db()
        assert approval.status in {"approved", "refused"}
        Approval.objects.filter(status="refused").delete()


def test_t19_the_link_ends_while_the_child_agrees_or_goes_on(world, family):
    for seed in range(ROUNDS):
        allowed(family, world)
        arrangement = agree(world)
        changing.pause_arrangement(arrangement, by=family.by_child)
        link = family.child.user.guardianships.get(ended_at=None)

        at_once(
            partial(changing.resume_arrangement, arrangement, by=family.by_child),
            partial(
                linking.end_guardianship,
                link,
                by=family.officer,
                reason="court_order",
                evidence=EVIDENCE,
            ),
            seed=seed,
        )

        arrangement.refresh_from_db()
        assert arrangement.status == Arrangement.Status.PAUSED
        with pytest.raises(NotAllowed):
            stop(family)
        linking.begin_guardianship(
            family.child, family.guardian, by=family.officer, evidence=EVIDENCE
        )
        stop(family)
