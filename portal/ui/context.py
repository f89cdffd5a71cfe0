from __future__ import annotations

from typing import Any

from django.http import HttpRequest  # noqa: TID251 - a context processor is handed the request

from portal.accounts.areas import area_of
from portal.accounts.languages import is_spoken
from portal.accounts.models import User


def page(request: HttpRequest) -> dict[str, Any]:
    """Say what every page needs: the theme that was chosen and who is looking."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in {"light", "dark"} else "",
        "actor": getattr(request, "actor", None),
        "is_spoken": is_spoken(request.path),
        "shell": lambda: _shell(request),
    }


def _shell(request: HttpRequest) -> str:
    """Return the shell for pages that belong to every area, such as the person's own account."""
    user = request.user
    return f"{area_of(user)}.html" if isinstance(user, User) else "developer.html"
