from __future__ import annotations

from celery import shared_task

from consent.rights import closing, copying, recipients, restricting, retention


@shared_task
def build_copies() -> int:
    """Build the copies that people asked for. Runs after each request, and every half minute."""
    return copying.build_copies()


@shared_task
def keep_the_clock() -> int:
    """Write down what became due, and go on with what was waiting for something else."""
    return sum(
        (
            closing.erase_closed_accounts(),
            copying.remove_old_copies(),
            restricting.lift_due(),
            recipients.escalate_unacknowledged(),
            recipients.write_down_overdue(),
        )
    )


@shared_task
def keep_less() -> int:
    """Keep of what is old only what is needed."""
    return retention.fold_old_readings() + retention.shorten_addresses()
