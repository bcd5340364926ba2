-- operators that fit names and "char" better than PostgreSQL's own
CREATE FUNCTION app.o1(text, name) RETURNS text LANGUAGE plpgsql AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE OPERATOR app.|| (FUNCTION = app.o1, LEFTARG = text, RIGHTARG = name);
CREATE FUNCTION app.o2(name, name) RETURNS text LANGUAGE plpgsql AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE OPERATOR app.|| (FUNCTION = app.o2, LEFTARG = name, RIGHTARG = name);
CREATE FUNCTION app.o3(name, text) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR app.= (FUNCTION = app.o3, LEFTARG = name, RIGHTARG = text);
CREATE FUNCTION app.o4("char", text) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR app.<> (FUNCTION = app.o4, LEFTARG = "char", RIGHTARG = text);
CREATE FUNCTION app.o5(tid, tid) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR app.>= (FUNCTION = app.o5, LEFTARG = tid, RIGHTARG = tid);
CREATE FUNCTION app.o6(tid, tid) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR app.< (FUNCTION = app.o6, LEFTARG = tid, RIGHTARG = tid);
CREATE FUNCTION app.o7(name, text) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR app.~ (FUNCTION = app.o7, LEFTARG = name, RIGHTARG = text);
