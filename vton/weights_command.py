"""`python -m vton weights list | fetch NAME`."""

import argparse
import sys

from vton.weights import CHECKPOINTS_BY_NAME, Checkpoint, WeightsError, fetch, locate, rows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="every checkpoint, where it is and how to get it")
    fetching = actions.add_parser("fetch", help="bring weights to this machine")
    fetching.add_argument("name", metavar="NAME", help="a checkpoint or a group, such as hr-viton")
    fetching.add_argument(
        "--source", help="a file, a folder, a URL or a Hub repository (OWNER/NAME) to take it from instead"
    )
    fetching.add_argument("--to", metavar="DIR", help="the folder to put it in (default: checkpoints)")
    fetching.add_argument("--yes", action="store_true", help="agree to the licence without being asked")


def run(args: argparse.Namespace) -> int:
    """Carry the command out.

    Raises:
        WeightsError: see `weights.fetch`.
    """
    if args.action == "list":
        for row in CHECKPOINTS_BY_NAME.values():
            print(f"{row.name:24}{row.file:24}{row.licence:36}{locate(row) or 'missing: ' + row.command}")
        return 0
    for row in rows(args.name):
        print(fetch(row.name, args.to, args.source, None if args.yes else _ask, _show))
    return 0


def _ask(row: Checkpoint) -> bool:
    if not sys.stdin.isatty():
        raise WeightsError(f"{row.file}: its licence is {row.licence}; add --yes to agree to it.")
    return input(f"{row.file} is published under {row.licence}. Agree? [y/N] ").strip().lower() in ("y", "yes")


def _show(have: int, total: int | None) -> None:
    if sys.stderr.isatty():
        share = f" of {total / 1e6:.0f}" if total else ""
        print(f"\r{have / 1e6:.0f}{share} MB", end="" if have != total else "\n", file=sys.stderr, flush=True)
