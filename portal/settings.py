"""Every setting, from the environment. `docs/running.md` says what each is for."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.ui.logs import reduce_line

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()


def required(name: str, hint: str) -> str:
    """Return the variable, or stop the start with a sentence that says what to set."""
    value = str(env(name, default=""))
    if not value:
        raise ImproperlyConfigured(f"Set {name}: {hint}. `make demo` sets it for you.")
    return value


# --- What this process is -------------------------------------------------------------------

DEMO = env.bool("PORTAL_DEMO", False)
DATA_DIR = Path(env("PORTAL_DATA_DIR", default=str(BASE_DIR / ".portal")))
SECRET_KEY = required("SECRET_KEY", "a long random string that signs sessions")
ISSUER = required("PORTAL_ISSUER", "the portal's exact address, such as https://portal.example")
ALLOWED_HOSTS = required("PORTAL_HOSTS", "the host names it answers to, with commas").split(",")
# Key-encryption keys, newest first: 32 bytes each as base64url, with commas between.
KEYS = required("PORTAL_KEYS", "32 random bytes as base64url, newest first").split(",")
IS_SECURE = ISSUER.startswith("https://")
# Where partners' calls arrive: the gateway in front of the APIs. Without one the sandbox answers.
GATEWAY_URL = env("PORTAL_GATEWAY_URL", default=f"{ISSUER}/sandbox")
# What a gateway shows when it asks for a decision, so that nobody else can use up a client's limits.
GATEWAY_KEY = required("PORTAL_GATEWAY_KEY", "a long random string that your gateway sends")
# Hosts on a private network that outgoing requests may reach all the same; the demo's own.
OUTBOUND_ALLOWED_HOSTS = env.list("PORTAL_OUTBOUND_ALLOWED_HOSTS", default=[])

# Who may read /metrics, and whom researchers tell about a vulnerability.
METRICS_NETWORKS = env.list("PORTAL_METRICS_NETWORKS", default=["127.0.0.0/8", "::1/128"])
SECURITY_CONTACT = env("PORTAL_SECURITY_CONTACT", default="mailto:security@meridian.example")

# Who holds the customers' data, as receipts name it, and to whom customers turn without this site.
HOLDER = {
    "name": env("PORTAL_HOLDER", default="Meridian"),
    "address": env("PORTAL_HOLDER_ADDRESS", default="1 Meridian Way, Vilnius, LT"),
    "email": env("PORTAL_HELP_EMAIL", default="help@meridian.example"),
    "phone": env("PORTAL_HELP_PHONE", default="+370 5 555 0100"),
    "jurisdiction": env("PORTAL_JURISDICTION", default="EU"),
    "authority": env("PORTAL_AUTHORITY", default="The data protection authority of your country"),
    "authority_url": env("PORTAL_AUTHORITY_URL", default="https://authority.example/complaints"),
}

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
    "catalog.specs",
    "catalog.changes",
    "partners.organizations",
    "partners.applications",
    "partners.agreements",
    "partners.questionnaires",
    "partners.subscriptions",
    "partners.reviews",
    "partners.incidents",
    "partners.webhooks",
    "partners.standing",
    "consent.keys",
    "consent.notices",
    "consent.arrangements",
    "consent.oauth",
    "consent.registration",
    "consent.gateway",
    "consent.receipts",
    "consent.reminders",
    "consent.rights",
    "consent.signals",
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
    "portal.ui.middleware.RequestIdMiddleware",
    "portal.ui.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.ui.middleware.InputMiddleware",
    "portal.ui.middleware.ProgramsMiddleware",
    # From here on for people with browsers.
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

# --- Engines --------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url_config(
        required("DATABASE_URL", "postgres://user:password@host/database of the application role")
    )
}
# Migrations and nothing else run as the owner of the tables; the application may not alter its log.
if "migrate" in sys.argv and (owner_url := env("DATABASE_OWNER_URL", default="")):
    DATABASES = {"default": env.db_url_config(owner_url)}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"].setdefault("OPTIONS", {})
# What `portal.prepared` asks is planned once for each connection; the rest never is prepared.
if env.bool("PORTAL_DB_PREPARE", True):
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5
if env.bool("PORTAL_DB_POOL", False):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("PORTAL_DB_CONN_MAX_AGE", 60)

REDIS_URL = required("REDIS_URL", "redis://host:6379 or unix:///path/to/socket")
# The first of the two databases in use: 0 for the broker, 1 for rate limits.
REDIS_FIRST_DATABASE = env.int("PORTAL_REDIS_FIRST_DATABASE", 0)


def redis_url(database: int) -> str:
    number = REDIS_FIRST_DATABASE + database
    return f"{REDIS_URL}?db={number}" if REDIS_URL.startswith("unix:") else f"{REDIS_URL}/{number}"


# Sessions and the limits on guessing are in PostgreSQL alone: while Redis is away a customer must
# still be able to sign in and stop sharing.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        # Nobody should push others' counts out by asking from many addresses.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

RATE_LIMIT_REDIS_URL = redis_url(1)
CELERY_BROKER_URL = (
    f"redis+socket://{urlsplit(REDIS_URL).path}?virtual_host={REDIS_FIRST_DATABASE}"
    if REDIS_URL.startswith("unix:")
    else redis_url(0)
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A hint is not worth waiting for: without the broker the sweep does the work.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 0.5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# The schedule is code, reviewed like code. Each of these asks what is due, so a missed run is late, not lost.
CELERY_BEAT_SCHEDULE = {
    "deliver-events": {"task": "portal.events.tasks.deliver_events", "schedule": 5.0},
    "send-mail": {"task": "portal.notifications.tasks.send_messages", "schedule": 10.0},
    "deliver-webhooks": {"task": "partners.webhooks.tasks.deliver_webhooks", "schedule": 10.0},
    "send-logouts": {"task": "consent.oauth.tasks.send_logouts", "schedule": 10.0},
    "expire-arrangements": {
        "task": "consent.arrangements.tasks.expire_overdue_arrangements",
        "schedule": 60.0,
    },
    "end-with-closed-partners": {
        "task": "consent.arrangements.tasks.end_with_closed_partners",
        "schedule": 60.0,
    },
    "expire-subscriptions": {
        "task": "partners.subscriptions.tasks.expire_overdue_subscriptions",
        "schedule": 60.0,
    },
    "rotate-keys": {"task": "consent.keys.tasks.rotate_due_keys", "schedule": 60.0},
    "purge-tokens": {"task": "consent.oauth.tasks.purge_expired", "schedule": 600.0},
    "build-copies": {"task": "consent.rights.tasks.build_copies", "schedule": 30.0},
    "keep-the-clock": {"task": "consent.rights.tasks.keep_the_clock", "schedule": 60.0},
    "keep-less": {"task": "consent.rights.tasks.keep_less", "schedule": 3600.0},
    "announce-endings": {
        "task": "consent.reminders.tasks.announce_endings",
        "schedule": 600.0,
    },
    "sum-up": {"task": "consent.reminders.tasks.sum_up", "schedule": 3600.0},
    "forget-old-signals": {
        "task": "consent.signals.tasks.forget_old_signals",
        "schedule": 3600.0,
    },
    "seal-events": {"task": "portal.audit.tasks.seal_events", "schedule": 60.0},
}

# --- People ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/home/"
ACCOUNT_ADAPTER = "portal.notifications.adapters.MailingAccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.SignInForm",
    "signup": "portal.accounts.forms.SignUpForm",
    "change_email": "portal.accounts.forms.AddressForm",
    "reset_password": "portal.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "portal.accounts.forms.NewPasswordForm",
    "change_password": "portal.accounts.forms.PasswordForm",
    "confirm_email_verification_code": "portal.accounts.forms.AddressCodeForm",
    "reauthenticate": "portal.accounts.forms.StillYouForm",
}
MFA_FORMS = {
    "authenticate": "portal.accounts.forms.FactorForm",
    "reauthenticate": "portal.accounts.forms.FactorAgainForm",
    "activate_totp": "portal.accounts.forms.AuthenticatorAppForm",
}
# Each is counted for one network address, and where it says `key` for one mail address. What a
# mail address gets in a day is counted in PostgreSQL: `portal.notifications.adapters`.
ACCOUNT_RATE_LIMITS = {
    "signup": "10/m/ip,60/h/ip",
    "confirm_email": "1/10s/key,60/h/ip",
    "reset_password": "10/m/ip,60/h/ip,3/m/key",
}
# How many proxies of ours stand in front and add to X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PORTAL_PROXY_COUNT", 0)
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = None  # the page asks
SESSION_COOKIE_AGE = 7 * 24 * 3600
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
MFA_ADAPTER = "portal.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Meridian"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_SECURE
USERSESSIONS_TRACK_ACTIVITY = False
USERSESSIONS_ADAPTER = "portal.accounts.adapters.SessionsAdapter"
STAFF_NEED_SECOND_FACTOR = not DEMO

# --- The authorization server ----------------------------------------------------------------

# The header in which the one trusted proxy hands on a client's certificate, after checking it and
# dropping what came from outside under that name. Empty: nobody authenticates with certificates.
CLIENT_CERTIFICATE_HEADER = env("PORTAL_CLIENT_CERTIFICATE_HEADER", default="")

OAUTH2_PROVIDER_APPLICATION_MODEL = "applications.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "oauth.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauth.AccessToken"
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oauth.RefreshToken"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oauth.IDToken"
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "oauth.DeviceGrant"
OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "consent.oauth.validator.PortalValidator",
    "SCOPES_BACKEND_CLASS": "consent.oauth.scopes.CatalogScopes",
    "OIDC_ISS_ENDPOINT": ISSUER,
    "PKCE_REQUIRED": True,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 300,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 365 * 24 * 3600,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"] if IS_SECURE else ["https", "http"],
    "REQUEST_APPROVAL_PROMPT": "force",
    "DEFAULT_SCOPES": [],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
}

# --- Signing keys ------------------------------------------------------------------------------

# Verifiers may keep the JWKS for so many seconds; a key is public for longer before it signs.
JWKS_MAX_AGE = 300
KEY_LEAD = timedelta(days=1)
KEY_PERIOD = timedelta(days=90)
# Longer than anything lives that a key signed in its last second.
KEY_KEPT = timedelta(days=1)

# --- The portal's own API --------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.ui.parsers.ShallowJSONParser"],
    "URL_FORMAT_OVERRIDE": None,  # there is one format, so `?format=` asks for nothing
    "DEFAULT_PAGINATION_CLASS": "portal.ui.paging.Pages",
    "EXCEPTION_HANDLER": "portal.ui.rest.problem",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Meridian Portal API",
    "DESCRIPTION": "What the portal's pages do, for programs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "consent.oauth.openapi.add_endpoints",
        "consent.registration.openapi.add_endpoints",
        "consent.signals.openapi.add_endpoints",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Pages ------------------------------------------------------------------------------------

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
SPEC_MAX_BYTES = 20 * 1024 * 1024
# Beyond this no body is read at all; below it each page says for itself what is too large.
MAX_BODY_BYTES = 64 * 1024 * 1024

# --- Mail -------------------------------------------------------------------------------------

EMAIL_URL = env("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
elif not DEMO:
    raise ImproperlyConfigured("Set EMAIL_URL: smtp://user:password@host:587 sends mail.")
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = env("PORTAL_MAIL_FROM", default="Meridian <portal@meridian.example>")
EMAIL_TIMEOUT = 10

# --- Browser defences --------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str] | str] = {
    "camera": [],
    "geolocation": [],
    "microphone": [],
    "publickey-credentials-get": "self",
    "publickey-credentials-create": "self",
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 63072000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_SECURE
SECURE_HSTS_PRELOAD = IS_SECURE
# TLS ends at the proxy; a plain request is refused there, since a POST must not be redirected.
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE else None
SILENCED_SYSTEM_CHECKS = [
    "security.W008",
    "auth.W004",  # the e-mail address is unique without regard to case, by a constraint
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_SECURE
# Two checkouts side by side on one host must not end each other's sessions.
_port = urlsplit(ISSUER).port
SESSION_COOKIE_NAME = "portal_session" if _port is None else f"portal_session_{_port}"
CSRF_COOKIE_NAME = "portal_csrf" if _port is None else f"portal_csrf_{_port}"
CSRF_FAILURE_VIEW = "portal.home.refusals.csrf_failure"

# --- Logs ---------------------------------------------------------------------------------------

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
_log_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso"),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": [
                reduce_line,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": _log_processors,
            # A message is filled in by reduce_line, which knows what may be quoted.
            "use_get_message": False,
            "pass_foreign_args": True,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    # Django's own handlers would mail requests to administrators and print addresses as they came.
    "loggers": {
        "django": {"handlers": []},
        "django.server": {"handlers": [], "propagate": True},
    },
    "root": {"handlers": ["stderr"], "level": env("PORTAL_LOG_LEVEL", default="INFO")},
}
structlog.configure(
    processors=[*_log_processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
