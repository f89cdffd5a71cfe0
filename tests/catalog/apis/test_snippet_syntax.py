"""Every sample is read by the language it is written in, where that is installed."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from catalog.apis.models import Operation
from catalog.apis.samples import sample_call
from catalog.apis.snippets import LANGUAGES, Call, snippet, token_request
from catalog.specs.actions import import_document
from portal import sandbox
from portal.access.actors import SYSTEM
from tests.shared_documents import documents, needs_documents
from tests.stack import require_program

DESCRIPTION = Path(sandbox.__file__).parent / "descriptions/prescriptions.v1.yaml"
NASTY = "a'b\"c\\d`$HOME${x}\n\t\r\u2028\u202e🫖é*/ // %s {{}} </script> \x00\x7f"
CALLS = {
    "nothing but an address": Call("GET", "https://api.example/", needs_token=False),
    "a token": Call("GET", "https://api.example/parcels?to=Vilnius"),
    "a body": Call("POST", "https://api.example/parcels", body={"kind": "small", "n": [1, None]}),
    "a body and no token": Call("PUT", "https://api.example/", needs_token=False, body=[]),
    "an empty body": Call("PATCH", "https://api.example/", body={}),
    "a text": Call("POST", "https://api.example/", body="text"),
    "characters of every kind": Call("POST", f"https://api.example/{NASTY}", body={NASTY: NASTY}),
    "numbers at their ends": Call("POST", "https://x.example/", body=[1e308, -0.0, 2**70, True]),
}


def check(language: str, codes: dict[str, str], folder: Path) -> None:
    """Let the language itself read each of the samples; none of them runs."""
    if language == "python":
        for code in codes.values():
            ast.parse(code)
        return
    for number, code in enumerate(codes.values()):
        place = folder / str(number)
        place.mkdir()
        name = {"curl": "a.sh", "javascript": "a.mjs", "java": "Main.java", "go": "main.go"}
        whole = _whole(code, number) if language == "java" else f"{code}\n"
        (place / name[language]).write_text(whole)
    commands = {
        "curl": ["bash", "-n"],
        "javascript": ["node", "--check"],
        "java": ["javac", "-proc:none", "-d", str(folder / "out")],
        "go": ["gofmt", "-e", "-l"],
    }
    require_program(commands[language][0])
    files = sorted(str(path) for path in folder.glob("*/*.*"))
    # Java and Go read many at once; the others one at a time.
    groups = [[file] for file in files] if language in {"curl", "javascript"} else [files]
    for group in groups:
        done = subprocess.run(
            [*commands[language], *group], check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{done.stderr}\n{Path(group[0]).read_text()[:2000]}"
        if language == "go":
            assert done.stdout == "", "gofmt would write it otherwise"


def _whole(code: str, number: int) -> str:
    """Put the statements of the sample into the class that Java asks for."""
    imports, _, statements = code.partition("\n\n")
    return (
        f"{imports}\n\nclass Main{number} {{ void run() throws Exception {{\n{statements}\n}} }}\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_call_is_good_syntax(language, tmp_path):
    check(language, {name: snippet(language, call) for name, call in CALLS.items()}, tmp_path)


@pytest.mark.parametrize("acts_alone", [True, False], ids=["alone", "for a customer"])
def test_the_request_for_a_token_is_good_syntax(acts_alone, tmp_path):
    code = token_request(
        f"https://x.example/{NASTY}", client_id=NASTY, scopes=[NASTY, "a:b"], acts_alone=acts_alone
    )

    check("curl", {"token": code}, tmp_path)
    assert ("client_credentials" in code) is acts_alone


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sample_of_the_reference_api_is_good_syntax(language, tmp_path):
    import_document(DESCRIPTION.read_bytes(), by=SYSTEM, source=DESCRIPTION.name)
    codes = {
        operation.slug: snippet(language, sample_call(operation, "https://x.example/prescriptions"))
        for operation in Operation.objects.all()
    }

    assert len(codes) > 10
    check(language, codes, tmp_path)


@needs_documents
@pytest.mark.specs
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["python", "go"])
def test_samples_of_other_peoples_apis_are_good_syntax(language, tmp_path):
    for path in documents("public/*")[:12]:
        import_document(path.read_bytes(), by=SYSTEM, source=path.name)
    codes = {
        str(operation.pk): snippet(language, sample_call(operation, "https://x.example"))
        for operation in Operation.objects.all()[:400]
    }

    check(language, codes, tmp_path)
