-- statements that no desired state may hold [refused]
SET ROLE rich;
SET SESSION AUTHORIZATION rich;
CREATE SCHEMA app;
CREATE MATERIALIZED VIEW app.m AS SELECT pg_catalog.pg_read_file('@SECRET@') AS x;
