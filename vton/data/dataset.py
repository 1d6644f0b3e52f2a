"""Read a dataset in the VITON-HD layout, and the exact truth that rendered people add to it."""

import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np
from PIL import Image

from vton.labels import BODY25_FROM_18, KEYPOINTS, Hem, Joint, Parse

_MID_HIP = 8


class DatasetError(ValueError):
    """A dataset that cannot be used; the message is one sentence that names the file or folder and what is wrong."""


@dataclass(frozen=True)
class Layout:
    """The folders of one split of a dataset: `<root>/<split>`, or `<root>` itself when `split` is empty.

    Beyond the published layout a rendered dataset holds `parts` (body part ids of the unclothed body), `other` and
    `other-parse` (the same person in another top) and `flow` (where each worn pixel reads the flat garment).
    """

    root: Path
    split: str

    @property
    def folder(self) -> Path:
        """Where the folders of this split lie."""
        return self.root / self.split if self.split else self.root

    def image(self, name: str) -> Path:
        """The picture of the person."""
        return self.folder / "image" / f"{name}.jpg"

    def cloth(self, name: str) -> Path:
        """The picture of the garment."""
        return self.folder / "cloth" / f"{name}.jpg"

    def cloth_mask(self, name: str) -> Path:
        """The coverage of the garment's picture."""
        return self.folder / "cloth-mask" / f"{name}.jpg"

    def parse(self, name: str) -> Path:
        """The parse of the person's picture."""
        return self.folder / "image-parse-v3" / f"{name}.png"

    def keypoints(self, name: str) -> Path:
        """The pose, BODY_25 in OpenPose's JSON."""
        return self.folder / "openpose_json" / f"{name}_keypoints.json"

    def parts(self, name: str) -> Path:
        """Part ids of the body (rendered datasets)."""
        return self.folder / "parts" / f"{name}.png"

    def other(self, name: str) -> Path:
        """The person in another top (rendered datasets)."""
        return self.folder / "other" / f"{name}.jpg"

    def other_parse(self, name: str) -> Path:
        """The parse of `other` (rendered datasets)."""
        return self.folder / "other-parse" / f"{name}.png"

    def flow(self, name: str) -> Path:
        """Worn pixel → flat garment (rendered datasets)."""
        return self.folder / "flow" / f"{name}.npz"

    def rendered_files(self, name: str) -> tuple[Path, ...]:
        """All files of one rendered sample."""
        readers = (
            self.image, self.cloth, self.cloth_mask, self.parse, self.keypoints,
            self.parts, self.other, self.other_parse, self.flow,
        )  # fmt: skip
        return tuple(reader(name) for reader in readers)


def read_pairs(root: Path, split: str) -> list[tuple[str, str]]:
    """The (person, garment) names, without their endings, of `<root>/<split>_pairs.txt`.

    Raises:
        DatasetError: there is no such file, or a line does not hold two names.
    """
    path = Path(root) / f"{split}_pairs.txt"
    if not path.is_file():
        raise DatasetError(f"{path}: there is no list of pairs; is {root} a dataset in the VITON-HD layout?")
    pairs = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        names = line.split()
        if not names:
            continue
        if len(names) != 2:
            raise DatasetError(f"{path}: line {number} must hold a person's and a garment's file name.")
        pairs.append((Path(names[0]).stem, Path(names[1]).stem))
    return pairs


def image_names(layout: Layout) -> list[str]:
    """Sorted names, without their ending, of the pictures in `image`.

    Raises:
        DatasetError: the folder is missing.
    """
    folder = layout.folder / "image"
    if not folder.is_dir():
        raise DatasetError(f"{folder}: there is no such folder; is {layout.root} a dataset in the VITON-HD layout?")
    return sorted(path.stem for path in folder.glob("*.jpg"))


def read_picture(path: Path) -> np.ndarray:
    """uint8 RGB (H, W, 3).

    Raises:
        DatasetError: missing or broken.
    """
    pixels = _decode(path, cv2.IMREAD_COLOR)
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def read_mask(path: Path) -> np.ndarray:
    """uint8 (H, W), 255 where covered.

    Raises:
        DatasetError: missing or broken.
    """
    return _decode(path, cv2.IMREAD_GRAYSCALE)


def _decode(path: Path, mode: int) -> np.ndarray:
    if not path.is_file():
        raise DatasetError(f"{path}: the file is missing from the dataset.")
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), mode) if path.stat().st_size else None
    if pixels is None:
        raise DatasetError(f"{path}: the file is broken and cannot be read as a picture.")
    return pixels


def read_labels(path: Path, count: int = len(Parse)) -> np.ndarray:
    """The ids of a palette or grey PNG, uint8 (H, W), all below `count`.

    Raises:
        DatasetError: missing, broken, or holding an id that does not exist.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: the file is missing from the dataset.")
    try:
        with Image.open(path) as picture:
            ids = np.array(picture, np.uint8)
    except (OSError, SyntaxError, ValueError):
        raise DatasetError(f"{path}: the file is broken and cannot be read as a label map.") from None
    if ids.ndim != 2 or ids.max() >= count:
        raise DatasetError(f"{path}: this is not a map of label ids 0 to {count - 1}.")
    return ids


def read_keypoints(path: Path) -> np.ndarray:
    """The first person's 18 keypoints, float32 (18, 3): x, y in pixels and confidence. Takes BODY_25 and COCO-18 files.

    A file without any person gives zeros.

    Raises:
        DatasetError: missing or not in OpenPose's format.
    """
    try:
        people = json.loads(path.read_text())["people"]
        if not people:
            return np.zeros((len(KEYPOINTS), 3), np.float32)
        values = np.array(people[0]["pose_keypoints_2d"], np.float32).reshape(-1, 3)
    except FileNotFoundError:
        raise DatasetError(f"{path}: the file is missing from the dataset.") from None
    except (ValueError, KeyError, TypeError, IndexError):
        raise DatasetError(f"{path}: the file is not a pose in OpenPose's JSON format.") from None
    if len(values) == len(KEYPOINTS):
        return values
    if len(values) != len(BODY25_FROM_18):
        raise DatasetError(f"{path}: the pose has {len(values)} points; 25 or 18 are expected.")
    keypoints = np.zeros((len(KEYPOINTS), 3), np.float32)
    known = BODY25_FROM_18 >= 0
    keypoints[BODY25_FROM_18[known]] = values[known]
    if not keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 2].any():
        keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP]] = values[_MID_HIP]
    return keypoints


def read_flow(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The exact flow of a rendered sample.

    Returns:
        Where each worn pixel reads the flat garment: float32 (256, 192, 2), x and y in pixels of the garment's
        picture; and where this is known and visible in the flat picture: bool (256, 192).

    Raises:
        DatasetError: missing or broken.
    """
    with _flow_file(path) as arrays:
        return arrays["flow"].astype(np.float32) / 32, arrays["valid"].astype(bool)


def read_hem(path: Path) -> Hem:
    """How the hem of a rendered sample is worn, from the file of its flow; those of earlier renderers do not say.

    Raises:
        DatasetError: missing or broken.
    """
    with _flow_file(path) as arrays:
        return Hem.UNKNOWN if "tucked" not in arrays else Hem.TUCKED if arrays["tucked"] else Hem.LOOSE


@contextmanager
def _flow_file(path: Path) -> Iterator[Mapping[str, np.ndarray]]:
    try:
        with np.load(path) as arrays:
            yield arrays
    except FileNotFoundError:
        raise DatasetError(f"{path}: the file is missing from the dataset.") from None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
        raise DatasetError(f"{path}: the file is broken and cannot be read as a flow.") from None
