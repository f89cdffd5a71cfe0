"""What a careful partner says in the onboarding questionnaire."""

from __future__ import annotations

ANSWERS: dict[str, str | list[str]] = {
    "security-owner": "Head of engineering",
    "admin-mfa": "phishing-resistant",
    "secret-storage": "vault",
    "transport": "all",
    "token-storage": "encrypted",
    "deletion": "day",
    "retention-days": "30",
    "logging": ["tokens", "names", "health"],
    "breach-contact": "security@halden.example",
    "breach-notice": "day",
    "vulnerabilities": ["updates", "review", "test"],
    "suppliers": "none",
}
