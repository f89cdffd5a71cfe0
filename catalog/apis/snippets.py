"""The same call in five languages. Every value comes from a document, so every value is quoted."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pprint import pformat
from textwrap import indent
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """`body` is the JSON value to send, or None. `needs_token` sends `$TOKEN` along."""

    method: str
    url: str
    needs_token: bool = True
    body: Any = None


def snippet(language: str, call: Call) -> str:
    """Return the call in one of `LANGUAGES`, ready to run with the token in `TOKEN`."""
    return _WRITERS[language](call)


def token_request(address: str, *, client_id: str, scopes: list[str], acts_alone: bool) -> str:
    """Return how a sandbox client gets the token that the samples use; its secret is never known.

    Where a customer has to agree, the token comes with the refresh token of that agreement.
    """
    asked = {"grant_type": "refresh_token"}
    given = '--data-urlencode "refresh_token=$REFRESH_TOKEN"'
    if acts_alone:
        asked, given = {"grant_type": "client_credentials"}, ""
    asked["scope"] = " ".join(scopes)
    lines = [
        f"curl {shlex.quote(address)}",
        f'--user {shlex.quote(client_id)}:"$CLIENT_SECRET"',
        *(f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in asked.items()),
        *([given] if given else []),
    ]
    return " \\\n  ".join(lines)


def curl(call: Call) -> str:
    lines = [f"curl {shlex.quote(call.url)}"]
    if call.method != "GET":
        lines.append(f"-X {shlex.quote(call.method)}")
    if call.needs_token:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if call.body is not None:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"--data {shlex.quote(_json(call.body))}")
    return " \\\n  ".join(lines)


def python(call: Call) -> str:
    # JSON writes what lies beyond 16 bits as two escapes, which Python would read as two.
    url = _string(call.url) if call.url.isascii() else ascii(call.url)
    arguments = [f"{_string(call.method)},", f"{url},"]
    if call.needs_token:
        arguments.append('headers={"Authorization": f"Bearer {os.environ[\'TOKEN\']}"},')
    if call.body is not None:
        body = pformat(call.body, width=68, sort_dicts=False)
        arguments.append(f"json={body},")
    arguments.append("timeout=10,")
    imports = "import os\n\nimport requests" if call.needs_token else "import requests"
    return (
        f"{imports}\n\nresponse = requests.request(\n"
        + indent("\n".join(arguments), "    ")
        + "\n)\nresponse.raise_for_status()\nprint(response.text)"
    )


def javascript(call: Call) -> str:
    headers = []
    if call.needs_token:
        headers.append("Authorization: `Bearer ${process.env.TOKEN}`,")
    if call.body is not None:
        headers.append('"Content-Type": "application/json",')
    options = [f"method: {_string(call.method)},"]
    if headers:
        options.append("headers: {\n" + indent("\n".join(headers), "  ") + "\n},")
    if call.body is not None:
        options.append(f"body: JSON.stringify({_json(call.body, ascii_only=True)}),")
    return (
        f"const response = await fetch({_string(call.url)}, {{\n"
        + indent("\n".join(options), "  ")
        + "\n});\nif (!response.ok) throw new Error(response.status);\n"
        "console.log(await response.text());"
    )


def java(call: Call) -> str:
    steps = [f".uri(URI.create({_string(call.url)}))"]
    if call.needs_token:
        steps.append('.header("Authorization", "Bearer " + System.getenv("TOKEN"))')
    publisher = "BodyPublishers.noBody()"
    if call.body is not None:
        steps.append('.header("Content-Type", "application/json")')
        publisher = f"BodyPublishers.ofString({_string(_json(call.body))})"
    steps.append(f".method({_string(call.method)}, {publisher})")
    return (
        "import java.net.URI;\nimport java.net.http.*;\nimport java.net.http.HttpRequest.*;\n"
        "import java.net.http.HttpResponse.*;\n\n"
        "var request = HttpRequest.newBuilder()\n"
        + indent("\n".join(steps), "    ")
        + "\n    .build();\nvar response = HttpClient.newHttpClient()\n"
        "    .send(request, BodyHandlers.ofString());\nSystem.out.println(response.body());"
    )


def go(call: Call) -> str:
    imports = ["fmt", "io", "net/http"]
    body = "nil"
    if call.body is not None:
        imports.append("strings")
        body = f"strings.NewReader({_go_string(_json(call.body))})"
    if call.needs_token:
        imports.append("os")
    steps = [
        f"request, err := http.NewRequest({_string(call.method)}, {_go_string(call.url)}, {body})",
        "if err != nil {\n\tpanic(err)\n}",
    ]
    if call.needs_token:
        steps.append('request.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))')
    if call.body is not None:
        steps.append('request.Header.Set("Content-Type", "application/json")')
    steps += [
        "response, err := http.DefaultClient.Do(request)",
        "if err != nil {\n\tpanic(err)\n}",
        "defer response.Body.Close()",
        "text, _ := io.ReadAll(response.Body)",
        "fmt.Println(response.Status, string(text))",
    ]
    named = "\n".join(f'\t"{name}"' for name in sorted(imports))
    return (
        f"package main\n\nimport (\n{named}\n)\n\nfunc main() {{\n"
        + indent("\n".join(steps), "\t")
        + "\n}"
    )


def _go_string(text: str) -> str:
    """Return a literal that Go reads: JSON's, but characters beyond 16 bits are one escape."""
    return "".join(
        f"\\U{ord(letter):08x}" if ord(letter) > 0xFFFF else json.dumps(letter)[1:-1]
        for letter in text
    ).join('""')


def _string(text: str) -> str:
    """Return a literal that JavaScript and Java read alike: ASCII, with escapes."""
    return json.dumps(text)


def _json(value: Any, *, ascii_only: bool = False) -> str:
    return json.dumps(value, ensure_ascii=ascii_only, indent=2)


_WRITERS: Mapping[str, Callable[[Call], str]] = {
    "curl": curl,
    "python": python,
    "javascript": javascript,
    "java": java,
    "go": go,
}
LANGUAGES = {
    "curl": "curl",
    "python": "Python",
    "javascript": "JavaScript",
    "java": "Java",
    "go": "Go",
}
