"""libzchat as other programs have it: its headers in C and C++, what it exports, how it is linked."""

import os
import re
import subprocess

import pytest

from support import build
from support.build import ROOT
from support.wait import wait_until

HEADERS = sorted((ROOT / "include/zchat").glob("*.h"))
EXPORTS = (ROOT / "tests/integration/support/exports.txt").read_text().split()
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
LANGUAGES = {"c11": ["gcc", "-std=c11", "-xc"], "c++17": ["g++", "-std=c++17", "-xc++"]}


def sanitize() -> list:
    """What links with a library that was built with sanitizers."""
    cache = (build.build_dir() / "CMakeCache.txt").read_text()
    found = re.search(r"^ZCHAT_SANITIZE:STRING=(.+)$", cache, re.M)
    return [f"-fsanitize={found[1]}"] if found else []


def run(*command, **options) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env=build.environment(), timeout=100,
                          **options)  # fmt: skip
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout


def made(tmp_path, source: str, language: str, *link):
    """The program made of this source."""
    command, program = LANGUAGES[language], tmp_path / "program"
    run(*command, *STRICT, *sanitize(), "-", "-o", program, "-xnone", *link, input=source)
    return program


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_header_alone_and_all_together(tmp_path, language):
    assert [path.name for path in HEADERS if path.name == "client.h"]
    for chosen in [*([path] for path in HEADERS), HEADERS]:
        source = "".join(f"#include <zchat/{path.name}>\n" for path in chosen * 2)
        run(*LANGUAGES[language], *STRICT, "-fsyntax-only", "-I", ROOT / "include", "-",
            input=source + "int main (void) { return 0; }\n")  # fmt: skip


def exported(*command) -> list:
    names = [line.split()[-1] for line in run("nm", "--defined-only", *command).splitlines()
             if len(line.split()) == 3]  # fmt: skip
    return sorted(name for name in names if "asan" not in name)


def test_archive_and_shared_object_export_what_is_listed():
    folder = build.build_dir()
    assert exported("-g", folder / "libzchat.a") == EXPORTS
    assert exported("-D", folder / "libzchat.so") == EXPORTS
    assert all(name.startswith("zchat_") for name in EXPORTS)
    dynamic = run("objdump", "-p", folder / "libzchat.so")
    assert re.search(r"SONAME +libzchat\.so\.\d+$", dynamic, re.M)


def test_what_is_declared_is_exported():
    """Each function of the headers is in the list, but those that live in a header."""
    text = "".join(path.read_text() for path in HEADERS)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    inline = set(re.findall(r"static inline zchat_status_t\s+(zchat_\w+) ?\(", text))
    declared = set(re.findall(r"\b(zchat_\w+) \([^()]*(?:\([^()]*\)[^()]*)*\)\s*(?:ZCHAT_CHECKED)?;",
                              text))  # fmt: skip
    calls = {f"{name}_sized" for name in inline}
    assert declared - inline == set(EXPORTS) and calls <= declared


BOT = """
#include <stdio.h>
#include <string.h>
#include <zchat/client.h>
#include <zchat/seal.h>
%s
int name_check (const char *name, int size);
int name_check (const char *name, int size) { return name[0] + size; }
void delivery_new (void);
void delivery_new (void) {}

int main (int argc, char **argv)
{
    zchat_options_t options = {%s};
    zchat_client_t *client = NULL;
    zchat_event_t event;
    options.user = "bot";
    options.endpoint = argv[1];
    if (argc != 2 || name_check ("a", 1) != 'b' ||
        zchat_client_new (&options, &client, NULL) != ZCHAT_OK ||
        zchat_client_say (client, "dev", ZCHAT_TYPE_SAY, "hello", 5, NULL, NULL) != ZCHAT_OK)
        return 1;
    while (zchat_client_wait (client, 20000, &event) == ZCHAT_OK)
        if (event.kind == ZCHAT_EVENT_SENT) {
            printf ("sent %%d\\n", (int)event.seq);
            zchat_client_close (client, 5000);
            zchat_client_destroy (&client);
            return 0;
        }
    return 2;
}
"""
SOURCES = {"c11": BOT % ("", "0"),
           "c++17": BOT % ('extern "C" int name_check (const char *, int);\n'
                           'extern "C" void delivery_new (void);', "")}  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix")
    run("cmake", "--install", build.build_dir(), "--prefix", prefix)
    # the files name the prefix that was configured
    for path in prefix.rglob("*.pc"):
        path.write_text(re.sub(r"/usr/local\b", str(prefix), path.read_text()))
    return prefix


def flags(installed, package: str) -> list:
    folder = next(iter(installed.rglob("zchat.pc"))).parent
    found = subprocess.run(["pkg-config", "--cflags", "--libs", package], capture_output=True,
                           text=True, env={**os.environ, "PKG_CONFIG_PATH": str(folder)})  # fmt: skip
    assert found.returncode == 0, found.stderr
    return found.stdout.split()


@pytest.mark.parametrize("package", ["zchat", "zchat-static"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bot_with_names_of_its_own(broker, door, installed, tmp_path, language, package):
    """The library's own functions and the program's, of the same names, do not meet."""
    program = made(tmp_path, SOURCES[language], language, *flags(installed, package))
    where = next(iter(installed.rglob("libzchat.so"))).parent
    needed = run("objdump", "-p", program)
    assert ("libzchat.so" in needed) == (package == "zchat")
    done = subprocess.run([program, broker.door], capture_output=True, text=True, timeout=60,
                          env=build.environment(LD_LIBRARY_PATH=str(where)))  # fmt: skip
    build.assert_clean(done.stderr, "the bot")
    assert (done.returncode, done.stdout) == (0, "sent 1\n"), done.stderr
    wait_until(lambda: door(broker).ask("HISTORY", "dev")["head"] == 1, what="it is stored")
