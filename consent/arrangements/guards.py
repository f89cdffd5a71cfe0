"""Whose pages they are: a customer's own, in the customer's time."""

# ruff: noqa: TID251 - a guard answers in the view's place

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from consent.arrangements import moments
from consent.arrangements.models import Arrangement, Customer
from consent.minors.models import Approval, Guardianship
from portal.accounts.models import User
from portal.ui.guards import signed_in
from portal.ui.requests import Request

P = ParamSpec("P")
CustomerView = Callable[Concatenate[Request, Customer, P], HttpResponse]


def customer_page(nav: str) -> Callable[[CustomerView[P]], Callable[..., HttpResponse]]:
    """Hand the view its customer, in the customer's time; a person who is none gets a kind page."""

    def guard(view: CustomerView[P]) -> Callable[..., HttpResponse]:
        @never_cache
        @signed_in
        @wraps(view)
        def page(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            user = _person(request)
            customer = _customer_of(user)
            with timezone.override(moments.zone_of(user.time_zone)):
                if customer is not None:
                    return view(request, customer, *args, **kwargs)
                if kwargs:
                    raise Http404
                return render(request, "consent/arrangements/nobody.html", {"nav": nav})

        return page

    return guard


def arrangements_with(customer: Customer, slug: str) -> list[Arrangement]:
    """Return what the customer has with that application: what runs first, then the newest."""
    found = Arrangement.objects.filter(customer=customer, client__application__slug=slug)
    found = found.select_related("client__application__organization", "customer__user")
    now = timezone.now()
    found = found.with_attention(at=now).order_by("-given_at")
    arrangements = sorted(found, key=lambda each: not each.is_running(at=now))
    if not arrangements:
        raise Http404
    return arrangements


def _customer_of(user: User) -> Customer | None:
    """Return the customer and, in the same statement, whether this is somebody in a family."""
    waiting = Approval.objects.waiting(at=timezone.now()).filter(child=OuterRef("user"))
    wards = Guardianship.objects.live().filter(guardian=OuterRef("user"))
    found = Customer.objects.select_related("user").filter(user=user)
    return found.annotate(has_asked=Exists(waiting), has_wards=Exists(wards)).first()


def _person(request: Request) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user
