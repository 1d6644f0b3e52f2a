"""Clicks on a garment's picture correct its mask: by Segment Anything where it is at hand, else by GrabCut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vton import weights

WORKING_SIDE = 320
"""Longer side, in pixels, at which GrabCut works."""
DISC = 0.012
"""Radius of the disc around a click that is certain, as a share of the longer side."""
REACH = 0.2
"""How far from it a click changes anything, likewise: one on the backdrop must not swallow all of that."""


@dataclass(frozen=True)
class Click:
    """A click on a garment's picture.

    x, y: shares in [0, 1] of the picture's width and height.
    inside: whether it says "this is the garment" or "this is not".
    """

    x: float
    y: float
    inside: bool


Segmenter = Callable[[np.ndarray, np.ndarray, Sequence[Click]], np.ndarray]


def refine_mask(
    pixels: np.ndarray, mask: np.ndarray, clicks: Sequence[Click], segmenter: Segmenter | None = None
) -> np.ndarray:
    """Correct a mask by clicks; what they do not touch stays as it is with GrabCut.

    Args:
        pixels: uint8 RGB (H, W, 3), the garment's picture.
        mask: float32 (H, W) in [0, 1], the mask so far.
        clicks: in the order in which they were made; of two that contradict each other the later counts.
        segmenter: such as a SamSegmenter, from picture, mask and clicks to a mask; None for GrabCut.

    Returns:
        float32 (H, W) in [0, 1]; 1 at every click inside and 0 at every other one.
    """
    if not clicks:
        return mask
    found = segmenter(pixels, mask, clicks) if segmenter else by_grabcut(pixels, mask, clicks)
    found = found.astype(np.float32)
    # Whatever the method thinks, a click is right about the spot that it was made on.
    for click in clicks:
        found = np.where(_disc(mask.shape, click, 0.5 * DISC), np.float32(click.inside), found)
    return found


def by_grabcut(pixels: np.ndarray, mask: np.ndarray, clicks: Sequence[Click]) -> np.ndarray:
    """One click after the other, each with the outcome of those before it; arguments and result as `refine_mask`'s.

    A click that the mask already agrees with only protects its surroundings.
    """
    height, width = mask.shape
    factor = min(1.0, WORKING_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 1.0).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    before = cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0.5
    now = before.copy()
    certain = np.full(now.shape, -1, np.int8)
    for click in clicks:
        certain[_disc(now.shape, click, DISC)] = click.inside
    for click in clicks:
        if now[_at(now.shape, click)] != click.inside:
            now = _follow(small, lab, now, certain, click)
    now = np.where(certain >= 0, certain > 0, now)
    changed = cv2.resize((now != before).astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    target = cv2.resize(now.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    if factor < 1:
        target = cv2.ximgproc.guidedFilter(pixels, target, round(1.5 / factor), 40.0).clip(0, 1)
        target = ((target - 0.5) * 2 + 0.5).clip(0, 1)
    reach = cv2.dilate(changed, np.ones((3, 3), np.uint8), iterations=max(1, round(1 / factor)))
    reach = cv2.GaussianBlur(reach, (0, 0), 1.0).clip(0, 1)
    return mask + (target - mask) * reach


def _follow(small: np.ndarray, lab: np.ndarray, mask: np.ndarray, certain: np.ndarray, click: Click) -> np.ndarray:
    """Give the piece that was clicked on to the other side; bool (H, W).

    The piece is what joins the click and resembles it; GrabCut (Rother et al., 2004) then finds its edge from the
    colours of both sides. Changes elsewhere are not asked for and are dropped.
    """
    disc = _disc(mask.shape, click, DISC)
    wrong = mask != click.inside
    centres = _colours(lab[disc])
    alike = np.min([np.linalg.norm(lab - centre, axis=2) for centre in centres], axis=0) < 14
    # With no mask to correct, a click is all there is to go by.
    near = _disc(mask.shape, click, REACH) if mask.any() else True
    piece = _joined((alike & wrong & near) | disc, disc)
    labels = np.where(mask, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[piece] = cv2.GC_PR_FGD if click.inside else cv2.GC_PR_BGD
    # Far from the piece nothing is to change, and the colours there tell GrabCut what both sides look like.
    far = cv2.dilate(piece.astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
    labels[far & mask] = cv2.GC_FGD
    labels[far & ~mask] = cv2.GC_BGD
    labels[certain == 1], labels[certain == 0] = cv2.GC_FGD, cv2.GC_BGD
    both = [np.isin(labels, kinds).sum() for kinds in ((0, 2), (1, 3))]
    if min(both) < 10:
        return np.where(piece, click.inside, mask)
    cv2.setRNGSeed(0)
    cv2.grabCut(small, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    found = (labels & 1).astype(bool)
    changed = _joined((found != mask) & (found == click.inside) | disc, disc)
    return np.where(changed, click.inside, mask)


def _colours(samples: np.ndarray) -> np.ndarray:
    """Up to three colours (K, 3) that stand for samples (N, 3)."""
    count = min(3, len(samples))
    cv2.setRNGSeed(0)
    criteria = (cv2.TERM_CRITERIA_MAX_ITER, 10, 0.0)
    return cv2.kmeans(samples.astype(np.float32), count, None, criteria, 1, cv2.KMEANS_PP_CENTERS)[2]


def _joined(region: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """The pieces of a region that a seed touches."""
    _, pieces = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    return np.isin(pieces, np.setdiff1d(pieces[seed & region], 0))


def _at(shape: tuple[int, int], click: Click) -> tuple[int, int]:
    """Row and column of the pixel that a click is on."""
    height, width = shape
    return min(int(click.y * height), height - 1), min(int(click.x * width), width - 1)


def _disc(shape: tuple[int, int], click: Click, share: float) -> np.ndarray:
    row, column = _at(shape, click)
    drawn = np.zeros(shape, np.uint8)
    cv2.circle(drawn, (column, row), max(1, round(share * max(shape))), 1, -1)
    return drawn > 0


class SamSegmenter:
    """Segment Anything (Kirillov et al., 2023) with the mask so far and the clicks as its prompts."""

    def __init__(self, path: Path | None = None, network=None):
        """Load the published ViT-B, or take a network that is already built.

        Args:
            path: sam_vit_b_01ec64.pth.
            network: a segment_anything Sam instead.

        Raises:
            weights.WeightsError: not that checkpoint.
        """
        from segment_anything import SamPredictor

        self._predictor = SamPredictor(network or _load_sam(path))
        self._seen: bytes | None = None

    def __call__(self, pixels: np.ndarray, mask: np.ndarray, clicks: Sequence[Click]) -> np.ndarray:
        """The mask that clicks lead to; float32 (H, W). Looking at a new picture takes seconds, more clicks do not."""
        import torch

        height, width = mask.shape
        with torch.no_grad():
            key = pixels.shape[0].to_bytes(4, "big") + pixels.tobytes()
            if key != self._seen:
                self._predictor.set_image(pixels)
                self._seen = key
            points = np.array([[click.x * width, click.y * height] for click in clicks])
            inside = np.array([int(click.inside) for click in clicks])
            found, _, _ = self._predictor.predict(points, inside, mask_input=self._prompt(mask), multimask_output=False)
        return cv2.ximgproc.guidedFilter(pixels, found[0].astype(np.float32), 3, 40.0).clip(0, 1)

    def _prompt(self, mask: np.ndarray) -> np.ndarray:
        """The mask so far as Segment Anything takes one: logits (1, S, S), the picture in their upper left corner."""
        side = self._predictor.model.prompt_encoder.mask_input_size[0]
        scale = side / max(mask.shape)
        size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
        logits = np.full((1, side, side), -10.0, np.float32)
        logits[0, : size[1], : size[0]] = (cv2.resize(mask, size, interpolation=cv2.INTER_AREA) - 0.5) * 20
        return logits


def _load_sam(path: Path):
    import torch
    from segment_anything import sam_model_registry

    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
        network = sam_model_registry["vit_b"]()
        network.load_state_dict(tensors)
    except Exception as error:  # unpicklable, truncated, of another network: each has its own class
        reason = str(error).strip().splitlines()[0]
        raise weights.WeightsError(f"{path}: not the weights of Segment Anything's ViT-B ({reason}).") from None
    return network.eval()
