"""What flows between the steps: Photo → Person, picture → Garment, both → TryOnResult."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

MAP_NAMES = (
    "refocused",
    "pose",
    "parse",
    "densepose",
    "agnostic",
    "parse_agnostic",
    "garment",
    "garment_mask",
    "warped_garment",
    "warped_mask",
    "flow",
    "target_parse",
    "generated",
    "edit_mask",
)
"""The names of `TryOnResult.maps`, in the order of the flow."""

CANVAS_HEIGHT, CANVAS_WIDTH = 1024, 768
"""The 3:4 canvas on which persons and garments are prepared, in pixels."""


@dataclass(frozen=True)
class Photo:
    """A picture as a visitor gave it, upright and opaque.

    pixels: uint8 RGB, (H, W, 3), at the picture's own size.
    digest: SHA-256 (hex) of the pixels and their size; the key of every cache.
    """

    pixels: np.ndarray
    digest: str

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, eq=False)
class Person:
    """Everything that is known of a person before a garment is chosen. Equal to itself alone.

    photo: the whole photo.
    box: (left, top, right, bottom) of the 3:4 crop in pixels of the photo; may reach beyond its edges.
    image: uint8 RGB (1024, 768, 3), the crop on the canvas.
    silhouette: float32 (1024, 768) in [0, 1], how surely a pixel belongs to the person.
    keypoints: float32 (18, 3), x and y in pixels of the canvas and confidence in [0, 1], OpenPose order.
    parse: uint8 (1024, 768), ids of `labels.Parse`.
    parts: uint8 (1024, 768), DensePose part ids 0 to 24.
    agnostic: uint8 RGB (1024, 768, 3), the image with the garment and the arms greyed out.
    parse_agnostic: uint8 (1024, 768), the parse without garment, arms and neck.
    warnings: plain sentences for the visitor.
    feet: float32 (6, 3), left big toe, left small toe, left heel, then the right ones, as `keypoints`; None where
        nobody looked for them.
    """

    photo: Photo
    box: tuple[float, float, float, float]
    image: np.ndarray
    silhouette: np.ndarray
    keypoints: np.ndarray
    parse: np.ndarray
    parts: np.ndarray
    agnostic: np.ndarray
    parse_agnostic: np.ndarray
    warnings: tuple[str, ...] = ()
    feet: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Garment:
    """A garment's picture on the canvas. Equal to itself alone.

    photo: the whole picture, set upright where the garment lay askew in it; its digest is that of the picture given.
    image: uint8 RGB (1024, 768, 3), the picture padded to 3:4 without distortion.
    mask: float32 (1024, 768) in [0, 1], the garment's coverage; 0 in the padding.
    warnings: plain sentences for the visitor.
    lining: float32 (1024, 768) in [0, 1], the part of the mask that shows the inside of the garment's back through the
        neckline, and so is behind the wearer; None where nobody looked for it.
    tucked: whether it is to be worn within the trousers or skirt.
    redrawn: the row of `image` above which it, and the mask, show a hood laid down that stands up in `photo`.
    """

    photo: Photo
    image: np.ndarray
    mask: np.ndarray
    warnings: tuple[str, ...] = ()
    lining: np.ndarray | None = None
    tucked: bool = False
    redrawn: int = 0

    @property
    def outside(self) -> np.ndarray:
        """float32 (1024, 768) in [0, 1], the mask without the inside of the back."""
        return self.mask if self.lining is None else self.mask * (1 - self.lining)


@dataclass(frozen=True)
class Edit:
    """Where a try-on changes the photo, and what the photo itself tells of that, before anything is generated.

    visible: float32 (1024, 768) in [0, 1], how much of each pixel the garment covers.
    repaint: float32 (1024, 768) in [0, 1], how much of the rest of each pixel is painted anew.
    surroundings: a `methods.layers.Surroundings`; None from a method that does without a target parse.
    """

    visible: np.ndarray
    repaint: np.ndarray
    surroundings: Any = None


@dataclass(frozen=True)
class Composition:
    """What a method makes of a Person and a Garment, on the canvas.

    warped_garment: uint8 RGB (1024, 768, 3), the garment's picture brought onto the body, at full detail.
    warped_mask: float32 (1024, 768) in [0, 1], its coverage before occlusion.
    flow: float32 (1024, 768, 2), for each pixel the x and y (canvas pixels) at which it reads the garment's picture.
    target: float32 (13, h, w) in [0, 1], probabilities of `labels.Region` once the garment is worn, on the whole canvas
        at any resolution; None from a method that does without a parse.
    generated: uint8 RGB (1024, 768, 3), the image generator's own picture.
    visible: float32 (1024, 768) in [0, 1], how much of each pixel shows the warped garment itself, from a method that
        says so; None where target and warped_mask tell it.
    repaint: float32 (1024, 768) in [0, 1], how much of the rest of each pixel `generated` replaces, from a method that
        says so; None where target, or a comparison of `generated` with the photo, tells it.
    edit: from a method that finds it while its generator runs; None leaves that to `finish`.
    """

    warped_garment: np.ndarray
    warped_mask: np.ndarray
    flow: np.ndarray
    target: np.ndarray | None
    generated: np.ndarray
    visible: np.ndarray | None = None
    repaint: np.ndarray | None = None
    edit: Edit | None = None


@dataclass(frozen=True)
class Verdict:
    """How far a try-on is to be trusted.

    score: in [0, 1], the lowest of the parts; below 0.5 something is likely wrong.
    parts: score in [0, 1] by name (realism, agreement, knowledge, proportions, smoothness, wholeness, size), those that
        the method allows; 0.5 is where a warning begins.
    figures: what was measured for each part, in [0, 1], see `vton.verdict`.
    sentences: for the visitor, what is likely wrong and what to try; none when nothing is.
    """

    score: float
    parts: dict[str, float]
    figures: dict[str, float]
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class TryOnResult:
    """A finished try-on.

    image: the photo at its own size with the garment worn.
    maps: picture by name, all names of MAP_NAMES in their order.
    timings: seconds by stage.
    warnings: plain sentences for the visitor, those of the verdict last.
    verdict: how far the result is to be trusted.
    """

    image: Image.Image
    maps: dict[str, Image.Image]
    timings: dict[str, float]
    warnings: list[str] = field(default_factory=list)
    verdict: Verdict | None = None
