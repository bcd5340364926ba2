"""A folder for what Lockstep keeps between runs, of the `with` alone: with an embedded server of its own, which ends with it."""
import glob
import os
import shutil
import signal
import tempfile
import time


class OwnCache:
    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="lockstep_test_cache_")
        os.chmod(self.folder, 0o755)  # as root the server runs as another user
        self.environment = {"LOCKSTEP_CACHE": self.folder}
        return self

    def __exit__(self, *_):
        for path in glob.glob(self.folder + "/pg*/data/postmaster.pid"):
            with open(path) as stream:
                os.kill(int(stream.readline()), signal.SIGINT)
            for _ in range(200):
                if not os.path.exists(path):
                    break
                time.sleep(0.05)
        shutil.rmtree(self.folder, ignore_errors=True)

    def forget(self):
        """All results; the server goes on."""
        for name in ("answers", "elaborated"):
            shutil.rmtree(f"{self.folder}/{name}", ignore_errors=True)
