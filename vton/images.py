"""Open, orient, check, fit, pad and unpad pictures. Sole owner of the [-1, 1] convention of network inputs."""

import hashlib
import os
import warnings
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Photo

MIN_SIDE = 64
MAX_PIXELS = 80_000_000
PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
FRAME, EVEN, APART = 0.01, 12.0, 24.0
"""Width of the thin frame that a screenshot may have, as a share of the picture's side; how far its colours vary at
most, as a standard deviation, and how far they are from those inside it at least (of 255)."""
PictureSource = str | os.PathLike | Image.Image


class PictureError(ValueError):
    """A picture that cannot be used; the message is a sentence a visitor can act on."""


def load_photo(source: PictureSource) -> Photo:
    """Open a picture upright, opaque and in RGB.

    EXIF orientation is applied, transparency is laid on white, and 16-bit, CMYK, palette and grey pictures become 8-bit
    RGB; of an animation the first frame is taken.

    Raises:
        PictureError: no such file, a folder, no picture, broken, smaller than MIN_SIDE on a side, or more than
            MAX_PIXELS (checked before any pixel is decoded).
    """
    if isinstance(source, Image.Image):
        return _photo_from(source, name_of(source))
    path = Path(source)
    if not path.exists():
        raise PictureError(f"{path}: there is no such file.")
    if path.is_dir():
        raise PictureError(f"{path}: this is a folder; give the path of one picture.")
    if path.stat().st_size == 0:
        raise PictureError(f"{path}: the file is empty; save or download the picture again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                return _photo_from(picture, str(path))
    except UnidentifiedImageError:
        raise PictureError(f"{path}: this is not a picture; use a JPEG, PNG or WebP file.") from None
    except Image.DecompressionBombError:
        raise PictureError(_too_large(str(path))) from None
    except OSError as error:
        raise PictureError(f"{path}: the file cannot be read as a picture ({error}); save it again.") from None


def name_of(source: PictureSource) -> str:
    """What to call a picture in a sentence: its path, or "The picture"."""
    return "The picture" if isinstance(source, Image.Image) else str(source)


def _too_large(name: str) -> str:
    return f"{name}: the picture is too large; make it smaller than {MAX_PIXELS // 1_000_000} megapixels."


def _photo_from(picture: Image.Image, name: str) -> Photo:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise PictureError(_too_large(name))
    if min(width, height) < MIN_SIDE:
        raise PictureError(
            f"{name}: the picture is only {width}×{height} pixels; use one of at least {MIN_SIDE} pixels a side."
        )
    try:
        pixels = np.asarray(_opaque(ImageOps.exif_transpose(picture)))
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureError(f"{name}: the picture is broken ({error}); save or download it again.") from None
    digest = hashlib.sha256(str(pixels.shape).encode() + pixels.tobytes()).hexdigest()
    return Photo(pixels, digest)


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.asarray(picture, np.float64)
        top = 65535.0 if values.max() > 255 else 255.0
        return Image.fromarray((values / top * 255).clip(0, 255).astype(np.uint8)).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture.convert("RGB")


def pictures_in(folder: Path) -> list[Path]:
    """The pictures directly in a folder, by name. Raises PictureError when it is no folder or has none."""
    if not folder.is_dir():
        raise PictureError(f"{folder}: there is no such folder.")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)
    if not found:
        raise PictureError(f"{folder}: there are no pictures ({', '.join(PICTURE_SUFFIXES)}) in this folder.")
    return found


def pad_to_canvas(pixels: np.ndarray, fill: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Fit a picture into the 3:4 canvas without distortion, centred, the rest filled with one colour.

    Args:
        pixels: uint8 or float32 (H, W, 3).
        fill: colour of the padding, in the same range.

    Returns:
        The canvas, (1024, 768, 3) of the same type, and the 2×3 float32 matrix that takes pixel coordinates of the
        picture to it.
    """
    height, width = pixels.shape[:2]
    scale = min(CANVAS_WIDTH / width, CANVAS_HEIGHT / height)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (CANVAS_WIDTH - inner[0]) // 2, (CANVAS_HEIGHT - inner[1]) // 2
    margins = (top, CANVAS_HEIGHT - top - inner[1], left, CANVAS_WIDTH - left - inner[0])
    canvas = cv2.copyMakeBorder(resize(pixels, inner), *margins, cv2.BORDER_CONSTANT, value=fill)
    matrix = np.array([[inner[0] / width, 0, left], [0, inner[1] / height, top]], np.float32)
    return canvas, matrix


def resize(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize (H, W[, C]), uint8 or float32, to (width, height): by area when shrinking, bicubic when enlarging."""
    shrinking = size[0] < pixels.shape[1]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)


def crop(pixels: np.ndarray, box: tuple[float, float, float, float], size: tuple[int, int]) -> np.ndarray:
    """Cut a box (left, top, right, bottom, may reach outside) and bring it to (width, height).

    What lies outside repeats the colours of the border, or those inside the thin frame that a screenshot may have.
    Shrinks by area, so that fine cloth does not alias.
    """
    left, top, right, bottom = box
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = int(np.floor(left)), int(np.floor(top)), int(np.ceil(right)), int(np.ceil(bottom))
    margins = (max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width))
    inner = pixels[max(0, y0) : min(height, y1), max(0, x0) : min(width, x1)]
    inner = _continued(inner, margins)
    scale = size[0] / (right - left)
    if scale < 0.5:
        factor = 2 * scale
        small = (max(1, round(inner.shape[1] * factor)), max(1, round(inner.shape[0] * factor)))
        inner, shrink = resize(inner, small), (small[0] / inner.shape[1], small[1] / inner.shape[0])
    else:
        shrink = (1.0, 1.0)
    return cv2.warpAffine(
        inner,
        _crop_matrix(left - x0, top - y0, right - left, bottom - top, shrink, size),
        size,
        flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _continued(pixels: np.ndarray, margins: tuple[int, int, int, int]) -> np.ndarray:
    """A picture (H, W, C) and its border's colours beyond it, so many pixels at top, bottom, left and right."""
    columns = pixels.swapaxes(0, 1)
    sides = zip(margins, (pixels, pixels[::-1], columns, columns[::-1]), strict=True)
    frame = [_frame_width(lines) if margin else 0 for margin, lines in sides]
    (height, width), (top, bottom, left, right) = pixels.shape[:2], frame
    beyond = [margin + line for margin, line in zip(margins, frame, strict=True)]
    large = cv2.copyMakeBorder(pixels[top : height - bottom, left : width - right], *beyond, cv2.BORDER_REPLICATE)
    if any(frame):
        large[margins[0] : margins[0] + height, margins[2] : margins[2] + width] = pixels
    return large


def _frame_width(lines: np.ndarray) -> int:
    """Width of the frame that begins with the first of a picture's lines, (N, length, C), in pixels; 0 without one."""
    depth = max(2, round(FRAME * len(lines)))
    if len(lines) <= 2 * depth:
        return 0
    edge, inside = (lines[at].astype(np.float32) for at in (0, depth))
    even, apart = edge.std(0).max(), np.median(np.abs(edge - inside).max(-1))
    return depth if even < EVEN and apart > APART else 0


def _crop_matrix(
    left: float, top: float, width: float, height: float, shrink: tuple[float, float], size: tuple[int, int]
) -> np.ndarray:
    """Pixel centres of a (shrunk) picture → pixel centres of the crop."""
    scale_x, scale_y = size[0] / (width * shrink[0]), size[1] / (height * shrink[1])
    offset_x = (0.5 - left * shrink[0]) * scale_x - 0.5
    offset_y = (0.5 - top * shrink[1]) * scale_y - 0.5
    return np.array([[scale_x, 0, offset_x], [0, scale_y, offset_y]], np.float32)


def box_around(region: np.ndarray, margin: int) -> tuple[slice, slice]:
    """The rows and columns that a region, uint8 or bool (H, W), takes with so many pixels around it."""
    left, top, width, height = cv2.boundingRect(region.view(np.uint8))
    return np.s_[max(0, top - margin) : top + height + margin, max(0, left - margin) : left + width + margin]


def to_tensor(pixels: np.ndarray) -> torch.Tensor:
    """uint8 RGB (H, W, 3) → float32 (1, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float() / 127.5 - 1


def to_pixels(tensor: torch.Tensor) -> np.ndarray:
    """float (1, 3, H, W) in [-1, 1] → uint8 RGB (H, W, 3); values beyond the range are clipped."""
    values = ((tensor[0].detach().float().clamp(-1, 1) + 1) * 127.5).round()
    return values.permute(1, 2, 0).to(torch.uint8).cpu().numpy()


def coarsely_blurred(values: np.ndarray, sigma: float, step: int) -> np.ndarray:
    """A Gaussian blur of float32 (H, W), computed at a `step`-th of the size: for a wide `sigma`, in pixels."""
    height, width = values.shape[:2]
    if step > 1:
        size = (-(-width // step), -(-height // step))
        values = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    values = cv2.GaussianBlur(values, (0, 0), sigma / step)
    return values if step == 1 else cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
