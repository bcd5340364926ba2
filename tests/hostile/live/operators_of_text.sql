-- operators that fit varchar and an enum
CREATE FUNCTION app.o1(character varying, text) RETURNS text LANGUAGE plpgsql AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE OPERATOR app.|| (FUNCTION = app.o1, LEFTARG = character varying, RIGHTARG = text);
CREATE FUNCTION app.o2(character varying, character varying) RETURNS text LANGUAGE plpgsql AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE OPERATOR app.|| (FUNCTION = app.o2, LEFTARG = character varying, RIGHTARG = character varying);
CREATE FUNCTION app.o3(app.mood, app.mood) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR app.= (FUNCTION = app.o3, LEFTARG = app.mood, RIGHTARG = app.mood);
CREATE FUNCTION app.o4(character varying, text) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR app.<> (FUNCTION = app.o4, LEFTARG = character varying, RIGHTARG = text);
CREATE FUNCTION app.o5(character varying, character varying) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR app.<> (FUNCTION = app.o5, LEFTARG = character varying, RIGHTARG = character varying);
