"""Rendered samples as the compact condition generator sees them: `python -m vton.training.frames DATASET -o FRAMES`.

Bringing a sample into its frames costs more than a training step that looks at it. So it is done once, a few times over
with other mistakes, and training reads the results: one .npy a field in `FRAMES/<split>/`.
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import cache, partial
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from vton.data.dataset import DatasetError
from vton.data.pack import FLOW_UNIT, FOUND_FIELDS, MAP_SIZE, PICTURE_SIZE, PackedDataset
from vton.labels import (
    DENSEPOSE_PARTS,
    MIRRORED_KEYPOINTS,
    MIRRORED_PARSE,
    MIRRORED_PARTS,
    Hem,
    Parse,
)
from vton.methods.compact_inputs import (
    WAIST_REACH,
    agnostic_regions,
    compact_regions,
    garment_crop,
    move_keypoints,
    torso_crop,
)
from vton.networks.places import FIELD_SIZE, GARMENT_SIZE
from vton.training.augment import Random, compose, mirroring, recolour, scaling, shake_keypoints, similarity
from vton.training.mistakes import mistaken_parse, mistaken_parts

FIELDS = ("cloth", "cloth_mask", "parse", "other_parse", "parts", "flow", "valid", "other_keypoints")
LATER_FIELDS = (*FOUND_FIELDS, "hem")
"""What only some packed datasets have."""

CHUNK = 32
FOUND_SHARE = 0.5
"""Share of disturbed frames that see parse and parts as the body network finds them, where these were packed."""

SHOWN_WAISTBANDS = 0.6
"""Share of disturbed frames with a tucked garment that show the waistband of what it is tucked into."""

KNOWN_SHARE = 0.6
"""Share of a coarse pixel whose flow must be known for it to count."""


def make_frame(packed: dict[str, np.ndarray], random: Random | None) -> dict[str, np.ndarray]:
    """What the condition generator sees of one sample, and what it should answer.

    Args:
        packed: FIELDS of one sample, and LATER_FIELDS where there are any; see `data.pack.pack_sample`.
        random: disturbs framing, colours and maps as they are disturbed on photos; None leaves all as it is.

    Returns:
        joints float32 (18, 2), pixels of the person's frame; garment uint8 (128, 96, 4), RGB and mask; regions, parts
        and target uint8 (256, 192); hem uint8, `labels.Hem`; reads float16 (64, 48, 2), pixels of the garment's frame;
        valid bool (64, 48).
    """
    keypoints, mirrored, found = packed["other_keypoints"], False, False
    hem = Hem(packed.get("hem", Hem.UNKNOWN))
    reach = None if hem == Hem.TUCKED else WAIST_REACH
    to_garment = garment_crop(packed["cloth_mask"])
    if random is None:
        to_torso = torso_crop(keypoints)
    else:
        keypoints = shake_keypoints(keypoints, random.uniform(0, 0.02), random)
        to_torso = compose(_jitter(random, 0.06, 2.3, 6), torso_crop(keypoints))
        to_garment = compose(_jitter(random, 0.03, 2, 2.5), to_garment)
        mirrored, hidden = bool(random.random() < 0.5), random.uniform(0.7, 1.3)
        reach = None if hem == Hem.TUCKED and random.random() < SHOWN_WAISTBANDS else hidden
        found = "found_parse" in packed and bool(random.random() < FOUND_SHARE)
    if found:
        packed = {**packed, "other_parse": packed["found_parse"], "parts": packed["found_parts"]}
    sample = frame_sample(packed, keypoints, to_torso, to_garment, mirrored)
    worn, parts, garment = sample["worn"], sample["parts"], sample["garment"]
    if random is not None and not found:
        worn = mistaken_parse(worn, sample["keypoints"], random)
        parts = mistaken_parts(parts, random, unknown=0)
    if random is not None:
        garment = recolour(garment, random, strength=1.3)
    reads, valid = _coarse(sample["flow"], sample["valid"])
    garment = np.dstack([garment, sample["garment_mask"]])
    return {
        "joints": sample["keypoints"][:, :2].astype(np.float32),
        "garment": cv2.resize(garment, GARMENT_SIZE[::-1], interpolation=cv2.INTER_AREA),
        "regions": agnostic_regions(worn, sample["keypoints"], reach),
        "parts": parts,
        "target": sample["target"],
        "hem": np.uint8(hem),
        "reads": reads,
        "valid": valid,
    }


def _jitter(random: Random, scale: float, degrees: float, pixels: float) -> np.ndarray:
    return similarity(
        MAP_SIZE,
        float(np.exp(random.normal() * scale)),
        random.normal() * degrees,
        tuple(random.normal(size=2) * pixels),
    )


def _coarse(flow: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = valid.astype(np.float32)
    weighted = np.dstack([flow * known[..., None], known])
    weighted = cv2.resize(weighted, FIELD_SIZE[::-1], interpolation=cv2.INTER_AREA)
    enough = weighted[..., 2] > KNOWN_SHARE
    reads = weighted[..., :2] / np.maximum(weighted[..., 2:], 1e-3) * enough[..., None]
    return reads.astype(np.float16), enough


def frame_sample(
    packed: dict[str, np.ndarray],
    keypoints: np.ndarray,
    to_torso: np.ndarray,
    to_garment: np.ndarray,
    mirrored: bool,
) -> dict[str, np.ndarray]:
    """Bring packed arrays into the frames of the condition generator.

    Args:
        packed: FIELDS of one sample; see `data.pack.pack_sample`.
        keypoints: (18, 3) in pixels of the 384×288 picture.
        to_torso, to_garment: 2×3, pixels of the 384×288 picture and garment → pixels of their frames.
        mirrored: mirror both.

    Returns:
        garment uint8 (256, 192, 3), garment_mask, worn (parse of the other top), parts, target (Region ids) and valid
        uint8 (256, 192), flow float32 (256, 192, 2) in pixels of the garment's frame, keypoints float32 (18, 3).
    """
    if mirrored:
        flip = mirroring(MAP_SIZE[1])
        to_torso, to_garment = compose(flip, to_torso), compose(flip, to_garment)
    size, nearest = MAP_SIZE[::-1], cv2.INTER_NEAREST
    parse_table = MIRRORED_PARSE if mirrored else np.arange(len(Parse), dtype=np.uint8)
    part_table = MIRRORED_PARTS if mirrored else np.arange(len(DENSEPOSE_PARTS), dtype=np.uint8)
    moved = move_keypoints(keypoints, to_torso)
    from_maps = scaling(MAP_SIZE, PICTURE_SIZE)
    valid = packed["valid"].astype(np.float32)
    weighted = np.dstack([packed["flow"].astype(np.float32) / FLOW_UNIT * valid[..., None], valid])
    weighted = cv2.warpAffine(weighted, compose(to_torso, from_maps), size, flags=cv2.INTER_LINEAR)
    known = weighted[..., 2] > 0.75
    reads = weighted[..., :2] / np.maximum(weighted[..., 2:], 1e-3)
    garment_matrix = compose(to_garment, from_maps)
    flow = (reads @ garment_matrix[:, :2].T + garment_matrix[:, 2]) * known[..., None]
    target = cv2.warpAffine(parse_table[packed["parse"]], to_torso, size, flags=nearest)
    return {
        "garment": cv2.warpAffine(packed["cloth"], to_garment, size, borderValue=(255, 255, 255)),
        "garment_mask": cv2.warpAffine(packed["cloth_mask"], to_garment, size),
        "worn": cv2.warpAffine(parse_table[packed["other_parse"]], to_torso, size, flags=nearest),
        "parts": cv2.warpAffine(part_table[packed["parts"]], to_torso, size, flags=nearest),
        "target": compact_regions(target),
        "flow": flow.astype(np.float32),
        "valid": known.astype(np.uint8),
        "keypoints": moved[MIRRORED_KEYPOINTS] if mirrored else moved,
    }


class FramedDataset:
    """The frames of one split, read like a `PackedDataset`.

    Raises:
        DatasetError: there are none.
    """

    def __init__(self, root: Path, split: str):
        folder = Path(root) / split
        files = sorted(folder.glob("*.npy"))
        if not files:
            raise DatasetError(
                f"{folder}: no frames here; make them with `python -m vton.training.frames DATASET -o {root}`."
            )
        # Of private copies of pages tensors can be made.
        self._fields = {path.stem: np.load(path, mmap_mode="c") for path in files}

    def __len__(self) -> int:
        return len(self._fields["valid"])

    def tensors(self, device: torch.device) -> dict[str, Tensor]:
        """All frames, stacked, by field; see `make_frame`. On the CPU they are read from the files on demand."""
        return {field: torch.from_numpy(values).to(device) for field, values in self._fields.items()}

    def refresh(self) -> int:
        """The number of samples, which does not grow."""
        return len(self)

    def read(self, index: int, fields: tuple[str, ...]) -> dict[str, np.ndarray]:
        """Copies of the named arrays of one frame; see `make_frame` for what there is."""
        return {field: np.array(self._fields[field][index]) for field in fields}


def _rows(roots: Sequence[Path], split: str, seed: int, copies: Sequence[int | None]) -> list[tuple]:
    """What `_frame` is asked for each frame of a split. Raises DatasetError where nothing is packed."""
    rows = [
        (root, index, split, seed, copy)
        for root in roots
        for index in range(len(PackedDataset(root, split)))
        for copy in copies
    ]
    if not rows:
        raise DatasetError(f"nothing is packed for {split}; run `python -m vton.data.pack {roots[0]}`.")
    return rows


def _write_split(folder: Path, rows: list[tuple], spread: Callable[..., Iterable[int]]) -> int:
    """Write the frames of a split, chunk by chunk, with a map such as `map`. Returns their number."""
    folder.mkdir(parents=True, exist_ok=True)
    for field, value in _frame(*rows[0]).items():
        shape = (len(rows), *value.shape)
        np.lib.format.open_memmap(folder / f"{field}.npy", "w+", dtype=value.dtype, shape=shape).flush()
    starts = range(0, len(rows), CHUNK)
    return sum(spread(_write_chunk, repeat(folder), starts, [rows[start : start + CHUNK] for start in starts]))


def write_frames(
    roots: list[Path], output: Path, times: int, seed: int, workers: int, exact: bool = False
) -> dict[str, int]:
    """Frame packed datasets: the train splits `times` over and disturbed, the test splits once and as they are.

    Args:
        roots: packed datasets.
        output: folder to make.
        times: how often a training sample is framed.
        seed: of the disturbances; every frame has its own, so that workers change nothing.
        workers: processes; 0 frames in this one.
        exact: frame training samples once more, as they are.

    Returns:
        Number of frames by split.

    Raises:
        DatasetError: nothing is packed.
    """
    copies = {"train": (*range(times), *([None] if exact else [])), "test": (None,)}
    spawning = multiprocessing.get_context("spawn")
    # The processes import for seconds, so that both splits have the same ones.
    with ProcessPoolExecutor(workers, mp_context=spawning) if workers > 0 else nullcontext() as pool:
        spread = partial(pool.map, chunksize=4) if pool else map
        counts = {
            split: _write_split(output / split, _rows(roots, split, seed, copies[split]), spread) for split in copies
        }
    notes = {"datasets": [Path(root).name for root in roots], "times": times, "exact": exact, "seed": seed, **counts}
    (output / "frames.json").write_text(json.dumps(notes) + "\n")
    return counts


def _frame(root: Path, index: int, split: str, seed: int, copy: int | None) -> dict[str, np.ndarray]:
    random = None if copy is None else np.random.default_rng((seed, index, copy))
    data, fields = _dataset(root, split)
    return make_frame(data.read(index, fields), random)


@cache
def _dataset(root: Path, split: str) -> tuple[PackedDataset, tuple[str, ...]]:
    """A split and the fields that its frames are made of: looking for them opens every shard's folder."""
    data = PackedDataset(root, split)
    return data, (*FIELDS, *data.held(LATER_FIELDS))


def _write_chunk(folder: Path, start: int, rows: list[tuple]) -> int:
    cv2.setNumThreads(1)
    for number, row in enumerate(rows, start):
        for field, value in _frame(*row).items():
            np.load(folder / f"{field}.npy", mmap_mode="r+")[number] = value
    return len(rows)


def main(arguments: list[str] | None = None) -> int:
    """`python -m vton.training.frames DATASET [DATASET ...] -o FRAMES`."""
    parser = argparse.ArgumentParser(description="Frame packed datasets for the compact condition generator.")
    parser.add_argument("datasets", type=Path, nargs="+", help="packed datasets")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write")
    parser.add_argument("--times", type=int, default=2, help="how often each training sample is framed")
    parser.add_argument("--exact", action="store_true", help="frame each training sample once more, undisturbed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=0, help="processes besides this one")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        counts = write_frames(chosen.datasets, chosen.output, chosen.times, chosen.seed, chosen.workers, chosen.exact)
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{counts['train']} frames to train on, {counts['test']} held out, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
