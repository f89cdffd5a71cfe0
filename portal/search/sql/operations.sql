INSERT INTO search_document
  (kind, api_id, version_id, operation_id, title, note, method, address, depth, flow, scope, place_count, head, words)
SELECT 2, v.api_id, v.id, o.id, o.summary, o.path, o.method,
  '/apis/' || a.slug || '/' || v.label || '/' || o.slug || '/', o.depth,
  CASE WHEN EXISTS (SELECT 1 FROM scopes_scope s WHERE o.scopes ? s.name AND s.cluster_code <> '')
       THEN 'customer' WHEN o.security <> '[]' OR o.scopes <> '[]' THEN 'application' ELSE 'open' END,
  '', 1, head.head,
  head.head || setweight(to_tsvector('english', o.tag), 'C')
    || setweight(to_tsvector('simple', o.scopes::text), 'C')
    || setweight(to_tsvector('english', left(regexp_replace(o.description_html, '<[^>]*>', ' ', 'g'), 2000)), 'D')
FROM apis_operation o
JOIN apis_apiversion v ON v.id = o.version_id
JOIN apis_api a ON a.id = v.api_id
CROSS JOIN LATERAL (
  SELECT setweight(to_tsvector('english', o.summary), 'A')
    || setweight(to_tsvector('english', search_parted(o.path) || ' ' || search_parted(o.slug)), 'B') AS head
) head
WHERE o.version_id = ANY(%(versions)s)
ORDER BY o.version_id, o.position
