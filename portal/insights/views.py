from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from consent.gateway.decision import Reason
from consent.gateway.models import Usage
from consent.gateway.wording import TITLES
from partners.organizations.current import organization_of
from partners.organizations.models import Organization
from portal.insights.metrics import Counted, Report, report_of
from portal.ui import charts
from portal.ui.guards import signed_in
from portal.ui.requests import Request

_PERIODS = (1, 14, 90)
_DEFAULT_PERIOD = 14


@signed_in
def usage(request: Request) -> HttpResponse:
    """Show a partner the own calls: how many, which were refused and why."""
    organization = organization_of(request)
    if organization is None:
        return redirect("organizations:join")
    given = request.GET.get("days", "")
    period = int(given) if given in map(str, _PERIODS) else _DEFAULT_PERIOD
    report = _report(organization, day_count=period)
    if request.GET.get("format") == "csv":
        return _as_csv(report)
    busiest = max((count for _, count in report.refusals), default=1)
    context = {
        "nav": "usage",
        "report": report,
        "periods": _PERIODS,
        "period": period,
        "chart": _chart(report),
        "spark_calls": [calls for _, calls, _ in report.days],
        "spark_refused": [refused for _, _, refused in report.days],
        "refusals": [
            (reason, TITLES[Reason(reason)], count, 100 * count / busiest)
            for reason, count in report.refusals
        ],
    }
    return render(request, "portal/insights/usage.html", context)


def _report(organization: Organization, *, day_count: int) -> Report:
    today = timezone.now().astimezone(UTC).date()
    start = datetime.combine(today - timedelta(days=day_count - 1), datetime.min.time(), UTC)
    rows = (
        Usage.objects.of_organization(organization.pk)
        .filter(hour__gte=start)
        .annotate(day=TruncDate("hour", tzinfo=UTC), calls=Sum("call_count"))
        .values_list("day", "client__application__name", "operation_key", "reason", "calls")
    )
    return report_of((Counted(*row) for row in rows), last_day=today, day_count=day_count)


def _chart(report: Report) -> str:
    highest = max((calls for _, calls, _ in report.days), default=0)
    top = _round_up(highest)
    label = f"Calls a day from {report.days[0][0]} to {report.days[-1][0]}, at most {highest}"
    scale = charts.Scale(0, top, (0, top // 2, top))
    return charts.line(
        label, [charts.Series([calls for _, calls, _ in report.days])], scale, has_area=True
    )


def _round_up(value: int) -> int:
    """Return the top of an axis: the next 1, 2 or 5 times a power of ten."""
    power = 10
    while True:
        for step in (1, 2, 5):
            if value <= step * power:
                return step * power
        power *= 10


def _as_csv(report: Report) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="usage.csv"'
    writer = csv.writer(response)
    writer.writerow(["application", "operation", "calls", "refused"])
    for row in report.rows:
        writer.writerow([row.application, row.operation_key, row.call_count, row.refused_count])
    return response
