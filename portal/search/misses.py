"""What people look for and do not find, counted without knowing who they are."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from portal.search.models import Miss
from portal.search.wording import Wording

# So many different questions are kept at most: the table cannot be filled by asking nonsense.
MOST_KEPT = 20_000
KEPT_FOR = timedelta(days=30)

# One statement, so that two who ask at once are both counted. A visitor counts once for a question.
_COUNT = """
INSERT INTO search_miss AS known (digest, visitors, visitor_count, term, first_at, last_at)
SELECT %(digest)s, ARRAY[%(visitor)s::bytea], 1, '', %(now)s, %(now)s
WHERE EXISTS (SELECT 1 FROM search_miss WHERE digest = %(digest)s)
   OR (SELECT count(*) FROM search_miss) < %(most)s
ON CONFLICT (digest) DO UPDATE SET
  visitors = CASE WHEN known.visitor_count + 1 >= %(enough)s AND known.term = '' THEN '{}'
                  WHEN known.term <> '' THEN '{}' ELSE known.visitors || excluded.visitors END,
  visitor_count = known.visitor_count + 1,
  term = CASE WHEN known.visitor_count + 1 >= %(enough)s THEN %(term)s ELSE '' END,
  last_at = excluded.last_at
WHERE known.term <> '' OR NOT %(visitor)s::bytea = ANY(known.visitors)
"""


def count_miss(wording: Wording, *, visitor: str) -> None:
    """Count that one more visitor found nothing for these words.

    The words are written down when the third visitor asks for them, and those who asked are
    forgotten then. Until that they are a keyed digest that fits this question alone.
    """
    term = " ".join(wording.words)
    if not term:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "digest": _digest("term", term),
                "visitor": _digest("visitor", term, visitor)[:8],
                "term": term,
                "now": timezone.now(),
                "enough": Miss.ENOUGH,
                "most": MOST_KEPT,
            },
        )


def forget_rare() -> int:
    """Forget what too few people asked for within a month; return how many questions."""
    old = timezone.now() - KEPT_FOR
    forgotten, _ = Miss.objects.filter(term="", last_at__lt=old).delete()
    return forgotten


def _digest(*parts: str) -> bytes:
    key = hashlib.sha256(b"search-miss" + settings.SECRET_KEY.encode()).digest()
    return hmac.digest(key, "\0".join(parts).encode(), "sha256")
