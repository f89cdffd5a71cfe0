from enum import StrEnum


class CampaignEvent(StrEnum):
    PLANNED = "consent.campaign.planned"
    STARTED = "consent.campaign.started"
    CANCELLED = "consent.campaign.cancelled"
    FINISHED = "consent.campaign.finished"
    # One for each application that is concerned, before the deadline and after it.
    NEARING = "consent.campaign.nearing"
    CLOSED = "consent.campaign.closed"
