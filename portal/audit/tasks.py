from celery import shared_task

from portal.audit import sealing


@shared_task
def seal_events() -> int:
    """Seal what is settled; what is not yet waits for the next minute."""
    return sealing.seal_events()
