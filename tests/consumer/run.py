#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Programs outside the tree: built with pkg-config against a staged installation, shared and static,
# and as a Meson project with linekeeper below subprojects/. The C code of the README and of
# docs/events.md is built in the same way, so that what people copy compiles.
#
#     run.py [PART...]        parts: shared static subproject docs (default: all)
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MESON = shutil.which("meson", path="/usr/bin") or "meson"
CC = shlex.split(os.environ.get("CC", "cc"))
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Wvla", "-Werror"]
PAGES = ["README.md", "docs/events.md"]
LIBRARIES = ["qlink", "ppcs", "meshtcp", "ipcom"]

# The least that a program does with a library. Some have a longer one.
LEAST = """
#include <stdio.h>
#include <NAME/NAME.h>

int main(void)
{
	struct NAME *handle;

	if (NAME_new(&handle) < 0)
		return 1;
	NAME_free(handle);
	printf("libNAME %s\\n", NAME_version());
	return 0;
}
"""


def call(*command, **options):
    """Run a command; its output is shown only when it fails, and then the test ends."""
    print("+", shlex.join(map(str, command)), flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\nconsumer: exit status {done.returncode}")
    return done.stdout


class Stage:
    """An installation of the libraries, found through its own pkg-config path only."""

    def __init__(self, work):
        self.prefix = work / "stage"
        build = work / "build"
        call(MESON, "setup", build, ROOT, f"-Dprefix={self.prefix}", "-Dlibdir=lib",
             "-Ddefault_library=both", "-Dtools=disabled", "-Dtests=disabled",
             "-Dexamples=disabled", "-Dman=disabled")
        call(MESON, "install", "-C", build, "--quiet")
        self.environment = dict(os.environ, PKG_CONFIG_LIBDIR=str(self.prefix / "lib/pkgconfig"))

    def flags(self, name, *options):
        text = call("pkg-config", *options, f"lib{name}", env=self.environment)
        return shlex.split(text)

    def build(self, source, program, name="qlink", static=False):
        if static:
            flags = self.flags(name, "--cflags") + ["-static"]
            libs = self.flags(name, "--libs", "--static")
        else:
            flags = self.flags(name, "--cflags")
            libs = self.flags(name, "--libs")
        call(*CC, *STRICT, *flags, "-o", program, source, *libs)

    def run(self, program):
        return call(program, env={"LD_LIBRARY_PATH": str(self.prefix / "lib")})


LONGER = {"qlink": "main.c", "ppcs": "ppcs.c"}


def source_of(name, work):
    if name in LONGER:
        return HERE / LONGER[name]
    source = work / f"{name}.c"
    source.write_text(LEAST.replace("NAME", name), encoding="utf-8")
    return source


def shared(stage, work):
    for name in LIBRARIES:
        file = f"lib{name}.so.0"
        program = work / f"{name}-shared"
        stage.build(source_of(name, work), program, name)
        print(stage.run(program), end="")
        needed = re.findall(r"NEEDED\s+(\S+)", call("objdump", "-p", program))
        if file not in needed:
            sys.exit(f"consumer: the program needs {needed}, not {file}")
        library = call("objdump", "-p", stage.prefix / "lib" / file)
        foreign = [n for n in re.findall(r"NEEDED\s+(\S+)", library) if not n.startswith("libc.")]
        if foreign:
            sys.exit(f"consumer: lib{name} needs more than libc: {foreign}")


def static(stage, work):
    for name in LIBRARIES:
        # Without the shared library in sight, -l alone has to do.
        (stage.prefix / f"lib/lib{name}.so").unlink()
        stage.build(source_of(name, work), work / f"{name}-static", name, static=True)
        print(stage.run(work / f"{name}-static"), end="")


def subproject(work):
    project = work / "project"
    (project / "subprojects").mkdir(parents=True)
    for name in ("meson.build", "main.c"):
        shutil.copy(HERE / name, project)
    (project / "subprojects/linekeeper").symlink_to(ROOT)
    environment = dict(os.environ, PKG_CONFIG_LIBDIR="/nonexistent")
    call(MESON, "setup", work / "project-build", project, env=environment)
    call(MESON, "test", "-C", work / "project-build", "consumer:")
    print("subproject ok")


def docs(stage, work):
    """A fenced block that begins with #include is a program; README.md has to have one."""
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        blocks = [b for b in re.findall(r"^```c\n(.*?)^```$", text, flags=re.S | re.M)]
        programs = [b for b in blocks if b.startswith("#include")]
        if not programs or len(programs) != len(blocks):
            sys.exit(f"consumer: {page}: each C block has to be a whole program")
        for number, block in enumerate(programs, 1):
            name = f"{pathlib.Path(page).stem}-{number}"
            source = work / (name + ".c")
            source.write_text(block, encoding="utf-8")
            library, = {found for found in LIBRARIES if f"#include <{found}/{found}.h>" in block}
            stage.build(source, work / name, library)
            print(f"{page}: program {number} builds")


def main():
    parts = sys.argv[1:] or ["shared", "docs", "static", "subproject"]
    known = {"shared": shared, "docs": docs, "static": static, "subproject": subproject}
    if any(part not in known for part in parts):
        sys.exit(f"usage: run.py [{' | '.join(known)}]...")
    with tempfile.TemporaryDirectory(prefix="linekeeper-consumer-") as directory:
        work = pathlib.Path(directory)
        stage = None
        for part in parts:
            if part == "subproject":
                subproject(work)
                continue
            stage = stage or Stage(work)
            known[part](stage, work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
