"""A document that breaks its reader breaks nothing else."""

from __future__ import annotations

import io
import json
import os
import pickle

import pytest

from catalog.imports import confinement
from catalog.imports.confinement import NoLongerWanted, read_confined
from catalog.specs.reading import read_description
from portal.errors import Refused
from tests.catalog.specs.documents import api, raw

MEGABYTE = 1024 * 1024


def bomb() -> bytes:
    """Many parts that are small to write and large to hold."""
    return json.dumps({"openapi": "3.1.0", "x": [[[]] * 100 for _ in range(15_000)]}).encode()


def test_what_comes_back_is_what_would_have_been_read_here():
    body = raw(api(servers=[]))

    assert read_confined(body) == read_description(body, max_bytes=MEGABYTE)


def test_a_refusal_comes_back_with_its_code():
    with pytest.raises(Refused) as refused:
        read_confined(b"{")

    assert refused.value.code == "bad_json"
    assert "line 1" in str(refused.value)


def test_a_bomb_of_memory_ends_with_a_reason(settings):
    settings.SPEC_MEMORY_BYTES = 170 * MEGABYTE

    with pytest.raises(Refused) as refused:
        read_confined(bomb())

    assert refused.value.code == "too_much_memory"


def test_a_bomb_of_time_ends_with_a_reason(settings):
    settings.SPEC_READ_SECONDS = 1
    paths = {f"/a{n}": {"get": {"responses": {}}} for n in range(4900)}

    with pytest.raises(Refused) as refused:
        read_confined(raw(api(paths=paths, x=[[[]] * 100 for _ in range(15_000)])))

    assert refused.value.code == "too_slow"


def test_what_nobody_wants_any_more_is_ended(monkeypatch):
    monkeypatch.setattr(confinement, "_command", lambda: ["/bin/sleep", "60"])

    with pytest.raises(NoLongerWanted):
        read_confined(b"{}", is_wanted=lambda: False)


def test_only_our_own_values_are_taken_from_the_answer():
    class Evil:
        def __reduce__(self):
            return os.system, ("true",)

    with pytest.raises(pickle.UnpicklingError):
        confinement._Unpickler(io.BytesIO(pickle.dumps(Evil()))).load()


def test_the_process_knows_no_secret(monkeypatch):
    seen = {}

    class Seen(Exception):
        pass

    def start(command, **given):
        seen.update(given["env"])
        raise Seen

    monkeypatch.setattr(confinement.subprocess, "Popen", start)
    with pytest.raises(Seen):
        read_confined(b"{}")

    assert set(seen) == {"PYTHONPATH", "PATH", "LC_ALL"}
