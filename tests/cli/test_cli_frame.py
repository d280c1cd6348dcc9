#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# The frame of the tools as a shell sees it: help, where values come from, exit statuses, signals,
# failed output, the trace and the progress line. Drives tests/unit/cli/demo.c, CLI_DEMO names it.
import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest

DEMO = os.environ["CLI_DEMO"]
LIMIT = 30

HELP = """\
Usage: demo [OPTION]... COMMAND [ARGUMENT]...
Try the frame.

Commands:
  show [WORD]...            show all values
  end STATUS                end with a status
  echo                      repeat the input
  timer get [WORD]...       show too
  timer block               do not answer

Options:
      --mode MODE           split or shared
      --server HOST         may be repeated
      --password TEXT       not shown
  -H, --host HOST           address or name of the device
  -p, --port PORT           TCP port of the device
  -t, --timeout SECONDS     limit for the whole command (default 10)
  -j, --json                JSON Lines on standard output
  -v, --verbose             the log on standard error; twice: every message
      --trace FILE          write the conversation to a file
  -h, --help                show this help
  -V, --version             show the version

'demo COMMAND --help' tells more of a command.
"""

HELP_SHOW_HEAD = """\
Usage: demo [OPTION]... show [WORD]...
show all values

Prints what the options came to be.

Options:
  -f, --fade SECONDS        fade time
      --mode MODE           split or shared
"""

HELP_TIMER_HEAD = """\
Usage: demo [OPTION]... timer COMMAND [ARGUMENT]...
Try the frame.

Commands:
  timer get [WORD]...       show too
  timer block               do not answer

Options:
"""

HELP_ONE = """\
Usage: demo-one [OPTION]... ADDRESS
Try the frame.

Options:
  -f, --fade SECONDS        fade time
      --mode MODE           split or shared
      --server HOST         may be repeated
      --password TEXT       not shown
  -t, --timeout SECONDS     limit for the whole command (default 10)
  -j, --json                JSON Lines on standard output
  -v, --verbose             the log on standard error; twice: every message
      --trace FILE          write the conversation to a file
  -h, --help                show this help
  -V, --version             show the version
"""

BUILT_IN = {
    "host": None,
    "port": 3041,
    "timeout_ms": 10000,
    "mode": "split",
    "fade_ms": 0,
    "verbose": 0,
    "password_source": 0,
    "servers": [],
    "args": [],
}


class Frame(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="linekeeper-cli-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.config = os.path.join(self.dir, "linekeeper", "config")
        os.mkdir(os.path.dirname(self.config))
        self.env = {"XDG_CONFIG_HOME": self.dir, "TERM": "xterm"}
        # What the sanitizers and the coverage of a build are told goes on to the tool.
        self.env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})

    def write_config(self, text):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    def run_demo(self, *args, name="demo", **kwargs):
        kwargs.setdefault("stdout", subprocess.PIPE)
        return subprocess.run(
            [name, *args],
            executable=DEMO,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=LIMIT,
            **kwargs,
        )

    def start(self, *args, program=DEMO, **kwargs):
        kwargs.setdefault("stdout", subprocess.PIPE)
        kwargs.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen(
            ["demo", *args],
            executable=program,
            env=self.env,
            stdin=subprocess.PIPE,
            **kwargs,
        )
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()

    def assert_ends(self, done, status, stdout, stderr):
        self.assertEqual((done.returncode, done.stdout, done.stderr), (status, stdout, stderr))

    def assert_usage(self, args, message, name="demo"):
        hint = f"{name}: {message} (try '{name} --help')\n"
        self.assert_ends(self.run_demo(*args, name=name), 2, "", hint)

    def assert_shown(self, words, name="demo", **different):
        done = self.run_demo(*words, name=name)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.count("\n"), 1)
        self.assertEqual(json.loads(done.stdout), {**BUILT_IN, **different})


class Help(Frame):
    def test_tool(self):
        for args in (["--help"], ["-h"], ["-vh"]):
            self.assert_ends(self.run_demo(*args), 0, HELP, "")

    def test_command(self):
        for args in (["show", "--help"], ["--help", "show"], ["-h", "show", "x"]):
            done = self.run_demo(*args)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(done.stdout[: len(HELP_SHOW_HEAD)], HELP_SHOW_HEAD)
        self.assertIn("--count N", self.run_demo("echo", "-h").stdout)
        self.assertNotIn("--count", self.run_demo("show", "-h").stdout)

    def test_group(self):
        done = self.run_demo("timer", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout[: len(HELP_TIMER_HEAD)], HELP_TIMER_HEAD)

    def test_only_command(self):
        self.assert_ends(self.run_demo("--help", name="demo-one"), 0, HELP_ONE, "")

    def test_bad_configuration_does_not_hide_it(self):
        self.write_config("[demo]\nnonsense = 1\n")
        self.env["DEMO_PORT"] = "x"
        self.assert_ends(self.run_demo("--help"), 0, HELP, "")
        self.assert_ends(self.run_demo("--version"), 0, "demo 1.2.3\n", "")

    def test_version(self):
        for args in (["-V"], ["--version"], ["show", "-V"]):
            self.assert_ends(self.run_demo(*args), 0, "demo 1.2.3\n", "")


class Usage(Frame):
    def test_commands(self):
        self.assert_usage([], "missing command")
        self.assert_usage(["shwo"], "unknown command 'shwo'")
        self.assert_usage(["shwo", "--help"], "unknown command 'shwo'")
        self.assert_usage(["timer"], "incomplete command 'timer'")
        self.assert_usage(["timer", "x"], "unknown command 'timer x'")
        self.assert_usage(["get"], "unknown command 'get'")

    def test_arguments(self):
        self.assert_usage(["end"], "end: missing argument, wanted: STATUS")
        self.assert_usage(["end", "1", "2"], "end: too many arguments: '2'")
        self.assert_usage(["end", "8"], 'STATUS: "8": must be 0 to 7')
        self.assert_usage([], "missing argument, wanted: ADDRESS", name="demo-one")
        self.assert_usage(["a", "b"], "too many arguments: 'b'", name="demo-one")

    def test_options(self):
        self.assert_usage(["--nope=geheim"], "unknown or ambiguous option '--nope'")
        self.assert_usage(["show", "-x"], "unknown option '-x'")
        self.assert_usage(["show", "-7"], "unknown option '-7'; negative numbers go behind '--'")
        self.assert_usage(["show", "--host"], "option '--host' needs a value")
        self.assert_usage(["show", "-H"], "option '--host' needs a value")
        self.assert_usage(["show", "--json=yes"], "option '--json' takes no value")
        self.assert_usage(["end", "1", "--fade", "1"], "end: has no option '--fade'")
        self.assert_usage(["show", "--count", "1"], "show: has no option '--count'")
        self.assert_usage(["a", "--host", "b"], "unknown or ambiguous option '--host'", "demo-one")

    def test_values(self):
        self.assert_usage(["show", "-p0"], '--port: "0": must be 1 to 65535')
        self.assert_usage(["show", "-t", "0"], '--timeout: "0": must be 0.001 to 2000000 seconds')
        self.assert_usage(["show", "--mode", "x"], '--mode: "x": must be one of split, shared')
        self.assert_usage(["echo", "--count", "0"], '--count: "0": must be 1 to 4294967295')

    def test_control_characters(self):
        self.assert_usage(["\x1b[2J\n"], "unknown command '\\x1b[2J\\n'")

    def test_statuses(self):
        for status in range(8):
            self.assert_ends(self.run_demo("end", str(status)), status, "", "")


class Values(Frame):
    def test_built_in(self):
        self.assert_shown(["show"])
        self.assert_shown(["timer", "get"])
        self.env["XDG_CONFIG_HOME"] = "/nonexistent"
        self.assert_shown(["show"])

    def test_any_order(self):
        different = {"host": "h", "fade_ms": 2500, "args": ["a", "b"], "verbose": 2}
        for words in (
            ["show", "a", "b", "--host", "h", "--fade", "2.5", "-vv"],
            ["--fade=2.5", "-vHh", "show", "a", "-v", "b"],
            ["-v", "show", "-f2.5", "a", "--host=h", "b", "-v"],
            ["-vvH", "h", "-f", "2.5", "--", "show", "a", "b"],
        ):
            self.assert_shown(words, **different)
        self.assert_shown(["show", "--", "-1", "--host"], args=["-1", "--host"])
        self.assert_shown(["timer", "-H", "h", "get", "x"], host="h", args=["x"])
        self.assert_shown(["-f1", "x"], name="demo-one", port=0, fade_ms=1000, args=["x"])

    def test_precedence(self):
        self.write_config("[demo]\nhost = file\nport = 1\nmode = shared\n[qlink]\nfoo = 1\n")
        self.assert_shown(["show"], host="file", port=1, mode="shared")
        self.env["DEMO_HOST"] = "env"
        self.env["DEMO_PORT"] = ""
        self.env["DEMO_MODE"] = "split"
        self.assert_shown(["show"], host="env", port=1)
        self.assert_shown(["show", "--host", "[::1]", "--host", "[::2]"], host="::2", port=1)

    def test_lists_are_replaced(self):
        self.write_config("[demo]\nserver = a\nserver = b\nverbose = 2\n")
        self.assert_shown(["show"], servers=["a", "b"], verbose=2)
        self.assert_shown(["show", "--server", "c", "-v"], servers=["c"], verbose=1)

    def test_options_of_commands(self):
        self.write_config("[demo]\nfade = 3\ncount = 5\n")
        self.assert_shown(["show"], fade_ms=3000)
        self.assert_shown(["timer", "get"])
        self.env["DEMO_FADE"] = "4"
        self.assert_shown(["show"], fade_ms=4000)

    def test_home(self):
        del self.env["XDG_CONFIG_HOME"]
        self.env["HOME"] = self.dir
        os.mkdir(os.path.join(self.dir, ".config"))
        shutil.move(os.path.dirname(self.config), os.path.join(self.dir, ".config"))
        self.config = os.path.join(self.dir, ".config", "linekeeper", "config")
        self.write_config("[demo]\nhost = home\n")
        self.assert_shown(["show"], host="home")

    def test_secret_source(self):
        self.write_config("[demo]\npassword = x\n")
        self.assert_shown(["show"], password_source=1)
        self.env["DEMO_PASSWORD"] = "y"
        self.assert_shown(["show"], password_source=2)
        self.assert_shown(["show", "--password", "z"], password_source=3)

    def test_secret_leaves_argv(self):
        process = self.start("--password", "geheim", "--server=open", "timer", "block")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        with open(f"/proc/{process.pid}/cmdline", "rb") as file:
            words = file.read()
        self.assertNotIn(b"geheim", words)
        self.assertIn(b"--server=open", words)

    def assert_config(self, text, complaint):
        self.write_config(text)
        done = self.run_demo("show")
        self.assert_ends(done, 2, "", f"demo: {self.config}{complaint}\n")

    def test_bad_config(self):
        self.assert_config("[demo]\n\nprot = 1\n", ':3: unknown key "prot"')
        self.assert_config("[demo]\nport = x\n", ':2: port: "x": not a whole number')
        self.assert_config("[demo]\njson = 1\n", ':2: json: "1": must be yes or no')
        self.assert_config("[demo]\nhelp = yes\n", ":2: help: not for this file")
        self.assert_config("[demo]\nstubborn = yes\n", ":2: stubborn: not for this file")
        self.assert_config("[demo]\ncount = 0\n", ':2: count: "0": must be 1 to 4294967295')
        self.assert_config("[other]\n", ":1: unknown section [other]")
        self.assert_config("[demo]\nhost\n", ":2: neither [section] nor key = value")
        os.remove(self.config)
        os.mkdir(self.config)
        self.assert_ends(self.run_demo("show"), 2, "", f"demo: {self.config}: Is a directory\n")

    def test_bad_environment(self):
        self.env["DEMO_TIMEOUT"] = "soon"
        complaint = '"soon": not a number of seconds with at most three decimals'
        self.assert_ends(self.run_demo("show"), 2, "", f"demo: DEMO_TIMEOUT: {complaint}\n")
        self.env["DEMO_TIMEOUT"] = "5"
        self.assert_shown(["show"], timeout_ms=5000)


class Output(Frame):
    def test_jq(self):
        jq = shutil.which("jq")
        if not jq:
            self.skipTest("no jq")
        words = ['q"\\', "\x01\x1b\n\t\x7f", "é€😀", ""]
        done = self.run_demo("show", *words)
        through = subprocess.run([jq, "-c", ".args"], input=done.stdout, encoding="utf-8",
                                 stdout=subprocess.PIPE, timeout=LIMIT, check=True)
        self.assertEqual(json.loads(through.stdout), words)

    def test_invalid_utf8(self):
        done = self.run_demo("show", b"a\xffb")
        self.assertEqual(json.loads(done.stdout)["args"], ["a\ufffdb"])

    def test_full(self):
        for args in (["show"], ["--help"], ["--version"]):
            with open("/dev/full", "wb") as full:
                done = self.run_demo(*args, stdout=full)
            words = "demo: standard output: No space left on device\n"
            self.assert_ends(done, 1, None, words)

    def test_closed(self):
        done = self.run_demo("show", preexec_fn=lambda: os.close(1))
        self.assert_ends(done, 1, "", "demo: standard output: Bad file descriptor\n")
        # The file must not get the number of standard output, and then its data.
        path = os.path.join(self.dir, "trace")
        self.run_demo("show", "--trace", path, preexec_fn=lambda: os.close(1))
        with open(path, encoding="utf-8") as file:
            self.assertRegex(file.read(), r"\A# demo [^\n]*\n\Z")

    def test_not_blocking(self):
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        word = "x" * 100000  # more than the pipe takes at once
        process = self.start("show", word, stdout=write_end)
        os.close(write_end)
        with open(read_end, "rb") as file:
            self.assertEqual(json.loads(file.read())["args"], [word])
        self.assertEqual(process.wait(LIMIT), 0)

    def test_reader_gone_before(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = self.run_demo("show", stdout=write_end)
        self.assert_ends(done, -signal.SIGPIPE, None, "")
        done = self.run_demo("echo", stdout=write_end)
        self.assert_ends(done, -signal.SIGPIPE, None, "demo: cleaned up\n")
        os.close(write_end)

    def test_reader_goes_while_nothing_happens(self):
        process = self.start("echo")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.stdout.close()
        self.assertEqual(process.wait(LIMIT), -signal.SIGPIPE)
        self.assertEqual(process.stderr.read(), b"")

    def test_count(self):
        process = self.start("echo", "--count", "2")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        for word in (b"one", b"\x1b[2J"):
            process.stdin.write(word)
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"got " + word.replace(b"\x1b", b"\\x1b")
                             + b"\n")
        self.assertEqual(process.wait(LIMIT), 0)

    def test_duration(self):
        process = self.start("echo", "--duration", "0.001")
        self.assertEqual(process.wait(LIMIT), 0)
        self.assertEqual(process.stdout.read(), b"ready\n")


class Signals(Frame):
    def test_closed_cleanly(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = self.start("echo")
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.send_signal(number)
            self.assertEqual(process.wait(LIMIT), -number)
            self.assertEqual((process.stdout.read(), process.stderr.read()), (b"closed\n", b""))

    def test_as_the_shell_sees_it(self):
        # The inner shell tells its number and becomes the tool.
        inner = """'echo $$; exec "$0" echo'"""
        for number in (signal.SIGINT, signal.SIGTERM):
            script = f'sh -c {inner} "$0"; echo "= $?"'
            process = self.start("-c", script, DEMO, program="/bin/sh")
            pid = int(process.stdout.readline())
            self.assertEqual(process.stdout.readline(), b"ready\n")
            os.kill(pid, number)
            self.assertEqual(process.stdout.read(), b"closed\n= %d\n" % (128 + number))

    def test_before_anything_is_open(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start("timer", "block")
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.send_signal(number)
            self.assertEqual(process.wait(LIMIT), -number)

    def test_second_kills(self):
        process = self.start("echo", "--stubborn")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.stdout.readline(), b"closed\n")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT), -signal.SIGINT)
        self.assertEqual(process.stdout.read(), b"")

    def test_status_of_the_first_after_going_on(self):
        process = self.start("echo", "--stubborn")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.stdout.readline(), b"closed\n")
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT), -signal.SIGTERM)

    def test_ignored_stays_ignored(self):
        ignore = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)}
        process = self.start("echo", **ignore)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGINT)
        process.stdin.write(b"x")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"got x\n")
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT), 0)


class Log(Frame):
    def test_verbose(self):
        self.assert_ends(self.run_demo("end", "0"), 0, "", "")
        info = "demo: info: about to end \\x1b[31m\n"
        self.assert_ends(self.run_demo("-v", "end", "0"), 0, "", info)
        self.assert_ends(self.run_demo("-vv", "end", "0"), 0, "", info + "demo: > VGL\\r\n")

    def test_trace(self):
        path = os.path.join(self.dir, "trace")
        self.assert_ends(self.run_demo("--trace", path, "end", "0"), 0, "", "")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="utf-8") as file:
            lines = file.read()
        self.assertRegex(lines, r"\A# demo 1\.2\.3 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n"
                                r"> 56 47 4c 0d\n\Z")

    def test_trace_fails(self):
        done = self.run_demo("--trace", "/nonexistent/trace", "end", "0")
        self.assert_ends(done, 2, "", "demo: --trace: /nonexistent/trace: "
                                      "No such file or directory\n")
        done = self.run_demo("--trace", "/dev/full", "end", "3")
        self.assert_ends(done, 3, "", "demo: --trace: /dev/full: No space left on device\n")


class Progress(Frame):
    def start_on_terminal(self, *args):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = self.start("echo", *args, stderr=theirs)
        os.close(theirs)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        return process, ours

    def read_until(self, fd, pattern):
        seen = b""
        while not re.search(pattern, seen):
            self.assertTrue(select.select([fd], [], [], LIMIT)[0], seen)
            seen += os.read(fd, 4096)
        return seen

    def test_shown_counted_and_wiped(self):
        process, fd = self.start_on_terminal()
        seen = self.read_until(fd, rb"\(1 s\)\r\ninput")
        wipe = b"\x1b[1A\r\x1b[J"
        self.assertEqual(seen, b"waiting for (0 s)\r\ninput" + wipe
                         + b"waiting for (1 s)\r\ninput")
        process.stdin.write(b"x")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"got x\n")
        # Wiped before the line of data was written, so it is here already.
        self.assertTrue(select.select([fd], [], [], 0)[0])
        seen = self.read_until(fd, rb"s\)\r\ninput")
        self.assertTrue(seen.startswith(wipe + b"waiting for ("), seen)
        process.stdin.close()
        self.assertTrue(self.read_until(fd, rb"\x1b\[J").endswith(wipe))
        self.assertEqual(process.wait(LIMIT), 0)

    def test_never_with_json(self):
        process, fd = self.start_on_terminal("--json", "--duration", "0.8")
        self.assertEqual(process.wait(LIMIT), 0)
        with self.assertRaises(OSError):  # closed, and nothing was left to read
            os.read(fd, 4096)


if __name__ == "__main__":
    unittest.main()
