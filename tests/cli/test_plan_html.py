"""plan --format html: one document that runs and loads nothing, whatever the names, notes and bodies are."""
import html.parser

from harness import Case

EVIL = "<script>alert('x')</script>&\\\"'<img src=x onerror=y>"


class Reader(html.parser.HTMLParser):
    """Which elements and attributes there are, and all text."""
    ALONE = {"meta"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.attributes, self.text = set(), [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        if tag not in self.ALONE and tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text += data


class Html(Case):
    def html(self, schema, *more, code=0):
        done = self.call(code, "plan", "--url", self.url, "--schema", schema + ".schema", "--format", "html", *more)
        reader = Reader(done.stdout)
        self.assertEqual([], reader.open)
        self.assertLessEqual(reader.tags, {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "b", "i", "table", "tr", "th", "td",
                                           "code", "pre", "span", "ul", "li", "br", "details", "summary"})
        self.assertLessEqual({name for name, _ in reader.attributes}, {"lang", "charset", "http-equiv", "content", "name", "class"})
        self.assertIn("default-src 'none'", done.stdout)
        self.assertIn("prefers-color-scheme: dark", done.stdout)
        for word in ("url(", "@import", "http:", "https:", "\x1b", "\u202e"):
            self.assertNotIn(word, done.stdout)
        return done.stdout, reader

    def test_a_plan_and_its_parts(self):
        self.apply(0, "one", "--yes")
        self.sql("INSERT INTO app.t SELECT n, 'x' FROM generate_series(1, 100) n")
        self.write("next.schema", """schema app {
  table t { id bigint not null primary key; extra integer not null backfill (1); index on_extra on (extra); }
  function f() returns integer language sql as $$ select 1 $$;
}
""")
        text, reader = self.html("next")
        for part in ("Hazards", "Changes", "Values", "Steps", "drop-column", "--allow ", "ACCESS EXCLUSIVE on app.t", "CREATE INDEX CONCURRENTLY",
                     "migrate", "expand", "contract", "proved on a scratch copy"):
            self.assertIn(part, reader.text)
        self.assertLess(reader.text.index("Hazards"), reader.text.index("Changes\n"))
        self.assertEqual(text, self.html("next")[0])  # the same plan, the same bytes

    def test_nothing_to_do(self):
        self.apply(0, "one", "--yes")
        self.assertIn("Nothing to do: live equals desired.", self.html("one")[1].text)

    def test_hostile_names_and_bodies(self):
        quoted = EVIL.replace('"', '""')
        self.write("evil.schema", 'schema app {\n  table "' + quoted + '" { "' + quoted + '" bigint; }\n'
                   "  function f() returns text language sql as $$ select '</pre></details>" + EVIL.replace("'", "''") + "' $$;\n}\n")
        done = self.call_any("plan", "--url", self.url, "--schema", "evil.schema", "--format", "html")
        self.assertEqual(0, done.returncode, done.stderr)
        reader = self.html("evil")[1]
        self.assertIn("<script>alert('x')</script>", reader.text)
        self.assertNotIn("script", reader.tags)
        self.assertNotIn("img", reader.tags)
        self.apply(0, "evil", "--yes")
        self.write("evil.schema", self.read("evil.schema").replace("</pre>", "</pre>\u202e<b onclick=1>"))
        reader = self.html("evil")[1]
        self.assertIn("-  select", reader.text.replace("- select", "-  select"))
        self.assertIn("<b onclick=1>", reader.text)
        self.html("one", "--no-prove")

    def test_an_open_run_is_told_inside(self):
        self.apply(0, "one", "--yes")
        self.killed("two", "s01")
        self.assertIn("Open run.", self.html("two")[1].text)
