"""Turn a rendered dataset into arrays that training reads without decoding: `python -m vton.data.pack DATASET`.

Shards lie in `<root>/packed/<split>/<first name>/`, one .npy per field. A shard appears whole or not at all, so
packing can be stopped and resumed, and can follow a dataset that is still being rendered while trainers read it.

On the way the project's own pose estimator looks at every picture, so that training sees keypoints and silhouettes
with exactly the errors that photographs get; where it finds nobody the true keypoints stand in and the silhouette is
absent.
"""

import argparse
import fcntl
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np

from vton.data.dataset import (
    DatasetError,
    Layout,
    image_names,
    read_flow,
    read_hem,
    read_keypoints,
    read_labels,
    read_mask,
    read_picture,
)
from vton.labels import DENSEPOSE_PARTS
from vton.weights import WeightsError, load_network

PICTURE_SIZE = (384, 288)
"""Height and width of packed pictures and label maps."""

MAP_SIZE = (256, 192)
"""Height and width of packed flows and silhouettes: what the compact networks see."""

FLOW_UNIT = 64
"""Packed flow: int16, in 1/64 of a pixel of the flat garment at 256×192."""

FOUND_FIELDS = ("found_parse", "found_parts")

SHARD_SAMPLES = 64
SETTLE_SECONDS = 5
SPLITS = ("train", "test")

PoseFinder = Callable[[np.ndarray], object]
"""Like `preprocess.pose.PoseEstimator`: uint8 picture → an object with `keypoints` and `silhouette`, or None."""

Labeller = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Like `preprocess.parsing.BodyParser`: picture, silhouette and keypoints → parse and parts."""


def pack_sample(
    layout: Layout, name: str, find_pose: PoseFinder, find_labels: Labeller | None = None
) -> dict[str, np.ndarray]:
    """All arrays of one rendered sample.

    Args:
        find_labels: finds parse and parts in `other`, as they are found in photographs, for two more arrays.

    Returns:
        image, other, cloth: uint8 RGB (384, 288, 3). parse, other_parse: uint8 `labels.Parse` ids (384, 288). parts:
        uint8 DensePose ids (384, 288). cloth_mask: uint8 0 to 255 (384, 288). flow: int16 (256, 192, 2), see FLOW_UNIT;
        valid: bool (256, 192). true_keypoints, image_keypoints, other_keypoints: float32 (18, 3) in pixels of the
        384×288 picture. image_silhouette, other_silhouette: uint8 0 to 255 (256, 192). found: bool (2,), whether the
        pose estimator found somebody in `image` and in `other`. found_parse, found_parts: as other_parse and parts, but
        found (where nobody was, they are the true ones). hem: uint8, `labels.Hem`.

    Raises:
        DatasetError: a file is missing or broken.
    """
    image, other = read_picture(layout.image(name)), read_picture(layout.other(name))
    cloth = read_picture(layout.cloth(name))
    flow, valid = read_flow(layout.flow(name))
    true_keypoints = _shrink_keypoints(read_keypoints(layout.keypoints(name)), image.shape)
    sample = {
        "image": _shrink(image),
        "other": _shrink(other),
        "cloth": _shrink(cloth),
        "cloth_mask": _shrink(read_mask(layout.cloth_mask(name))),
        "parse": _shrink_labels(read_labels(layout.parse(name))),
        "other_parse": _shrink_labels(read_labels(layout.other_parse(name))),
        "parts": _shrink_labels(read_labels(layout.parts(name), len(DENSEPOSE_PARTS))),
        "flow": _pack_flow(flow, cloth.shape),
        "valid": valid,
        "true_keypoints": true_keypoints,
        "hem": np.uint8(read_hem(layout.flow(name))),
    }
    found = []
    for which, pixels in (("image", image), ("other", other)):
        pose = find_pose(pixels)
        found.append(pose is not None)
        if pose is None:
            sample[f"{which}_keypoints"] = true_keypoints
            sample[f"{which}_silhouette"] = np.zeros(MAP_SIZE, np.uint8)
        else:
            sample[f"{which}_keypoints"] = _shrink_keypoints(pose.keypoints, pixels.shape)
            silhouette = cv2.resize(pose.silhouette, MAP_SIZE[::-1], interpolation=cv2.INTER_AREA)
            sample[f"{which}_silhouette"] = (silhouette * 255).round().astype(np.uint8)
    sample["found"] = np.array(found)
    if find_labels is not None:
        labels = sample["other_parse"], sample["parts"]
        if pose is not None:
            labels = map(_shrink_labels, find_labels(other, pose.silhouette, pose.keypoints))
        sample |= zip(FOUND_FIELDS, labels, strict=True)
    return sample


def _shrink(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(pixels, PICTURE_SIZE[::-1], interpolation=cv2.INTER_AREA)


def _shrink_labels(ids: np.ndarray) -> np.ndarray:
    return cv2.resize(ids, PICTURE_SIZE[::-1], interpolation=cv2.INTER_NEAREST_EXACT)


def _shrink_keypoints(keypoints: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    scale = np.array([PICTURE_SIZE[1] / shape[1], PICTURE_SIZE[0] / shape[0]], np.float32)
    shrunk = keypoints.astype(np.float32).copy()
    shrunk[:, :2] = (shrunk[:, :2] + 0.5) * scale - 0.5
    return shrunk


def _pack_flow(flow: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    scale = np.array([MAP_SIZE[1] / shape[1], MAP_SIZE[0] / shape[0]], np.float32)
    return (((flow + 0.5) * scale - 0.5) * FLOW_UNIT).round().clip(-32768, 32767).astype(np.int16)


def _pose_estimator() -> PoseFinder:
    # MediaPipe takes seconds to import, and trainers that find everything packed need none of it.
    from vton.preprocess.pose import PoseEstimator

    return PoseEstimator(count_people=False)


def _body_parser(checkpoint: Path) -> Labeller:
    from vton.preprocess.parsing import BodyParser

    return BodyParser(load_network(checkpoint).eval())


@cache
def _finder(factory: Callable[..., PoseFinder | Labeller], *arguments: Path) -> PoseFinder | Labeller:
    """One of a kind a process: they take seconds to make."""
    cv2.setNumThreads(1)
    return factory(*arguments)


def _write_shard(
    layout: Layout, names: list[str], pose_factory: Callable[[], PoseFinder], body: Path | None = None
) -> int:
    """Pack `names` into one shard. Returns how many were packed."""
    find_pose = _finder(pose_factory)
    find_labels = _finder(_body_parser, body) if body else None
    samples = [pack_sample(layout, name, find_pose, find_labels) for name in names]
    folder = shard_folder(layout.root, layout.split)
    draft = folder / f".{names[0]}-{os.getpid()}"
    draft.mkdir(parents=True, exist_ok=True)
    for field in samples[0]:
        np.save(draft / f"{field}.npy", np.stack([sample[field] for sample in samples]))
    (draft / "names.txt").write_text("\n".join(names) + "\n")
    draft.rename(folder / names[0])
    return len(names)


def shard_folder(root: Path, split: str) -> Path:
    """Where the shards of one split lie."""
    return Path(root) / "packed" / split


def shards(root: Path, split: str) -> list[Path]:
    """The finished shards of one split, in the order of their names."""
    return sorted(path for path in shard_folder(root, split).glob("[!.]*") if path.is_dir())


def unpacked_names(layout: Layout) -> list[str]:
    """Names of complete samples that are in no shard yet; what was written in the last seconds waits for its turn."""
    packed = {name for shard in shards(layout.root, layout.split) for name in (shard / "names.txt").read_text().split()}
    settled = time.time() - SETTLE_SECONDS
    return [name for name in image_names(layout) if name not in packed and _complete(layout, name, settled)]


def _complete(layout: Layout, name: str, settled: float) -> bool:
    try:
        return all(path.stat().st_size > 0 and path.stat().st_mtime < settled for path in layout.rendered_files(name))
    except FileNotFoundError:
        return False


def pack(
    root: Path,
    workers: int = 0,
    whole_shards: bool = False,
    pose_factory: Callable[[], PoseFinder] = _pose_estimator,
    body: Path | None = None,
) -> int:
    """Pack everything that is complete and not packed yet.

    Args:
        root: a rendered dataset.
        workers: processes; 0 packs in this one.
        whole_shards: leave a remainder that does not fill a shard for later.
        pose_factory: makes the pose estimator, once a process.
        body: checkpoint of a body network, whose parse and parts are packed as well.

    Returns:
        How many samples were packed; 0 also when another process is packing this dataset.

    Raises:
        DatasetError: `root` is no rendered dataset, or one of its files is broken.
    """
    root = Path(root)
    present = [Layout(root, split) for split in SPLITS if (root / split).is_dir()]
    if not present:
        raise DatasetError(f"{root}: there is no train or test folder; make a dataset with `python -m vton render`.")
    with _only_one(root) as mine:
        if not mine:
            return 0
        layouts, groups = [], []
        for layout in present:
            names = unpacked_names(layout)
            for start in range(0, len(names), SHARD_SAMPLES):
                if not whole_shards or layout.split == "test" or start + SHARD_SAMPLES <= len(names):
                    layouts.append(layout)
                    groups.append(names[start : start + SHARD_SAMPLES])
        if workers < 1:
            return sum(map(_write_shard, layouts, groups, repeat(pose_factory), repeat(body)))
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            return sum(pool.map(_write_shard, layouts, groups, repeat(pose_factory), repeat(body)))


@contextmanager
def _only_one(root: Path) -> Iterator[bool]:
    """Whether this process is the one that packs `root`; the claim ends with the process, however it ends."""
    (root / "packed").mkdir(exist_ok=True)
    with (root / "packed" / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def follow(root: Path, workers: int = 0, pause: float = 20.0, body: Path | None = None) -> None:
    """Pack again and again, until the process ends, while a dataset grows."""
    while True:
        pack(root, workers, whole_shards=True, body=body)
        time.sleep(pause)


class PackedDataset:
    """The packed samples of one split; `refresh` takes in shards that have appeared since.

    Arrays are read from the files on demand, so any number of processes share one copy in the page cache.
    """

    def __init__(self, root: Path, split: str):
        self.root, self.split = Path(root), split
        self._shards: list[tuple[Path, int]] = []
        self._ends = np.zeros(0, int)
        self.refresh()

    def refresh(self) -> int:
        """Look for new shards; the samples known before keep their index. Returns the number of samples."""
        known = {path for path, _ in self._shards}
        for path in shards(self.root, self.split):
            if path not in known:
                self._shards.append((path, len((path / "names.txt").read_text().split())))
        self._ends = np.cumsum([count for _, count in self._shards], dtype=int)
        return len(self)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def held(self, fields: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the named arrays that every sample has."""
        return tuple(field for field in fields if all((shard / f"{field}.npy").exists() for shard, _ in self._shards))

    def read(self, index: int, fields: tuple[str, ...]) -> dict[str, np.ndarray]:
        """Copies of the named arrays of one sample; see `pack_sample` for what there is."""
        shard = int(np.searchsorted(self._ends, index, "right"))
        path, count = self._shards[shard]
        row = index - (int(self._ends[shard]) - count)
        return {field: np.array(np.load(path / f"{field}.npy", mmap_mode="r")[row]) for field in fields}


def main(arguments: list[str] | None = None) -> int:
    """`python -m vton.data.pack DATASET [--workers N] [--follow]`."""
    parser = argparse.ArgumentParser(description="Pack a rendered dataset for training.")
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--workers", type=int, default=0, help="processes besides this one")
    parser.add_argument("--body", type=Path, help="body checkpoint: pack what it finds in the pictures, too")
    parser.add_argument("--follow", action="store_true", help="keep packing while the dataset grows")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.follow:
            follow(chosen.dataset, chosen.workers, body=chosen.body)
        print(f"packed {pack(chosen.dataset, chosen.workers, body=chosen.body)} samples")
    except (DatasetError, WeightsError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
