#!/usr/bin/env python3
"""How well the probability of the first cause fits: of the reports that say so many per cent, how many are right?

    python3 benches/calibration.py --bin target/release/casefile --cases cases [--scenarios DIR]

A case is a folder with `truth.json` and its input, packed (`input.tar.gz`) or as `input/`. Its first cause is right when
service, commit and signature are among those that `truth.json` accepts, as far as it names them, and when it is left
undetermined where the evidence cannot decide. A scenario is right when its commit is the guilty one, or none where none is.

Prints the Brier score (the mean square of probability minus outcome; Brier, Monthly Weather Review 1950), what always saying
the observed share would score, and of three bins the mean probability, the share that was right with its 95 % interval
(Wilson, JASA 1927) and the number. It misleads where there are few cases: the intervals say how few.
"""

import argparse
import json
import math
import pathlib
import subprocess
import tarfile
import tempfile

BINS = [(0.0, 0.5), (0.5, 0.8), (0.8, 1.0)]
# 95 % of a normal distribution lie within so many standard deviations.
DEVIATIONS = 1.96


def main():
    options = arguments()
    told = [row for folder in options.cases for row in tell(options.bin, folder, is_right_case)]
    told += [row for folder in options.scenarios for row in tell(options.bin, folder, is_right_scenario)]
    if not told:
        raise SystemExit("no case with a cause: give folders that hold folders with a truth.json")
    for name, probability, right in told:
        print(f"{name:<32} {probability:.3f} {'right' if right else 'wrong'}")
    share = sum(right for *_, right in told) / len(told)
    print(f"\nBrier score {brier(told):.3f}, n = {len(told)} (always saying {share:.2f}: {share * (1 - share):.3f})\n")
    print("| probability | n | mean | right | 95 % interval |\n|---|---:|---:|---:|---|")
    for low, high in BINS:
        inside = [row for row in told if low <= row[1] < high or row[1] == high == 1.0]
        if inside:
            right = sum(row[2] for row in inside)
            mean = sum(row[1] for row in inside) / len(inside)
            least, most = wilson(right, len(inside))
            print(f"| {low:.1f} to {high:.1f} | {len(inside)} | {mean:.2f} | {right / len(inside):.2f} | {least:.2f} to {most:.2f} |")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--cases", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--scenarios", type=pathlib.Path, action="append", default=[])
    return parser.parse_args()


def tell(binary, folder, is_right):
    """Name, probability and outcome of each case below a folder whose truth has a cause."""
    for truth in sorted(folder.glob("*/truth.json")):
        known = json.loads(truth.read_text(encoding="utf-8"))
        causes = report(binary, truth.parent)
        right = is_right(known, causes)
        if causes["causes"] and right is not None:
            yield truth.parent.name, causes["causes"][0]["probability"], right


def report(binary, case):
    with tempfile.TemporaryDirectory() as work:
        given = case / "input"
        if not given.is_dir():
            with tarfile.open(case / "input.tar.gz") as packed:
                packed.extractall(work, filter="data")
            given = pathlib.Path(work) / "input"
        run = subprocess.run([binary, "report", str(given), "--format", "json"], capture_output=True, check=False)
        if not run.stdout:
            raise SystemExit(f"no report on {given}: {run.stderr.decode(errors='replace').strip()}")
        return json.loads(run.stdout)


def is_right_case(truth, found):
    wanted = truth.get("cause")
    if not wanted or not found["causes"]:
        return None
    first = found["causes"][0]
    fits = lambda key: key not in wanted or first.get(key) in as_list(wanted[key])
    commit = "commit" not in wanted or is_commit(first.get("commit"), wanted["commit"])
    return fits("service") and fits("signature") and commit and found["undetermined"] == wanted.get("undetermined", False)


def is_right_scenario(truth, found):
    return is_commit(found["causes"][0].get("commit"), truth["root_cause_commit"]) if found["causes"] else None


def is_commit(found, wanted):
    if wanted == "none":
        return found is None
    return found is not None and len(found) >= 7 and wanted.startswith(found)


def as_list(value):
    return value if isinstance(value, list) else [value]


def brier(told):
    return sum((probability - right) ** 2 for _, probability, right in told) / len(told)


def wilson(right, n):
    z = DEVIATIONS
    middle = (right + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(right * (n - right) / n + z * z / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


if __name__ == "__main__":
    main()
