"""What this process is told from outside, and whose portal it is."""

from __future__ import annotations

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.FileAwareEnv()


def required(name: str, hint: str) -> str:
    """Return the variable, or stop the start with a sentence that says what to set."""
    value = str(env(name, default=""))
    if not value:
        raise ImproperlyConfigured(f"Set {name}: {hint}. `make demo` sets it for you.")
    return value


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
# Name servers to ask, as address:port; empty asks those of the machine.
DNS_SERVERS = env.list("PORTAL_DNS_SERVERS", default=[])
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

# Who is younger decides with a guardian (GDPR Art. 8: 16, or what the country says from 13 on).
AGE_OF_CONSENT = env.int("PORTAL_AGE_OF_CONSENT", default=16)
if not 13 <= AGE_OF_CONSENT <= 18:
    raise ImproperlyConfigured("Set PORTAL_AGE_OF_CONSENT to a number of years from 13 to 18.")
