"""Human parsing by SCHP's published networks (Li et al., "Self-Correction for Human Parsing", 2020), by onnxruntime.

LIP's network decides. Where ATR's is here too, it adds only what LIP has no label for: the neck (which ATR counts as
face), belts, bags, and where a jumpsuit's top ends.
"""

from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from vton.images import resize
from vton.labels import BOTTOM_LABELS, UPPER_LABELS, Joint, Parse
from vton.preprocess.parse_rules import SEEN, absorb_specks, limit_to_silhouette, settle_sides
from vton.preprocess.parsing import label_by_edges
from vton.preprocess.schp_labels import CIHP_OF_ATR, CIHP_OF_LIP, Atr, Lip
from vton.weights import WeightsError

MEAN, DEVIATION = np.float32([0.406, 0.456, 0.485]), np.float32([0.225, 0.224, 0.229])
"""Of blue, green and red in [0, 1], in which order the networks take the channels."""

FUSED = 1
"""Which output is the parse; before it comes that of the first branch, after it the edges."""

SIDES = {len(Lip): 473, len(Atr): 512}
"""Number of labels → side of the square input."""

CHIN, CHEST = 0.42, 0.6
"""Where the neck begins, as a share of the way from the nose to the shoulders' middle, and how far below that middle
bare skin still counts as neck, in shoulder widths."""

WAIST = 0.7
"""Where the waist is, as a share of the way from the shoulders' middle to the hips' middle."""

SKIN_DISTANCE = 28.0
"""How far skin of the neck, often in the chin's shadow, may be from the face's median colour in weighted CIELAB."""


class SchpNetwork:
    """One of the published ONNX files.

    Args:
        path: the file.
        labels: how many it tells apart, 20 (LIP) or 18 (ATR).

    Raises:
        WeightsError: not an ONNX file, or not one of this kind.
    """

    def __init__(self, path: Path | str, labels: int):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=onnxruntime.get_available_providers()
            )
        except Exception as error:  # onnxruntime raises a dozen kinds, without a common ancestor
            raise WeightsError(f"{path}: not an ONNX file that onnxruntime can run ({error}).") from None
        shapes = [output.shape for output in self._session.get_outputs()]
        # A file may leave sizes open: then there is a name, None or nothing in their place.
        fixed = [size for size in shapes[FUSED][1:2] if isinstance(size, int)] if len(shapes) > FUSED else [0]
        if fixed not in ([], [labels]):
            raise WeightsError(f"{path}: not SCHP's parser of {labels} labels; its outputs have shapes {shapes}.")
        given = self._session.get_inputs()[0]
        self._input = given.name
        self._side = given.shape[-1] if isinstance(given.shape[-1], int) else SIDES[labels]

    def __call__(self, image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """How likely each label is.

        Args:
            image: uint8 RGB (H, W, 3).
            size: width and height of the answer, which covers the whole image.

        Returns:
            float32 (labels, height, width), summing to 1.
        """
        height, width = image.shape[:2]
        into = square_crop(width, height, self._side)
        crop = cv2.warpAffine(image[..., ::-1], into, (self._side, self._side), flags=cv2.INTER_LINEAR)
        normalised = (crop.astype(np.float32) / 255 - MEAN) / DEVIATION
        logits = self._session.run(None, {self._input: normalised.transpose(2, 0, 1)[None]})[FUSED]
        # The published code enlarges to the input's size with corners aligned, and only then goes back to the image.
        enlarged = F.interpolate(torch.from_numpy(logits), (self._side,) * 2, mode="bilinear", align_corners=True)[0]
        back = scaling((width, height), size) @ np.linalg.inv(np.vstack([into, (0, 0, 1)]))
        placed = [
            cv2.warpAffine(layer, back[:2], size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for layer in enlarged.numpy()
        ]
        return torch.from_numpy(np.stack(placed)).softmax(0).numpy()


def square_crop(width: int, height: int, side: int) -> np.ndarray:
    """The affine map (2, 3) of the published code from an image into the network's square.

    The centres of the outermost pixels of the longer side fall on those of the square; the shorter side is centred,
    and black lies beyond it.
    """
    scale = (side - 1) / (max(width, height) - 1)
    middle = (side - 1) / 2
    return np.array([[scale, 0, middle - scale * (width - 1) / 2], [0, scale, middle - scale * (height - 1) / 2]])


def scaling(old: tuple[int, int], new: tuple[int, int]) -> np.ndarray:
    """The map (3, 3) of pixel coordinates from one (width, height) to another, pixels being squares."""
    x, y = new[0] / old[0], new[1] / old[1]
    return np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1]])


class SchpParser:
    """SCHP's parsers with CIHP's labels.

    Args:
        lip: the file parsing_lip.onnx.
        atr: the file parsing_atr.onnx, or None to do without.

    Raises:
        WeightsError: a file is not what it should be.
    """

    def __init__(self, lip: Path | str, atr: Path | str | None = None):
        self._lip = SchpNetwork(lip, len(Lip))
        self._atr = SchpNetwork(atr, len(Atr)) if atr else None

    def __call__(self, image: np.ndarray, silhouette: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
        """Label every pixel of a person.

        Args:
            image: uint8 RGB (H, W, 3), a 3:4 canvas.
            silhouette: float32 (H, W) in [0, 1].
            keypoints: (18, 3), x, y in pixels of the canvas and confidence.

        Returns:
            uint8 (H, W), ids of `labels.Parse`.
        """
        height, width = image.shape[:2]
        # The networks see 1024 rows as 473 or 512: half the size loses nothing, and edges are drawn by the image.
        size = (width // 2, height // 2)
        points = keypoints.astype(np.float32).copy()
        to_small = scaling((width, height), size)
        points[:, :2] = points[:, :2] * to_small[[0, 1], [0, 1]] + to_small[:2, 2]
        lip = self._lip(image, size)
        atr = self._atr(image, size) if self._atr else None
        probabilities = split_jumpsuits(lip, points, atr)
        if atr is not None:
            probabilities = heed_belts_and_bags(probabilities, atr)
        probabilities = complete_neck(probabilities, resize(image, size), resize(silhouette, size), points, atr)
        parse = limit_to_silhouette(label_by_edges(probabilities, image), silhouette)
        return absorb_specks(settle_sides(parse, keypoints))


def split_jumpsuits(lip: np.ndarray, keypoints: np.ndarray, atr: np.ndarray | None = None) -> np.ndarray:
    """LIP's probabilities as CIHP's: of a jumpsuit, what a new top replaces is upper clothes and the rest trousers.

    ATR, which has no jumpsuits, says itself where the trousers begin; without it the waist does, and where the hips
    are not in the picture everything is upper clothes.

    Args:
        lip: float32 (20, H, W).
        keypoints: (18, 3) in its pixels.
        atr: float32 (18, H, W).

    Returns:
        float32 (20, H, W), ids of `labels.Parse`.
    """
    result = np.zeros_like(lip)
    for label in Lip:
        if label is not Lip.JUMPSUITS:
            result[CIHP_OF_LIP[label]] += lip[label]
    if atr is None:
        lower = _below_waist(lip.shape[1:], keypoints).astype(np.float32)
    else:
        legs = atr[[Atr.PANTS, Atr.SKIRT, Atr.BELT]].sum(0)
        lower = legs / (legs + atr[[Atr.UPPER, Atr.DRESS]].sum(0) + 1e-6)
    result[Parse.UPPER] += lip[Lip.JUMPSUITS] * (1 - lower)
    result[Parse.PANTS] += lip[Lip.JUMPSUITS] * lower
    return result


def _below_waist(shape: tuple[int, int], keypoints: np.ndarray) -> np.ndarray:
    """bool (H, W)."""
    hips = keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP]]
    if min(hips[:, 2].min(), keypoints[Joint.NECK, 2]) < SEEN:
        return np.zeros(shape, bool)
    along, _ = _towards(shape, keypoints[Joint.NECK, :2], hips[:, :2].mean(0))
    return along > WAIST


def heed_belts_and_bags(probabilities: np.ndarray, atr: np.ndarray) -> np.ndarray:
    """Where ATR is sure of a belt it joins what it holds up, and where it is sure of a bag there are no clothes.

    LIP has a label for neither and spreads them over tops, trousers and background, so that a strap or a buckle
    would be taken for garment.

    Args:
        probabilities: float32 (20, H, W), ids of `labels.Parse`.
        atr: float32 (18, H, W).

    Returns:
        float32 (20, H, W).
    """
    labels, seen = probabilities.argmax(0), atr.argmax(0)
    clothes = np.isin(labels, (*UPPER_LABELS, *BOTTOM_LABELS))
    areas = [int((labels == label).sum()) for label in (*BOTTOM_LABELS, Parse.DRESS)]
    held_up = (*BOTTOM_LABELS, Parse.DRESS)[int(np.argmax(areas))] if any(areas) else CIHP_OF_ATR[Atr.BELT]
    result = probabilities.copy()
    for label, becomes in ((Atr.BELT, held_up), (Atr.BAG, CIHP_OF_ATR[Atr.BAG])):
        _rename(result, clothes & (seen == label) & (atr[label] > 0.5), becomes)
    return result


def complete_neck(
    probabilities: np.ndarray,
    pixels: np.ndarray,
    silhouette: np.ndarray,
    keypoints: np.ndarray,
    atr: np.ndarray | None = None,
) -> np.ndarray:
    """Find the neck, which LIP counts as background or face.

    It lies between chin and chest, inside the silhouette: what LIP calls face there, what it calls background there
    and has the face's colour, and what ATR calls face and LIP does not.

    Args:
        probabilities: float32 (20, H, W), ids of `labels.Parse`.
        pixels: uint8 RGB (H, W, 3).
        silhouette: float32 (H, W) in [0, 1].
        keypoints: (18, 3) in these pixels.
        atr: float32 (18, H, W).

    Returns:
        float32 (20, H, W).
    """
    labels = probabilities.argmax(0)
    zone = _neck_zone(labels.shape, keypoints)
    inside = silhouette > 0.5
    skin = _face_coloured(pixels, (labels == Parse.FACE) & ~zone)
    neck = zone & (labels == Parse.FACE)
    # A shadow or a chain does not part a neck in two.
    gap = np.ones((max(3, round(zone.shape[1] / 32)),) * 2, np.uint8)
    near_skin = cv2.morphologyEx((skin & inside).astype(np.uint8), cv2.MORPH_CLOSE, gap) > 0
    neck |= zone & inside & near_skin & (labels == Parse.BACKGROUND)
    if atr is not None:
        face = (atr.argmax(0) == Atr.FACE) & inside
        neck |= face & (labels == Parse.BACKGROUND)
        neck |= face & zone & skin & np.isin(labels, UPPER_LABELS)
    result = probabilities.copy()
    _rename(result, neck, Parse.NECK)
    return result


def _neck_zone(shape: tuple[int, int], keypoints: np.ndarray) -> np.ndarray:
    """Where a neck and a bare chest can be, bool (H, W); nowhere when nose or shoulders are not seen."""
    joints = keypoints[[Joint.NOSE, Joint.NECK, Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]]
    if joints[:, 2].min() < SEEN:
        return np.zeros(shape, bool)
    nose, neck, right, left = joints[:, :2]
    along, aside = _towards(shape, nose, neck)
    # Somebody seen from the side has shoulders close together, but no shorter neck.
    reach, width = max(float(np.linalg.norm(neck - nose)), 1.0), float(np.linalg.norm(right - left))
    return (along > CHIN) & (along < 1 + CHEST * max(width, reach) / reach) & (aside < 0.5 * max(width, reach))


def _towards(shape: tuple[int, int], start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every pixel of (H, W), how far along the way from start to end it lies (0 to 1 between them), and how many
    pixels beside it."""
    way = (end - start).astype(np.float32)
    length = max(float(np.linalg.norm(way)), 1.0)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    x, y = x - start[0], y - start[1]
    return (x * way[0] + y * way[1]) / length**2, np.abs(x * way[1] - y * way[0]) / length


def _face_coloured(pixels: np.ndarray, face: np.ndarray) -> np.ndarray:
    """Which pixels have the face's colour, bool (H, W); none when there is no face."""
    if not face.any():
        return np.zeros(face.shape, bool)
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
    # Lightness counts little: the neck lies in the chin's shadow.
    distance = np.linalg.norm((lab - np.median(lab[face], axis=0)) * np.float32([0.35, 1.3, 1.3]), axis=2)
    return distance < SKIN_DISTANCE


def _rename(probabilities: np.ndarray, where: np.ndarray, label: int) -> None:
    """Make a label the likeliest in a region, in place: it takes over from the one that was."""
    chosen = probabilities[:, where]
    winner, columns = chosen.argmax(0), np.arange(chosen.shape[1])
    taken = chosen[winner, columns]
    chosen[winner, columns] = 0
    chosen[label] += taken
    probabilities[:, where] = chosen
