"""The man pages, the sample of the config file and --help tell of the same options and verbs."""

import re
import subprocess
import sys

import pytest

from support import build
from support.build import PAGE, ROOT

sys.path.insert(0, str(ROOT / "packaging"))
from helptext import Programs, blocks  # noqa: E402

PAGES = ["zchat.1", "zchatd.8", "zchat-web.8", "zchatd.conf.5", "zchat.7", "libzchat.3"]
NOT_SETTINGS = {"config", "help", "version"}


def page(name: str):
    """As the build made it."""
    path = build.build_dir() / "packaging" / name
    assert path.is_file(), f"no {path}: is scdoc installed?"
    return path


def shown(name: str) -> str:
    """The page as a person reads it."""
    done = subprocess.run(["man", "--warnings", "--nh", "--nj", "-l", str(page(name))], capture_output=True, text=True,
                          env=build.environment(MANWIDTH="200", MAN_KEEP_FORMATTING="", TERM="dumb"),
                          timeout=60)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), name
    return done.stdout.replace("‐", "-").replace("−", "-")


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def programs():
    return Programs(build.build_dir())


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_a_page(name):
    text = shown(name)
    stem, section = name.rsplit(".", 1)
    assert text.startswith(f"{stem}({section})") and "\nSEE ALSO\n" in text
    assert re.search(rf"\nNAME\n +{re.escape(stem)} - \w", text)
    assert not re.search(r"^ *@\w+\b(?! =)", text, re.M), "something was not expanded"
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "error", page(name)], capture_output=True,
                          text=True, timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stdout


def options_table(path: str, pattern: str) -> set:
    return set(re.findall(pattern, (ROOT / path).read_text()))


def options_of(text: str) -> set:
    """The options that a list names, each at the beginning of its line."""
    return {name for line in re.findall(r"^ +(-[^ ].*)$", text, re.M)
            for name in re.findall(r"--([\w-]+)", line)}  # fmt: skip


def test_the_client_takes_what_its_help_names(programs):
    table = options_table("client/cli/options.c", r'\[OPTION_\w+\] = \{"([\w-]+)"')
    helps = {option for command in ("", *programs.commands("zchat"))
             for one in programs.options(*filter(None, ("zchat", command)))
             for option in (name.lstrip("-") for name in one.names) if len(option) > 1}  # fmt: skip
    assert len(table) > 20 and table == helps


def modes() -> dict:
    """NAME of an option: the commands that take it, of the client's table and the enums it uses."""
    names = re.findall(r"\bMODE_(\w+)", re.search(r"typedef enum \{(.*?)\} cli_mode_t",
                       (ROOT / "client/cli/options.h").read_text(), re.S)[1])  # fmt: skip
    text = (ROOT / "client/cli/options.c").read_text()
    known = {f"MODE_{name}": number for number, name in enumerate(dict.fromkeys(names))}

    def bits(expression: str) -> int:
        """Whose words are numbers of modes and sets of them."""
        assert re.fullmatch(r"[\w\s|&~<()]+", expression), expression
        return eval(expression.replace("1u", "1"), {}, known)

    for name, expression in re.findall(r"^    (IN_\w+) = ([^,]+),", text, re.M):
        known[name] = bits(expression)
    commands = dict(re.findall(r'\[(MODE_\w+)\] = "(\w*)"', text))
    table = re.findall(r'\{"([\w-]+)", (?:NULL|"[^"]+"), [^{}]*?((?:IN_\w+[ |&~()]*)+)', text)
    return {name: {command for mode, command in commands.items() if bits(taken.strip(", ")) >> known[mode] & 1}
            for name, taken in table}  # fmt: skip


def test_each_command_of_the_client_takes_what_its_help_names(programs):
    table = modes()
    assert table["lines"] == {"", "send"} and {"", "who"} < table["endpoint"]
    for command in ("", *programs.commands("zchat")):
        for option in programs.options(*filter(None, ("zchat", command))):
            for name in (name.lstrip("-") for name in option.names if name.startswith("--")):
                assert command in table[name], f"zchat {command} --help names --{name}"


def test_each_command_of_the_broker_takes_what_its_help_names(programs):
    for command in programs.commands("zchatd"):
        for option in programs.options("zchatd", command):
            words = [f"--{option.name}", *(["1d"] if option.value else []), "--help"]
            done = subprocess.run([build.zchatd(), command, *words], capture_output=True, text=True,
                                  env=build.environment(), timeout=60)  # fmt: skip
            assert done.returncode == 0, (command, words, done.stderr)
    tables = "".join(path.read_text() for path in (ROOT / "broker/commands").glob("*.c"))
    known = set(re.findall(r'\{"([\w-]+)", (?:no|required|optional)_argument', tables))
    told = {one.name for command in programs.commands("zchatd")
            for one in programs.options("zchatd", command)}  # fmt: skip
    assert len(known) > 5 and known == told


def test_the_broker_takes_what_its_help_names(programs):
    table = options_table("broker/config/options.c", r'\[[A-Z_]+\] = \{"([\w-]+)", (?:true|false)')
    assert len(table) > 10 and table | NOT_SETTINGS == {one.name for one in programs.options("zchatd")}


@pytest.mark.parametrize("program, name", [("zchat", "zchat.1"), ("zchatd", "zchatd.8"), ("zchat-web", "zchat-web.8")])
def test_the_page_names_what_help_names(programs, program, name):
    parts = dict(zip([""] + programs.commands(program),
                     re.split(rf"^{program.upper()} [A-Z]+$", shown(name), flags=re.M)))  # fmt: skip
    assert len(parts) > 4 or program == "zchat-web"  # which has no commands
    for command, text in parts.items():
        options = programs.options(*filter(None, (program, command)))
        names = {name.lstrip("-") for one in options for name in one.names if name.startswith("--")}
        assert names and options_of(text) == names, command


@pytest.mark.parametrize("program, name", [("zchat", "zchat.1"), ("zchatd", "zchatd.8"), ("zchat-web", "zchat-web.8")])
def test_the_page_holds_every_word_of_help(programs, program, name):
    """Paragraphs are broken into other lines, so words are compared, in their order."""
    text = words(shown(name))
    for command in ("", *programs.commands(program)):
        for block in blocks(programs.help(*filter(None, (program, command)))):
            if block.kind in ("text", "exit") and not block.lines[0].startswith(f"{program} "):
                assert words(" ".join(block.lines)) in text
            for option in block.options:
                assert words(option.text) in text, option.term


def test_the_config_page_and_the_sample_have_every_setting(programs):
    wanted = {one.name for one in programs.options("zchatd")} - NOT_SETTINGS
    told = set(re.findall(r"^ {7}([\w-]+) = ", shown("zchatd.conf.5").split("\nEXAMPLE\n")[0], re.M))
    sample = page("zchatd.conf").read_text()
    assert told - {"name"} == wanted == set(re.findall(r"^#?([\w-]+) = ", sample, re.M))


def test_the_sample_is_taken_whole_and_each_line_of_it(tmp_path):
    """Each setting of the sample fits, alone or beside what it needs."""
    text = page("zchatd.conf").read_text()
    path = tmp_path / "zchatd.conf"
    lines = [line.lstrip("#") for line in re.findall(r"^#?[\w-]+ = .*$", text, re.M)]
    for line in [None, *lines]:
        name = line and line.split(" = ")[0]
        if name in ("ready-fd", "admin", "data"):
            continue
        beside = 'curve = "true"\n' if name in ("admission", "host") else ""
        path.write_text(text + beside + (line or "") + "\n")
        # a door that cannot be bound ends a start whose settings fit
        done = subprocess.run([build.zchatd(), "--config", path, "--data", tmp_path / "data",
                               "--door", "tcp://127.0.0.1:1", "--door", "tcp://192.0.2.1:1",
                               "--insecure"], capture_output=True, text=True,
                              env=build.environment(), timeout=60)  # fmt: skip
        assert done.returncode == 69, (line, done.stderr)


def test_the_protocol_page_has_every_verb_and_code():
    text = shown("zchat.7")
    verbs = set(re.findall(r'"([A-Z]+)"', re.search(r"^verb +=(.*?)^tag", PAGE.read_text(), re.M | re.S)[1]))
    codes = set(re.findall(r"^\| `([a-z]+)` \|", PAGE.read_text().split("\n## Errors\n")[1].split("\n## ")[0],
                           re.M))  # fmt: skip
    assert len(verbs) > 15 and len(codes) > 15
    heads = re.findall(r"^ {7}([A-Z]+ tag user.*)$", text, re.M)
    assert {verb for line in heads for verb in re.findall(r"([A-Z]+) tag", line)} == verbs
    assert codes <= set(re.findall(r"^ {7}([a-z]+)$", text, re.M))


def test_the_library_page_has_every_function():
    text = shown("libzchat.3")
    exports = (ROOT / "tests/integration/support/exports.txt").read_text().split()
    assert exports and not [name for name in exports if not re.search(rf"\b{name} \(", text)]
    assert "ZCHAT_CHECKED" not in text and "_Pragma" not in text
    links = {path.stem for path in page("libzchat.3").with_name("man3").iterdir()}
    assert set(exports) <= links and {"zchat_client_new", "zchat_seal"} < links
