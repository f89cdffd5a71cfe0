"""How a browser is sent on from here."""

# ruff: noqa: TID251 - it is an answer

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """Go there with a GET: a redirect that repeats the POST would hand on what was typed."""

    status_code = 303
    allowed_schemes = ["http", "https"]
