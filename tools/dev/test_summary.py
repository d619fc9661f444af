"""Adds up JUnit files: test_summary.py FOLDER SUITE… Fails unless every suite ran and passed."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def count(path: Path) -> dict[str, int]:
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        outcomes = {child.tag for child in case}
        not_run = case.get("status") in ("notrun", "disabled")
        if outcomes & {"failure", "error"} or case.get("status") == "fail":
            counts["failed"] += 1
        elif "skipped" in outcomes or not_run:
            counts["skipped"] += 1
        else:
            counts["passed"] += 1
    return counts


def main(folder: str, *suites: str) -> int:
    total = {"passed": 0, "failed": 0, "skipped": 0}
    complete = True
    for suite in suites:
        path = Path(folder) / f"{suite}.xml"
        counts = count(path) if path.is_file() else {"passed": 0}
        complete &= counts["passed"] > 0
        print(f"{suite:12}", ", ".join(f"{n} {what}" for what, n in counts.items()))
        for what, n in counts.items():
            total[what] += n
    if not complete:
        print("a suite ran no test")
    print(", ".join(f"{n} {what}" for what, n in total.items()))
    return 0 if complete and total["failed"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
