INSERT INTO search_document
  (kind, api_id, version_id, title, note, method, address, depth, flow, scope, place_count, head, words)
SELECT 5, v.api_id, v.id, p.name, left(p.kind || CASE WHEN p.summary = '' THEN '' ELSE ': ' || p.summary END, 500), '',
  '/apis/' || a.slug || '/' || v.label || '/' || p.slug || '/', NULL, 'open', '', 1, head.head,
  head.head || setweight(to_tsvector('english', search_parted(p.signature)), 'C')
    || setweight(to_tsvector('english', search_parted(fields.words)), 'C')
    || setweight(to_tsvector('english', left(regexp_replace(p.description_html, '<[^>]*>', ' ', 'g'), 2000)), 'D')
FROM apis_part p
JOIN apis_apiversion v ON v.id = p.version_id
JOIN apis_api a ON a.id = v.api_id
CROSS JOIN LATERAL (
  SELECT setweight(to_tsvector('english', search_parted(p.name)), 'A')
    || setweight(to_tsvector('english', p.kind || ' ' || p.summary), 'B') AS head
) head
CROSS JOIN LATERAL (
  SELECT coalesce(string_agg(f ->> 'name', ' '), '') AS words FROM jsonb_array_elements(p.fields) f
) fields
WHERE p.version_id = ANY(%(versions)s)
ORDER BY p.version_id, p.position
