SELECT DISTINCT word
FROM search_document d
CROSS JOIN LATERAL regexp_split_to_table(lower(search_parted(d.title || ' ' || d.note)), ' ') AS word
WHERE (d.version_id = ANY(%(versions)s) OR d.guide_id = ANY(%(guides)s)) AND length(word) BETWEEN %(shortest)s AND %(longest)s
  AND word ~ '^[[:alpha:]]+$'
EXCEPT SELECT word FROM search_word
