"""An installed PostgreSQL that lacks extensions, for scratch databases that can't have what a target has."""
import os
import shutil
import subprocess
import unittest


def lesser_postgres(bin_folder, tree, kept):
    """Makes it below `tree` from links, with the extension files whose names `kept` accepts.

    Returns the environment of a `lockstep` whose embedded server it is; SkipTest if pg_config is not there."""
    found = subprocess.run([bin_folder + "/pg_config", "--sharedir", "--pkglibdir", "--libdir"], stdout=subprocess.PIPE, text=True)
    if found.returncode:
        raise unittest.SkipTest("no pg_config")
    share, packages, libraries = found.stdout.split()
    os.chmod(tree, 0o755)
    own_bin, own_share = tree + os.path.realpath(bin_folder), tree + share
    os.makedirs(own_bin)
    os.makedirs(own_share + "/extension")
    for tool in ("postgres", "initdb", "pg_ctl"):
        shutil.copy(os.path.join(bin_folder, tool), own_bin)
    for folder in (packages, libraries):
        if not os.path.exists(tree + folder):
            os.makedirs(os.path.dirname(tree + folder), exist_ok=True)
            os.symlink(folder, tree + folder)
    for entry in os.listdir(share):
        if entry != "extension":
            os.symlink(os.path.join(share, entry), os.path.join(own_share, entry))
    for entry in os.listdir(share + "/extension"):
        if kept(entry):
            os.symlink(os.path.join(share, "extension", entry), os.path.join(own_share, "extension", entry))
    return {"LOCKSTEP_PG_BINDIRS": own_bin, "LOCKSTEP_CACHE": tree + "/cache"}
