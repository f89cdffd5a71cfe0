"""When which job runs."""

from __future__ import annotations

# The schedule is code, reviewed like code. Each of these asks what is due, so a missed run is late, not lost.
CELERY_BEAT_SCHEDULE = {
    "deliver-events": {"task": "portal.events.tasks.deliver_events", "schedule": 5.0},
    "work-through-imports": {
        "task": "catalog.imports.tasks.work_through_imports",
        "schedule": 5.0,
    },
    "read-sources": {"task": "catalog.imports.tasks.read_due_sources", "schedule": 60.0},
    "tell-of-imports": {"task": "catalog.imports.tasks.send_callbacks", "schedule": 10.0},
    "send-mail": {"task": "portal.notifications.tasks.send_messages", "schedule": 10.0},
    "scan-evidence": {"task": "partners.evidence.tasks.scan_evidence", "schedule": 15.0},
    "reopen-findings": {
        "task": "partners.findings.tasks.reopen_lapsed_findings",
        "schedule": 300.0,
    },
    "deliver-webhooks": {"task": "partners.webhooks.tasks.deliver_webhooks", "schedule": 10.0},
    "send-logouts": {"task": "consent.oauth.tasks.send_logouts", "schedule": 10.0},
    "expire-arrangements": {
        "task": "consent.arrangements.tasks.expire_overdue_arrangements",
        "schedule": 60.0,
    },
    "ask-who-came-of-age": {
        "task": "consent.guardians.tasks.ask_who_came_of_age",
        "schedule": 600.0,
    },
    "let-questions-lapse": {
        "task": "consent.guardians.tasks.let_questions_lapse",
        "schedule": 600.0,
    },
    "end-with-closed-partners": {
        "task": "consent.arrangements.tasks.end_with_closed_partners",
        "schedule": 60.0,
    },
    "open-due-renewals": {
        "task": "partners.renewals.tasks.open_due_renewals",
        "schedule": 3600.0,
    },
    "remind-of-renewals": {
        "task": "partners.renewals.tasks.remind_of_renewals",
        "schedule": 3600.0,
    },
    "forget-old-invitations": {
        "task": "partners.organizations.tasks.forget_old_invitations",
        "schedule": 3600.0,
    },
    "expire-subscriptions": {
        "task": "partners.subscriptions.tasks.expire_overdue_subscriptions",
        "schedule": 60.0,
    },
    "carry-on-endings": {"task": "partners.endings.tasks.carry_on_endings", "schedule": 30.0},
    "remind-of-data": {"task": "partners.endings.tasks.remind_of_data", "schedule": 600.0},
    "lapse-requests": {
        "task": "partners.subscriptions.tasks.lapse_overdue_requests",
        "schedule": 600.0,
    },
    "remind-of-access": {
        "task": "partners.subscriptions.tasks.remind_of_access",
        "schedule": 600.0,
    },
    "remind-of-agreements": {
        "task": "partners.agreements.tasks.remind_of_agreements",
        "schedule": 600.0,
    },
    "publish-due-changes": {
        "task": "catalog.changes.tasks.publish_due_entries",
        "schedule": 300.0,
    },
    "write-down-ends": {"task": "catalog.changes.tasks.write_down_ends", "schedule": 60.0},
    "remind-of-ends": {"task": "catalog.changes.tasks.remind_of_ends", "schedule": 600.0},
    "rotate-keys": {"task": "consent.keys.tasks.rotate_due_keys", "schedule": 60.0},
    "purge-tokens": {"task": "consent.oauth.tasks.purge_expired", "schedule": 600.0},
    "build-copies": {"task": "consent.rights.tasks.build_copies", "schedule": 30.0},
    "keep-the-clock": {"task": "consent.rights.tasks.keep_the_clock", "schedule": 60.0},
    "keep-less": {"task": "consent.rights.tasks.keep_less", "schedule": 3600.0},
    "announce-endings": {
        "task": "consent.reminders.tasks.announce_endings",
        "schedule": 600.0,
    },
    "carry-on-campaigns": {"task": "consent.campaigns.tasks.carry_on", "schedule": 60.0},
    "sum-up": {"task": "consent.reminders.tasks.sum_up", "schedule": 3600.0},
    "forget-old-signals": {
        "task": "consent.signals.tasks.forget_old_signals",
        "schedule": 3600.0,
    },
    "index-due": {"task": "portal.search.tasks.index_due", "schedule": 60.0},
    "forget-misses": {"task": "portal.search.tasks.forget_misses", "schedule": 3600.0},
    "tidy-scores": {"task": "catalog.scorecards.tasks.tidy_scores", "schedule": 86_400.0},
    "seal-events": {"task": "portal.audit.tasks.seal_events", "schedule": 60.0},
}
