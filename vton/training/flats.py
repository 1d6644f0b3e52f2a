"""Rendered garments by themselves, stored once: framed at the neck for the lining network, whole for the outline's."""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np

from vton.data.dataset import DatasetError
from vton.preprocess.lining_frame import neck_frame
from vton.rendering.flats import Flat, render_flats

STORED, STORED_SHARE = 200, 1.125
"""Side in pixels of what is stored, and what it shows as `lining_frame.SHARE`: more than the frame, so that training
can move it."""
HELD_OUT = 0.06
"""Share of the garments, the last ones, that is kept for measuring."""
SIZE = (448, 336)
"""Height and width at which garments are rendered."""
FIELDS = ("picture", "mask", "inside")


class FlatDataset:
    """Framed garments as `write_flats` stored them.

    Attributes:
        split: "train" or "test".
    """

    def __init__(self, root: Path | str, split: str):
        self.split = split
        self._folder = Path(root) / split
        if not (self._folder / "picture.npy").is_file():
            raise DatasetError(f"{root}: no garments for {split}; run `python -m vton.training.flats -o {root}`.")
        self._arrays = {field: np.load(self._folder / f"{field}.npy", mmap_mode="r") for field in FIELDS}

    def __len__(self) -> int:
        return len(self._arrays["picture"])

    def refresh(self) -> int:
        """The number of samples, which does not change while training."""
        return len(self)

    def read(self, index: int) -> dict[str, np.ndarray]:
        """picture uint8 RGB (H, W, 3); mask and inside uint8 (H, W), 0 to 255; 200×200 of a neck, else 448×336."""
        return {field: np.array(values[index]) for field, values in self._arrays.items()}


def write_flats(
    output: Path, count: int, paintings: int = 3, seed: int = 0, workers: int = 0, frame: str = "neck"
) -> dict[str, int]:
    """Render `count` garments in `paintings` cloths each and store what `FRAMES[frame]` makes of them.

    Returns the number of pictures of each split.
    """
    cv2.setNumThreads(1)
    held_out = max(1, round(HELD_OUT * count))
    counts = {}
    for split, garments in (("train", range(count - held_out)), ("test", range(count - held_out, count))):
        folder = output / split
        folder.mkdir(parents=True, exist_ok=True)
        size = (STORED, STORED) if frame == "neck" else SIZE
        counts[split] = len(garments) * paintings
        for field in FIELDS:
            shape = (counts[split], *size, *((3,) if field == "picture" else ()))
            np.lib.format.open_memmap(folder / f"{field}.npy", "w+", dtype=np.uint8, shape=shape).flush()
        jobs = (repeat(folder), repeat(garments.start), garments, repeat(paintings), repeat(seed), repeat(frame))
        if workers < 1:
            list(map(_write, *jobs))
        else:
            with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
                list(pool.map(_write, *jobs, chunksize=4))
    (output / "flats.json").write_text(json.dumps({"seed": seed, "garments": count, **counts}) + "\n")
    return counts


def _write(folder: Path, start: int, garment: int, paintings: int, seed: int, frame: str) -> None:
    cv2.setNumThreads(1)
    arrays = {field: np.load(folder / f"{field}.npy", mmap_mode="r+") for field in FIELDS}
    for number, flat in enumerate(render_flats(seed, garment, paintings, SIZE)):
        for field, value in FRAMES[frame](flat).items():
            arrays[field][(garment - start) * paintings + number] = value


def framed(flat: Flat) -> dict[str, np.ndarray]:
    """What is stored of a garment: its neck, with a margin about the network's frame."""
    matrix = neck_frame(flat.mask, STORED, STORED_SHARE)
    size = (STORED, STORED)
    # Blurred as far as pixels are merged, since warping takes single ones.
    blur = max(0.0, 0.45 / float(matrix[0, 0]) - 0.3)
    values = whole(flat)
    if blur > 0.2:
        values = {field: cv2.GaussianBlur(value, (0, 0), blur) for field, value in values.items()}
    return {
        field: cv2.warpAffine(
            value, matrix, size, borderMode=cv2.BORDER_REPLICATE if field == "picture" else cv2.BORDER_CONSTANT
        )
        for field, value in values.items()
    }


def whole(flat: Flat) -> dict[str, np.ndarray]:
    """The picture as it was rendered, and both maps from 0 to 255."""
    return {
        "picture": flat.picture,
        "mask": flat.mask * np.uint8(255),
        "inside": flat.inside * np.uint8(255),
    }


FRAMES: dict[str, Callable[[Flat], dict[str, np.ndarray]]] = {"neck": framed, "whole": whole}
"""What is stored of a garment, by name."""


def main(arguments: list[str] | None = None) -> int:
    """`python -m vton.training.flats -n N -o FLATS`."""
    parser = argparse.ArgumentParser(description="Render garments by themselves for the lining and outline networks.")
    parser.add_argument("-n", "--count", type=int, default=1000, help="how many garments")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write")
    parser.add_argument("--paintings", type=int, default=3, help="pictures of each garment, in other cloths")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=0, help="processes besides this one")
    parser.add_argument("--frame", choices=tuple(FRAMES), default="neck", help="whole for the outline network")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    counts = write_flats(chosen.output, chosen.count, chosen.paintings, chosen.seed, chosen.workers, chosen.frame)
    print(f"{counts['train']} garments to train on, {counts['test']} held out, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
