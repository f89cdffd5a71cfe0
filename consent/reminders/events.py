from enum import StrEnum


class ReminderEvent(StrEnum):
    # Told like every other change of an arrangement: to its customer, and to its application.
    EXPIRING = "consent.arrangement.expiring"
    SUMMED_UP = "consent.reminder.summed_up"
    CHOSEN = "consent.reminder.chosen"
