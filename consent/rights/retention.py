"""Less of what is old: readings by the month, network addresses cut short and then gone."""

from __future__ import annotations

import ipaddress

from allauth.usersessions.models import UserSession
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from consent.arrangements.models import Reading
from consent.rights import clock

BATCH = 5000
# One statement: what is taken away here is counted there, or neither.
_FOLD = """
WITH gone AS (
    DELETE FROM arrangements_reading WHERE id = ANY(%(ids)s)
    RETURNING arrangement_id, hour, cluster_codes, read_count
)
INSERT INTO rights_disclosure (arrangement_id, cluster_code, month, read_count)
SELECT arrangement_id, code, date_trunc('month', hour, 'UTC')::date, sum(read_count)
FROM gone, jsonb_array_elements_text(cluster_codes) AS code
GROUP BY 1, 2, 3
ON CONFLICT (arrangement_id, cluster_code, month)
DO UPDATE SET read_count = rights_disclosure.read_count + EXCLUDED.read_count
"""
_SHORTEN = """
UPDATE usersessions_usersession SET ip = short.ip
FROM (
    SELECT id, network(set_masklen(ip, CASE family(ip) WHEN 4 THEN 24 ELSE 48 END)) AS net
    FROM usersessions_usersession
) AS cut, LATERAL (SELECT host(cut.net)::inet AS ip) AS short
WHERE usersessions_usersession.id = cut.id AND usersessions_usersession.ip <> short.ip
"""


def fold_old_readings() -> int:
    """Keep by the month what is older than thirteen months; return how many rows that was."""
    old = Reading.objects.filter(hour__lt=clock.detail_begins(timezone.now()))
    folded = 0
    while count := fold_readings(old):
        folded += count
    return folded


@transaction.atomic
def fold_readings(readings: QuerySet[Reading]) -> int:
    ids = list(readings.select_for_update(of=("self",)).values_list("pk", flat=True)[:BATCH])
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_FOLD, {"ids": ids})
    return len(ids)


def shorten_addresses() -> int:
    """Cut network addresses to their network, and forget sessions that are over long since."""
    old = UserSession.objects.filter(last_seen_at__lt=timezone.now() - clock.ADDRESS_KEPT)
    changed: int = old.delete()[0]
    with connection.cursor() as cursor:
        cursor.execute(_SHORTEN)
        changed += cursor.rowcount
    return changed


def network_of(address: str) -> str:
    """Return the address of the network: the first 24 bits of IPv4, the first 48 of IPv6."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    bits = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False).network_address)
