#!/usr/bin/env python3
"""What scripts rely on, tried on the real binary: exit codes, streams, flags, refusals, and the text of every command.

  tests/cli/run.py [--lockstep BINARY] [--part] [NAME…]     NAME: test_backup, test_backup.Backup.test_restore …

--part: of the long files, the tests that are due today (tests/support/rotation.py).
LOCKSTEP_BLESS=1 rewrites the golden texts."""
import argparse
import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
# Each takes a minute or more.
LONG = {"test_adopt", "test_adopt_each", "test_adopt_places", "test_adopt_renames", "test_around_the_rules",
        "test_at_stake", "test_attest", "test_between_batches", "test_beyond_runs", "test_bodies", "test_both_names",
        "test_changed_index", "test_combined_changes", "test_clone_schema", "test_convert_using", "test_deploy_scripts", "test_detach",
        "test_edited_plan", "test_enums_beside", "test_estimates", "test_foreign_code", "test_gates", "test_grown",
        "test_held_types", "test_hold", "test_hold_by_hand", "test_hold_limits", "test_import", "test_inspect_text",
        "test_left_over", "test_limits", "test_lock_queue", "test_mapped_enum", "test_names_and_types",
        "test_namesakes", "test_null_fills", "test_partitions", "test_plan_between", "test_plan_part",
        "test_planted_journal", "test_promotion", "test_rehearse", "test_remade_tables", "test_renamed_together",
        "test_report", "test_rollback", "test_rows_first", "test_said_aloud", "test_saved_values", "test_secrets",
        "test_security_labels", "test_shadow", "test_side_by_side", "test_sql", "test_standing", "test_stubs",
        "test_successor_partitions", "test_successors", "test_values", "test_writers_rights"}


def due(suite):
    from rotation import is_due
    chosen = unittest.TestSuite()
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            chosen.addTest(due(test))
        elif type(test).__module__ not in LONG or is_due(test.id()):
            chosen.addTest(test)
    return chosen


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("--part", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.environ["LOCKSTEP_BINARY"] = os.path.abspath(options.lockstep)
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(options.names) if options.names else loader.discover(HERE, "test_*.py")
    suite = due(suite) if options.part else suite
    sys.exit(0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1)
