-- casts of a type of its own, and a domain; the cast stands in the way of a drop, so nothing is changed [apply 3]
CREATE TYPE app.mine AS ENUM ('a');
CREATE FUNCTION app.c(app.mine) RETURNS text LANGUAGE plpgsql AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE CAST (app.mine AS text) WITH FUNCTION app.c(app.mine) AS IMPLICIT;
CREATE FUNCTION app.k(text) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE DOMAIN app.d AS text DEFAULT 'x' CHECK (app.k(VALUE));
CREATE TABLE app.mine_too (id app.d, m app.mine DEFAULT 'a', CHECK (m::text <> ''));
INSERT INTO app.mine_too SELECT NULL, NULL;
