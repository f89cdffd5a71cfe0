"""The portal with three faults built in, for `test_leaks`."""

from portal.settings import *  # noqa: F403 - all of it, and a little more

ROOT_URLCONF = "tests.architecture.leaky"
CELERY_IMPORTS = ["tests.architecture.leaky"]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
