-- statements that no desired state may hold [refused]
SELECT pg_catalog.lo_export(pg_catalog.lo_from_bytea(0, 'x'), '@TRACES@/@CASE@.export');
