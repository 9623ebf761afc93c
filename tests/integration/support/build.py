"""Where the binaries are, and where the repository is."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "protocol" / "PROTOCOL.md"


def build_dir() -> Path:
    """ZCHAT_BUILD, relative to the repository's root; else the first of the usual ones."""
    named = os.environ.get("ZCHAT_BUILD")
    if named:
        return ROOT / named
    for name in ("asan", "release", "debug"):
        if (ROOT / "build" / name / "zchatd").exists():
            return ROOT / "build" / name
    return ROOT / "build" / "asan"


def binary(name: str) -> str:
    path = build_dir() / name
    if not path.is_file():
        pytest.fail(f"no {path}: build it, or set ZCHAT_BUILD")
    return str(path)


def zchatd() -> str:
    return binary("zchatd")


def zchat() -> str:
    return binary("zchat")


def environment(**more: str) -> dict:
    """What a program of ours is started with: no settings of the person who runs the tests."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("ZCHAT_", "XDG_", "LC_"))}
    env["LANG"] = "C.UTF-8"
    env["ZCHAT_FACE"] = "lines"  # on a terminal, too; tests of the full screen say otherwise
    env["ASAN_OPTIONS"] = "exitcode=99:detect_leaks=1:abort_on_error=0"
    env["LSAN_OPTIONS"] = f"suppressions={Path(__file__).with_name('lsan.supp')}:print_suppressions=0"
    env["UBSAN_OPTIONS"] = "print_stacktrace=1:exitcode=99"
    env["TSAN_OPTIONS"] = f"exitcode=99:suppressions={Path(__file__).with_name('tsan.supp')}"
    env.update(more)
    return env


SANITIZER_MARKS = (
    "ERROR: AddressSanitizer",
    "ERROR: LeakSanitizer",
    "WARNING: ThreadSanitizer",
    "runtime error:",
    "Assertion failed",
    "Assertion `",
)


def assert_clean(text: str, who: str) -> None:
    """No sanitizer and no assertion has spoken in what a program wrote."""
    for mark in SANITIZER_MARKS:
        assert mark not in text, f"{who}: {mark}\n{text[-6000:]}"
