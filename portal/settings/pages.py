"""Pages, their languages and files, and mail."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from portal.settings.environment import BASE_DIR, DATA_DIR, DEMO, env

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
# Each under its own name. Pages for customers, and mails to them, are written in all of them.
LANGUAGES = [("en", "English"), ("fr", "Français"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "locale"]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("PORTAL_STATIC_ROOT", default=str(DATA_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env(
            "PORTAL_STATIC_STORAGE",
            default="portal.ui.storage.BundledStorage",
        )
    },
}
MEDIA_ROOT = DATA_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
# The lowest grade of a description that partners get to see.
PUBLISH_MIN_GRADE = env("PORTAL_PUBLISH_MIN_GRADE", default="D")
SPEC_MAX_BYTES = 20 * 1024 * 1024
# What the process that reads one description may take, whatever the description holds.
SPEC_MEMORY_BYTES = 560 * 1024 * 1024
SPEC_READ_SECONDS = 60
# How long a change that breaks nobody waits for better words before it is told.
CHANGELOG_GRACE_HOURS = 24
# What visitors' pages may take of a process' memory while nothing changes; 0 keeps none.
PAGE_MEMORY_BYTES = env.int("PORTAL_PAGE_MEMORY_MB", 32) * 1024 * 1024
# Beyond this no body is read at all; below it each page says for itself what is too large.
MAX_BODY_BYTES = 64 * 1024 * 1024

EMAIL_URL = env("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
elif not DEMO:
    raise ImproperlyConfigured("Set EMAIL_URL: smtp://user:password@host:587 sends mail.")
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = env("PORTAL_MAIL_FROM", default="Meridian <portal@meridian.example>")
EMAIL_TIMEOUT = 10
