#!/usr/bin/env python3
"""Instruction counts of the hot path, as a regression gate.

Counts repeat exactly for one binary and hardly depend on the machine, unlike times. The release
program ao_hotpath_bench runs under callgrind twice with different numbers of rounds; the
difference is the cost of the extra spans alone.

usage: check_instructions.py PROGRAM [--update]
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

RECORD = pathlib.Path(__file__).with_name("instructions.json")
TOLERANCE = 0.08  # above this the gate fails; an improvement beyond it asks for a new record
ROUNDS = {"small": (2, 12, 400), "llm": (2, 12, 60)}  # few rounds, many rounds, spans a round


def count(program, kind, rounds):
    with tempfile.TemporaryDirectory() as scratch:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}/out", program, kind,
             str(rounds)],
            capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found:
        sys.exit(f"cannot count instructions of {program}: {run.stderr[-2000:]}")
    return int(found.group(1))


def main():
    program, update = sys.argv[1], "--update" in sys.argv
    if not pathlib.Path(program).exists():
        print(f"SKIPPED: {program} is not built (./dev build release --target ao_hotpath_bench)")
        sys.exit(77)
    measured = {}
    for kind, (few, many, spans) in ROUNDS.items():
        difference = count(program, kind, many) - count(program, kind, few)
        measured[kind] = round(difference / (spans * (many - few)))
    if update:
        RECORD.write_text(json.dumps(measured, indent=2) + "\n")
        print(f"recorded {measured}")
        return
    recorded = json.loads(RECORD.read_text())
    failed = False
    for kind, now in measured.items():
        before = recorded[kind]
        change = now / before - 1
        print(f"{kind}: {now} instructions a span, recorded {before} ({change:+.1%})")
        failed |= change > TOLERANCE
        if change < -TOLERANCE:
            print(f"{kind}: faster than recorded; run with --update to keep it so")
    if failed:
        sys.exit(f"the hot path needs over {TOLERANCE:.0%} more instructions than recorded; make it "
                 "cheaper, or say why in the commit and run with --update")


if __name__ == "__main__":
    main()
