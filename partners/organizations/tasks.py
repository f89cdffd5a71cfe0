from __future__ import annotations

from celery import shared_task

from partners.organizations import invitations


@shared_task
def forget_old_invitations() -> None:
    invitations.forget_old_invitations()
