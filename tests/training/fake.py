"""A tiny rendered dataset drawn with rectangles: exact flow, two tops, no renderer and no pose estimator."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from vton.data.dataset import Layout
from vton.data.pack import pack
from vton.labels import BODY25_FROM_18, Joint, Parse

HEIGHT, WIDTH = 512, 384


def keypoints_of(x: float) -> np.ndarray:
    """18 keypoints of a person standing at column x."""
    points = np.ones((18, 3), np.float32)
    places = {
        Joint.NOSE: (0, 80), Joint.NECK: (0, 130), Joint.RIGHT_EYE: (-8, 72), Joint.LEFT_EYE: (8, 72),
        Joint.RIGHT_EAR: (-18, 78), Joint.LEFT_EAR: (18, 78),
        Joint.RIGHT_SHOULDER: (-45, 132), Joint.LEFT_SHOULDER: (45, 132),
        Joint.RIGHT_ELBOW: (-66, 190), Joint.LEFT_ELBOW: (66, 190),
        Joint.RIGHT_WRIST: (-72, 240), Joint.LEFT_WRIST: (72, 240),
        Joint.RIGHT_HIP: (-26, 250), Joint.LEFT_HIP: (26, 250),
        Joint.RIGHT_KNEE: (-28, 350), Joint.LEFT_KNEE: (28, 350),
        Joint.RIGHT_ANKLE: (-28, 450), Joint.LEFT_ANKLE: (28, 450),
    }  # fmt: skip
    for joint, (dx, y) in places.items():
        points[joint, :2] = x + dx, y
    return points


def _person(x: int, hem: int, colour: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    pixels = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    parse = np.zeros((HEIGHT, WIDTH), np.uint8)
    parts = np.zeros((HEIGHT, WIDTH), np.uint8)
    blocks = (
        (Parse.HAIR, 23, (-22, 45, 22, 65), (60, 30, 20)),
        (Parse.FACE, 24, (-20, 65, 20, 110), (230, 180, 150)),
        (Parse.NECK, 2, (-12, 110, 12, 130), (225, 175, 145)),
        (Parse.PANTS, 9, (-40, 235, 40, 440), (40, 40, 120)),
        (Parse.LEFT_SHOE, 5, (8, 440, 40, 470), (20, 20, 20)),
        (Parse.RIGHT_SHOE, 6, (-40, 440, -8, 470), (20, 20, 20)),
        (Parse.RIGHT_ARM, 20, (-80, 150, -50, 270), (225, 175, 145)),
        (Parse.LEFT_ARM, 19, (50, 150, 80, 270), (225, 175, 145)),
        (Parse.UPPER, 2, (-50, 130, 50, hem), colour),
    )
    for label, part, (left, top, right, bottom), shade in blocks:
        pixels[top:bottom, x + left : x + right] = shade
        parse[top:bottom, x + left : x + right] = label
        parts[top:bottom, x + left : x + right] = part
    return pixels, parse, parts


def write_sample(layout: Layout, name: str, random: np.random.Generator) -> None:
    """One sample, all files."""
    x, hem = int(random.integers(150, 230)), int(random.integers(230, 270))
    colour = tuple(int(v) for v in random.integers(0, 255, 3))
    image, parse, parts = _person(x, hem, colour)
    other, other_parse, _ = _person(x, 250, (90, 160, 90))
    cloth, mask = np.full((HEIGHT, WIDTH, 3), 255, np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    cloth[100:400, 92:292], mask[100:400, 92:292] = colour, 255
    rows, columns = np.mgrid[0:256, 0:192].astype(np.float32) * 2 + 0.5
    flow = np.stack([92 + (columns - x + 50) * 2, 100 + (rows - 130) * 300 / (hem - 130)], -1)
    valid = cv2.resize(parse, (192, 256), interpolation=cv2.INTER_NEAREST) == Parse.UPPER
    for path in layout.rendered_files(name):
        path.parent.mkdir(parents=True, exist_ok=True)
    for path, pixels in ((layout.image(name), image), (layout.other(name), other), (layout.cloth(name), cloth)):
        Image.fromarray(pixels).save(path)
    Image.fromarray(mask).save(layout.cloth_mask(name))
    for path, ids in (
        (layout.parse(name), parse),
        (layout.other_parse(name), other_parse),
        (layout.parts(name), parts),
    ):
        Image.fromarray(ids).save(path)
    np.savez_compressed(layout.flow(name), flow=(flow * 32).clip(-32768, 32767).astype(np.int16), valid=valid)
    body25 = np.zeros((25, 3), np.float32)
    body25[BODY25_FROM_18 >= 0] = keypoints_of(x)[BODY25_FROM_18[BODY25_FROM_18 >= 0]]
    person = {"pose_keypoints_2d": body25.ravel().tolist()}
    layout.keypoints(name).write_text(json.dumps({"people": [person]}))


def write_dataset(root: Path, train: int = 6, test: int = 2) -> Path:
    """A dataset of that many samples, old enough to be packed at once."""
    random = np.random.default_rng(0)
    for split, count in (("train", train), ("test", test)):
        layout = Layout(root, split)
        names = [f"{index:06d}_00" for index in range(count)]
        for name in names:
            write_sample(layout, name, random)
            for path in layout.rendered_files(name):
                os.utime(path, (1e9, 1e9))
        (root / f"{split}_pairs.txt").write_text("".join(f"{name}.jpg {name}.jpg\n" for name in names))
    return root


def nobody():
    """A pose estimator that finds nobody."""
    return lambda pixels: None


def write_packed(root: Path, train: int = 6, test: int = 2) -> Path:
    """`write_dataset`, packed."""
    pack(write_dataset(root, train, test), pose_factory=nobody)
    return root
