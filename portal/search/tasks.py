from celery import shared_task

from portal.search import indexing, misses


@shared_task
def index_due() -> int:
    """Index what no event told of, such as what was there before there was an index."""
    return indexing.index_due()


@shared_task
def forget_misses() -> int:
    """Forget questions that too few visitors asked to be read by anybody."""
    return misses.forget_rare()
