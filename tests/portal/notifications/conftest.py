from __future__ import annotations

import pytest
from django.template import Engine, engines
from django.template.loaders.locmem import Loader

MAIL = {
    "mail/tests/news.txt": (
        "Subject: {{ thing }} changed\n\nHello {{ given_name }}, {{ thing }} changed.\n{{ url }}\n"
    ),
    "mail/tests/news.html": "<h1>{{ thing }}</h1><a href='{{ url }}'>See it</a>",
    "mail/accounts/tests_code.txt": "Subject: Your code\n\nIt is {{ code }}.\n",
    "mail/accounts/tests_code.html": "<p>{{ code }}</p>",
    "mail/tests/broken.txt": "No subject here\n",
}


@pytest.fixture(autouse=True)
def mail_templates(monkeypatch):
    """Put the tests' own message templates in front of the portal's."""
    engine = engines["django"].engine
    loaders = engine.template_loaders
    monkeypatch.setattr(engine, "template_loaders", [Loader(engine, MAIL), *loaders])
    assert Engine.get_default() is engine
