"""The tool that changes the schema: a few command lines, a file of `word = command`. Nothing else is known of it.

Commands run by /bin/sh in a folder of the trial's own, with ROLLOUT_URL (the database), ROLLOUT_SCENARIO (the scenario's folder), ROLLOUT_VARIANT
and what the caller's environment has. A command that ends with another code than 0 has failed."""
import os
import subprocess

WORDS = ("prepare", "start", "finish", "undo", "rollback", "hold", "purge")


class Tool:
    def __init__(self, path):
        self.name, self.commands = os.path.basename(path), {}
        with open(path, encoding="utf-8") as stream:
            for line in stream:
                if line.strip() and not line.startswith("#"):
                    word, _, command = line.partition("=")
                    if word.strip() not in WORDS:
                        raise SystemExit(f"{path}: unknown word {word.strip()}")
                    self.commands[word.strip()] = command.strip()

    def run(self, word, folder, scenario, variant, url):
        """What went wrong, or nothing."""
        command = self.commands.get(word)
        if not command:
            return ""
        done = subprocess.run(command, shell=True, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False, env=dict(os.environ, ROLLOUT_URL=url, ROLLOUT_SCENARIO=scenario.folder,
                                                             ROLLOUT_VARIANT=variant))
        with open(os.path.join(folder, "log"), "a", encoding="utf-8") as log:
            log.write(f"$ {command}\n{done.stdout}[{done.returncode}]\n")
        if done.returncode == 0:
            return ""
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        return f"{word} ended with {done.returncode}: {lines[-1] if lines else ''}"
