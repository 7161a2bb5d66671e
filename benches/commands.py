#!/usr/bin/env python3
"""What whole commands cost: processor time, wall time and memory, beside the tools that a user would otherwise run.

    cargo build --release -p casefile --no-default-features
    python3 benches/commands.py --bin target/release/casefile [--mb 200] [--runs 5] [--kinds json,plain] [--work DIR]

Prints a Markdown table of medians. The corpora are made by `cargo xtask corpus`, once, and kept in DIR. Commands take turns
(A B C A B C), so that a neighbour on the same cores hits all of them. Times of the processor are user and system together.
Memory is the peak of the process; no child can show less than this program itself had when it started it, so that peaks
up to its own are printed as `<=`. A command that fails ends everything: a fast failure is no result.

Must never be compared between machines. It misleads when the corpora do not fit into memory: then a disk is measured.
"""

import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = ["json", "mixed-json", "logfmt", "access", "plain"]


def main():
    options = arguments()
    print("| input | command | CPU s | MB per CPU s | wall s | peak MiB |")
    print("|---|---|---:|---:|---:|---:|")
    for kind in options.kinds.split(","):
        log = corpus(options.work, kind, options.mb)
        megabytes = log.stat().st_size / 1e6
        commands = {name: command + [str(log)] for name, command in known(options.bin).items()}
        for name, figures in medians(commands, options.runs).items():
            cpu, wall, peak = figures
            print(f"| {kind}, {megabytes:.0f} MB | `{name}` | {cpu:.2f} | {megabytes / max(cpu, 0.001):,.0f} | {wall:.2f} | {memory(peak)} |")
        sys.stdout.flush()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--mb", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "casefile-corpora")
    return parser.parse_args()


def corpus(folder, kind, megabytes):
    folder.mkdir(parents=True, exist_ok=True)
    log = (folder / f"{kind}-{megabytes}.log").resolve()
    if not log.exists():
        part = log.with_suffix(".part")
        make = ["cargo", "xtask", "corpus", "--kind", kind, "--mb", str(megabytes), "--out", str(part)]
        subprocess.run(make, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        part.rename(log)
    return log


def known(casefile):
    """Commands by their name; those whose program is not installed are left out."""
    one = ["--threads", "1"]
    commands = {
        "casefile report": [casefile, "report", "--format", "json", *one],
        "casefile report, 2 threads": [casefile, "report", "--format", "json", "--threads", "2"],
        "casefile parse --no-patterns": [casefile, "parse", "--format", "ndjson", "--no-patterns", *one],
        "casefile patterns": [casefile, "patterns", "--format", "ndjson", *one],
        "casefile patterns --no-variables": [casefile, "patterns", "--format", "ndjson", "--no-variables", *one],
        "grep -c -i error": ["grep", "-c", "-i", "error"],
        "rg -c -i error": ["rg", "-c", "-i", "error"],
        "wc -l": ["wc", "-l"],
    }
    return {name: command for name, command in commands.items() if shutil.which(command[0])}


def medians(commands, runs):
    figures = {name: [] for name in commands}
    # The first turn brings the file into memory and does not count.
    for turn in range(runs + 1):
        for name, command in commands.items():
            measured = one_run(command)
            if turn:
                figures[name].append(measured)
    return {name: tuple(statistics.median(column) for column in zip(*rows)) for name, rows in figures.items()}


def one_run(command):
    """Seconds of the processor, seconds on the wall, and the peak in KiB."""
    # Not the null device: grep stops at the first match when it sees that nobody reads. A parse writes as much as it reads.
    with tempfile.TemporaryFile() as small, open(os.devnull, "wb") as nowhere:
        out = nowhere if "parse" in command else small
        before = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - before
        child.returncode = os.waitstatus_to_exitcode(status)
    # grep and rg say with 1 that nothing was found.
    found_nothing = child.returncode == 1 and "-c" in command
    if child.returncode != 0 and not found_nothing:
        sys.exit(f"{' '.join(command)} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime, wall, used.ru_maxrss


def memory(kib):
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{kib / 1024:.0f}" if kib > own else f"<= {own / 1024:.0f}"


if __name__ == "__main__":
    main()
