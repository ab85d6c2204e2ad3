"""A walk through CDNOW: the published numbers beside ours, and the usual drawings.

    python -m studies.cdnow                      the file inside the wheel of `lifetimes`
    python -m studies.cdnow FILE --out FOLDER    a file of one's own, drawings in FOLDER
    python -m studies.cdnow --page               docs/studies/cdnow.md and its drawings again

FILE is CDNOW_sample.txt, out of CDNOW_sample.zip at brucehardie.com/datasets.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from studies.cdnow.cdnow_findings import find
from studies.cdnow.cdnow_tables import tables
from studies.cdnow.data import FILE_NAME, load, wheel_file
from studies.cdnow.drawings import write
from studies.report import REPORTS, fill

REPORT = "cdnow.md"
DRAWINGS = REPORTS / "images" / "cdnow"


def main() -> None:
    arguments = _arguments()
    file = arguments.file or wheel_file()
    if file is None:
        raise SystemExit(f"no {FILE_NAME}: name the file, or install the wheel of `lifetimes`")
    findings = find(load(file))
    shown = tables(findings)
    for name, table in shown.items():
        print(f"{name}\n\n{table}")
    if arguments.page:
        fill(REPORT, shown)
    folder = DRAWINGS if arguments.page else arguments.out
    for path in write(findings, folder) if folder else []:
        print(f"drawn: {path}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m studies.cdnow",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", type=Path, help=FILE_NAME)
    parser.add_argument("--out", type=Path, help="folder for the drawings, made if need be")
    parser.add_argument("--page", action="store_true", help="write docs/studies/cdnow.md anew")
    arguments = parser.parse_args()
    if arguments.file and not arguments.file.is_file():
        parser.error(f"there is no file {arguments.file}")
    return arguments


if __name__ == "__main__":
    main()
