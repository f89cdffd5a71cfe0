"""What the demo's applications ask for, in the words that customers read."""

from __future__ import annotations

from partners.applications.uses import WantedUse

REFILL = [
    WantedUse(
        "prescriptions:read",
        "refill-reminders",
        "to remind you before you run out.",
        True,
        30,
        look_back_days=365,
    ),
    WantedUse(
        "refills:write",
        "refill-ordering",
        "so that you can tap “Refill” in the app. It never orders by itself.",
        False,
        30,
    ),
    WantedUse(
        "delivery-area:read",
        "nearby-pharmacies",
        "to show pharmacies near you. The area, not your address.",
        False,
        30,
    ),
    WantedUse("pharmacies:read", None, "", False, 0),
]
COUNTER = [
    WantedUse(
        "appointments:read", "visit-planning", "to have things ready when you come.", True, 30
    ),
    WantedUse(
        "delivery-area:read", "nearby-pharmacies", "to suggest the nearest counter.", False, 30
    ),
]
NOTES = [
    WantedUse(
        "prescriptions:read", "refill-reminders", "to remind you before you run out.", True, 30
    ),
    WantedUse(
        "prescriptions.notes:read",
        "refill-reminders",
        "to show advice next to a reminder.",
        False,
        0,
    ),
]
COACH = [
    WantedUse(
        "appointments:read", "training-plans", "to keep training free of your visits.", True, 30
    ),
    WantedUse(
        "summaries:read",
        "training-load",
        "to plan an easy day after a short night or a long run.",
        False,
        60,
    ),
    WantedUse("pharmacies:read", None, "", False, 0),
]
