-- names full of quotes
CREATE TABLE app."x'; COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.program'; --" ("i""d'; --" integer, "%s$$" text);
COMMENT ON TABLE app."x'; COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.program'; --" IS $c$'; COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.program'; --$c$;
CREATE FUNCTION app."f('""$$"("a'" integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
