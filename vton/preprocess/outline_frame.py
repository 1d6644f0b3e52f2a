"""What the outline network sees of a garment's picture: all of it, as differences from its background's colour."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import nn

from vton.images import box_around, resize
from vton.networks.lining import mirrored_probability
from vton.preprocess.garment_background import border_colour

FRAME = (256, 192)
"""Height and width of what the network sees."""
COARSE, FINE = 64.0, 6.0
"""Grey levels from the background's colour that count as far and as near."""
SMALL, STANDS_OUT = 128, 14
"""Side in pixels at which it is asked what stands out, and by how many grey levels that does."""
MARGIN, CUT_OFF = 0.15, 0.03
"""How much about a garment is looked at, as a share of the side of the square with its area; and which share of an edge
of what is looked at garment takes at most, or it goes on beyond."""

Colour = tuple[int, int, int]


def network_picture(pixels: np.ndarray, ground: Colour) -> np.ndarray:
    """A framed picture as the network takes it.

    Args:
        pixels: uint8 RGB (H, W, 3). ground: its background's colour.

    Returns:
        float32 (6, H, W) in (-1, 1): how far off the background's colour a pixel is, so that dark cloth and its shadow
        are told apart, and the same so that white cloth is told from white paper.
    """
    apart = (pixels.astype(np.float32) - np.float32(ground)).transpose(2, 0, 1)
    return np.tanh(np.concatenate([apart / COARSE, apart / FINE]))


def framed(pixels: np.ndarray, ground: Colour) -> tuple[np.ndarray, tuple[slice, slice]]:
    """A picture fitted into the frame, the rest in its background's colour; and where in the frame it lies.

    Args:
        pixels: uint8 RGB (H, W, 3). ground: its background's colour.
    """
    height, width = pixels.shape[:2]
    scale = min(FRAME[0] / height, FRAME[1] / width)
    high, wide = max(1, round(scale * height)), max(1, round(scale * width))
    top, left = (FRAME[0] - high) // 2, (FRAME[1] - wide) // 2
    frame = np.empty((*FRAME, 3), np.uint8)
    frame[:] = ground
    box = np.s_[top : top + high, left : left + wide]
    frame[box] = resize(pixels, (wide, high))
    return frame, box


@dataclass(frozen=True)
class Seen:
    """What the network sees of a picture.

    probability: float32 (H, W), how probable it is that a pixel shows the garment.
    step: pixels of the picture to one of the network's frame, which is how coarse its edges are.
    """

    probability: np.ndarray
    step: float


def look_for_garment(network: nn.Module, pixels: np.ndarray) -> Seen:
    """Where the garment is, as the outline network sees it: from as near as the whole of it can be seen.

    Args:
        network: a `networks.outline.OutlineNet` in evaluation mode, on any device.
        pixels: uint8 RGB (H, W, 3).
    """
    ground = border_colour(pixels)
    box = _what_stands_out(pixels, ground)
    found, near = np.zeros(pixels.shape[:2], np.float32), _look(network, pixels[box], ground)
    found[box] = near.probability
    return _look(network, pixels, ground) if _cut_off(found > 0.5, box) else Seen(found, near.step)


def _what_stands_out(pixels: np.ndarray, ground: Colour) -> tuple[slice, slice]:
    """The box around what has another colour than the background, with a margin; the picture where nothing has."""
    height, width = pixels.shape[:2]
    step = max(1, round(max(height, width) / SMALL))
    apart = np.abs(pixels[step // 2 :: step, step // 2 :: step].astype(np.int16) - ground).max(2) > STANDS_OUT
    apart = cv2.morphologyEx(apart.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if not apart.any():
        return np.s_[0:height, 0:width]
    rows, columns = box_around(apart, round(MARGIN * np.sqrt(np.count_nonzero(apart))))
    return (
        slice(rows.start * step, min(rows.stop * step, height)),
        slice(columns.start * step, min(columns.stop * step, width)),
    )


@torch.inference_mode()
def _look(network: nn.Module, pixels: np.ndarray, ground: Colour) -> Seen:
    frame, box = framed(pixels, ground)
    picture = torch.from_numpy(network_picture(frame, ground))[None]
    found = mirrored_probability(network, picture.to(next(network.parameters()).device))[0].cpu().numpy()
    step = max(pixels.shape[0] / FRAME[0], pixels.shape[1] / FRAME[1])
    return Seen(cv2.resize(found[box], pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR), step)


def _cut_off(found: np.ndarray, box: tuple[slice, slice]) -> bool:
    """Whether a garment, bool (H, W), goes on beyond the edges of the box in which it was looked for."""
    inner = found[box]
    inside_picture = (
        box[0].start > 0,
        box[0].stop < found.shape[0],
        box[1].start > 0,
        box[1].stop < found.shape[1],
    )
    edges = inner[0], inner[-1], inner[:, 0], inner[:, -1]
    return any(edge.mean() > CUT_OFF for edge, within in zip(edges, inside_picture, strict=True) if within)
