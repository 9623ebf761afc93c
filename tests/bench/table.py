"""The results as tables, as text and as Markdown, with the goals as ratios."""

import goals

COLUMNS = ["", "deliveries/s", "CPU a delivery", "of zchat", "CPU a message", "p50", "p99", "p999",
           "a connection", "all live"]  # fmt: skip


def seconds(value: float) -> str:
    """A time in the unit that fits."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def count(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:.3g} M"
    return f"{value / 1e3:.3g} k" if value >= 1e3 else f"{value:.3g}"


def cells(name: str, one: dict, zchat: dict) -> list:
    each = one["cpu"] / one["deliveries"]
    own = zchat["cpu"] / zchat["deliveries"] if zchat else 0
    waits = [seconds(one[key] / 1e6) if one[key] else "" for key in ("p50_us", "p99_us", "p999_us")]
    return [
        name,
        count(one["deliveries"] / one["seconds"]),
        seconds(each),
        f"{each / own:.2f}" if own else "",
        seconds(one["cpu"] / one["messages"]),
        *waits,
        f"{one['kib']:.1f} KiB" if one["kib"] else "",
        seconds(one["join_ms"] / 1e3) if one["join_ms"] else "",
    ]


def arrived(name: str, one: dict, zchat: dict) -> list:
    return [
        name,
        seconds(one["join_ms"] / 1e3),
        f"{one['kib']:.1f} KiB",
        f"{one['cpu'] / one['seconds'] * 100:.2f} %",
    ]


# of works that are no deliveries: what stands in the head, and in a row
OTHERS = {"arrive": (["all live", "a client", "idle CPU, of a core"], arrived)}


def tables(results: dict) -> list:
    """(title of the work, rows) each; the first row is the head."""
    made = []
    for key, group in results["groups"].items():
        work, size = key.split("|")
        if not group:
            continue
        zchat = group.get("zchat-packs") or group.get("zchat")
        columns, row = OTHERS.get(work, (COLUMNS[1:], cells))
        rows = [row(name, one, zchat) for name, one in group.items()]
        made.append((results["works"][work], [[size, *columns], *rows]))
    return made


def head(results: dict) -> list:
    return [
        f"{results['machine']}; {results['date']}; {results['command']}: "
        f"medians of {results['rounds']} rounds of {results['seconds']:g} s, {results['took']} s in all",
    ]


def goal_rows(results: dict) -> list:
    return [[text, bound, found, verdict] for text, bound, found, verdict in goals.judge(results)]


def aligned(rows: list) -> list:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))).rstrip()
        for row in rows
    ]


def text(results: dict) -> str:
    lines = head(results)
    for name, (version, note) in results["servers"].items():
        lines.append(f"  {name:14} {note}{'; ' if version else ''}{version}")
    title = None
    for work, rows in tables(results):
        if work != title:
            lines += ["", work]
            title = work
        lines += ["", *aligned(rows)]
    judged = goal_rows(results)
    if judged:
        lines += ["", *aligned([["goal", "at most", "found", ""], *judged])]
    for what, why in results["failures"].items():
        lines += [f"failed: {what}: {why}"]
    return "\n".join(lines)


def piped(rows: list) -> list:
    first, *rest = ["| " + " | ".join(row) + " |" for row in rows]
    return [first, "|" + "---|" * len(rows[0]), *rest]


def markdown(results: dict) -> str:
    lines = head(results)
    lines += ["", "| server | promises | version |", "|---|---|---|"]
    for name, (version, note) in results["servers"].items():
        lines.append(f"| {name} | {note} | {version} |")
    title = None
    for work, rows in tables(results):
        if work != title:
            lines += ["", f"### {work}"]
            title = work
        lines += ["", *piped(rows)]
    judged = goal_rows(results)
    if judged:
        lines += ["", "### Goals", "", *piped([["goal", "at most", "found", ""], *judged])]
    for what, why in results["failures"].items():
        lines += ["", f"Failed: {what}: {why}"]
    return "\n".join(lines)
