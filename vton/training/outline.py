"""What the outline network learns: where a garment is in its picture, from rendered garments on made-up grounds."""

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from vton.networks.lining import mirrored_probability
from vton.preprocess.garment_background import border_colour
from vton.preprocess.outline_frame import FRAME, network_picture
from vton.training.augment import Random, as_photographed, compose, mirroring, similarity
from vton.training.flats import FlatDataset
from vton.training.grounds import laid_on_cloth, random_ground, shadowed
from vton.training.losses import mask_losses
from vton.training.trousers import random_trousers

VALIDATION_BATCH = 16
VALIDATION_SEED = 7
AS_RENDERED = 0.3
"""Of the samples that keep the ground, the shadow and the hanger that they were rendered with."""
ALIKE, PRINTED = 0.3, 0.35
"""Of the others: with cloth of nearly the ground's colour; with shapes laid on the cloth."""
IN_A_SET, SET_SIZE, SET_UP = 0.2, (0.42, 0.72), 0.2
"""Of the others: with trousers or a skirt beside; how large the garment is then, and how far up, as shares of the
room."""
LONG = 1.5
"""Height by width from which on a garment is not sold in a set."""
FAINT = 0.06
"""Of all, in which ground and cloth are nearly the same dark or light colour."""


class OutlineTask:
    """Training of `networks.outline.OutlineNet`; see `loop.Task`. Its data are `FlatDataset`s of whole pictures."""

    kind = "outline"
    rate = 3e-3

    def __init__(self, widths: tuple[int, ...] = (16, 28, 48, 72, 96)):
        self.config = {"widths": list(widths)}

    def prepare(self, network: nn.Module) -> None:
        """Say at first that a third is garment."""
        nn.init.constant_(network.head.bias, -0.7)

    def sample(self, data: FlatDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """A garment somewhere in a picture of some shape, on some ground, in other colours and light."""
        stored = data.read(index)
        window = random_window(random)
        as_rendered = random.random() < AS_RENDERED
        in_a_set = not as_rendered and random.random() < IN_A_SET and not _is_long(stored["mask"])
        matrix = placed(stored["mask"], window, random, in_a_set)
        size = (window[1].stop - window[1].start, window[0].stop - window[0].start)
        # Blurred as far as pixels are merged, since warping takes single ones.
        blur = max(0.0, 0.45 / float(np.hypot(*matrix[0, :2])) - 0.3)
        source = cv2.GaussianBlur(stored["picture"], (0, 0), blur) if blur > 0.2 else stored["picture"]
        picture = cv2.warpAffine(source, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        mask = cv2.warpAffine(stored["mask"], matrix, size)
        colours = picture.astype(np.float32) / 255
        if not as_rendered:
            colours, mask = on_another_ground(colours, mask.astype(np.float32) / 255, random, in_a_set)
        pixels = as_photographed(colours, random, FAINT)
        ground = border_colour(pixels)
        frame, truth = np.empty((*FRAME, 3), np.uint8), np.zeros(FRAME, np.uint8)
        frame[:] = ground
        frame[window], truth[window] = pixels, mask
        return {"picture": network_picture(frame, ground), "mask": truth}

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """See `losses.mask_losses`."""
        return mask_losses(network(batch["picture"]).float(), batch["mask"].float() / 255)

    def validate(self, network: nn.Module, data: FlatDataset, device: torch.device) -> dict[str, float]:
        """On held-out garments, changed as in training but always in the same way: IoU over all pixels, the mean of
        each picture's, and the share of pictures with one above .95."""
        random = np.random.default_rng(VALIDATION_SEED)
        samples = [self.sample(data, index, random) for index in range(len(data))]
        found, truths = [], []
        for start in range(0, len(samples), VALIDATION_BATCH):
            group = samples[start : start + VALIDATION_BATCH]
            pictures = torch.from_numpy(np.stack([sample["picture"] for sample in group]))
            found.append(mirrored_probability(network, pictures.to(device)).cpu().numpy() > 0.5)
            truths.append(np.stack([sample["mask"] > 127 for sample in group]))
        found, truths = np.concatenate(found), np.concatenate(truths)
        both, either = (found & truths).sum((1, 2)), (found | truths).sum((1, 2))
        each = both / either.clip(1)
        return {
            "iou": float(both.sum() / either.sum()),
            "mean_iou": float(each.mean()),
            "good": float((each > 0.95).mean()),
        }


def random_window(random: Random) -> tuple[slice, slice]:
    """Where in the frame a picture lies: all of it in four of ten samples, else as square or as tall pictures do."""
    high, wide = FRAME
    chance = random.random()
    if 0.4 < chance < 0.75:
        high = round(wide * random.uniform(0.85, 1.33))
    elif chance > 0.75:
        wide = round(high / random.uniform(1.33, 1.8))
    top, left = (FRAME[0] - high) // 2, (FRAME[1] - wide) // 2
    return slice(top, top + high), slice(left, left + wide)


def _is_long(mask: np.ndarray) -> bool:
    """Whether a garment, uint8 (H, W), is a dress or a coat, which are sold alone."""
    _, _, width, height = cv2.boundingRect(mask)
    return height > LONG * width


def placed(mask: np.ndarray, window: tuple[slice, slice], random: Random, in_a_set: bool = False) -> np.ndarray:
    """The 2×3 matrix that brings a garment, uint8 (H, W), into a window: small or cut by it, turned, mirrored; with
    room below it for what it is sold with."""
    high, wide = (side.stop - side.start for side in window)
    left, top, width, height = cv2.boundingRect(mask)
    scale = min(high / height, wide / width) * random.uniform(*(SET_SIZE if in_a_set else (0.5, 1.08)))
    degrees = random.normal() * (3 if random.random() < 0.85 else 14)
    room = np.abs([wide - scale * width, high - scale * height])
    shift = random.normal(size=2) * 0.15 * room
    if in_a_set:
        shift[1] = -random.uniform(SET_UP, 0.5) * room[1]
    about = similarity((high, wide), 1.0, degrees, tuple(shift))
    if random.random() < 0.5:
        about = compose(mirroring(wide), about)
    middle = np.array([left + (width - 1) / 2, top + (height - 1) / 2])
    offset = np.array([(wide - 1) / 2, (high - 1) / 2]) - scale * middle
    return compose(about, np.array([[scale, 0, offset[0]], [0, scale, offset[1]]], np.float32))


def on_another_ground(
    colours: np.ndarray, mask: np.ndarray, random: Random, in_a_set: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Cut the garment out, change its colours, and lay it on another ground with other shadows.

    Args:
        colours: float32 (H, W, 3) in [0, 1]. mask: float32 (H, W) in [0, 1]. in_a_set: with trousers or a skirt, which
            lies below it, or on it.

    Returns:
        The picture, float32 (H, W, 3), and where it shows the garment, uint8 (H, W).
    """
    ground = random_ground(mask.shape, random)
    cloth = mask > 0.5
    if not cloth.any():
        return ground, np.zeros(mask.shape, np.uint8)
    usual, under = np.median(colours[cloth], axis=0), np.median(ground, axis=(0, 1))
    if random.random() < ALIKE:
        wanted = under + random.normal(size=3) * 0.02 + random.normal() * 0.03
        colours = wanted + (colours - usual) * random.uniform(0.3, 1.0)
    else:
        colours = colours ** np.float32(np.exp(random.normal() * 0.3)) * (1 + random.normal(size=3) * 0.1)
    if random.random() < PRINTED:
        colours = laid_on_cloth(colours, mask, under, random)
    usual = np.median(colours[cloth], axis=0)
    if in_a_set:
        beside, where = random_trousers(mask, usual, random)
        if random.random() < 0.5:
            # On the garment, which casts its shadow on the ground alone.
            ground = shadowed(ground, np.maximum(mask, where), usual, random)
            picture = _laid(_laid(ground, colours, mask), beside, where)
            return picture, np.uint8((255 * mask * (1 - where)).round())
        ground = _laid(shadowed(ground, where, usual, random), beside, where)
    ground = shadowed(ground, mask, usual, random)
    return _laid(ground, colours, mask), np.uint8((255 * mask).round())


def _laid(ground: np.ndarray, colours: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Colours on a ground, float32 (H, W, 3) both, where a mask (H, W) in [0, 1] says."""
    return (ground * (1 - mask[..., None]) + colours * mask[..., None]).astype(np.float32)
