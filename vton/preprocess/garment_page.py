"""Pictures within pictures: a product picture on a page of another colour, as in screenshots and shops' squares, or
with a band at a side."""

import cv2
import numpy as np

SAME = 4
"""Difference, of 255, up to which a colour is that of the page."""
STRAIGHT, STRAIGHT_SHARE = 2, 0.93
"""How far from their middle value the ends of rows and columns of a picture lie, in pixels, and of what share of them:
no garment, not even a folded one, has sides so straight."""
INSIDE = 3
"""How far inside the picture's edge, which may be soft, its box ends, in pixels."""
DEEPEST, PLAIN, OTHER, GOES_ON = 0.2, 0.05, 0.93, 0.25
"""How far a band at one side of a picture reaches in at most, as a share of its height or width; the largest share of a
row of it, and the least of the row beyond it, that has another colour; and how much of the picture's sides beyond it
has its colour at most."""
LEAST = 0.1
"""Share of the page that a picture on it takes at least."""
RECTANGLE, RIM = 0.93, 0.025
"""How much of the rectangle about it what a frame encloses takes at least, no garment as much; and how wide the frame
is with the letters and ornaments upon it, as a share of the rectangle's shorter side."""
NEARLY, EMPTY = 12, 0.9
"""Difference, of 255, up to which a colour is nearly the page's, and how much is so right within a frame at least."""


def picture_within(pixels: np.ndarray) -> tuple[slice, slice] | None:
    """Where the picture proper lies in a picture: on a page, or between bands; None where it is all picture.

    Args:
        pixels: uint8 RGB (H, W, 3).
    """
    return picture_on_page(pixels) or between_bands(pixels)


def within_frame(pixels: np.ndarray, mask: np.ndarray) -> tuple[slice, slice] | None:
    """What lies within a frame that is drawn about a garment on a page; None where no frame is.

    Args:
        pixels: uint8 RGB (H, W, 3).
        mask: bool (H, W), what is enclosed by other colours than the page's.
    """
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    rim = INSIDE + round(RIM * min(width, height))
    if min(width, height) < 4 * rim or np.count_nonzero(mask) < RECTANGLE * width * height or mask.all():
        return None
    box = np.s_[top + rim : top + height - rim, left + rim : left + width - rim]
    page, inner = np.median(pixels[~mask], axis=0), pixels[box].astype(np.float32)
    edge = np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])
    return box if (np.abs(edge - page).max(1) <= NEARLY).mean() > EMPTY else None


def between_bands(pixels: np.ndarray) -> tuple[slice, slice] | None:
    """What a picture shows between bands of one colour at some of its sides, as screenshots and scans have them,
    without their soft edges; None where there is no band.

    Args:
        pixels: uint8 RGB (H, W, 3).
    """
    box = []
    for axis in (0, 1):
        lines = np.swapaxes(pixels, 0, axis)
        first, last = _band(lines), _band(lines[::-1])
        box.append(slice(first + INSIDE if first else 0, len(lines) - (last + INSIDE if last else 0)))
    whole = (slice(0, pixels.shape[0]), slice(0, pixels.shape[1]))
    return None if tuple(box) == whole or min(side.stop - side.start for side in box) < 8 * INSIDE else tuple(box)


def _band(lines: np.ndarray) -> int:
    """How many of the first lines (N, M, 3) are a band of one colour; 0 where there is none with a straight end."""
    strip = np.ascontiguousarray(lines[: max(2, round(DEEPEST * len(lines)))])
    colour = np.median(strip[0], axis=0).astype(int).tolist()
    other = cv2.inRange(strip, *(tuple(value + far for value in colour) for far in (-SAME, SAME))) == 0
    shares = other.mean(1)
    ends = np.flatnonzero(shares > PLAIN)
    # The first line beyond it may be a mixture.
    if not len(ends) or shares[min(ends[0] + 1, len(shares) - 1)] < OTHER:
        return 0
    # Where it goes on along the sides it is the background, before which lies something as wide as the picture.
    sides = np.abs(lines[ends[0] + 1 :, [0, -1]].astype(int) - colour).max(-1) <= SAME
    return 0 if sides.mean() > GOES_ON else int(ends[0])


def picture_on_page(pixels: np.ndarray) -> tuple[slice, slice] | None:
    """Where a picture lies on a page of one colour, without its soft edge; None where there is no such page.

    Args:
        pixels: uint8 RGB (H, W, 3).
    """
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]].astype(np.int16)
    if np.ptp(corners, axis=0).max() > SAME:
        return None
    page = np.median(corners, axis=0).astype(int).tolist()
    other = cv2.inRange(pixels, *(tuple(value + far for value in page) for far in (-SAME, SAME))) == 0
    rows, columns = (np.flatnonzero(other.any(axis)) for axis in (1, 0))
    if not len(rows):
        return None
    # Compression leaves specks of other colours about a picture.
    rows = np.flatnonzero(other[:, columns[0] : columns[-1] + 1].mean(1) > 0.5)
    if not len(rows):
        return None
    columns = np.flatnonzero(other[rows[0] : rows[-1] + 1].mean(0) > 0.5)
    if not len(columns) or len(rows) * len(columns) < LEAST * other.size:
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    if (bottom - top, right - left) == other.shape or min(bottom - top, right - left) < 8 * INSIDE:
        return None
    across, down = other[top:bottom], other[:, left:right].T
    ends = (side for lines in (across, down) for side in (lines.argmax(1), lines[:, ::-1].argmax(1)))
    if min(float((np.abs(side - np.median(side)) <= STRAIGHT).mean()) for side in ends) < STRAIGHT_SHARE:
        return None
    return np.s_[top + INSIDE : bottom - INSIDE, left + INSIDE : right - INSIDE]
