"""From the canvas to a network's size and back: what the published methods share."""

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from vton.images import resize, to_tensor
from vton.methods.worn import bled
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment


def small_picture(pixels: np.ndarray, height: int, width: int) -> Tensor:
    """uint8 RGB (1024, 768, 3) → float32 (1, 3, height, width) in [-1, 1]."""
    return to_tensor(resize(pixels, (width, height)))


def small_mask(mask: np.ndarray, height: int, width: int) -> Tensor:
    """float32 (1024, 768) in [0, 1] → float32 (1, 1, height, width) in {0, 1}."""
    return (torch.from_numpy(resize(mask, (width, height)))[None, None] > 0.5).float()


def pixels_read(grid: Tensor, align_corners: bool = False) -> np.ndarray:
    """Where a sampling grid reads, brought to the canvas.

    Args:
        grid: (1, h, w, 2) in [-1, 1], x first, over a garment's picture that shows the whole canvas at any size.
        align_corners: whether -1 and 1 are the centres of the outermost pixels of a picture of the grid's own size.

    Returns:
        float32 (1024, 768, 2), x and y in pixels of the canvas.
    """
    height, width = grid.shape[1:3]
    size = grid.new_tensor([width, height])
    reads = (grid[0].float() + 1) / 2
    reads = reads * (size - 1) / size + 0.5 / size if align_corners else reads
    reads = reads * grid.new_tensor([CANVAS_WIDTH, CANVAS_HEIGHT]) - 0.5
    if (height, width) == (CANVAS_HEIGHT, CANVAS_WIDTH):
        return reads.cpu().numpy()
    # Displacements can be continued beyond the centres of the border's pixels, positions cannot.
    places = _centres(height, width).to(reads)
    moved = F.interpolate((reads - places).permute(2, 0, 1)[None], size=(CANVAS_HEIGHT, CANVAS_WIDTH), mode="bilinear")
    return (moved[0].permute(1, 2, 0) + _centres(CANVAS_HEIGHT, CANVAS_WIDTH).to(reads)).contiguous().cpu().numpy()


def _centres(height: int, width: int) -> Tensor:
    """Pixel centres of a picture of the canvas, in pixels of the canvas, (height, width, 2)."""
    x = (torch.arange(width) + 0.5) * (CANVAS_WIDTH / width) - 0.5
    y = (torch.arange(height) + 0.5) * (CANVAS_HEIGHT / height) - 0.5
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)


def carry(garment: Garment, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bring the garment's picture and mask onto the body at full detail.

    Args:
        flow: float32 (1024, 768, 2), pixels of the canvas that each pixel reads.

    Returns:
        uint8 RGB (1024, 768, 3) and float32 (1024, 768) in [0, 1], 0 where the flow leaves the picture.
    """
    picture = cv2.remap(bled(garment), flow, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return picture, cv2.remap(garment.mask, flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)


def enlarge(planes: Tensor) -> np.ndarray:
    """float (1, C, h, w) → float32 (C, 1024, 768), bilinearly."""
    size = (CANVAS_HEIGHT, CANVAS_WIDTH)
    return F.interpolate(planes.float(), size=size, mode="bilinear", align_corners=False)[0].cpu().numpy()


def enlarge_picture(pixels: np.ndarray) -> np.ndarray:
    """uint8 RGB of any size → (1024, 768, 3)."""
    return resize(pixels, (CANVAS_WIDTH, CANVAS_HEIGHT))
