#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Counts the results in Meson's testlog.json files and prints the closing line of a test run.
# Exit status 1 when a test failed or none ran.
#
#     summary.py TESTLOG...
import json
import pathlib
import sys

PASSED = ("OK", "EXPECTEDFAIL")
SKIPPED = ("SKIP", "IGNORED")


def main():
    passed = failed = skipped = 0
    for path in map(pathlib.Path, sys.argv[1:]):
        if not path.exists():
            continue
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            test = json.loads(line)
            if test["result"] in PASSED:
                passed += 1
            elif test["result"] in SKIPPED:
                skipped += 1
            else:
                failed += 1
                print(f"failed: {test['name']}: {test['result']}")
    if passed + failed == 0:
        print("no test ran")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
