"""`python -m vton render`: write a dataset of rendered people."""

import argparse
import os
from pathlib import Path

from tqdm import tqdm

from vton.rendering.dataset import write_dataset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("-n", "--count", type=int, required=True, help="how many samples the dataset shall have")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the dataset's folder; samples in it are kept")
    parser.add_argument("--seed", type=int, default=0, help="samples depend on the seed and their number alone")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count(), help="processes; all cores unless told otherwise"
    )


def run(args: argparse.Namespace) -> int:
    """Render what is missing; returns the exit status."""
    with tqdm(total=args.count, unit="sample", smoothing=0.05) as bar:

        def show(done: int, _total: int) -> None:
            bar.update(done - bar.n)

        write_dataset(args.output, args.count, args.seed, args.workers, show)
    return 0


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(_parser)
    raise SystemExit(run(_parser.parse_args()))
