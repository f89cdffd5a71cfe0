-- A scope is found with each version that uses it, so that a draft's own scopes stay with the draft.
INSERT INTO search_document
  (kind, api_id, version_id, title, note, method, address, depth, flow, scope, place_count, head, words)
SELECT 4, v.api_id, v.id, s.name, s.title, '', '/apis/' || a.slug || '/' || v.label || '/#data',
  coalesce(c.depth, 1), CASE WHEN s.cluster_code <> '' THEN 'customer' ELSE 'application' END,
  s.name, used.place_count, head.head,
  head.head || setweight(to_tsvector('english', s.description), 'C')
    || setweight(to_tsvector('english', coalesce(c.summary, '')), 'D')
FROM (
  SELECT o.version_id, name, count(*) AS place_count
  FROM apis_operation o CROSS JOIN LATERAL jsonb_array_elements_text(o.scopes) name
  WHERE o.version_id = ANY(%(versions)s)
  GROUP BY 1, 2
) used
JOIN scopes_scope s ON s.name = used.name
JOIN apis_apiversion v ON v.id = used.version_id
JOIN apis_api a ON a.id = v.api_id
LEFT JOIN scopes_datacluster c ON c.code = s.cluster_code AND c.superseded_at IS NULL
CROSS JOIN LATERAL (
  SELECT setweight(to_tsvector('english', search_parted(s.name)), 'A')
    || setweight(to_tsvector('english', s.title || ' ' || coalesce(c.label, '')), 'B') AS head
) head
