"""Count how often data was read, on the path of every call."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

# One statement. The count is exact; the arrangement's own `last_read_at` is for lists and may lag a
# minute, so that a busy application does not write the same row at every call. Where another
# transaction holds the arrangement, such as a withdrawal, it is left as it is: reading never makes
# stopping wait, nor the other way round.
_NOTE = """
WITH noted AS (
    INSERT INTO arrangements_reading AS reading
        (arrangement_id, operation_key, hour, cluster_codes, read_count, last_read_at)
    VALUES (%(arrangement)s, %(operation)s, date_trunc('hour', %(at)s::timestamptz, 'UTC'),
            %(clusters)s::jsonb, 1, %(at)s)
    ON CONFLICT (arrangement_id, operation_key, hour) DO UPDATE SET
        read_count = reading.read_count + 1,
        last_read_at = GREATEST(reading.last_read_at, EXCLUDED.last_read_at),
        cluster_codes = CASE
            WHEN reading.cluster_codes @> EXCLUDED.cluster_codes THEN reading.cluster_codes
            ELSE reading.cluster_codes || (
                SELECT jsonb_agg(code) FROM jsonb_array_elements(EXCLUDED.cluster_codes) AS code
                WHERE NOT reading.cluster_codes @> code
            )
        END
)
UPDATE arrangements_arrangement SET last_read_at = %(at)s
WHERE id IN (
    SELECT id FROM arrangements_arrangement
    WHERE id = %(arrangement)s
      AND (last_read_at IS NULL OR last_read_at < %(at)s - interval '1 minute')
    FOR NO KEY UPDATE SKIP LOCKED
)
"""


def note_reading(
    arrangement_id: UUID, *, operation_key: str, cluster_codes: Collection[str], at: datetime
) -> None:
    """Count one reading of these clusters by that operation."""
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "arrangement": arrangement_id,
                "operation": operation_key,
                "clusters": json.dumps(sorted(cluster_codes)),
                "at": at,
            },
        )
