"""One recipe, one way, on a copy of the filled database: the control window without a change, then the change, beside the same load."""
import os
import subprocess
import time

from load import Load

WARM, MARGIN, DRAIN = 3.0, 0.5, 1.5  # seconds: before the control; of the change's window on each side; until what was due has been answered
LONGEST_MS, MORE_MS, TIMES = 300, 200, 2  # the marks: the longest request, or so much more than the control's; p99 as a multiple of the control's
REFUSED = 3  # Lockstep's exit code


class Lockstep:
    def __init__(self, binary, backup, nice=0):
        self.binary, self.backup, self.nice = binary, backup, nice

    @staticmethod
    def _wanted(folder, text):
        path = os.path.join(folder, "wanted.schema")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
        return path

    def plan(self, url, folder, text):
        """Saves the plan; what went wrong, or nothing."""
        return self._said([self.binary, "plan", "--url", url, "--schema", self._wanted(folder, text), "-o", os.path.join(folder, "plan.json")], folder, (0, 2))

    def apply(self, url, folder, text, phase=None, planned=False):
        """What went wrong, or nothing."""
        what = [os.path.join(folder, "plan.json")] if planned else ["--schema", self._wanted(folder, text)]
        command = [self.binary, "apply", "--url", url, *what, "--yes", "--allow", "all", *(["--phase", phase] if phase else []),
                   *(["--store", os.path.join(folder, "backups")] if self.backup else ["--no-backup"])]
        return self._said(command, folder, (0, 6) if phase else (0,))

    def own(self, url, folder):
        """The copy's journal says that it is the template's: from now on it is the copy's."""
        if trouble := self._said([self.binary, "identity", "rebind", "--url", url, "--reason", "a copy of bench/stall"], folder, (0,)):
            raise SystemExit(trouble)

    def differs(self, url, folder, text):
        """Whether the database is something else than `text` says."""
        path = self._wanted(folder, text)
        done = subprocess.run([self.binary, "plan", "--url", url, "--schema", path, "--format", "sql"], cwd=folder, capture_output=True, text=True, check=False)
        return "\n".join(line for line in (done.stdout + (done.stderr if done.returncode else "")).splitlines() if line.strip() and not line.startswith("--"))

    def _said(self, command, folder, good):
        done = subprocess.run((["nice", "-n", str(self.nice)] if self.nice else []) + command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        with open(os.path.join(folder, "lockstep.log"), "a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n{done.stdout}{done.stderr}[{done.returncode}]\n")
        if done.returncode in good:
            return ""
        lines = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines() or [""]
        return f"lockstep ended with {done.returncode}: {lines[0]}"


class Trial:
    """What was found: figures of the control and of the change (number, p50, p99, longest), `failed`, `seconds`, `trouble`, `verdict`."""

    def __init__(self, recipe, way, rows, seed, rate, control, planned):
        self.recipe, self.way, self.rows, self.seed, self.rate, self.control_seconds = recipe, way, rows, seed, rate, control
        # The plan is made and saved before the load, as a pipeline does it elsewhere; one that stops at a gate is made when it runs.
        self.planned = planned and way == "lockstep" and not recipe.phases
        self.trouble, self.note = "", ""

    def run(self, server, template, lockstep, folder, check):
        database = copied(server, template)
        try:
            self._prepare(server, database, lockstep, folder)
            with Load(server, database, folder, self.rows, self.seed, self.rate, self.recipe) as load:
                time.sleep(min(WARM, self.control_seconds))
                quiet = time.time()
                time.sleep(self.control_seconds)
                begun = time.time()
                time.sleep(MARGIN)
                changed = time.time()
                self._change(server, database, lockstep, folder)
                self.seconds = time.time() - changed
                ended = time.time() + MARGIN
                time.sleep(MARGIN + DRAIN)
            self.control, self.change = load.figures(quiet, begun), load.figures(begun, ended)
            self.failed, self.first_error = len(load.errors), load.errors[0] if load.errors else ""
            if check and self.way == "naive" and not self.trouble:
                left = lockstep.differs(server.url(database), folder, self.recipe.after)
                self.note = f"naive.sql does something else, left: {left}" if left else ""
        finally:
            server.drop_database(database)
        self.verdict = self._verdict()

    def _prepare(self, server, database, lockstep, folder):
        recipe = self.recipe
        lockstep.own(server.url(database), folder)
        if recipe.before and (trouble := lockstep.apply(server.url(database), folder, recipe.before)):
            raise RuntimeError(f"{recipe.name}: before.edit: {trouble}")
        if recipe.fill:
            server.sql(database, recipe.fill.replace(":rows", str(self.rows)))
        if self.planned:
            self.trouble = lockstep.plan(server.url(database), folder, recipe.after)
        server.sql(database, "CHECKPOINT")

    def _change(self, server, database, lockstep, folder):
        if self.way == "naive":
            try:
                server.sql(database, self.recipe.naive)
            except RuntimeError as error:
                self.trouble = str(error)
            return
        for phase in self.recipe.phases or [None]:
            self.trouble = self.trouble or lockstep.apply(server.url(database), folder, self.recipe.after, phase, self.planned)

    def _verdict(self):
        if self.trouble:
            return "refused" if self.trouble.startswith(f"lockstep ended with {REFUSED}:") else "didn't end"
        missed = (["failed"] if self.failed else []) + missed_marks(self.control[2], self.control[3], self.change[2], self.change[3])
        return "met" if not missed else "missed: " + ", ".join(missed)


def missed_marks(control_p99, control_longest, p99, longest):
    return ((["longest"] if longest > max(LONGEST_MS, control_longest + MORE_MS) else []) + (["p99"] if p99 > TIMES * control_p99 else []))


def copied(server, template):
    """By copying files where the server can choose (15 on): the other way writes all of it to the log, which takes as much room again."""
    server.count += 1
    name = f"stall_{server.count}"
    server.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}" + (" STRATEGY FILE_COPY" if server.major >= 15 else ""))
    return name


def sustained(server, template, folder, rows, seed, seconds):
    """Requests a second of the idle server, when everybody sends as fast as it is answered."""
    database = copied(server, template)
    with Load(server, database, folder, rows, seed, None) as load:
        time.sleep(WARM)
        begun = time.time()
        time.sleep(seconds)
        ended = time.time()
    server.drop_database(database)
    if load.errors:
        raise SystemExit(f"the load fails by itself: {load.errors[0]}")
    return load.figures(begun, ended)[0] / seconds
