"""What a try-on needs repainted, and a first guess of it: the warped garment laid over a filled-in photo.

The compact image generator learns the difference between this guess and the truth; `finish` takes thresholds and
margins from here, so that training and use agree on what is garment, what is kept and what is made new. Every function
works at any resolution; lengths are fractions of the picture's height.
"""

from collections.abc import Callable

import cv2
import torch
import torch.nn.functional as F

from vton.labels import Region

SKIN = (Region.LEFT_ARM, Region.RIGHT_ARM, Region.NOISE)
"""Regions filled with the colour of skin. The compact networks count the neck as NOISE."""
SKIN_SPREAD = 0.2
"""Squared distance from the face's colour, most of it in hue, at which a pixel is skin for certain no longer."""
SKIN_HUES = (0.07, 0.11)
"""The part of that distance which is hue, up to which skin is believed and from which on not at all: of 170 arms in
photographs all that were skin had medians of up to .067, and cloth or backdrop taken for an arm of .1 and more."""
MARGIN_SHARE = 0.006
"""How far the old garment's border reaches beyond its edge, as a share of the picture's height."""
UPPER_EDGE, COVER_EDGE = (0.44, 0.56), (0.2, 0.8)
"""Between which values of the target's UPPER and of the warped mask the worn garment fades in."""
BORDER_MARGINS = 2.5
"""How far skin beside newly bare skin is painted anew, in margins: there a sleeve's end left its shadow."""
TRUST = 0.03
"""Weight of a pixel that new skin and backdrop are spread from: few near pixels decide nothing by themselves."""
SHADOWS = 60
"""How fast skin counts less with the squared distance of its lightness, -1 to 1, from that of face and arms."""
SKIN_SHADE, SHADE_REACH = 0.2, 0.014
"""How much darker new skin is at its edges, and how far in that begins, as a share of the picture's height."""
UNSEEN = (-0.75, -0.75, -0.7)
"""Colour of a surface that the photo does not show: of dark trousers, mostly."""
BACKDROP = (Region.BACKGROUND,)
BODY = (*SKIN, Region.FACE, Region.HAIR)
LOWER = (Region.BOTTOM, Region.LEFT_LEG, Region.RIGHT_LEG)
_KINDS = {"skin": SKIN, "backdrop": BACKDROP, "lower": LOWER}


def smoothstep(values: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """0 below `low`, 1 above `high`, a cubic without kinks between; any shape."""
    ramp = ((values - low) / (high - low)).clamp(0, 1)
    return ramp * ramp * (3 - 2 * ramp)


def blur(values: torch.Tensor, radius: float) -> torch.Tensor:
    """Two box blurs of about `radius` pixels, borders repeated; (N, C, H, W) → the same shape."""
    half = max(1, round(radius))
    size = 2 * half + 1
    for _ in range(2):
        values = F.pad(values, (half,) * 4, mode="replicate")
        values = _over_windows(_over_windows(values, size, 2, torch.add), size, 3, torch.add) / size**2
    return values


def grow(mask: torch.Tensor, radius: float) -> torch.Tensor:
    """Dilate a mask in [0, 1] by about `radius` pixels; a negative radius erodes. (N, 1, H, W) → the same shape."""
    if radius < 0:
        return 1 - grow(1 - mask, -radius)
    half = max(1, round(radius))
    size = 2 * half + 1
    return _over_windows(_over_windows(F.pad(mask, (half,) * 4), size, 2, torch.maximum), size, 3, torch.maximum)


def _over_windows(
    values: torch.Tensor, size: int, axis: int, join: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    """What `join` makes of every `size` neighbours along an axis, which becomes shorter by size - 1.

    In as many steps as the size has binary digits: pooling would take one for each neighbour.
    """
    joined, taken, width = None, 0, 1
    left = values.shape[axis] - size + 1
    while True:
        # `values` are joined over windows of `width`, a power of two.
        if size & width:
            part = values.narrow(axis, taken, left)
            joined = part if joined is None else join(joined, part)
            taken += width
        if taken == size:
            return joined
        shorter = values.shape[axis] - width
        values = join(values.narrow(axis, 0, shorter), values.narrow(axis, width, shorter))
        width *= 2


def spread(colours: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Fill a whole picture from the pixels that have weight, near ones counting most.

    Push–pull interpolation (Gortler et al., "The Lumigraph", 1996, section 3.4): averages are pushed down a pyramid
    and pulled back up wherever a finer level knows nothing.

    Args:
        colours: (N, C, H, W).
        weight: (N, 1, H, W) in [0, 1].

    Returns:
        (N, C, H, W); where no pixel of a picture has weight, zeros.
    """
    # Summed colours and, as the last channel, their weight.
    known = [torch.cat([colours * weight, weight], 1)]
    while min(known[-1].shape[-2:]) > 1:
        level = _halved(known[-1])
        total = level[:, -1:]
        known.append(level * ((total * 4).clamp(max=1) / total.clamp(min=1e-8)))
    level = known.pop()
    filled = level[:, :-1] / level[:, -1:].clamp(min=1e-8)
    for level in reversed(known):
        coarse = _enlarged(filled, level.shape[-2:])
        filled = torch.addcmul(level[:, :-1], coarse, 1 - level[:, -1:])
    return filled


def _halved(pictures: torch.Tensor) -> torch.Tensor:
    """Means of 2×2 pixels, the last row and column repeated where their number is odd; (N, C, H, W)."""
    height, width = pictures.shape[-2:]
    if height % 2 or width % 2:
        pictures = F.pad(pictures, (0, width % 2, 0, height % 2), mode="replicate")
    rows = pictures[..., ::2, :] + pictures[..., 1::2, :]
    # Several times as fast as avg_pool2d.
    return (rows[..., ::2] + rows[..., 1::2]) / 4


def _enlarged(pictures: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """(N, C, h, w) → (N, C, *size), bilinear."""
    if pictures.device.type != "cpu" or pictures.requires_grad:
        return F.interpolate(pictures, size=size, mode="bilinear", align_corners=False)
    # Several times as fast as interpolate.
    large = pictures.new_empty(*pictures.shape[:2], *size)
    for plane, enlarged in zip(pictures.flatten(0, 1).numpy(), large.flatten(0, 1).numpy(), strict=True):
        cv2.resize(plane, enlarged.shape[::-1], enlarged, interpolation=cv2.INTER_LINEAR)
    return large


def garment_alpha(target: torch.Tensor, warped_mask: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
    """How much of each pixel the worn garment covers.

    Args:
        target: (N, 13, H, W) probabilities of `Region`.
        warped_mask: (N, 1, H, W) in [0, 1].
        keep: (N, 1, H, W) in [0, 1], what stays in front.

    Returns:
        (N, 1, H, W) in [0, 1].
    """
    upper = target[:, Region.UPPER : Region.UPPER + 1]
    return smoothstep(upper, *UPPER_EDGE) * smoothstep(warped_mask, *COVER_EDGE) * (1 - keep)


def repaint_mask(before: torch.Tensor, target: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
    """Pixels that cannot stay as they are: the old garment with its border, and skin that belongs elsewhere now.

    Args:
        before: (N, 13, H, W) one-hot `Region` of the photo.
        target: (N, 13, H, W) probabilities once the garment is worn.
        keep: (N, 1, H, W) in [0, 1].

    Returns:
        (N, 1, H, W) in [0, 1].
    """
    margin = before.shape[-2] * MARGIN_SHARE
    old = grow(before[:, Region.UPPER : Region.UPPER + 1], margin)
    skin_before = before[:, list(SKIN)].sum(1, keepdim=True)
    covered = target[:, Region.UPPER : Region.UPPER + 1] > 0.5
    bared = before[:, Region.UPPER : Region.UPPER + 1] * (target[:, list(SKIN)].sum(1, keepdim=True) > 0.5)
    beside = grow(bared, BORDER_MARGINS * margin) * skin_before
    gone = torch.maximum(old, skin_before * covered)
    soft = torch.maximum(blur(gone, margin / 2), blur(torch.maximum(gone, beside), margin) * skin_before)
    return soft * (1 - keep)


def skin_likeness(image: torch.Tensor, face: torch.Tensor) -> torch.Tensor:
    """How like the face's colour each pixel is, so that cuffs and stripes taken for an arm do not colour new skin.

    Args:
        image: (N, 3, H, W) in [-1, 1].
        face: (N, 1, H, W) in [0, 1], where the face is.

    Returns:
        (N, 1, H, W) in [0, 1]; 1 everywhere in pictures without a face.
    """
    face = _inner(face)
    count = face.sum((2, 3), keepdim=True)
    colour = (image * face).sum((2, 3), keepdim=True) / count.clamp(min=1)
    difference = image - colour
    lightness = difference.mean(1, keepdim=True)
    hue = 3 * (difference - lightness).square().sum(1, keepdim=True)
    distance = 0.3 * lightness.square() + hue
    enough = count > 2e-4 * face.shape[2] * face.shape[3]
    # From nothing, not from little: `spread` trusts a faint source wherever there is no better one near.
    likeness = smoothstep(torch.exp(-distance / SKIN_SPREAD), 0.1, 0.5) * (1 - smoothstep(hue, *SKIN_HUES))
    return torch.where(enough, likeness, torch.ones_like(distance))


def _inner(face: torch.Tensor) -> torch.Tensor:
    return grow(face, -0.006 * face.shape[-2])


def fill_uncovered(
    image: torch.Tensor, before: torch.Tensor, target: torch.Tensor, repaint: torch.Tensor
) -> torch.Tensor:
    """Guess what comes to light where the old garment was: skin, background or the lower body, by the target parse.

    Args:
        image: (N, 3, H, W) photo in [-1, 1].
        before: (N, 13, H, W) one-hot `Region` of the photo.
        target: (N, 13, H, W) probabilities.
        repaint: (N, 1, H, W) in [0, 1], where the photo may not be looked at.

    Returns:
        (N, 3, H, W) fill for the whole picture.
    """
    fills, shares = [], []
    for regions, source in zip((SKIN, BACKDROP, LOWER), _sources(image, before, repaint), strict=True):
        known = source.sum((2, 3), keepdim=True) > 0
        fills.append(torch.where(known, spread(image, source), image.new_tensor(UNSEEN).view(1, 3, 1, 1)))
        shares.append(target[:, list(regions)].sum(1, keepdim=True).clamp(min=1e-4).square().square())
    # Limbs turn away from the viewer, and lie in the shade of sleeves, at their edges.
    around = 1 - target[:, list(BODY)].sum(1, keepdim=True)
    edge = (2 * blur(around, SHADE_REACH * image.shape[-2])).clamp(max=1)
    fills[0] = fills[0] - SKIN_SHADE * (fills[0] + 1) * edge
    total = sum(shares)
    return sum(colour * share / total for colour, share in zip(fills, shares, strict=True))


def _sources(image: torch.Tensor, before: torch.Tensor, repaint: torch.Tensor) -> list[torch.Tensor]:
    """How much each pixel tells of skin, of the backdrop and of the lower body, each (N, 1, H, W) in [0, 1]."""
    margin = image.shape[-2] * MARGIN_SHARE
    whole = {name: before[:, list(regions)].sum(1, keepdim=True) for name, regions in _KINDS.items()}
    inner = {name: grow(part, -margin) for name, part in whole.items()}
    # Skin that the new garment covers tells its colour all the same; the old garment's border does not.
    old = blur(grow(before[:, Region.UPPER : Region.UPPER + 1], margin), margin / 2)
    skin = _skin_source(image, before, inner["skin"] * (1 - old))
    # Close to the person lie shadows, and what the parse missed.
    far = grow(whole["backdrop"], -4 * margin) + 0.02 * inner["backdrop"]
    return [TRUST * skin, TRUST * far * (1 - repaint), inner["lower"] * (1 - repaint)]


def _skin_source(image: torch.Tensor, before: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """How much each pixel tells of the colour that bare arms and shoulders have, (N, 1, H, W) in [0, 1].

    In photographs an arm is on average as light as the face, whatever shadow lies on the neck (85 people; the
    logarithm of the arm's colour strays from the face's by .27, from the neck's by .41).

    Args:
        image: (N, 3, H, W) in [-1, 1]. before: (N, 13, H, W) one-hot `Region`. seen: (N, 1, H, W) skin in [0, 1].
    """
    face = before[:, Region.FACE : Region.FACE + 1]
    likeness, face = skin_likeness(image, face), _inner(face)
    arms = before[:, [Region.LEFT_ARM, Region.RIGHT_ARM]].sum(1, keepdim=True)
    lit = likeness * torch.maximum(face, seen * arms)
    lit = torch.where(lit.sum((2, 3), keepdim=True) > 1, lit, seen)
    lightness = image.mean(1, keepdim=True)
    usual = (lightness * lit).sum((2, 3), keepdim=True) / lit.sum((2, 3), keepdim=True).clamp(min=1e-3)
    alike = torch.exp(-SHADOWS * (lightness - usual).square())
    return likeness * torch.maximum(seen * alike, face)


def rough_composite(
    image: torch.Tensor,
    before: torch.Tensor,
    target: torch.Tensor,
    garment: torch.Tensor,
    warped_mask: torch.Tensor,
    keep: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The photo with the old garment filled in and the warped one laid over it.

    Args:
        image: (N, 3, H, W) photo in [-1, 1].
        before: (N, 13, H, W) one-hot `Region` of the photo, the neck as NOISE.
        target: (N, 13, H, W) probabilities once the garment is worn, the neck as NOISE.
        garment: (N, 3, H, W) warped garment in [-1, 1].
        warped_mask: (N, 1, H, W) in [0, 1].
        keep: (N, 1, H, W) in [0, 1], what stays in front: face, hair, hands.

    Returns:
        The composite (N, 3, H, W) in [-1, 1] and the edit mask (N, 1, H, W) in [0, 1]; where the mask is 0 the
        composite is the photo.
    """
    repaint = repaint_mask(before, target, keep)
    alpha = garment_alpha(target, warped_mask, keep)
    fill = fill_uncovered(image, before, target, repaint)
    base = image + (fill - image) * repaint
    return base + (garment - base) * alpha, torch.maximum(repaint, alpha)
