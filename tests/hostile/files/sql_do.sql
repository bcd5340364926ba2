-- statements that no desired state may hold [refused]
DO $x$ BEGIN COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.program'; END $x$;
