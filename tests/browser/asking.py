"""An application that asks a customer in Chromium, and waits for the answer."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from partners.applications.models import Client
from tests.factories.catalog import DataClusterFactory, PurposeFactory, ScopeFactory
from tests.factories.oauth import CHALLENGE
from tests.factories.partners import (
    ApplicationFactory,
    ApprovedUseFactory,
    ClientFactory,
    OrganizationFactory,
    SubscriptionFactory,
)

STATE = "af0ifjsldkj"
# Code, label, depth, summary, why, whether it is needed, and the label in French and Arabic.
ASKED = (
    ("prescriptions", "Your prescriptions", 4, "Medicine, dose and refills left.",
     "to remind you before you run out.", True, "Vos ordonnances", "وصفاتك الطبية"),
    ("refills", "Ask your pharmacy for a refill", 3, "A request that you confirm.",
     "so that you can tap “Refill” in the app.", False, "Demander un renouvellement", "طلب تعبئة"),
    ("delivery-area", "Your delivery area", 3, "The area, not your address.",
     "to show pharmacies near you.", False, "Votre zone de livraison", "منطقة التوصيل لديك"),
)  # fmt: skip


def make_refill() -> Client:
    """Return the production client of Halden Refill, which needs one thing and may have two."""
    application = ApplicationFactory(
        live=True,
        name="Halden Refill",
        slug="halden-refill",
        organization=OrganizationFactory(approved=True, name="Halden Health"),
        privacy_url="https://halden.example/privacy",
    )
    client = ClientFactory(application=application, environment="production")
    subscription = SubscriptionFactory(client=client)
    for code, label, depth, summary, why, is_required, french, arabic in ASKED:
        words = {"fr": _words(french, "Résumé."), "ar": _words(arabic, "ملخص.")}
        DataClusterFactory(
            code=code, label=label, depth=depth, summary=summary, translations=words,
            special_category="health" if depth == 4 else "",
            permissions=["Which medicines you take"],
        )  # fmt: skip
        ApprovedUseFactory(
            subscription=subscription,
            scope=ScopeFactory(name=f"{code}:read", cluster_code=code),
            purpose=PurposeFactory(title=f"Use {label.lower()}"),
            why=why,
            is_required=is_required,
        )
    DataClusterFactory(label="Notes your pharmacist wrote", depth=4)
    DataClusterFactory(label="Your appointments", depth=3)
    return client


def _words(label: str, summary: str) -> dict[str, object]:
    return {"label": label, "summary": summary, "permissions": [summary]}


def address(live_server, client, **changes: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uris,
        "scope": "prescriptions:read refills:read delivery-area:read",
        "state": STATE,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"{live_server.url}/oauth/authorize?{urlencode(asked | changes)}"


class Callback(BaseHTTPRequestHandler):
    """Stand in for the client: keep the addresses that browsers ask it for."""

    server: App

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>app</title>Back in the app")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class App(ThreadingHTTPServer):
    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), Callback)
        self.asked: list[str] = []

    @property
    def callback(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/callback"

    def answer(self) -> dict[str, list[str]]:
        (path,) = [path for path in self.asked if path.startswith("/callback")]
        return parse_qs(urlsplit(path).query, strict_parsing=True)
