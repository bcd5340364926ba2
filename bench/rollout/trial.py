"""One trial: a fresh database, both versions of the application, and the change, phase by phase. VARIANTS is the whole story."""
import gc
import multiprocessing
import os
import subprocess
import time
from dataclasses import dataclass

from load import Figures, work
from model import Base, compare

OLD, BOTH, NEW, NONE = ("old",), ("old", "new"), ("new",), ()
# A phase: its name, the command of the tool that runs in it (or a pause), the applications at work, and the shapes compared with the model at its end.
BEGINNING = (("control", None, OLD, NONE), ("start", "start", OLD, NONE), ("gate", None, BOTH, BOTH))
VARIANTS = {
    "undo": BEGINNING + (("undo", "undo", OLD, NONE), ("end", None, OLD, OLD)),
    "finish": BEGINNING + (("finish", "finish", NEW, NONE), ("end", None, NEW, NEW)),
    "rollback": BEGINNING + (("finish", "finish", NEW, NONE), ("new", None, NEW, NONE), ("rollback", "rollback", NONE, NONE), ("end", None, OLD, OLD)),
    "hold": BEGINNING + (("finish", "hold", NEW, NONE), ("new", None, NEW, NEW), ("rollback", "rollback", NONE, NONE), ("end", None, OLD, OLD)),
    "purge": BEGINNING + (("finish", "hold", NEW, NONE), ("new", None, NEW, NONE), ("purge", "purge", NEW, NONE), ("end", None, NEW, NEW)),
}


@dataclass
class Settings:
    url: str
    rows: int
    clients: int
    rate: int
    pause: float
    seed: int
    begun: float = 0.0


class Load:
    """The clients, each a process of its own."""

    def __init__(self, settings, scenario, base):
        context = multiprocessing.get_context("fork")
        self.pipes, self.processes = [], []
        for number in range(settings.clients):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs, number, settings, scenario, base), daemon=True)
            process.start()
            self.pipes.append(ours)
            self.processes.append(process)
        self._answers()

    def _answers(self):
        return [pipe.recv() for pipe in self.pipes]

    def _tell(self, *message):
        for pipe in self.pipes:
            pipe.send(message)
        return self._answers()

    def phase(self, name, applications):
        """Returns once every client is in it: none has a request of the phase before under way."""
        self._tell("phase", name, time.monotonic(), applications)

    def models(self):
        return self._tell("model")

    def end(self):
        """{phase: figures of all clients together}, and their models."""
        together, models = {}, []
        for figures, rows, added in self._tell("end"):
            models.append((rows, added))
            for phase, one in figures.items():
                whole = together.setdefault(phase, Figures())
                for name, value in vars(one).items():
                    setattr(whole, name, (getattr(whole, name) or value) if name.startswith("first") else getattr(whole, name) + value)
        self.stop()
        return together, models

    def stop(self):
        for process in self.processes:
            process.join(1)
            if process.is_alive():
                process.kill()


@dataclass
class PhaseResult:
    name: str
    seconds: float = 0.0
    trouble: str = ""
    difference: object = None


def run(settings, scenario, variant, tool, psql, folder):
    """[(phase, figures)] in the order of the phases; the last one tells whether the trial came to its end."""
    done = subprocess.run([psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", f"rows={settings.rows}", "-d", settings.url, "-f",
                           os.path.join(scenario.folder, "setup.sql")], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{scenario.name}: {done.stderr}")
    if trouble := tool.run("prepare", folder, scenario, variant, settings.url):
        return [(PhaseResult("prepare", trouble=trouble), Figures())]
    base = Base(scenario, settings.url, psql)
    gc.freeze()
    settings.begun = time.monotonic()
    load, results = Load(settings, scenario, base), []
    try:
        for name, command, applications, shapes in VARIANTS[variant]:
            begun, result = time.monotonic(), PhaseResult(name)
            results.append(result)
            load.phase(name, applications)
            if command:
                result.trouble = tool.run(command, folder, scenario, variant, settings.url)
                time.sleep(0.5)  # what the command left waiting
            else:
                time.sleep(settings.pause)
            result.seconds = time.monotonic() - begun
            if result.trouble:
                break
            if shapes:
                load.phase(name, NONE)
                models = load.models()
                for shape in shapes:
                    found = compare(scenario, shape, base, models, settings.url, psql)
                    result.difference = result.difference or found
                    if found is not result.difference:
                        result.difference.join(found)
        figures, _ = load.end()
    finally:
        load.stop()
        gc.unfreeze()
    return [(result, figures.get(result.name, Figures())) for result in results]
