"""What a database contains as sorted lines of text, read from the catalogs: the tests' judge on servers that the pg_dump at hand can't dump.

It shares no query with the program. A line says one thing and names no OID; the order of a table's columns doesn't count, that of a
composite type's and a view's does. Names that PostgreSQL 18 chooses itself for NOT NULL are not said: a file can't state them. Of what
extensions contain only the privileges that somebody changed are said. `rows=True` adds rows and the states of sequences."""

# Schemas of PostgreSQL itself, and Lockstep's own.
USER = "({0}.nspname !~ '^pg_' AND {0}.nspname NOT IN ('information_schema', 'lockstep'))"

# An ACL in full, whether it is stored or only the default: grantee, grantor, privilege and grant option, sorted.
ACL = """(SELECT coalesce(string_agg(CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END || '=' || x.privilege_type
  || CASE WHEN x.is_grantable THEN '*' ELSE '' END || '/' || x.grantor::regrole::text, ' ' ORDER BY x.grantee::regrole::text COLLATE "C",
  x.privilege_type COLLATE "C", x.grantor::regrole::text COLLATE "C"), 'none') FROM aclexplode(coalesce({0}, acldefault('{1}', {2}))) x)"""

# pg_attver is a trace that some builds of PostgreSQL leave in pg_attribute.
OPTIONS = """(SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest({0}) o WHERE o NOT LIKE 'pg\\_attver=%')"""


def acl(column, letter, owner):
    return ACL.format(column, letter, owner)


def options(column):
    return OPTIONS.format(column)


def member(catalog, oid):
    """True of what an extension contains."""
    return (f"EXISTS (SELECT FROM pg_depend m WHERE m.classid = '{catalog}'::regclass AND m.objid = {oid} AND m.deptype = 'e')")


def said(*parts):
    """SQL: the parts that are not null, with ` | ` between them; a pair is a label and an expression."""
    texts = [f"'{part[0]} ' || ({part[1]})::text" if isinstance(part, tuple) else part for part in parts]
    return "concat_ws(' | ', " + ", ".join(texts) + ")"


def flag(condition, word):
    return f"CASE WHEN {condition} THEN '{word}' END"


def queries(major, rows):
    mine = USER.format("n")
    yield "SELECT " + said("'schema ' || quote_ident(n.nspname)", ("owner", "n.nspowner::regrole"), ("acl", acl("n.nspacl", "n", "n.nspowner"))) + \
        f" FROM pg_namespace n WHERE {mine} AND NOT {member('pg_namespace', 'n.oid')}"

    relation = "c.oid::regclass::text"
    letter = "CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END"
    relation_acl = acl("c.relacl", "%", "c.relowner").replace("'%'", f"({letter})::\"char\"")
    yield "SELECT " + said(
        f"'relation ' || {relation} || ' ' || c.relkind::text",
        ("owner", "c.relowner::regrole"), ("persistence", "c.relpersistence"),
        ("am", "(SELECT a.amname FROM pg_am a WHERE a.oid = c.relam AND c.relkind IN ('r', 'p', 'm'))"),
        ("tablespace", "(SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace)"),
        ("with", options("c.reloptions")),
        ("toast with", "(SELECT " + options("t.reloptions") + " FROM pg_class t WHERE t.oid = c.reltoastrelid)"),
        ("replica identity", "CASE WHEN c.relkind IN ('r', 'p') THEN c.relreplident END"),
        flag("c.relrowsecurity", "row security"), flag("c.relforcerowsecurity", "forced"),
        ("of", "CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype END"),
        ("partition by", "pg_get_partkeydef(c.oid)"), ("bound", "pg_get_expr(c.relpartbound, c.oid)"),
        ("parents", "(SELECT string_agg(i.inhparent::regclass::text || CASE WHEN i.inhdetachpending THEN ' (detach pending)' ELSE '' END, ', ' "
                    "ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid)"),
        flag("c.relkind = 'm' AND NOT c.relispopulated", "not populated"),
        ("definition", "CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END"),
        ("foreign", "(SELECT s.srvname || coalesce(' ' || " + options("f.ftoptions") + ", '') FROM pg_foreign_table f "
                    "JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid)"),
        ("acl", f"CASE WHEN c.relkind NOT IN ('i', 'I', 'c') THEN {relation_acl} END")) + \
        f""" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {mine} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
  AND c.relpersistence <> 't' AND NOT {member('pg_class', 'c.oid')}"""

    target = "nullif(a.attstattarget, -1)"
    local = "CASE WHEN a.attinhcount > 0 THEN CASE WHEN a.attislocal AND NOT c.relispartition THEN 'inherited and local' ELSE 'inherited' END END"
    place = "CASE WHEN c.relkind IN ('c', 'v', 'm') THEN (SELECT count(*) FROM pg_attribute p WHERE p.attrelid = c.oid AND p.attnum BETWEEN 1 AND a.attnum AND NOT p.attisdropped) END"
    yield "SELECT " + said(
        f"'column ' || {relation} || '.' || quote_ident(a.attname)", ("place", place), ("type", "format_type(a.atttypid, a.atttypmod)"),
        flag("a.attnotnull", "not null"),
        ("collation", "CASE WHEN a.attcollation <> (SELECT t.typcollation FROM pg_type t WHERE t.oid = a.atttypid) THEN a.attcollation::regcollation END"),
        ("identity", "nullif(a.attidentity, '')"), ("generated", "nullif(a.attgenerated, '')"),
        ("default", "(SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum)"),
        ("storage", "CASE WHEN c.relkind <> 'v' THEN a.attstorage END"), ("compression", "nullif(a.attcompression, '')"), ("statistics", target),
        ("options", options("a.attoptions")), ("fdw options", options("a.attfdwoptions")), local,
        ("acl", "(SELECT string_agg(CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END || '=' || x.privilege_type || CASE WHEN "
                "x.is_grantable THEN '*' ELSE '' END, ' ' ORDER BY x.grantee::regrole::text COLLATE \"C\", x.privilege_type COLLATE \"C\") "
                "FROM aclexplode(a.attacl) x)")) + \
        f""" FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {mine}
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped
  AND NOT {member('pg_class', 'c.oid')}"""

    # The sequence of an identity column, with the others.
    yield "SELECT " + said(
        f"'sequence ' || {relation}", ("type", "q.seqtypid::regtype"), ("start", "q.seqstart"), ("by", "q.seqincrement"), ("from", "q.seqmin"),
        ("to", "q.seqmax"), ("cache", "q.seqcache"), flag("q.seqcycle", "cycle"),
        ("of", "(SELECT d.refobjid::regclass::text || '.' || quote_ident(a.attname) || ' ' || d.deptype::text FROM pg_depend d JOIN pg_attribute a "
               "ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refobjsubid > 0)")) + \
        f" FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {mine} AND NOT {member('pg_class', 'c.oid')}"

    yield "SELECT " + said(
        "'index ' || pg_get_indexdef(x.indexrelid)", ("valid", "x.indisvalid"), flag("x.indisclustered", "clustered"),
        flag("x.indisreplident", "replica identity"), flag("x.indisprimary", "primary"), flag("NOT x.indimmediate", "deferrable"),
        ("tablespace", "(SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace)"),
        ("part of", "(SELECT i.inhparent::regclass FROM pg_inherits i WHERE i.inhrelid = c.oid)"),
        ("statistics", "(SELECT string_agg(a.attnum::text || ':' || a.attstattarget::text, ' ' ORDER BY a.attnum) FROM pg_attribute a "
                       "WHERE a.attrelid = c.oid AND a.attstattarget >= 0)")) + \
        f" FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_class r ON r.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace " \
        f"WHERE {mine} AND r.relpersistence <> 't' AND NOT {member('pg_class', 'r.oid')}"

    # PostgreSQL's own choice of a name is not said: {table}_{column}_not_null, shortened or numbered when taken.
    chosen = ("CASE WHEN k.contype = 'n' AND (k.conname LIKE '%\\_not\\_null' OR k.conname ~ '_not_null[0-9]+$') THEN '(not null of ' || (SELECT quote_ident(a.attname) "
              "FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]) || ')' ELSE quote_ident(k.conname) END")
    yield "SELECT " + said(
        f"'constraint ' || {chosen} || ' on ' || k.conrelid::regclass::text", "pg_get_constraintdef(k.oid)", ("valid", "k.convalidated"),
        flag("k.conenforced = false", "not enforced") if major >= 18 else "NULL",
        flag("k.connoinherit AND k.contype IN ('c', 'n')", "no inherit"),
        "CASE WHEN k.coninhcount > 0 THEN CASE WHEN k.conislocal AND NOT c.relispartition THEN 'inherited and local' ELSE 'inherited' END END",
        ("its triggers are", "(SELECT nullif(string_agg(DISTINCT t.tgenabled::text, ''), 'O') FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgisinternal)")) + \
        f""" FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {mine} AND k.contype <> 't'
  AND c.relpersistence <> 't' AND NOT {member('pg_class', 'c.oid')}
  AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)"""
    yield "SELECT " + said("'constraint ' || CASE WHEN k.contype = 'n' THEN '(not null)' ELSE quote_ident(k.conname) END || ' on domain ' || k.contypid::regtype::text",
                           "pg_get_constraintdef(k.oid)", ("valid", "k.convalidated")) + \
        f" FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN pg_namespace n ON n.oid = t.typnamespace WHERE {mine} AND NOT {member('pg_type', 't.oid')}"

    yield "SELECT " + said("'trigger ' || pg_get_triggerdef(t.oid)", ("enabled", "t.tgenabled"), flag("t.tgparentid <> 0", "of a parent")) + \
        f" FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {mine} AND NOT t.tgisinternal AND NOT {member('pg_trigger', 't.oid')}"
    yield "SELECT " + said("'policy ' || quote_ident(p.polname) || ' on ' || p.polrelid::regclass::text", ("for", "p.polcmd"), ("permissive", "p.polpermissive"),
                           ("to", "(SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ', ' ORDER BY r::regrole::text COLLATE \"C\") FROM unnest(p.polroles) r)"),
                           ("using", "pg_get_expr(p.polqual, p.polrelid)"), ("check", "pg_get_expr(p.polwithcheck, p.polrelid)")) + \
        f" FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {mine}"
    yield "SELECT " + said("'rule ' || pg_get_ruledef(r.oid)", ("enabled", "r.ev_enabled")) + \
        f" FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {mine} AND r.rulename <> '_RETURN' AND NOT {member('pg_class', 'c.oid')}"
    yield "SELECT " + said("'statistics ' || pg_get_statisticsobjdef(s.oid)", ("owner", "s.stxowner::regrole"), ("target", "nullif(s.stxstattarget, -1)")) + \
        f" FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE {mine}"

    routine = "p.oid::regprocedure::text"
    yield "SELECT " + said(
        f"'routine ' || {routine} || ' ' || p.prokind::text", ("owner", "p.proowner::regrole"), ("acl", acl("p.proacl", "f", "p.proowner")),
        "CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) ELSE 'arguments ' || pg_get_function_arguments(p.oid) || ' ' || p.proparallel::text END",
        "(SELECT " + said(("kind", "g.aggkind"), ("direct", "g.aggnumdirectargs"), *[
            (name, f"nullif(g.{name}::oid, 0)::regprocedure") for name in ("aggtransfn", "aggfinalfn", "aggcombinefn", "aggserialfn", "aggdeserialfn",
                                                                          "aggmtransfn", "aggminvtransfn", "aggmfinalfn")],
                          ("sort", "nullif(g.aggsortop, 0)::regoperator"), ("state", "g.aggtranstype::regtype"), ("moving state", "nullif(g.aggmtranstype, 0)::regtype"),
                          ("space", "g.aggtransspace"), ("moving space", "g.aggmtransspace"), ("initial", "g.agginitval"), ("moving initial", "g.aggminitval"),
                          ("modify", "g.aggfinalmodify::text || g.aggmfinalmodify::text || g.aggfinalextra::text || g.aggmfinalextra::text")) +
        " FROM pg_aggregate g WHERE g.aggfnoid = p.oid)") + \
        f" FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {mine} AND NOT {member('pg_proc', 'p.oid')} AND NOT EXISTS (SELECT FROM pg_depend i " \
        "WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i' AND i.refclassid = 'pg_type'::regclass)"

    named = "quote_ident(n.nspname) || '.' || quote_ident(t.typname)"
    yield "SELECT " + said(
        f"'type ' || {named} || ' ' || t.typtype::text", ("owner", "t.typowner::regrole"), ("acl", acl("t.typacl", "T", "t.typowner")),
        ("base", "CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END"), flag("t.typnotnull", "not null"), ("default", "t.typdefault"),
        ("collation", "CASE WHEN t.typtype = 'd' AND t.typcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = t.typbasetype) THEN t.typcollation::regcollation END"),
        flag("NOT t.typisdefined", "shell"),
        ("input", "CASE WHEN t.typtype = 'b' THEN concat_ws(' ', t.typinput, t.typoutput, t.typlen, t.typalign, t.typstorage, t.typcategory, t.typelem::regtype) END"),
        ("labels", "(SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)"),
        ("range", "(SELECT concat_ws(' ', r.rngsubtype::regtype, r.rngmultitypid::regtype, (SELECT o.opcname FROM pg_opclass o WHERE o.oid = r.rngsubopc), "
                  "nullif(r.rngcollation, 0)::regcollation, r.rngcanonical, r.rngsubdiff) FROM pg_range r WHERE r.rngtypid = t.oid)")) + \
        f""" FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid WHERE {mine} AND NOT {member('pg_type', 't.oid')}
  AND (c.oid IS NULL OR c.relkind = 'c') AND t.typtype <> 'm' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)"""

    locale = {14: "c.collcollate || ' ' || c.collctype", 15: "concat_ws(' ', c.collcollate, c.collctype, c.colliculocale)",
              16: "concat_ws(' ', c.collcollate, c.collctype, c.colliculocale, c.collicurules)"}.get(
                  major, "concat_ws(' ', c.collcollate, c.collctype, c.colllocale, c.collicurules)")
    yield "SELECT " + said("'collation ' || c.oid::regcollation::text", ("owner", "c.collowner::regrole"), "c.collprovider::text", locale, ("deterministic", "c.collisdeterministic")) + \
        f" FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE {mine} AND NOT {member('pg_collation', 'c.oid')}"
    yield "SELECT " + said("'conversion ' || quote_ident(n.nspname) || '.' || quote_ident(c.conname)", ("owner", "c.conowner::regrole"),
                           "pg_encoding_to_char(c.conforencoding)", "pg_encoding_to_char(c.contoencoding)", "c.conproc::text", "c.condefault::text") + \
        f" FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE {mine}"
    yield "SELECT " + said("'operator ' || o.oid::regoperator::text", ("owner", "o.oprowner::regrole"), ("function", "o.oprcode"), ("commutator", "nullif(o.oprcom, 0)::regoperator"),
                           ("negator", "nullif(o.oprnegate, 0)::regoperator"), ("restrict", "nullif(o.oprrest, 0)"), ("join", "nullif(o.oprjoin, 0)"), "o.oprcanmerge::text", "o.oprcanhash::text") + \
        f" FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE {mine} AND NOT {member('pg_operator', 'o.oid')}"
    # Operator classes and families with what is in them: its own lines, by PostgreSQL's own description.
    for catalog, owner, space in (("pg_opclass", "opcowner", "opcnamespace"), ("pg_opfamily", "opfowner", "opfnamespace")):
        yield "SELECT " + said(f"pg_describe_object('{catalog}'::regclass, o.oid, 0)", ("owner", f"o.{owner}::regrole")) + \
            f" FROM {catalog} o JOIN pg_namespace n ON n.oid = o.{space} WHERE {mine} AND NOT {member(catalog, 'o.oid')}"
    for catalog, family in (("pg_amop", "amopfamily"), ("pg_amproc", "amprocfamily")):
        yield f"SELECT pg_describe_object('{catalog}'::regclass, o.oid, 0) FROM {catalog} o JOIN pg_opfamily f ON f.oid = o.{family} " \
              f"JOIN pg_namespace n ON n.oid = f.opfnamespace WHERE {mine} AND NOT {member('pg_opfamily', 'f.oid')}"
    yield "SELECT " + said("'cast ' || format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL)", ("function", "nullif(c.castfunc, 0)::regprocedure"),
                           "c.castcontext::text", "c.castmethod::text") + \
        f" FROM pg_cast c WHERE c.oid >= 16384 AND NOT {member('pg_cast', 'c.oid')}"

    yield "SELECT " + said("'text search configuration ' || t.oid::regconfig::text", ("owner", "t.cfgowner::regrole"), ("parser", "(SELECT p.prsname FROM pg_ts_parser p WHERE p.oid = t.cfgparser)"),
                           ("maps", "(SELECT string_agg(m.maptokentype::text || ':' || m.mapseqno::text || ':' || m.mapdict::regdictionary::text, ' ' ORDER BY m.maptokentype, m.mapseqno) "
                                    "FROM pg_ts_config_map m WHERE m.mapcfg = t.oid)")) + \
        f" FROM pg_ts_config t JOIN pg_namespace n ON n.oid = t.cfgnamespace WHERE {mine} AND NOT {member('pg_ts_config', 't.oid')}"
    yield "SELECT " + said("'text search dictionary ' || t.oid::regdictionary::text", ("owner", "t.dictowner::regrole"), ("template", "(SELECT p.tmplname FROM pg_ts_template p WHERE p.oid = t.dicttemplate)"),
                           ("options", "t.dictinitoption")) + \
        f" FROM pg_ts_dict t JOIN pg_namespace n ON n.oid = t.dictnamespace WHERE {mine} AND NOT {member('pg_ts_dict', 't.oid')}"
    yield "SELECT " + said("'text search parser ' || quote_ident(n.nspname) || '.' || quote_ident(t.prsname)", "concat_ws(' ', t.prsstart, t.prstoken, t.prsend, t.prsheadline, t.prslextype)") + \
        f" FROM pg_ts_parser t JOIN pg_namespace n ON n.oid = t.prsnamespace WHERE {mine} AND NOT {member('pg_ts_parser', 't.oid')}"
    yield "SELECT " + said("'text search template ' || quote_ident(n.nspname) || '.' || quote_ident(t.tmplname)", "concat_ws(' ', t.tmplinit, t.tmpllexize)") + \
        f" FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE {mine} AND NOT {member('pg_ts_template', 't.oid')}"

    rich = major >= 15
    generated = {True: "p.pubgencols::text", False: "NULL"}[major >= 18]
    yield "SELECT " + said("'publication ' || quote_ident(p.pubname)", ("owner", "p.pubowner::regrole"), flag("p.puballtables", "all tables"),
                           "concat(p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate)", flag("p.pubviaroot", "via root"), ("generated", generated)) + " FROM pg_publication p"
    yield "SELECT " + said("'published ' || r.prrelid::regclass::text || ' by ' || quote_ident(p.pubname)",
                           *([("where", "pg_get_expr(r.prqual, r.prrelid)"), ("columns", "(SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE \"C\") "
                                                                                         "FROM unnest(r.prattrs) k JOIN pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = k)")] if rich else [])) + \
        " FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid"
    if rich:
        yield "SELECT 'published schema ' || quote_ident(n.nspname) || ' by ' || quote_ident(p.pubname) FROM pg_publication_namespace s JOIN pg_publication p " \
              "ON p.oid = s.pnpubid JOIN pg_namespace n ON n.oid = s.pnnspid"

    yield "SELECT " + said("'extension ' || quote_ident(e.extname)", ("schema", "e.extnamespace::regnamespace"), ("version", "e.extversion")) + " FROM pg_extension e"
    yield "SELECT " + said("'event trigger ' || quote_ident(t.evtname)", ("owner", "t.evtowner::regrole"), "t.evtevent", "t.evtfoid::regprocedure::text", "t.evtenabled::text",
                           ("tags", options("t.evttags"))) + f" FROM pg_event_trigger t WHERE NOT {member('pg_event_trigger', 't.oid')}"
    yield "SELECT " + said("'wrapper ' || quote_ident(f.fdwname)", ("owner", "f.fdwowner::regrole"), ("handler", "nullif(f.fdwhandler, 0)::regproc"), ("validator", "nullif(f.fdwvalidator, 0)::regproc"),
                           ("options", options("f.fdwoptions")), ("acl", acl("f.fdwacl", "F", "f.fdwowner"))) + f" FROM pg_foreign_data_wrapper f WHERE NOT {member('pg_foreign_data_wrapper', 'f.oid')}"
    yield "SELECT " + said("'server ' || quote_ident(s.srvname)", ("owner", "s.srvowner::regrole"), ("wrapper", "(SELECT f.fdwname FROM pg_foreign_data_wrapper f WHERE f.oid = s.srvfdw)"),
                           ("type", "s.srvtype"), ("version", "s.srvversion"), ("options", options("s.srvoptions")), ("acl", acl("s.srvacl", "S", "s.srvowner"))) + " FROM pg_foreign_server s"
    yield "SELECT " + said("'user mapping ' || m.srvname || ' for ' || coalesce(m.usename, 'PUBLIC')", ("options", options("m.umoptions"))) + " FROM pg_user_mappings m"
    yield "SELECT " + said("'language ' || quote_ident(l.lanname)", ("owner", "l.lanowner::regrole"), flag("l.lanpltrusted", "trusted"), ("acl", acl("l.lanacl", "l", "l.lanowner"))) + \
        f" FROM pg_language l WHERE l.oid >= 16384 AND NOT {member('pg_language', 'l.oid')}"
    yield "SELECT 'default privileges of ' || d.defaclrole::regrole::text || coalesce(' in ' || nullif(d.defaclnamespace, 0)::regnamespace::text, '') || ' on ' || d.defaclobjtype::text || ': ' || " + \
        "(SELECT coalesce(string_agg(CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END || '=' || x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END, ' ' " \
        "ORDER BY x.grantee::regrole::text COLLATE \"C\", x.privilege_type COLLATE \"C\"), 'none') FROM aclexplode(d.defaclacl) x) FROM pg_default_acl d"

    # Of members of extensions, the privileges that differ from those that the extension gave.
    for catalog, owner, column, letter_of in (("pg_class", "relowner", "relacl", "CASE WHEN o.relkind = 'S' THEN 's' ELSE 'r' END"), ("pg_proc", "proowner", "proacl", "'f'"),
                                              ("pg_type", "typowner", "typacl", "'T'")):
        changed = acl(f"o.{column}", "%", f"o.{owner}").replace("'%'", f"({letter_of})::\"char\"")
        yield f"SELECT 'privileges on member ' || pg_describe_object('{catalog}'::regclass, o.oid, 0) || ' | ' || {changed} FROM {catalog} o WHERE {member(catalog, 'o.oid')} " \
              f"AND o.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM pg_init_privs i WHERE i.classoid = '{catalog}'::regclass AND i.objoid = o.oid AND i.objsubid = 0 AND i.initprivs = o.{column})"

    described = "FROM {0} d CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i LEFT JOIN pg_namespace n ON n.nspname = i.schema WHERE d.objoid >= 16384 " \
                f"AND coalesce({mine}, true) AND i.identity !~ '(^| on )lockstep(\\.|$)' AND NOT EXISTS (SELECT FROM pg_depend m WHERE m.classid = d.classoid AND m.objid = d.objoid AND m.deptype = 'e')"
    yield "SELECT 'comment on ' || i.type || ' ' || i.identity || ' | ' || d.description " + described.format("pg_description")
    yield "SELECT 'label on ' || i.type || ' ' || i.identity || ' | ' || d.provider || ' ' || d.label " + described.format("pg_seclabel")


# Written by the server itself, so that it works for any set of tables.
ROWS = """SELECT format('SELECT %L || t::text FROM ONLY %s t', 'row of ' || c.oid::regclass::text || ' ', c.oid::regclass) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND (c.relkind = 'r' OR c.relispopulated) AND c.relpersistence <> 't' AND """ + USER.format("n") + """
UNION ALL SELECT format('SELECT %L || last_value || '' '' || is_called FROM %s', 'state of ' || c.oid::regclass::text || ' ', c.oid::regclass)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND """ + USER.format("n")


def catalog_dump(server, database, rows=False):
    """Its lines, sorted; a line break inside one is written as `\\n`."""
    texts = list(queries(server.major, rows))
    if rows:
        texts += server.sql(database, "SET search_path = pg_catalog;\n" + ROWS).splitlines()
    wrapped = [f"SELECT replace(replace(l.t, E'\\\\', E'\\\\\\\\'), E'\\n', E'\\\\n') FROM ({text}) AS l(t);" for text in texts]
    return sorted(server.sql(database, "SET search_path = pg_catalog;\n" + "\n".join(wrapped)).splitlines())
