"""A plan that is too large for a comment: what is dangerous is in it, the room is used, and it says how much is left out."""
import re

from harness import Case

TABLES = 700


class LargePlan(Case):
    def test_a_grant_among_new_tables(self):
        self.sql("CREATE SCHEMA s; CREATE TABLE s.pay (id bigint PRIMARY KEY, amount int)")
        self.write("one.schema", "schema s {\n  table pay { id bigint not null primary key; amount integer; grant select, update to public; }\n" +
                   "".join(f"  table pad{n} {{ id bigint not null primary key; note text; }}\n" for n in range(TABLES)) + "}\n")
        texts = {self.call(0, "plan", "--format", "markdown", "--no-prove", "--no-cache", "--url", self.url, "--schema", "one.schema").stdout for _ in range(2)}
        self.assertEqual(1, len(texts))
        text = texts.pop()
        self.assertLess(len(text), 60000)
        self.assertGreater(len(text), 55000)
        changes = text[text.index("#### Changes"):text.index("#### Steps")].splitlines()
        self.assertIn("| \\+ | `grant table.s.pay.PUBLIC` | SELECT, UPDATE |", changes[4])  # before all that is new
        for part in ("create table s.pad0", "CREATE TABLE s.pad0"):
            self.assertIn(part, text)
        # What is there and what is said to be left out is all of it.
        for name, section in (("the list of changes", changes), ("the list of steps", text[text.index("#### Steps"):text.index("<details>")].splitlines())):
            shown = sum(line.startswith("| ") for line in section) - 1
            left_out = int(re.search(rf"\*\*Left out.*?(\d+) lines of {name}", text).group(1))
            self.assertIn(f"*… {left_out} more lines are left out here.*", section)
            self.assertEqual(TABLES + 1, shown + left_out)
        self.assertRegex(text, r"\n-- … \d+ more lines are left out here\n```\n\n</details>\n")
        self.assertRegex(text, r"\d+ lines of the SQL\. `lockstep plan` shows all of it\.\n$")

    def test_what_is_lost_or_locked_is_cut_last(self):
        """It comes last in the order of the plan, or in the middle of it."""
        self.sql("CREATE SCHEMA s; CREATE TABLE s.pay (id bigint PRIMARY KEY, amount int, gone text); CREATE TABLE s.old (); "
                 'CREATE TABLE s."pad 1; x" (id bigint)')
        self.write("one.schema", 'schema s {\n  table pay { id bigint not null primary key; amount bigint; index by_amount on (amount); }\n'
                                 '  table "pad 1; x" { id bigint not null; }\n' +
                   "".join(f"  table pad{n} {{ id bigint not null primary key; note text; index on (note); }}\n" for n in range(TABLES)) + "}\n")
        text = self.call(0, "plan", "--format", "markdown", "--no-cache", "--url", self.url, "--schema", "one.schema").stdout
        self.assertLess(len(text), 60000)
        steps, sql = text[text.index("#### Steps"):text.index("<details>\n<summary>SQL")], text[text.index("<summary>SQL"):]
        self.assertIn("more lines are left out", steps)
        for line in ("drop column s.pay.gone", "drop table s.old", "`s.pay`", '"pad 1; x"'):
            self.assertIn(line, steps)
        for statement in ("DROP TABLE s.old", "DROP COLUMN gone", "by_amount", 'ALTER TABLE s."pad 1; x"'):
            self.assertIn(statement, sql)
