"""One environment, prod, that stops at the gate."""
from harness import Case


class Gated(Case):
    def gates(self, schema, value="on"):
        """`value`: of `gates:`, and what follows it."""
        self.write("lockstep.yaml", f"schema: [{schema}.schema]\nenvironments:\n  prod: {{ url: \"${{PROD}}\", gates: {value} }}\n")

    def prod(self, code, *arguments, **how):
        how["environment"] = {"PROD": self.url, **how.get("environment", {})}
        return self.call(code, *arguments, "--env", "prod", **how)

    def go(self, code, *more, **how):
        return self.prod(code, "apply", "--yes", "--allow", "all", *more, **how)

    def killed_at(self, point, *more):
        died = self.call_any("apply", "--yes", "--allow", "all", "--env", "prod", *more, environment={"PROD": self.url, "LOCKSTEP_CRASH_AT": point})
        self.assertEqual(-9, died.returncode, died.stderr)

    def refused(self, part, sql):
        with self.assertRaises(Exception) as caught:
            self.sql(sql)
        self.assertIn(part, str(caught.exception))
