"""What the lining network learns: where a garment's picture shows it from within, from rendered garments."""

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from vton.networks.lining import mirrored_probability
from vton.preprocess.lining_frame import FRAME, SHARE, network_picture
from vton.training.augment import Random, as_photographed, compose, mirroring, similarity
from vton.training.flats import STORED, STORED_SHARE, FlatDataset
from vton.training.losses import mask_losses

VALIDATION_BATCH = 24
ALIKE_SHARE = 0.25
"""Of the samples whose inside is made as light as the outside around it, label included."""
DISTURBED_SHARE = 0.35
"""Of the samples with something on the front that could be taken for a label or for a neckline."""


class LiningTask:
    """Training of `networks.lining.LiningNet`; see `loop.Task`. Its data are `flats.FlatDataset`s."""

    kind = "lining"
    rate = 3e-3

    def __init__(self, widths: tuple[int, ...] = (16, 24, 40, 56, 72)):
        self.config = {"widths": list(widths)}

    def prepare(self, network: nn.Module) -> None:
        """Say at first that nothing is inside: it mostly is not."""
        nn.init.constant_(network.head.bias, -2.0)

    def sample(self, data: FlatDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """A garment moved in the frame, in other colours and light, as photographs and their masks have it."""
        stored = data.read(index)
        shift = random.normal(size=2) * 0.025 * FRAME
        matrix = similarity((FRAME, FRAME), float(np.exp(random.normal() * 0.09)), random.normal() * 3, tuple(shift))
        if random.random() < 0.5:
            matrix = compose(mirroring(FRAME), matrix)
        matrix = compose(matrix, stored_to_frame())
        picture, mask, inside = (
            cv2.warpAffine(stored[field], matrix, (FRAME, FRAME), borderMode=border)
            for field, border in (
                ("picture", cv2.BORDER_REPLICATE),
                ("mask", cv2.BORDER_CONSTANT),
                ("inside", cv2.BORDER_CONSTANT),
            )
        )
        colours, within = picture.astype(np.float32) / 255, inside.astype(np.float32) / 255
        if random.random() < ALIKE_SHARE:
            colours = alike(colours, mask, within, random)
        if random.random() < DISTURBED_SHARE:
            colours = disturb_front(colours, within, random)
        picture = as_photographed(colours, random)
        return {"picture": network_picture(picture, disturb_mask(mask, random)), "inside": inside}

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """See `losses.mask_losses`."""
        return mask_losses(network(batch["picture"]).float(), batch["inside"].float() / 255)

    def validate(self, network: nn.Module, data: FlatDataset, device: torch.device) -> dict[str, float]:
        """On held-out garments as rendered: IoU over all pixels, mean IoU of those with an inside of 1 % or more of
        the frame, the share of these found with an IoU of .8, and the share of the others with a false inside."""
        found, truths = [], []
        matrix, size = stored_to_frame(), (FRAME, FRAME)
        samples = [
            {field: cv2.warpAffine(value, matrix, size) for field, value in data.read(index).items()}
            for index in range(len(data))
        ]
        for start in range(0, len(samples), VALIDATION_BATCH):
            group = samples[start : start + VALIDATION_BATCH]
            pictures = np.stack([network_picture(s["picture"], s["mask"].astype(np.float32) / 255) for s in group])
            found.append(mirrored_probability(network, torch.from_numpy(pictures).to(device)).cpu().numpy() > 0.5)
            truths.append(np.stack([s["inside"] > 127 for s in group]))
        found, truths = np.concatenate(found), np.concatenate(truths)
        both, either = (found & truths).sum((1, 2)), (found | truths).sum((1, 2))
        least = 0.01 * FRAME**2
        has, none = truths.sum((1, 2)) >= least, ~truths.any((1, 2))
        each = both[has] / either[has]
        return {
            "iou": float(both.sum() / max(either.sum(), 1)),
            "mean_iou": float(each.mean()) if has.any() else 0.0,
            "good": float((each > 0.8).mean()) if has.any() else 0.0,
            "false": float((found[none].sum((1, 2)) >= least).mean()) if none.any() else 0.0,
        }


def stored_to_frame() -> np.ndarray:
    """The 2×3 matrix that takes the middle of what `flats` stores to the network's frame."""
    scale = FRAME / SHARE * STORED_SHARE / STORED
    offset = (FRAME - 1) / 2 - scale * (STORED - 1) / 2
    return np.array([[scale, 0, offset], [0, scale, offset]], np.float32)


def alike(colours: np.ndarray, mask: np.ndarray, within: np.ndarray, random: Random) -> np.ndarray:
    """Make the inside as light as the cloth, within some per cent.

    Args:
        colours: float32 (S, S, 3) in [0, 1]. mask: uint8. within: float32 in [0, 1], the inside.
    """
    inner, outer = within > 0.9, (mask > 200) & (within < 0.1)
    if inner.sum() < 30 or outer.sum() < 30:
        return colours
    wanted = (
        np.median(colours[outer], axis=0) * random.uniform(0.82, 1.05) / np.median(colours[inner], axis=0).clip(0.02)
    )
    return colours * (1 + within[..., None] * (wanted.clip(0.3, 3) - 1))


def disturb_front(colours: np.ndarray, within: np.ndarray, random: Random) -> np.ndarray:
    """Lay one to three shapes onto the front: rectangles, ellipses, triangles, lines, filled or not."""
    drawn = np.ascontiguousarray(colours)
    middle = np.array([FRAME * 0.5, FRAME * 0.3])
    for _ in range(int(random.integers(1, 4))):
        x, y = (middle + random.normal(size=2) * (18, 26)).round().astype(int).tolist()
        half, high = int(random.integers(2, 30)), int(random.integers(2, 24))
        colour = tuple(float(value) for value in random.uniform(0, 1, 3))
        if random.random() < 0.5:
            colour = tuple(
                float(value) for value in drawn[min(y, FRAME - 1), min(x, FRAME - 1)] * random.uniform(0.5, 1.4)
            )
        thick = -1 if random.random() < 0.5 else int(random.integers(1, 4))
        kind = random.integers(4)
        laid = drawn.copy()
        if kind == 0:
            cv2.rectangle(laid, (x - half, y - high), (x + half, y + high), colour, thick)
        elif kind == 1:
            cv2.ellipse(laid, (x, y), (half, high), random.uniform(-20, 20), 0, 360, colour, thick, cv2.LINE_AA)
        elif kind == 2:
            corners = np.array([(x - half, y - high), (x + half, y - high), (x, y + high)])
            cv2.polylines(laid, [corners], True, colour, max(thick, 1), cv2.LINE_AA)
        else:
            end = (x + int(random.integers(-40, 41)), y + int(random.integers(-40, 41)))
            cv2.line(laid, (x, y), end, colour, max(thick, 1), cv2.LINE_AA)
        drawn = np.where(within[..., None] > 0.5, drawn, laid)
    return drawn


def disturb_mask(mask: np.ndarray, random: Random) -> np.ndarray:
    """uint8 (S, S) → float32 in [0, 1], as found in a picture: a little too large or small, softer or harder."""
    found = mask.astype(np.float32) / 255
    found = cv2.GaussianBlur(found, (0, 0), random.uniform(0.3, 1.5))
    return np.clip((found - 0.5) * random.uniform(1, 4) + 0.5 + random.normal() * 0.2, 0, 1)
