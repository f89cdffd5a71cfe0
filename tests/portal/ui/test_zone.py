from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from portal.accounts.models import User
from portal.ui.middleware import ZoneMiddleware


def zone_on(path, user):
    request = RequestFactory().get(path)
    request.user = user
    told = ZoneMiddleware(lambda _: HttpResponse(timezone.get_current_timezone_name()))
    return told(request).content.decode()


@pytest.mark.parametrize(
    ("path", "zone", "told"),
    [
        ("/me/apps/", "Europe/Berlin", "Europe/Berlin"),
        ("/oauth/authorize", "Europe/Berlin", "Europe/Berlin"),
        ("/me/apps/", "Nowhere/Nothing", "UTC"),
        ("/me/apps/", "../../etc/passwd", "UTC"),
        ("/me/apps/", "", "UTC"),
        ("/apps/", "Europe/Berlin", "UTC"),
        ("/console/", "Europe/Berlin", "UTC"),
    ],
)
def test_only_the_pages_of_customers_tell_the_time_in_their_zone(path, zone, told):
    assert zone_on(path, User(time_zone=zone)) == told


def test_a_visitor_reads_utc():
    assert zone_on("/me/apps/", AnonymousUser()) == "UTC"


def test_the_zone_ends_with_the_request():
    zone_on("/me/apps/", User(time_zone="Europe/Berlin"))

    assert timezone.get_current_timezone_name() == "UTC"
