#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# A library exports what its public headers declare, and its map says the same. In an archive hidden
# symbols meet those of the program, so there every global symbol carries the library's prefix or
# cmn_.
#
#     symbols.py --prefix qlink_ --map FILE [--shared LIBRARY] [--static ARCHIVE] HEADER...
import argparse
import re
import subprocess
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


def declared(headers, prefix):
    """Names of the functions and variables that the headers declare."""
    names = set()
    for header in headers:
        text = without_comments(read(header)).replace("\\\n", " ")
        text = re.sub(r"^[ \t]*#.*$", " ", text, flags=re.M)
        text = text.replace('extern "C" {', " ")
        while re.search(r"\{[^{}]*\}", text):
            text = re.sub(r"\{[^{}]*\}", " ", text)
        for statement in text.replace("}", ";").split(";"):
            match = re.search(rf"\b({prefix}\w+)\s*\(", statement)
            if match and not re.match(r"\s*(typedef|static)\b", statement):
                names.add(match[1])
            match = re.match(rf"\s*extern\b[^(]*?\b({prefix}\w+)\s*(\[.*\])?\s*$", statement)
            if match:
                names.add(match[1])
    return names


def mapped(path):
    """Names that the version script makes global; a pattern among them is an error."""
    text = re.sub(r"^#.*$", "", without_comments(read(path)), flags=re.M)
    names = []
    for node in re.findall(r"\{(.*?)\}", text, flags=re.S):
        scope = "global"
        for item in re.split(r"[;\s]+", node.replace(":", ": ")):
            if item in ("global:", "local:"):
                scope = item[:-1]
            elif item and scope == "global":
                names.append(item)
    problems = [f"{path}: {n} stands there twice" for n in sorted(set(names)) if names.count(n) > 1]
    problems += [f"{path}: pattern {n}: list each symbol" for n in names if re.search(r"[*?\[]", n)]
    return set(names), problems


def nm(options, path):
    done = subprocess.run(["nm", *options, path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"symbols: nm {path}: {done.stderr.strip()}")
    found = set()
    for line in done.stdout.splitlines():
        words = line.split()
        # A version node stands in the table as an absolute symbol.
        if len(words) == 3 and words[1] != "A":
            found.add(words[2].split("@")[0])
    return found


def difference(what, names, other, others):
    lines = [f"{n}: in {what}, not in {other}" for n in sorted(names - others)]
    return lines + [f"{n}: in {other}, not in {what}" for n in sorted(others - names)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--map", required=True)
    parser.add_argument("--shared")
    parser.add_argument("--static")
    parser.add_argument("headers", nargs="+")
    args = parser.parse_args()

    public = declared(args.headers, args.prefix)
    listed, problems = mapped(args.map)
    if not public:
        problems.append("the headers declare nothing")
    problems += difference("the headers", public, "the map", listed)
    if args.shared:
        exported = nm(["-D", "--defined-only"], args.shared)
        problems += difference("the map", listed, args.shared, exported)
    if args.static:
        found = nm(["--defined-only", "--extern-only"], args.static)
        problems += [f"{n}: declared, not in {args.static}" for n in sorted(public - found)]
        foreign = [n for n in sorted(found) if not n.startswith((args.prefix, "cmn_"))]
        problems += [f"{n}: in {args.static} without the prefix {args.prefix}" for n in foreign]

    print("\n".join(problems + [f"{len(public)} public symbols, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
