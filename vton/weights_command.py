"""`python -m vton weights list | fetch NAME | verify | front-matter`."""

import argparse
import sys
import time

from vton.weights import (
    CHECKPOINTS_BY_NAME,
    Checkpoint,
    WeightsError,
    fetch,
    folders,
    front_matter,
    locate,
    rows,
    size_text,
    verify,
)

SAY_EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal to rewrite a line on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="every checkpoint: file, size, licence, whether it is here, what it is for")
    fetching = actions.add_parser("fetch", help="bring weights to this machine")
    fetching.add_argument("names", nargs="+", metavar="NAME", help="a checkpoint or a group, such as hr-viton")
    fetching.add_argument(
        "--source",
        help="take it from here instead: a file, a .zip, a folder, a URL or a Hub repository (OWNER/NAME)",
    )
    fetching.add_argument("--to", metavar="DIR", help="the folder to put it in (default: checkpoints)")
    fetching.add_argument("--yes", action="store_true", help="agree to the licence without being asked")
    verifying = actions.add_parser("verify", help="compare the files on this machine with their size and SHA-256")
    verifying.add_argument("names", nargs="*", metavar="NAME", help="a checkpoint or a group (default: all)")
    preloading = actions.add_parser("front-matter", help="print the lines that make a Space preload weights")
    preloading.add_argument("names", nargs="*", metavar="NAME", help="a checkpoint or a group (default: all it can)")


def run(args: argparse.Namespace) -> int:
    """Carry the command out.

    Raises:
        WeightsError: what failed and what to do next, see `weights.fetch`.
    """
    if args.action == "list":
        print(_listing())
    elif args.action == "front-matter":
        print(front_matter(args.names))
        for row in _chosen(args.names):
            _say(f"{row.name}: {row.licence}")
    elif args.action == "verify":
        _verify(_chosen(args.names) or list(CHECKPOINTS_BY_NAME.values()))
    else:
        _fetch(args)
    return 0


def _chosen(names: list[str]) -> list[Checkpoint]:
    return list(dict.fromkeys(row for name in names for row in rows(name)))


def _listing() -> str:
    """A table of all checkpoints, and where they were looked for."""
    table = [("NAME", "FILE", "SIZE", "HERE", "LICENCE", "FOR")]
    for row in CHECKPOINTS_BY_NAME.values():
        path = locate(row)
        size = size_text(path.stat().st_size if path else row.size)
        table.append((row.name, row.file, size, "present" if path else "missing", row.licence, row.purpose))
    widths = [max(len(line[column]) for line in table) for column in range(5)]
    lines = ["  ".join((*map(str.ljust, line[:5], widths), line[5])) for line in table]
    return "\n".join(
        [
            *lines,
            "",
            f"Looked for in {', '.join(map(str, folders()))}, in rembg's folder and in the Hub's cache.",
            "What is missing comes with: python -m vton weights fetch NAME",
        ]
    )


def _verify(chosen: list[Checkpoint]) -> None:
    problems = []
    for row in chosen:
        path = locate(row)
        problem = path and verify(row, path)
        print(f"{row.name}: {'missing' if path is None else problem or f'well, {path}'}")
        if problem:
            problems.append(row.name)
    if problems:
        raise WeightsError(f"Not as expected: {', '.join(problems)}. Fetch anew: {_command(problems)}")


def _fetch(args: argparse.Namespace) -> None:
    """Fetch everything that was asked for, going on after a failure."""
    chosen, failed, agreed = _chosen(args.names), [], set()

    def confirm(row: Checkpoint) -> bool:
        if args.yes or row.licence in agreed or _ask(row):
            agreed.add(row.licence)
        return row.licence in agreed

    for row in chosen:
        try:
            print(fetch(row.name, args.to, args.source, confirm, _Progress(), _say))
        except WeightsError as error:
            failed.append(row.name)
            _say(str(error))
    if failed:
        raise WeightsError(
            f"{len(failed)} of {len(chosen)} not fetched, for the reasons above: {', '.join(failed)}. "
            f"When they are put right, run: {_command(failed)}"
        )


def _command(names: list[str]) -> str:
    return f"python -m vton weights fetch {' '.join(names)}"


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _ask(row: Checkpoint) -> bool:
    if not sys.stdin.isatty():
        raise WeightsError(f"{row.file}: not fetched. Its licence is {row.licence}; add --yes to agree to it.")
    answer = input(f"{row.file} is published under this licence: {row.licence}. Do you agree? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


class _Progress:
    """Shows a download on stderr: on one line of a terminal, or every few seconds in a log."""

    def __init__(self):
        self._started = self._said = time.monotonic()
        self._first: int | None = None

    def __call__(self, have: int, total: int | None) -> None:
        now = time.monotonic()
        self._first = have if self._first is None else self._first
        done, terminal = have == total, sys.stderr.isatty()
        if not (terminal or done or now - self._said > SAY_EVERY):
            return
        self._said = now
        share = f" of {size_text(total)} ({have / total:.0%})" if total else ""
        speed = (have - self._first) / 1e6 / max(now - self._started, 1e-3)
        text = f"{size_text(have)}{share}, {speed:.1f} MB/s"
        print(
            f"\r{text:60}" if terminal else text, end="" if terminal and not done else "\n", file=sys.stderr, flush=True
        )
