-- an index and statistics over a function, and a materialized view without rows
CREATE TABLE app.indexed (id integer);
CREATE FUNCTION app.f(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: 1
@PAYLOAD@$$;
CREATE INDEX ON app.indexed (app.f(id));
CREATE STATISTICS app.st ON (app.f(id)), id FROM app.indexed;
CREATE MATERIALIZED VIEW app.mv AS SELECT app.f(1) AS x WITH NO DATA;
CREATE TABLE app.part (id integer, CHECK (app.f(id) = 1)) PARTITION BY RANGE (id);
CREATE TABLE app.part1 PARTITION OF app.part DEFAULT;
