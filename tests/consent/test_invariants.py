"""What holds of every consent, whatever happened to it: the invariants by their numbers.

Those that need a page of their own are elsewhere: I13 in `arrangements/test_changing.py`, I14 with
the receipts, I15 in `architecture/test_leaks.py`, I17 in `browser/`, I18 with the guardians, I20 in
`test_outages.py`.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import chain, combinations

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from catalog.scopes.models import DataCluster, FieldRule
from consent.arrangements import changing, ending, pseudonyms
from consent.arrangements.access import current_items
from consent.arrangements.models import (
    Arrangement,
    ArrangementVersion,
    Item,
    Reading,
    Receipt,
)
from consent.oauth.models import AccessToken, AuthorizationIntent, Grant, RefreshToken
from partners.organizations.actors import actor_of
from partners.subscriptions.models import ApprovedUse
from portal.access.actors import SYSTEM, Role
from portal.events.models import Delivery, Event
from tests.factories.consent import share, use_of
from tests.factories.gateway import make_gate
from tests.factories.partners import ClientFactory
from tests.factories.people import staff

pytestmark = pytest.mark.django_db
Status = Arrangement.Status
# The running portal lacks the right; a trigger holds for whoever has it.
REFUSED = "permission denied|Cannot update or delete"
# What each event makes of the status; the others leave it as it is.
BECOMES = {
    "given": Status.ACTIVE,
    "paused": Status.PAUSED,
    "resumed": Status.ACTIVE,
    "withdrawn": Status.WITHDRAWN,
    "revoked": Status.REVOKED,
    "expired": Status.EXPIRED,
    "invalidated": Status.INVALIDATED,
}


@pytest.fixture
def gate():
    return make_gate()


@pytest.fixture
def world(gate):
    return gate.world


def own(arrangement):
    return actor_of(arrangement.customer.user)


def end_in_one_way(arrangement, how):
    match how:
        case "withdrawn":
            ending.withdraw_arrangement(arrangement, by=own(arrangement))
        case "revoked":
            ending.revoke_arrangement(arrangement, by=staff(Role.SECURITY), reason="security")
        case "invalidated":
            ending.invalidate_arrangement(arrangement, by=staff(Role.PRIVACY), reason="fraud")
        case "returned":
            ending.return_arrangement(arrangement, client=arrangement.client, by=SYSTEM)
        case "narrowed away":
            items = current_items(arrangement)
            assert items
            changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[])
        case "expired":
            Arrangement.objects.update(
                given_at=F("given_at") - timedelta(days=100), ends_at=timezone.now()
            )
            ending.expire_overdue_arrangements()


ENDINGS = ["withdrawn", "revoked", "invalidated", "returned", "narrowed away", "expired"]


@pytest.mark.parametrize("how", ["paused", *ENDINGS])
def test_i1_no_call_passes_while_it_is_not_active(gate, world, how):
    token = world.exchange(world.code("extra:read")).json()["access_token"]
    arrangement = Arrangement.objects.get()
    assert gate.ask(token).status_code == 204

    if how == "paused":
        changing.pause_arrangement(arrangement, by=own(arrangement))
    else:
        end_in_one_way(arrangement, how)

    for path in ("/things", "/extra", "/shops"):
        assert gate.ask(token, path=path).status_code in {401, 403}


@pytest.mark.parametrize("model", [Grant, AccessToken, RefreshToken])
@pytest.mark.parametrize("without", ["arrangement", "version_number", "epoch"])
def test_i2_every_code_and_token_says_what_it_was_issued_under(world, model, without):
    world.exchange(world.code())
    nothing = {"arrangement": None, "version_number": 0, "epoch": 0}[without]

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**{without: nothing})


def test_i2_a_token_for_the_client_itself_reaches_no_customer(gate):
    own_token = gate.own_token()

    assert AccessToken.objects.get().arrangement is None
    assert gate.ask(own_token, path="/shops").status_code == 204
    assert gate.ask(own_token)["X-Portal-Reason"] == "scope_missing"
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessToken.objects.update(user=gate.world.customer.user)


def test_i3_what_is_of_an_older_epoch_is_refused_everywhere(gate, world):
    body = world.exchange(world.code("extra:read")).json()
    waiting = world.code()

    Arrangement.objects.update(epoch=F("epoch") + 1)

    assert gate.ask(body["access_token"])["X-Portal-Reason"] == "consent_superseded"
    assert gate.ask(body["access_token"], path="/shops").status_code == 401
    answer = world.post("/oauth/introspect", token=body["access_token"])
    assert answer.json() == {"active": False}
    assert world.refresh(body["refresh_token"]).status_code == 400
    assert world.exchange(waiting).status_code == 400


@pytest.mark.parametrize("how", ENDINGS)
def test_i4_nothing_issued_lives_on_after_an_end_though_no_sweep_has_run(world, how):
    world.exchange(world.code("extra:read"))
    world.code()
    arrangement = Arrangement.objects.get()

    end_in_one_way(arrangement, how)

    now = timezone.now()
    issued = [*Grant.objects.all(), *AccessToken.objects.all(), *RefreshToken.objects.all()]
    assert len(issued) == 4
    assert not [one for one in issued if one.is_live(at=now)]
    assert Arrangement.objects.get().status not in Arrangement.RUNNING


@pytest.mark.parametrize("how", ENDINGS)
def test_i5_the_state_is_what_its_events_come_to(how):
    uses = [use_of(), use_of(), use_of()]
    arrangement = share(uses=uses)
    by = own(arrangement)
    changing.narrow_arrangement(arrangement, by=by, keep=[use.scope for use in uses[:2]])
    changing.pause_arrangement(arrangement, by=by)
    changing.resume_arrangement(arrangement, by=by)
    changing.shorten_arrangement(arrangement, by=by, ends_at=timezone.now() + timedelta(days=5))
    share(arrangement.customer, arrangement.client, uses=uses)
    arrangement.refresh_from_db()
    check_the_fold(arrangement)

    end_in_one_way(arrangement, how)

    arrangement.refresh_from_db()
    check_the_fold(arrangement)


def check_the_fold(arrangement):
    events = Event.objects.about(arrangement).order_by("pk")
    status = ""
    for event in events:
        status = BECOMES.get(event.kind.rpartition(".")[2], status)
    versions = arrangement.versions.order_by("number")
    numbers = list(versions.values_list("number", flat=True))
    assert arrangement.status == status
    assert numbers == list(range(1, arrangement.version_number + 1))
    assert arrangement.version_number == versions.aggregate(last=Max("number"))["last"]
    assert arrangement.version_number == max(event.facts["version"] for event in events)
    assert arrangement.ends_at <= versions.last().ends_at


@pytest.mark.parametrize("model", [ArrangementVersion, Item, Receipt, Event])
def test_i6_what_is_proof_is_neither_changed_nor_deleted(model):
    share()
    rows = model.objects.all()
    assert rows.exists()

    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        rows.update(id=F("id"))
    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        rows._raw_delete(rows.db)


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.ACTIVE, "ended_at": None},
        {"status": Status.REVOKED},
        {"epoch": 1},
        {"version_number": 0},
    ],
)
def test_i6_what_has_ended_comes_back_by_no_update(change):
    arrangement = share()
    ending.withdraw_arrangement(arrangement, by=own(arrangement))

    with pytest.raises(DatabaseError), transaction.atomic():
        Arrangement.objects.filter(pk=arrangement.pk).update(**change)


def test_i7_nothing_is_given_beyond_what_is_approved_when_it_is_decided(world):
    page = world.ask()
    ApprovedUse.objects.filter(scope__name="extra:read").delete()

    answer = world.decide(page, g=["extra:read"])

    assert "code=" not in answer["Location"]
    assert not Arrangement.objects.exists()


@pytest.mark.parametrize("scope", ["need:read", "need:read extra:read"])
def test_i7_items_are_of_what_was_asked_and_that_of_what_was_approved(world, scope):
    world.decide(world.ask(scope=scope), g=["extra:read"] if "extra" in scope else [])

    shared = {item.scope.name for item in Item.objects.all()}
    asked = set(AuthorizationIntent.objects.get().request["scopes"])
    approved = set(ApprovedUse.objects.values_list("scope__name", flat=True))
    assert shared <= asked <= approved
    assert (
        world.decide(world.ask(scope="need:read", state="x"), g=["extra:read"]).status_code == 422
    )


@pytest.mark.parametrize("field", ["purpose", "cluster", "retention_days"])
def test_i8_no_item_without_purpose_cluster_and_retention(field):
    item = share().versions.get().items.first()
    item.pk = None
    setattr(item, field, None)

    with pytest.raises(IntegrityError), transaction.atomic():
        item.save(force_insert=True)


def test_i9_no_version_lasts_longer_than_a_year():
    version = share().versions.get()
    version.pk, version.number = None, 2
    version.ends_at = version.created_at + timedelta(hours=365 * 24, microseconds=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        version.save(force_insert=True)


def test_i9_nothing_lasts_longer_without_a_new_version():
    arrangement = share()

    with pytest.raises(DatabaseError), transaction.atomic():
        Arrangement.objects.update(ends_at=F("ends_at") + timedelta(seconds=1))

    arrangement.refresh_from_db()
    assert arrangement.ends_at == arrangement.versions.get().ends_at


def content_of(version):
    return {
        (item.cluster_id, item.purpose_id, operation, pointer)
        for item in version.items.all()
        for operation, pointers in item.fields.items()
        for pointer in pointers
    }


def test_i10_narrowing_never_adds_whichever_is_left():
    uses = [use_of() for _ in range(3)]
    names = [use.scope for use in uses]
    kept = chain.from_iterable(combinations(names, size) for size in (1, 2))

    for keep in kept:
        arrangement = share(uses=uses)
        # The cluster has grown since; who narrows gets none of that.
        FieldRule.objects.create(
            cluster=DataCluster.objects.get(code=uses[0].cluster_code),
            operation_key="things/v1/listThings",
            pointer=f"/{len(FieldRule.objects.all())}",
        )
        changing.narrow_arrangement(arrangement, by=own(arrangement), keep=keep)

        before, after = (content_of(version) for version in arrangement.versions.order_by("number"))
        assert after < before


def test_i11_fields_come_from_the_cluster_as_it_was_pinned(gate, world):
    token = world.exchange(world.code()).json()["access_token"]
    before = gate.ask(token)["X-Allowed-Fields"]
    code = ApprovedUse.objects.get(scope__name="need:read").scope.cluster_code

    FieldRule.objects.create(
        cluster=DataCluster.objects.get(code=code),
        operation_key=FieldRule.objects.filter(cluster__code=code).first().operation_key,
        pointer="/hidden",
    )

    assert gate.ask(token)["X-Allowed-Fields"] == before


def test_i12_the_news_is_promised_with_the_change_or_not_at_all():
    arrangement = share()
    Delivery.objects.all().delete()

    with transaction.atomic():
        ending.withdraw_arrangement(arrangement, by=own(arrangement))
        transaction.set_rollback(True)

    assert not Delivery.objects.exists()
    assert Event.objects.about(arrangement).count() == 1
    ending.withdraw_arrangement(arrangement, by=own(arrangement))
    event = Event.objects.about(arrangement).latest("pk")
    handlers = list(event.deliveries.values_list("handler", flat=True))
    assert len(handlers) == len(set(handlers)) > 0


def test_i16_two_applications_know_somebody_by_two_names_and_each_by_one():
    first = share()
    customer, application = first.customer, first.client.application
    name = pseudonyms.pseudonym_of(customer, application)
    ending.withdraw_arrangement(first, by=own(first))

    again = share(customer, first.client)
    other = share(customer, ClientFactory(production=True))

    assert pseudonyms.pseudonym_of(customer, again.client.application) == name
    assert pseudonyms.pseudonym_of(customer, other.client.application) != name
    assert str(customer.pk) not in {str(name), str(again.pk)}


def test_i19_it_ends_at_the_instant_though_nobody_swept(gate, world):
    body = world.exchange(world.code("extra:read")).json()
    waiting = world.code()
    ends_at = Arrangement.objects.get().ends_at

    with time_machine.travel(ends_at, tick=False):
        assert gate.ask(body["access_token"])["X-Portal-Reason"] == "consent_expired"
        assert world.refresh(body["refresh_token"]).status_code == 400
        assert world.exchange(waiting).status_code == 400
        answer = world.post("/oauth/introspect", token=body["access_token"])
        assert answer.json() == {"active": False}
    assert Arrangement.objects.get().status == Status.ACTIVE


def test_i21_i22_a_question_is_answered_once_however_often_it_is_sent(world):
    page = world.ask()

    answers = [world.decide(page) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303, 409, 409]
    assert ArrangementVersion.objects.count() == Receipt.objects.count() == 1
    assert Event.objects.filter(kind="consent.arrangement.given").count() == 1
    assert Grant.objects.count() == 1


def test_i23_a_refresh_raises_nothing_lengthens_nothing_and_stays_with_its_arrangement(world):
    body = world.exchange(world.code()).json()
    first = RefreshToken.objects.get()
    # Meanwhile the customer agrees to more, and for longer.
    world.decide(world.ask(state="more"), g=["extra:read"], until="365")

    answer = world.refresh(body["refresh_token"]).json()
    wider = world.refresh(answer["refresh_token"], scope="need:read extra:read open:read")

    assert set(answer["scope"].split()) == {"need:read", "open:read"}
    assert wider.json()["error"] == "invalid_scope"
    latest = RefreshToken.objects.latest("pk")
    assert latest.expires_at == first.expires_at
    assert latest.arrangement_id == first.arrangement_id
    assert (latest.version_number, latest.epoch) == (first.version_number, first.epoch)


def test_i24_what_was_read_is_of_what_was_shared(gate, world):
    token = world.exchange(world.code("extra:read")).json()["access_token"]
    for path in ("/things", "/extra", "/shops"):
        gate.ask(token, path=path)
    arrangement = Arrangement.objects.get()
    changing.narrow_arrangement(arrangement, by=own(arrangement), keep=["need:read"])
    narrowed_at = timezone.now()
    with time_machine.travel(narrowed_at + timedelta(minutes=2), tick=False):
        for path in ("/things", "/extra", "/shops"):
            gate.ask(token, path=path)

    shared = set(Item.objects.values_list("cluster__code", flat=True))
    for reading in Reading.objects.all():
        assert set(reading.cluster_codes) <= shared
    extra = Item.objects.get(version__number=1, is_required=False).cluster.code
    listed = Reading.objects.filter(
        operation_key__endswith="get-extra", last_read_at__gt=narrowed_at
    )
    assert extra in shared
    assert not listed.exists()
