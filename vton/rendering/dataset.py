"""Writes rendered samples as a dataset in the VITON-HD layout, with the exact truth beside it.

Beyond the published folders: `parts` (DensePose ids of the unclothed body), `other` and `other-parse` (the same person
in another top) and `flow` (for each pixel of `image` at half its size, the place in `cloth` that it shows; and whether
the hem is tucked in).
"""

import json
import multiprocessing
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from vton.labels import BODY25_FROM_18, Joint, Parse
from vton.preprocess.parts import densepose_picture
from vton.rendering.bodies import load_bodies
from vton.rendering.samples import Sample, render_sample

FOLDERS = (
    "image", "cloth", "cloth-mask", "image-parse-v3", "image-densepose", "openpose_json",
    "parts", "other", "other-parse", "flow",
)  # fmt: skip
TEST_SHARE = 0.02
FLOW_UNITS = 32
"""Flow is stored as int16 in this many units per pixel."""
_HALF_BODY_MID_HIP = 8
_MAX_SPREAD = 3.0


def sample_name(index: int) -> str:
    """File name of a sample without extension."""
    return f"{index:06d}_00"


def split_of(index: int, count: int) -> str:
    """Which split: "train", or "test" for the last 2 %."""
    return "train" if index < count - round(count * TEST_SHARE) else "test"


def write_dataset(
    root: Path, count: int, seed: int, workers: int, progress: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Render samples 0 to count - 1 into a folder; samples already there are kept.

    Args:
        workers: processes.
        progress: called with the number of finished samples and the count.

    Returns:
        The number of samples rendered now.
    """
    for split in ("train", "test"):
        for folder in FOLDERS:
            (root / split / folder).mkdir(parents=True, exist_ok=True)
        names = [f"{sample_name(i)}.jpg" for i in range(count) if split_of(i, count) == split]
        (root / f"{split}_pairs.txt").write_text("".join(f"{name} {name}\n" for name in names))
    missing = [i for i in range(count) if not _marker(root, i, count).exists()]
    load_bodies()
    tasks = [(root, index, count, seed) for index in missing]
    progress(count - len(missing), count)
    if workers == 1:
        for done, task in enumerate(tasks, 1):
            _render_and_write(task)
            progress(count - len(missing) + done, count)
        return len(missing)
    with multiprocessing.get_context("spawn").Pool(workers, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        for done, _ in enumerate(pool.imap_unordered(_render_and_write, tasks, chunksize=4), 1):
            progress(count - len(missing) + done, count)
    return len(missing)


def _marker(root: Path, index: int, count: int) -> Path:
    """The file written last of each sample."""
    return root / split_of(index, count) / "flow" / f"{sample_name(index)}.npz"


def _render_and_write(task: tuple[Path, int, int, int]) -> None:
    root, index, count, seed = task
    write_sample(render_sample(seed, index), root / split_of(index, count), sample_name(index), index)


def write_sample(sample: Sample, folder: Path, name: str, index: int) -> None:
    """Write one sample's files; the flow comes last and appears in one step, so that it marks a complete sample."""
    quality = 88 + index % 10
    _write_jpeg(folder / "image" / f"{name}.jpg", sample.image, quality)
    _write_jpeg(folder / "other" / f"{name}.jpg", sample.other, quality)
    _write_jpeg(folder / "cloth" / f"{name}.jpg", sample.cloth, 95)
    _write_jpeg(folder / "cloth-mask" / f"{name}.jpg", sample.cloth_mask.astype(np.uint8) * 255, 95)
    _write_parse(folder / "image-parse-v3" / f"{name}.png", sample.parse)
    _write_parse(folder / "other-parse" / f"{name}.png", sample.other_parse)
    _write_png(folder / "parts" / f"{name}.png", sample.parts)
    _write_png(folder / "image-densepose" / f"{name}.png", densepose_picture(sample.parts)[..., ::-1])
    (folder / "openpose_json" / f"{name}_keypoints.json").write_text(json.dumps(body25_json(sample.keypoints)))
    flow, valid = half_flow(sample.flow, sample.valid)
    path = folder / "flow" / f"{name}.npz"
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        np.savez_compressed(file, flow=flow, valid=valid, tucked=sample.tucked)
    temporary.replace(path)


def half_flow(flow: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flow at half the size: int16 (H/2, W/2, 2) in 1/32 pixels of the full-size cloth picture, and bool (H/2, W/2).

    Each entry is the mean over 2×2 pixels, valid where all four are and lie together.
    """
    height, width = valid.shape
    blocks = flow.reshape(height // 2, 2, width // 2, 2, 2)
    together = (blocks.max((1, 3)) - blocks.min((1, 3))).max(-1) < _MAX_SPREAD * 2
    kept = valid.reshape(height // 2, 2, width // 2, 2).all((1, 3)) & together
    mean = np.where(kept[..., None], blocks.mean((1, 3)), 0)
    return np.round(mean * FLOW_UNITS).astype(np.int16), kept


def body25_json(keypoints: np.ndarray) -> dict:
    """18 keypoints (18, 3) in the form of OpenPose's BODY_25 files."""
    entries = np.where(BODY25_FROM_18[:, None] >= 0, keypoints[BODY25_FROM_18], 0.0)
    hips = keypoints[[Joint.LEFT_HIP, Joint.RIGHT_HIP]]
    entries[_HALF_BODY_MID_HIP] = [*hips[:, :2].mean(0), hips[:, 2].min()]
    entries[entries[:, 2] == 0] = 0
    return {"version": 1.3, "people": [{"pose_keypoints_2d": [round(float(value), 2) for value in entries.ravel()]}]}


@lru_cache(maxsize=1)
def _palette() -> list[int]:
    """A palette that tells the parse labels apart, 768 values."""
    colours = []
    for label in range(256):
        bits = [0, 0, 0]
        rest = label if label < len(Parse) else 0
        for shift in range(7, -1, -1):
            for channel in range(3):
                bits[channel] |= ((rest >> channel) & 1) << shift
            rest >>= 3
        colours += bits
    return colours


def _write_parse(path: Path, parse: np.ndarray) -> None:
    picture = Image.fromarray(parse, mode="P")
    picture.putpalette(_palette())
    picture.save(path, compress_level=3)


def _write_jpeg(path: Path, pixels: np.ndarray, quality: int) -> None:
    cv2.imwrite(str(path), pixels[..., ::-1] if pixels.ndim == 3 else pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])


def _write_png(path: Path, pixels: np.ndarray) -> None:
    cv2.imwrite(str(path), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 3])
