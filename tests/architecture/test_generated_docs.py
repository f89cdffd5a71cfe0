"""The pages that the code writes are those that are there."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.management import call_command

from portal.access.permissions import Permission
from portal.events.reference import pages


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_up_to_date(name):
    assert (settings.BASE_DIR / "docs" / name).read_text() == pages()[name], "Run `make docs`."


def test_every_permission_event_and_move_stands_there():
    written = pages()

    assert all(f"`{permission}`" in written["permissions.md"] for permission in Permission)
    assert "| `consent.arrangement.withdrawn` | `consent.arrangements." in written["events.md"]
    assert (
        "| `paused` | `active`, `expired`, `invalidated`, `revoked`, `withdrawn` |"
        in written["states.md"]
    )


def test_the_command_writes_them(settings, tmp_path, capsys):
    (tmp_path / "docs").mkdir()
    settings.BASE_DIR = tmp_path

    call_command("write_docs")

    assert {page.name for page in (tmp_path / "docs").iterdir()} == set(pages())
    assert "docs/states.md" in capsys.readouterr().out
