"""The programs of docs/clients.md, run as they stand there."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from jwskate import Jwk

from partners.applications.profiles import Profile
from tests.conformance.software import HERE, require_openid_client
from tests.flows.journey import allow
from tests.flows.person import Person
from tests.flows.software import key_set, new_key
from tests.stack import PASSWORD, Stack

pytestmark = [pytest.mark.nginx, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]
DOC = Path(__file__).parents[2] / "docs" / "clients.md"
REDIRECT_URI = "https://partner.example/callback"
# What the JavaScript sample finds around it: its settings, and the customer behind two pipes.
AROUND = """
import { createInterface } from "node:readline";
const { ISSUER, GATEWAY, CLIENT_ID, REDIRECT_URI, JWK } = JSON.parse(process.argv[2]);
const KEY_ID = JWK.kid;
const PRIVATE_KEY = await crypto.subtle.importKey(
  "jwk", JWK, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"],
);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function sendTheCustomerTo(address) {
  console.log(String(address));
  return (await lines.next()).value;
}
"""


def sample(name: str) -> str:
    found = re.search(rf"^```\w+ {name}$\n(.*?)^```$", DOC.read_text(), re.MULTILINE | re.DOTALL)
    assert found, name
    return found.group(1)


def customer(stack: Stack, email: str) -> Callable[[str], str]:
    """Return how a customer of the stack answers: yes, with what is needed."""
    person = Person(stack.portal)
    person.sign_in(email, PASSWORD)

    def send(address: str) -> str:
        person.open(str(address))
        answer = allow(person, until="90")
        assert answer.status_code == 303, person.words
        return str(answer.headers["Location"])

    return send


def settings_of(stack: Stack) -> dict[str, str]:
    return {"ISSUER": stack.portal, "GATEWAY": stack.gateway, "REDIRECT_URI": REDIRECT_URI}


def live_client(stack: Stack, name: str, key: Jwk) -> tuple[str, str]:
    """Open a live client with that key and a customer; return its id and the customer's email."""
    email = f"{name}@samples.example"
    code = (
        "from tests.conformance.world import build;"
        f" build({key_set(key)!r}, callback={REDIRECT_URI!r}, email={email!r},"
        f" profile={Profile.FAPI2.value!r}, client_id={name!r})"
    )
    stack.manage("shell", "-v0", "-c", code)
    return name, email


def test_authlib_in_the_sandbox(stack: Stack):
    amara = Person(stack.portal)
    amara.sign_in("amara@halden.example", PASSWORD)
    # Two secrets may be live, and the demo's own is not known to us.
    stack.sql_do(
        "UPDATE applications_credential SET revoked_at = now() WHERE revoked_at IS NULL"
        " AND client_id IN (SELECT id FROM applications_client WHERE name = 'Halden Refill')"
    )
    amara.open("/apps/halden-refill/sandbox/credentials/")
    amara.submit(button="Make a secret")
    client_id, secret = shown(amara)
    client_uri = stack.sql(
        "SELECT redirect_uris FROM applications_client WHERE client_id = %s", client_id
    )[0][0].split()[0]
    around = settings_of(stack) | {
        "REDIRECT_URI": client_uri,
        "CLIENT_ID": client_id,
        "SECRET": secret,
        "send_the_customer_to": customer(stack, "all@sandbox.example"),
    }

    exec(sample("authlib"), around)  # noqa: S102 - our own page

    assert around["answer"].status_code == 200
    assert around["answer"].json()["items"]


def test_requests_oauth2client_in_production(stack: Stack):
    key = new_key()
    client_id, email = live_client(stack, "sample_python", key)
    around = settings_of(stack) | {
        "CLIENT_ID": client_id,
        "PRIVATE_KEY": key,
        "send_the_customer_to": customer(stack, email),
    }

    exec(sample("requests-oauth2client"), around)  # noqa: S102 - our own page

    assert around["answer"].status_code == 200
    assert around["token"].token_type == "DPoP"


def test_openid_client_in_production(stack: Stack, tmp_path):
    require_openid_client()
    key = new_key()
    client_id, email = live_client(stack, "sample_javascript", key)
    given = settings_of(stack) | {"CLIENT_ID": client_id, "JWK": dict(key)}
    imports, _, rest = sample("openid-client").partition("\n\n")
    program = HERE / f"sample-{tmp_path.name}.mjs"
    program.write_text(
        f"{imports}\n{AROUND}\n{rest}\nconsole.log(answer.status);\nprocess.exit(0);\n"
    )
    try:
        with subprocess.Popen(
            ["node", program.name, json.dumps(given)],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as run:
            assert run.stdin is not None
            assert run.stdout is not None
            returned = customer(stack, email)(run.stdout.readline().strip())
            run.stdin.write(f"{returned}\n")
            run.stdin.flush()
            assert run.stdout.readline().strip() == "200"
    finally:
        program.unlink()


def shown(person: Person) -> tuple[str, str]:
    client_id = re.search(r"\b[a-z]{1,4}_test_[0-9a-f]{16}\b", person.page)
    secret = re.search(r"\bmrs_[A-Za-z0-9_-]{40,}\b", person.page)
    assert client_id, person.words
    assert secret, person.words
    return client_id.group(), secret.group()
