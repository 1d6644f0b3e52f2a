"""The shape of a deep neckline: straight sides of a V stay straight on the wearer.

On rendered people with known truth the flow about a neckline is all but affine, from the garment's picture to the
wearer: the residual of the best affine map is .5 to .7 pixels of 192 about deep ones, that of a predicted flow twice as
much, and the affine map that fits a prediction best is nearer the truth than the prediction (the card of the condition
generator has the figures). What is predicted of a photograph bows the sides of a V outwards until it is a U.
"""

import cv2
import numpy as np

from vton.methods.edit import smoothstep
from vton.types import Garment

DEEP = 0.5
"""From this depth on, as a share of its width, the shape of an opening shows."""
LEAST_EDGE = 20
"""Pixels of the network's frame along an edge that tell a map."""
REACH = 0.3
"""How far about an opening the cloth follows its edge, in shoulder widths."""
LIMIT = 0.12
"""How far an edge is moved at most, in shoulder widths; what would need more is no matter of its shape."""


def as_cut(
    reads: np.ndarray, garment: Garment, to_garment: np.ndarray, ends: np.ndarray, places: np.ndarray, unit: float
) -> np.ndarray:
    """Make a flow affine along the edge of a deep opening, and bend it about that edge.

    Args:
        reads: float32 (h, w, 2), x and y in the garment's frame that each pixel of the torso's frame reads.
        to_garment: (2, 3), pixels of the canvas → pixels of the garment's frame, which has the size of the other.
        ends: (2, 2), left and right end of the opening in the garment's frame, x and y.
        places: (2, 2), where they are worn, in the torso's frame.
        unit: the shoulders' width there.

    Returns:
        float32 (h, w, 2); `reads` itself where the opening is shallow, or too little of its edge is seen.
    """
    height, width = reads.shape[:2]
    lining = cv2.warpAffine(garment.lining, to_garment, (width, height), flags=cv2.INTER_AREA)
    rows = np.flatnonzero((lining > 0.5).any(1))
    across = float(ends[1, 0] - ends[0, 0])
    if len(rows) == 0 or rows[-1] - float(ends[:, 1].mean()) < DEEP * across:
        return reads
    bare = cv2.remap(lining, reads, None, cv2.INTER_LINEAR) > 0.5
    y, x = np.nonzero(bare & (cv2.erode(bare.view(np.uint8), np.ones((3, 3), np.uint8)) == 0))
    # The edge of the front: what lies above the line between the ends is the back's.
    front = reads[y, x, 1] > np.interp(reads[y, x, 0], ends[:, 0], ends[:, 1]) + 0.08 * across
    edge = np.column_stack([x, y])[front].astype(np.float32)
    if len(edge) < LEAST_EDGE:
        return reads
    affine = _fitted(np.concatenate([edge, places]), np.concatenate([reads[y, x][front], ends]), len(edge) / 4)
    whole = np.stack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)), -1)
    moves = whole @ affine[:2] + affine[2] - reads
    scale = float(np.sqrt(abs(np.linalg.det(affine[:2]))))
    moves /= np.maximum(np.linalg.norm(moves, axis=-1, keepdims=True) / (LIMIT * unit * scale), 1)
    away = cv2.distanceTransform((~bare).view(np.uint8), cv2.DIST_L2, 5) / (REACH * unit)
    return (reads + moves * (1 - smoothstep(away, 0, 1))[..., None]).astype(np.float32)


def _fitted(places: np.ndarray, reads: np.ndarray, weight: float) -> np.ndarray:
    """(3, 2), the affine map of places (n, 2) that comes nearest to reads (n, 2); the last two of each count more."""
    weights = np.ones((len(places), 1))
    weights[-2:] = np.sqrt(weight)
    return np.linalg.lstsq(np.column_stack([places, np.ones(len(places))]) * weights, reads * weights, rcond=None)[0]
