"""What the portal is made of: apps, middleware, templates."""

from __future__ import annotations

from portal.settings.environment import BASE_DIR

DEBUG = False
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # The portal, from the ground up.
    "portal.access",
    "portal.events",
    "portal.accounts",
    "portal.notifications",
    "portal.ui",
    "catalog.scopes",
    "catalog.apis",
    "catalog.plans",
    "catalog.impact",
    "catalog.rules",
    "catalog.specs",
    "catalog.scorecards",
    "catalog.changes",
    "catalog.imports",
    "catalog.guides",
    "catalog.inventory",
    "catalog.status",
    "partners.organizations",
    "partners.applications",
    "partners.agreements",
    "partners.evidence",
    "partners.questionnaires",
    "partners.renewals",
    "partners.dossiers",
    "partners.drafts",
    "partners.subscriptions",
    "partners.upgrades",
    "partners.remarks",
    "partners.findings",
    "partners.joining",
    "partners.reviews",
    "partners.assessors",
    "partners.incidents",
    "partners.webhooks",
    "partners.standing",
    "partners.endings",
    "consent.keys",
    "consent.notices",
    "consent.minors",
    "consent.arrangements",
    "consent.guardians",
    "consent.campaigns",
    "consent.joint",
    "consent.proofs",
    "consent.oauth",
    "consent.registration",
    "consent.gateway",
    "consent.receipts",
    "consent.reminders",
    "consent.rights",
    "consent.signals",
    "consent.support",
    "consent.oversight",
    "portal.home",
    "portal.search",
    "portal.audit",
    "portal.insights",
    "portal.sandbox",
    "portal.demo",
    # What it stands on.
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.forms",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "django_htmx",
    "django_structlog",
    "csp",
    "pgtrigger",
]

MIDDLEWARE = [
    "portal.ui.programs.ProgramsMiddleware",
    # From here on for pages.
    "portal.ui.middleware.RequestIdMiddleware",
    "portal.ui.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.ui.middleware.InputMiddleware",
    # From here on for people.
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "partners.organizations.middleware.ActorMiddleware",
    "portal.accounts.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "portal.accounts.middleware.SecondFactorMiddleware",
    "portal.accounts.onward.OnwardMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.ui.middleware.ZoneMiddleware",
    "portal.ui.middleware.RefusalMiddleware",
]

PROGRAM_VIEWS = [
    "oauth:par",
    "oauth:token",
    "oauth:device_authorization",
    "oauth:introspect",
    "oauth:revoke",
    "gateway:nginx",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "portal.ui.templatetags.ui",
                "django.templatetags.static",
                "django.templatetags.i18n",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.ui.context.page",
            ],
        },
    }
]
FORM_RENDERER = "portal.ui.forms.Renderer"
