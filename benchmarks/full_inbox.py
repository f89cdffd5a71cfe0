"""`python -m benchmarks.full_inbox`: fills the inbox, and says how to be who opens it."""

from __future__ import annotations

import os

import django

PARTNERS, EACH = 1_000, 10


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - once Django is set up
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from portal.access.actors import Role  # noqa: PLC0415
    from tests.factories.inboxes import fill_inbox  # noqa: PLC0415
    from tests.factories.people import staff, user_of  # noqa: PLC0415

    fill_inbox(partners=PARTNERS, each=EACH)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browser = Client()
    browser.force_login(user_of(staff(Role.REVIEWER, Role.SECURITY, Role.ADMIN, Role.PRIVACY)))
    name = settings.SESSION_COOKIE_NAME
    print(name, browser.cookies[name].value)


if __name__ == "__main__":
    main()
