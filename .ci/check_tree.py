#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Rules for every file of the tree that no other tool looks after: licence line, at most 100
# columns, no blank at the end of a line, a newline at the end, scripts executable.
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE = {".c", ".h", ".in", ".map", ".py", ".sh", ".bash", ".lua", ".supp", ".build"}
SKIP_DIRECTORIES = {".git", "build", "__pycache__", "corpus"}
SKIP_SUFFIXES = {".abi", ".bin"}
COLUMNS = 100


def files():
    for directory, names, found in os.walk(ROOT):
        names[:] = sorted(n for n in names if n not in SKIP_DIRECTORIES)
        for name in sorted(found):
            path = pathlib.Path(directory, name)
            if path.suffix not in SKIP_SUFFIXES and not path.is_symlink():
                yield path


def problems(path):
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        yield 1, "no UTF-8"
        return
    lines = text.split("\n")
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield len(lines), "has to end in one newline"
    if path.name != "LICENSE" and not any("SPDX-License-Identifier: MIT" in s for s in lines[:3]):
        yield 1, "no SPDX line among the first three"
    if text.startswith("#!") and not os.access(path, os.X_OK):
        yield 1, "a script that is not executable"
    code = path.suffix in CODE or text.startswith("#!")
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "blank at the end of the line"
        if code and len(line.expandtabs(8)) > COLUMNS:
            yield number, f"more than {COLUMNS} columns"


def main():
    count = bad = 0
    for path in files():
        count += 1
        for number, text in problems(path):
            bad += 1
            print(f"{path.relative_to(ROOT)}:{number}: {text}")
    print(f"{count} files, {bad} problems")
    return 1 if bad or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
