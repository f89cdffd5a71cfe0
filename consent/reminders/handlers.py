from __future__ import annotations

from django.urls import reverse
from django.utils import timezone, translation

from consent.arrangements import moments
from consent.arrangements.models import Arrangement
from consent.reminders.events import ReminderEvent
from consent.reminders.models import Rhythm
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify

SHOWN = 20


@on(ReminderEvent.SUMMED_UP)
def tell_what_is_shared(event: Event) -> None:
    """Mail the names of the apps and until when; what they see stands behind the sign-in."""
    rhythm = Rhythm.objects.select_related("customer__user").get(
        pk=int(event.subject.rpartition(":")[2])
    )
    user = rhythm.customer.user
    running = Arrangement.objects.running(at=timezone.now()).filter(customer__user=user)
    shares = list(
        running.select_related("client__application").order_by("ends_at", "pk")[: SHOWN + 1]
    )
    if not shares:
        return  # All has ended since.
    with translation.override(user.language):
        lines = [
            f"{share.client.application.name}: {moments.until(share.ends_at, user.time_zone)}"
            for share in shares[:SHOWN]
        ]
    notify(
        user,
        key=f"{event.public_id}:{user.pk}",
        template="reminders/summed_up",
        context={"lines": "\n".join(lines), "more": int(len(shares) > SHOWN)},
        link=reverse("arrangements:list"),
    )
