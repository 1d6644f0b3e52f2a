"""Body parts by the published DensePose network."""

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vton.networks.densepose import PIXEL_MEAN_BGR, SIZE_DIVISOR, DensePoseRCNN
from vton.networks.densepose_charts import boxes_on_photo, part_map
from vton.preprocess.parts import part_colours

SHORTER_EDGE = 800
LONGER_EDGE = 1333
LOWEST_SCORE = 0.5
"""Of a person. Published pictures ask for 0.8 and show everybody; of one person an unsure find is better than none."""


def network_size(height: int, width: int) -> tuple[int, int]:
    """The size, as height and width, at which a photo of some size is shown to the network."""
    shorter = min(height, width)
    edges = [SHORTER_EDGE if edge == shorter else SHORTER_EDGE / shorter * edge for edge in (height, width)]
    # In this order, as the last bit decides which way a size of half a pixel is rounded.
    shrink = min(1.0, LONGER_EDGE / max(edges))
    height, width = (int(edge * shrink + 0.5) for edge in edges)
    return height, width


def network_input(image: np.ndarray) -> tuple[Tensor, tuple[int, int]]:
    """A photo as the network takes it.

    Args:
        image: uint8 RGB (H, W, 3).

    Returns:
        float32 (1, 3, h, w), BGR less its mean, padded with zeros to multiples of 32; and the size before padding.
    """
    height, width = network_size(*image.shape[:2])
    # Pillow's filter averages when it shrinks, which other libraries' "bilinear" does not.
    resized = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))
    padded_size = [-(-length // SIZE_DIVISOR) * SIZE_DIVISOR for length in (height, width)]
    padded = np.zeros((3, *padded_size), np.float32)
    mean = np.array(PIXEL_MEAN_BGR, np.float32)[:, None, None]
    padded[:, :height, :width] = resized[..., ::-1].transpose(2, 0, 1) - mean
    return torch.from_numpy(padded)[None], (height, width)


def most_prominent(boxes: Tensor, size: tuple[int, int]) -> int | None:
    """Which of the people a picture is about: the most certain one that covers its middle, or else the most certain.

    Args:
        boxes: (P, 4) in pixels, the most certain first.
        size: height and width of the picture.

    Returns:
        The row, or None where there is nobody.
    """
    middle = boxes.new_tensor([size[1] / 2, size[0] / 2])
    central = ((boxes[:, :2] <= middle) & (middle <= boxes[:, 2:])).all(1).nonzero()[:, 0]
    if len(central):
        return int(central[0])
    return 0 if len(boxes) else None


class DensePoseParts:
    """Body parts of the person a photo is about.

    Args:
        network: with its weights, in evaluation mode, on the device to use.
    """

    def __init__(self, network: DensePoseRCNN):
        self.network = network

    @torch.inference_mode()
    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Find the parts.

        Args:
            image: uint8 RGB (H, W, 3).

        Returns:
            uint8 (H, W), ids of `labels.DENSEPOSE_PARTS`; all background where nobody is found.
        """
        photo_size = image.shape[:2]
        pixels, size = network_input(image)
        device = next(self.network.parameters()).device
        levels = self.network.backbone(pixels.to(device))
        [(boxes, _)] = self.network.detect(levels, [size], LOWEST_SCORE)
        chosen = most_prominent(boxes, size)
        if chosen is None:
            return np.zeros(photo_size, np.uint8)
        box = boxes[chosen : chosen + 1]
        charts = self.network.chart(levels, [box])
        placed, kept = boxes_on_photo(box, size, photo_size)
        return part_map(placed, charts[kept], photo_size).cpu().numpy()


def parts_over_photo(image: np.ndarray, parts: list[np.ndarray], alpha: float = 0.7) -> np.ndarray:
    """Everybody's parts over the photo in grey, as DensePose's own visualiser shows them.

    Args:
        image: uint8 RGB (H, W, 3).
        parts: uint8 (H, W) part ids of each person, the most certain first; a later one lies on top.
        alpha: how much of the colour is seen, in [0, 1].

    Returns:
        uint8 RGB (H, W, 3).
    """
    canvas = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
    for ids in parts:
        mixed = canvas * (1 - alpha) + part_colours()[ids] * alpha
        canvas = np.where(ids[..., None] > 0, mixed.astype(np.uint8), canvas)
    return canvas
