"""The commands: `python -m vton COMMAND ...`.

Exit status 0 on success; 2 with one line on stderr for input that cannot be used.
"""

import argparse
import importlib
import sys

COMMANDS = {
    "try-on": ("vton.commands.try_on", "dress a person in a garment"),
    "preprocess": ("vton.commands.preprocess", "photos to a dataset in the VITON-HD layout"),
    "sheet": ("vton.commands.sheet", "a contact sheet of many try-ons, to look at"),
    "weights": ("vton.weights_command", "list and fetch weight files"),
    "render": ("vton.rendering.command", "render people and their garments as a dataset"),
    "train": ("vton.training.command", "train a compact network"),
    "evaluate": ("vton.evaluation.command", "measure quality on a dataset"),
    "bench": ("vton.evaluation.bench", "measure time and memory"),
}
"""Command → module with `add_arguments(parser)` and `run(arguments) -> int`, and what it does."""


def main(argv: list[str] | None = None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    overview = argparse.ArgumentParser(prog="python -m vton", description="Fit Me Up: virtual try-on")
    summaries = "\n".join(f"  {name:11} {summary}" for name, (_, summary) in COMMANDS.items())
    overview.formatter_class = argparse.RawDescriptionHelpFormatter
    overview.epilog = f"commands:\n{summaries}"
    overview.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    chosen = overview.parse_args(argv[:1]).command

    module = importlib.import_module(COMMANDS[chosen][0])
    parser = argparse.ArgumentParser(prog=f"python -m vton {chosen}", description=COMMANDS[chosen][1])
    module.add_arguments(parser)
    arguments = parser.parse_args(argv[1:])
    from vton.images import PictureError
    from vton.weights import WeightsError

    try:
        return module.run(arguments)
    except (PictureError, WeightsError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
