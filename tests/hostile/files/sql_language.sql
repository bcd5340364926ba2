-- statements that no desired state may hold [refused]
CREATE LANGUAGE plpythonu;
CREATE FUNCTION public.f() RETURNS integer LANGUAGE c AS '@SECRET@', 'f';
CREATE FUNCTION public.g() RETURNS void LANGUAGE internal AS 'pg_reload_conf';
