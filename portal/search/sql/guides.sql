INSERT INTO search_document
  (kind, api_id, guide_id, title, note, method, address, flow, scope, place_count, head, words)
SELECT 6, g.api_id, g.id, r.title, r.summary, '', '/guides/' || g.slug || '/', '', '', 1, head.head,
  head.head || setweight(to_tsvector('english', left(r.text, 20000)), 'D')
FROM guides_guide g
JOIN guides_revision r ON r.id = g.shown_id
CROSS JOIN LATERAL (
  SELECT setweight(to_tsvector('english', r.title), 'A')
    || setweight(to_tsvector('english', r.summary), 'B') AS head
) head
WHERE g.id = ANY(%(guides)s) AND g.status = 'published'
