from uuid import UUID

from consent.keys import actions as keys
from consent.oauth import actions, sign_ins
from portal.events.log import on
from portal.events.models import Event
from portal.events.people import account_of


@on("accounts.user.signed_out")
def end_sign_ins_of_a_session(event: Event) -> None:
    """Have the clients told that this person signed out of one session."""
    session = str(event.facts.get("session", ""))
    account_id = account_of(event.person_id)
    if account_id is not None and session:
        sign_ins.end(account_id, before=event.recorded_at, session=session)


@on("accounts.password.changed", "accounts.user.closed")
def end_all_sign_ins(event: Event) -> None:
    """Have the clients told that whoever signed in before this may be somebody else."""
    account_id = account_of(event.person_id)
    if account_id is not None:
        sign_ins.end(account_id, before=event.recorded_at)


@on("partners.client.sign_in_changed")
def make_its_keys(event: Event) -> None:
    """Publish a key of the algorithm that a client chose before its first id token needs it."""
    keys.ensure(str(event.facts["algorithm"]))


@on(
    "consent.arrangement.withdrawn",
    "consent.arrangement.revoked",
    "consent.arrangement.expired",
)
def sweep_what_ended(event: Event) -> None:
    """Clear away codes and tokens that the arrangement's epoch already refuses."""
    actions.sweep(UUID(event.subject.partition(":")[2]))
