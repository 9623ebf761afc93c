"""The results as plots, by gnuplot."""

import re
import shutil
import subprocess
from pathlib import Path

# what is drawn of a work: the title of the axis, and how it is computed
DRAWN = {
    "hot": ("CPU a delivery, ns", lambda one: one["cpu"] / one["deliveries"] * 1e9),
    "bodies": ("CPU a delivery, ns", lambda one: one["cpu"] / one["deliveries"] * 1e9),
    "secret": ("CPU a delivery, ns", lambda one: one["cpu"] / one["deliveries"] * 1e9),
    "private": ("CPU a delivery, ns", lambda one: one["cpu"] / one["deliveries"] * 1e9),
    "quiet": ("p50 to the last listener, ms", lambda one: one["p50_us"] / 1e3),
    "durable": ("messages a second", lambda one: one["deliveries"] / one["seconds"]),
    "rooms": ("CPU a delivery, ns", lambda one: one["cpu"] / one["deliveries"] * 1e9),
}


# the same server has the same color everywhere; zchat's are greens
COLORS = {"plain": "#999999", "zchat": "#1a7f37", "zchat-packs": "#1a7f37", "zchat-events": "#7ccf8f",
          "zchat-curve": "#0b4f6c", "zchat-private": "#0b4f6c", "redis": "#e5383b", "redis-fsync": "#8d0801",
          "redis-stream": "#8d0801", "nats": "#f4a300", "nats-tls": "#b36b00", "jetstream": "#b36b00",
          "mosquitto": "#7b2cbf", "ngircd": "#3a6ea5", "classroom": "#222222"}  # fmt: skip


def draw(results: dict, folder: Path) -> str:
    if not shutil.which("gnuplot"):
        return "no plots: there is no gnuplot (scripts/setup bench)"
    drawn = [name for name in DRAWN if plot(results, name, folder)]
    return f"plots in {folder}: {', '.join(f'{name}.svg' for name in drawn) or 'none'}"


def plot(results: dict, work: str, folder: Path) -> bool:
    axis, value = DRAWN[work]
    groups = {k.split("|")[1]: g for k, g in results["groups"].items() if k.split("|")[0] == work and g}
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    if not groups:
        return False
    rows = ["\t".join(["size", *names])]
    for size, group in groups.items():
        rows.append("\t".join([size, *(f"{value(group[n]):.6g}" if n in group else "?" for n in names)]))
    data = folder / f"{work}.tsv"
    data.write_text("\n".join(rows) + "\n")
    title = re.sub(r'["\\]', "", results["works"][work])
    bars = ", ".join(
        f'"{data}" using {i}:xtic(1) title columnheader({i}) lc rgb "{COLORS[name]}"'
        for i, name in enumerate(names, 2)
    )
    script = f"""
set terminal svg size 900,480 dynamic background "white"
set output "{folder / work}.svg"
set datafile separator "\\t"
set datafile missing "?"
set title "{title}" noenhanced
set ylabel "{axis}"
set logscale y
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.8 noborder
set key outside right noenhanced
set grid ytics
plot {bars}
"""
    done = subprocess.run(["gnuplot"], input=script, text=True, capture_output=True)
    return done.returncode == 0
