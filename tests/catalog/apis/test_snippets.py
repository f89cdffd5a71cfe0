from __future__ import annotations

import ast
import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.apis.colours import coloured
from catalog.apis.snippets import LANGUAGES, Call, snippet

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
CALL = Call("POST", "https://api.example/parcels?to=Vilnius", body={"kind": "small"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_snippet_names_the_address_the_method_and_the_token(language):
    code = snippet(language, CALL)

    for part in ("https://api.example/parcels?to=Vilnius", "POST", "TOKEN", "kind"):
        assert part in code


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_without_a_token_names_none(language):
    assert "TOKEN" not in snippet(language, Call("GET", "https://api.example/", needs_token=False))


@given(url=TEXT, value=TEXT)
def test_no_value_ends_the_literal_it_stands_in(url, value):
    call = Call("POST", f"https://api.example/{url}", body={"value": value})

    words = shlex.split(snippet("curl", call).replace("\\\n", ""))
    assert words[1] == call.url
    assert json.loads(words[words.index("--data") + 1]) == call.body
    request = next(
        node
        for node in ast.walk(ast.parse(snippet("python", call)))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "request"
    )
    assert ast.literal_eval(request.args[1]) == call.url
    body = next(keyword.value for keyword in request.keywords if keyword.arg == "json")
    assert ast.literal_eval(body) == call.body


@given(value=TEXT)
@pytest.mark.parametrize("language", ["javascript", "java"])
def test_java_and_javascript_see_only_ascii(language, value):
    code = snippet(language, Call("POST", f"https://api.example/{value}", body={"v": value}))

    assert code.isascii()


@given(code=TEXT)
@pytest.mark.parametrize("language", [*LANGUAGES, "json"])
def test_colours_change_no_character_and_let_no_markup_through(language, code):
    html = coloured(code, language)

    assert "<script" not in html
    for kind in "knsch":
        html = html.replace(f'<span class="{kind}">', "")
    plain = html.replace("</span>", "")
    assert "<" not in plain
