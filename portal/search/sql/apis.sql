INSERT INTO search_document
  (kind, api_id, version_id, title, note, method, address, depth, flow, scope, place_count, head, words)
SELECT 1, a.id, v.id, a.name, a.summary, '', '/apis/' || a.slug || '/',
  (SELECT max(o.depth) FROM apis_operation o WHERE o.version_id = v.id),
  CASE WHEN EXISTS (SELECT 1 FROM scopes_scope s WHERE s.api_slug = a.slug AND s.cluster_code <> '')
       THEN 'customer'
       WHEN EXISTS (SELECT 1 FROM apis_operation o WHERE o.version_id = v.id
                    AND (o.security <> '[]' OR o.scopes <> '[]')) THEN 'application'
       ELSE 'open' END,
  '', 1, head.head,
  head.head || setweight(to_tsvector('english', v.title), 'C')
    || setweight(to_tsvector('english', left(regexp_replace(v.description_html, '<[^>]*>', ' ', 'g'), 4000)), 'D')
FROM apis_apiversion v
JOIN apis_api a ON a.id = v.api_id
CROSS JOIN LATERAL (
  SELECT setweight(to_tsvector('english', search_parted(a.name)), 'A')
    || setweight(to_tsvector('english', a.summary || ' ' || a.sector), 'B') AS head
) head
WHERE v.id = ANY(%(versions)s)
