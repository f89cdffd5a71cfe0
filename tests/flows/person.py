"""A person whose browser knows no JavaScript: reads pages, fills in forms, follows redirects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

VOID = {"input", "br", "hr", "img", "meta", "link"}


@dataclass
class Form:
    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def names(self) -> set[str]:
        return {name for name, _ in self.values} | set(self.choices)


class FormReader(HTMLParser):
    """Collect the forms of a page as a browser would submit them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._open: Form | None = None
        self._select: str | None = None
        self._textarea: str | None = None
        self._button: list[str] | None = None
        self._by_id: dict[str, Form] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
            if "id" in given:
                self._by_id[given["id"]] = self._open
        form = self._by_id.get(given.get("form", ""), self._open)
        if form is None or "disabled" in given:
            return
        if tag == "input":
            self._input(form, given)
        elif tag == "select":
            self._select = given.get("name")
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(given.get("value", ""))
            if "selected" in given:
                form.values.append((self._select, given.get("value", "")))
        elif tag == "textarea":
            self._textarea = given.get("name", "")
            form.values.append((self._textarea, ""))
        elif tag == "button" and given.get("type", "submit") == "submit":
            form.buttons.append((given.get("name", ""), given.get("value", ""), ""))
            self._button = []

    def _input(self, form: Form, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if not name:
            return
        if kind in {"checkbox", "radio"}:
            form.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                form.values.append((name, given.get("value", "on")))
        elif kind not in {"submit", "button", "file"}:
            form.values.append((name, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None
        elif tag == "button" and self._button is not None and self._open is not None:
            name, value, _ = self._open.buttons[-1]
            self._open.buttons[-1] = (name, value, " ".join("".join(self._button).split()))
            self._button = None

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._button is not None:
            self._button.append(data)
        if self._textarea is not None and self._open is not None:
            name, value = self._open.values[-1]
            self._open.values[-1] = (name, value + data)


class Person:
    """Somebody in front of a browser: `open` a page, `submit` the form that has some fields."""

    def __init__(self, portal: str) -> None:
        self.portal = portal
        self.session = requests.Session()
        self.response = requests.Response()

    @property
    def url(self) -> str:
        return self.response.url

    @property
    def page(self) -> str:
        return self.response.text

    @property
    def words(self) -> str:
        reader = FormReader()
        reader.feed(re.sub(r"(?s)<(script|style).*?</\1>", "", self.page))
        return " ".join("".join(reader.text).split())

    def open(self, path: str, *, status: int = 200) -> str:
        self.response = self.session.get(urljoin(self.portal, path), timeout=30)
        assert self.response.status_code == status, (
            self.url,
            self.response.status_code,
            self.words,
        )
        return self.page

    def forms(self) -> list[Form]:
        reader = FormReader()
        reader.feed(self.page)
        return reader.forms

    def submit(
        self, *, button: str = "", follow: bool = True, status: int = 200, **filled: Any
    ) -> requests.Response:
        """Fill in the form that has all these fields (and that button) and send it.

        A list fills in a field several times, None leaves it out as an unticked box is.
        """
        form = self._find(set(filled), button)
        values = [(name, value) for name, value in form.values if name not in filled]
        for name, value in filled.items():
            given = value if isinstance(value, list) else [value]
            values += [(name, str(one)) for one in given if one is not None]
        for name, value, text in form.buttons:
            if name and (text == button or not button):
                values.append((name, value))
                break
        self.response = self.session.request(
            form.method.upper(),
            urljoin(self.url, form.action),
            data=values if form.method == "post" else None,
            params=values if form.method == "get" else None,
            headers={"Referer": self.url},
            allow_redirects=follow,
            timeout=30,
        )
        if follow:
            assert self.response.status_code == status, (
                self.url,
                self.response.status_code,
                self.words[:2000],
            )
        return self.response

    def _find(self, names: set[str], button: str) -> Form:
        for form in self.forms():
            texts = {text for _, _, text in form.buttons}
            if names <= form.names() and (not button or button in texts):
                return form
        seen = [(sorted(form.names()), form.buttons) for form in self.forms()]
        raise AssertionError(f"No form with {names} and button {button!r} at {self.url}: {seen}")

    def sign_in(self, email: str, password: str) -> None:
        self.open("/sign-in/")
        self.submit(login=email, password=password)
        assert "/sign-in/" not in self.url, self.words
