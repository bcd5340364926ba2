#!/usr/bin/env python3
"""What scripts rely on, tried on the real binary: exit codes, streams, flags, refusals, and the text of every command.

  tests/cli/run.py [--lockstep BINARY] [NAME…]     NAME: test_backup, test_backup.Backup.test_restore …

LOCKSTEP_BLESS=1 rewrites the golden texts."""
import argparse
import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.environ["LOCKSTEP_BINARY"] = os.path.abspath(options.lockstep)
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(options.names) if options.names else loader.discover(HERE, "test_*.py")
    sys.exit(0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1)
