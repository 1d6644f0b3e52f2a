"""`python -m vton evaluate DATASET`: a rendered dataset's test split, or a folder of annotated photographs."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch

from vton.data.dataset import DatasetError, Layout
from vton.data.pack import PackedDataset, pack
from vton.evaluation.generated import measure_prints, measure_try_ons, measure_with_truth
from vton.evaluation.metrics import PARSE_GROUPS, OverlapTable, pck
from vton.evaluation.rendered import measure_body, measure_condition
from vton.images import PictureError
from vton.weights import WeightsError, load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` reads."""
    parser.add_argument("dataset", type=Path, help="a rendered dataset, or annotated photographs in the same layout")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"), help="folder of compact weights")
    parser.add_argument("--limit", type=int, default=200, help="at most so many samples")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print Markdown tables; 0 when done, 2 with one line on stderr when something is missing."""
    try:
        root = arguments.dataset
        if not root.is_dir():
            raise DatasetError(f"{root}: there is no such folder.")
        if (root / "test" / "flow").is_dir():
            _evaluate_rendered(root, arguments.checkpoints, arguments.limit, torch.device(arguments.device))
        else:
            _evaluate_photographs(root, arguments.checkpoints / "body.safetensors", arguments.limit)
    except (DatasetError, WeightsError, PictureError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _evaluate_rendered(root: Path, checkpoints: Path, limit: int, device: torch.device) -> None:
    if not len(PackedDataset(root, "test")):
        pack(root)
    count = min(limit, len(PackedDataset(root, "test")))
    names = ("body", "condition", "image")
    body_file, condition_file, image_file = files = [checkpoints / f"{name}.safetensors" for name in names]
    if not any(file.is_file() for file in files):
        raise WeightsError(f"{checkpoints}: none of {', '.join(file.name for file in files)} is there.")
    if body_file.is_file():
        tables = measure_body(load_network(body_file).to(device), root, limit, device)
        print(f"\nBody network, N = {count} rendered pictures at 256×192, IoU by label")
        for name, table in tables.items():
            _print_overlap(name, table)
    if condition_file.is_file():
        condition = load_network(condition_file).to(device)
        for told in (True, False) if condition.hems else (False,):
            values, regions = measure_condition(condition, root, limit, device, told)
            how = "told" if told else "not told"
            print(f"\nCondition generator, {how} what is tucked in, N = {count} rendered pairs at 256×192, in pixels")
            _print_table(values)
            _print_overlap("regions", regions)
    if image_file.is_file():
        generator = load_network(image_file).to(device)
        print(f"\nImage generator behind the true warp and target parse, N = {count} rendered pairs, inside the edit\n")
        _print_rows(measure_with_truth(generator, root, limit, device))
        print("\nWhat a print on the old top changes inside the new one, mean absolute difference of 255\n")
        _print_table(measure_prints(generator, root, limit, device))
        if condition_file.is_file():
            made = measure_try_ons(load_network(condition_file).to(device), generator, root, limit)
            print(
                f"\nTry-ons with the networks' own warp and target parse, N = {count} rendered pairs, inside the edit\n"
            )
            _print_rows(made)


def _evaluate_photographs(root: Path, body_file: Path, limit: int) -> None:
    # MediaPipe takes seconds to import, and rendered datasets need none of it.
    from vton.evaluation.photographs import measure_photographs
    from vton.preprocess.parsing import BodyParser
    from vton.preprocess.pose import PoseEstimator
    from vton.preprocess.prepare import Preparer

    preparer = Preparer(PoseEstimator(), BodyParser(load_network(body_file)))
    measured = measure_photographs(preparer, Layout(root, ""), limit)
    print(f"\nParse, N = {len(measured.by_picture)} photographs on the 1024×768 canvas, IoU")
    groups = {name: value for name, value in measured.parse.by_name().items() if name != "rest"}
    print()
    _print_table({"parse: mean": measured.parse.mean(PARSE_GROUPS), **groups})
    print()
    _print_table(measured.by_picture)
    distances = np.array(measured.distances)
    print(f"\nPose, N = {len(distances)} keypoints, distances in shoulder widths\n")
    _print_table(
        {
            "PCK@0.2": pck(distances),
            "PCK@0.1": pck(distances, 0.1),
            "median": _median(distances),
            "hips, median": _median(measured.hips),
        }
    )
    for name, parts in measured.parts.items():
        print(f"\nDensePose parts of {name}, {len(parts)} visible, IoU\n")
        _print_table({"parts: mean": _mean(parts.values()), **parts})
    if measured.garments:
        values = list(measured.garments.values())
        print(f"\nGarment masks, N = {len(values)}, IoU\n")
        _print_table({"worst": min(values), "mean": _mean(values), **measured.garments})


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return float(np.mean(values)) if values else float("nan")


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _print_overlap(name: str, table: OverlapTable) -> None:
    print()
    _print_table({f"{name}: mean": table.mean(), **table.by_name()})


def _print_table(values: dict[str, float]) -> None:
    print("| " + " | ".join(values) + " |")
    print("|" + "---|" * len(values))
    print("| " + " | ".join(f"{value:.3f}" for value in values.values()) + " |")


def _print_rows(rows: dict[str, dict[str, float]]) -> None:
    print("| | " + " | ".join(next(iter(rows.values()))) + " |")
    print("|---" * (1 + len(next(iter(rows.values())))) + "|")
    for name, values in rows.items():
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in values.values()) + " |")


def main(arguments: list[str] | None = None) -> int:
    """The command on its own: `python -m vton.evaluation.command`."""
    parser = argparse.ArgumentParser(description="Measure the compact networks.")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
