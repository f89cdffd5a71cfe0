-- A name that stands in a hundred answers of one version is found once, with its first place.
INSERT INTO search_document
  (kind, api_id, version_id, operation_id, title, note, method, address, depth, flow, scope, place_count, head, words)
SELECT 3, f.api_id, f.version_id, f.operation_id, left(f.dotted, 200), left(f.summary, 200), '',
  '/apis/' || f.slug || '/' || f.label || '/' || f.operation_slug || '/'
    || CASE WHEN f.position >= 50 THEN '?start=' || f.position / 50 * 50 ELSE '' END
    || '#f' || left(regexp_replace(replace(f.pointer, '/*', ''), '[^A-Za-z0-9_]+', '.', 'g'), 80),
  f.depth, CASE WHEN s.name IS NOT NULL THEN 'customer' WHEN f.is_open THEN 'open' ELSE 'application' END,
  coalesce(s.name, f.scope), f.place_count, head.head,
  head.head || setweight(to_tsvector('english', f.description || ' ' || coalesce(f.constraints ->> 'enum', '')), 'C')
FROM (
  SELECT DISTINCT ON (o.version_id, f.name, f.cluster_code, f.depth)
    v.api_id, o.version_id, o.id AS operation_id, a.slug, v.label, o.slug AS operation_slug,
    f.pointer, f.position, f.description, f.constraints, f.depth, f.cluster_code, f.scope, f.name, o.summary,
    o.security = '[]' AND o.scopes = '[]' AS is_open,
    count(*) OVER (PARTITION BY o.version_id, f.name, f.cluster_code, f.depth) AS place_count,
    substring(replace(ltrim(regexp_replace(replace(f.pointer, '/*', ''), '^/(items|data|results)(?=/)', ''), '/'), '/', '.')
      from '(?:[^.]+\.){0,2}[^.]*$') AS dotted
  FROM apis_field f
  JOIN apis_operation o ON o.id = f.operation_id
  JOIN apis_apiversion v ON v.id = o.version_id
  JOIN apis_api a ON a.id = v.api_id
  WHERE o.version_id = ANY(%(versions)s)
  ORDER BY o.version_id, f.name, f.cluster_code, f.depth, o.position, f.position
) f
LEFT JOIN LATERAL (
  SELECT s.name FROM scopes_scope s WHERE f.cluster_code <> '' AND s.cluster_code = f.cluster_code
  ORDER BY s.name LIMIT 1
) s ON true
CROSS JOIN LATERAL (
  SELECT setweight(to_tsvector('english', search_parted(f.name)), 'A')
    || setweight(to_tsvector('english', search_parted(f.dotted)), 'B') AS head
) head
