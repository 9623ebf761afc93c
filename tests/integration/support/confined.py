"""Run a program under the system calls that a systemd unit allows: confined.py UNIT PROGRAM [ARGUMENT...]

What the unit does not allow fails with EPERM, as its SystemCallErrorNumber says."""

import errno
import os
import re
import subprocess
import sys

import seccomp


def groups() -> dict:
    """systemd's sets of system calls, by name, as it lists them."""
    listed = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True,
                            text=True, check=True).stdout  # fmt: skip
    found: dict = {}
    for line in listed.splitlines():
        if head := re.fullmatch(r"(@\S+)", line.rstrip()):
            found[head[1]] = members = []
        elif found and (member := re.fullmatch(r" +(@?[\w-]+)", line.rstrip())):
            members.append(member[1])
    return found


def calls(known: dict, name: str) -> set:
    if not name.startswith("@"):
        return {name}
    return set().union(*(calls(known, member) for member in known[name]))


def allowed(unit: str) -> set:
    """Lines count in their order: those with ~ take away, others add."""
    known = groups()
    made = calls(known, "@default")
    with open(unit) as file:
        for line in re.findall(r"^SystemCallFilter=(.*)$", file.read(), re.M):
            named = set().union(*(calls(known, name) for name in line.lstrip("~").split()))
            made = made - named if line.startswith("~") else made | named
    return made


def main() -> None:
    filter = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.EPERM))
    for name in allowed(sys.argv[1]):
        try:
            filter.add_rule(seccomp.ALLOW, name)
        except RuntimeError:  # of another architecture
            pass
    filter.set_attr(seccomp.Attr.CTL_NNP, 1)
    filter.load()
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
