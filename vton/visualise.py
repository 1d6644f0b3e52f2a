"""Pictures of the maps, for people to look at."""

import cv2
import numpy as np
from PIL import Image

from vton.labels import Parse, Region, among, likeliest, looked_up
from vton.methods.remember import remembered
from vton.preprocess.parts import densepose_picture
from vton.preprocess.pose import draw_pose
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Composition, Garment, Person

PARSE_COLOURS = np.array(
    [
        (0, 0, 0), (128, 0, 0), (255, 0, 0), (0, 85, 0), (170, 0, 51), (255, 85, 0), (0, 0, 85), (0, 119, 221),
        (85, 85, 0), (0, 85, 85), (85, 51, 0), (52, 86, 128), (0, 128, 0), (0, 0, 255), (51, 170, 221), (0, 255, 255),
        (85, 255, 170), (170, 255, 85), (255, 255, 0), (255, 170, 0),
    ],
    np.uint8,
)  # fmt: skip
"""RGB of each `Parse` id: the palette in which CIHP-style parses are commonly stored."""

REGION_COLOURS = np.array(
    [
        PARSE_COLOURS[label]
        for label in (
            Parse.BACKGROUND, Parse.HAIR, Parse.FACE, Parse.UPPER, Parse.PANTS, Parse.LEFT_ARM, Parse.RIGHT_ARM,
            Parse.LEFT_LEG, Parse.RIGHT_LEG, Parse.LEFT_SHOE, Parse.RIGHT_SHOE, Parse.SOCKS, Parse.NECK,
        )
    ],
    np.uint8,
)  # fmt: skip
"""RGB of each `Region` id, in the colours of the parse."""


IN_FRONT = (Region.HAIR, Region.LEFT_ARM, Region.RIGHT_ARM)
"""What covers parts of a garment, which is drawn behind it all the same."""

REACH = 0.12
"""How far behind them it is drawn, from garment on either side, as a share of the map's height."""


def parse_picture(parse: np.ndarray) -> Image.Image:
    """(H, W) `Parse` ids → palette picture that holds the ids themselves."""
    picture = Image.fromarray(parse, "P")
    picture.putpalette(PARSE_COLOURS.tobytes())
    return picture


def flow_picture(flow: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Displacements as colours: direction is the hue, length the saturation; white where the garment is not.

    Args:
        flow: float32 (H, W, 2), positions read, in pixels.
        mask: float32 (H, W) in [0, 1].

    Returns:
        uint8 RGB (H, W, 3).
    """
    height, width = mask.shape
    size = (max(1, width // 2), max(1, height // 2))
    # Half the size is enough for a picture as smooth as this one.
    reads, cover = (cv2.resize(values, size, interpolation=cv2.INTER_AREA) for values in (flow, mask))
    columns = (np.arange(size[0], dtype=np.float32) + 0.5) * (width / size[0]) - 0.5
    rows = (np.arange(size[1], dtype=np.float32) + 0.5) * (height / size[1]) - 0.5
    x, y = reads[..., 0] - columns, reads[..., 1] - rows[:, None]
    inside = cover > 0.5
    if inside.any():
        x, y = x - x[inside].mean(), y - y[inside].mean()
    length, hue = cv2.cartToPolar(x, y, angleInDegrees=True)
    top = np.percentile(length[inside], 98) if inside.any() else 1.0
    saturation = np.clip(length / max(top, 1e-3), 0, 1) * cover
    colours = cv2.cvtColor(cv2.merge([hue, saturation, np.ones_like(hue)]), cv2.COLOR_HSV2RGB)
    return cv2.resize((colours * 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)


def target_picture(labels: np.ndarray, height: int, width: int) -> np.ndarray:
    """uint8 (h, w) `Region` ids → their colours, uint8 RGB (H, W, 3)."""
    colours = cv2.merge([looked_up(labels, channel) for channel in REGION_COLOURS.T])
    return cv2.resize(colours, (width, height), interpolation=cv2.INTER_NEAREST)


def mask_picture(mask: np.ndarray) -> Image.Image:
    """float (H, W) in [0, 1] → grey picture."""
    return Image.fromarray(cv2.convertScaleAbs(mask, alpha=255))


def result_maps(person: Person, garment: Garment, composition: Composition) -> dict[str, Image.Image]:
    """The maps of a run by the names of `types.MAP_NAMES`, in their order, each 768×1024; all but the last, the edit's.

    The target parse of a method that does without one is white. The warped garment is drawn as far as it is worn.
    """
    labels = None if composition.target is None else likeliest(composition.target)
    cover = composition.warped_mask if labels is None else composition.warped_mask * worn(labels)
    height, width = cover.shape
    white = np.full_like(composition.warped_garment, 255)
    warped = cv2.blendLinear(composition.warped_garment, white, cover, 1 - cover)
    target = np.full_like(white, 255) if labels is None else target_picture(labels, height, width)
    return {
        **person_maps(person),
        "garment": Image.fromarray(garment.image),
        "garment_mask": mask_picture(garment.mask),
        "warped_garment": Image.fromarray(warped),
        "warped_mask": mask_picture(cover),
        "flow": Image.fromarray(flow_picture(composition.flow, cover)),
        "target_parse": Image.fromarray(target),
        "generated": Image.fromarray(composition.generated),
    }


def worn(labels: np.ndarray) -> np.ndarray:
    """Where a target parse has the garment, and behind hair and arms in front of it.

    A flow reads the garment's picture everywhere, also far from the body, where nothing shows what it reads.

    Args:
        labels: uint8 (h, w), `Region` ids on the whole canvas.

    Returns:
        float32 (1024, 768) in [0, 1].
    """
    upper = (labels == Region.UPPER).astype(np.float32)
    coarse = cv2.resize(upper, (CANVAS_WIDTH // 8, CANVAS_HEIGHT // 8), interpolation=cv2.INTER_AREA)
    span = 2 * round(REACH * len(coarse) / 2) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (span, span))
    closed = cv2.resize(cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, disc), labels.shape[::-1])
    shown = np.maximum(upper, closed * among(labels, IN_FRONT))
    return cv2.resize(shown, (CANVAS_WIDTH, CANVAS_HEIGHT), interpolation=cv2.INTER_LINEAR)


@remembered
def person_maps(person: Person) -> dict[str, Image.Image]:
    """The maps that depend on the photo alone, in the order of the flow, each 768×1024."""
    return {
        "refocused": Image.fromarray(person.image),
        "pose": Image.fromarray(draw_pose(person.keypoints, *person.parse.shape)),
        "parse": parse_picture(person.parse),
        "densepose": Image.fromarray(densepose_picture(person.parts)),
        "agnostic": Image.fromarray(person.agnostic),
        "parse_agnostic": parse_picture(person.parse_agnostic),
    }
