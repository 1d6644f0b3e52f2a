"""HR-VITON with the compact weights: the published networks at small sizes, framed and composed for real photos.

It departs from the published composition (see `hr_viton`) where a network of a few million parameters gains from it:
person and garment are brought to a constant scale before the condition generator sees them, it starts from a guess that
follows the bones (`networks.garment_field`), and the image generator corrects a rough composite instead of painting all
anew.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from vton.beside import beside
from vton.images import box_around, resize, to_pixels, to_tensor
from vton.labels import LAYER_OF_REGION, Hem, Joint, Layer, Region
from vton.methods.collars import with_collar, with_upper
from vton.methods.compact_inputs import (
    FRAME_HEIGHT,
    FRAME_WIDTH,
    WAIST_REACH,
    agnostic_regions,
    compact_regions,
    complete_keypoints,
    garment_crop,
    move_keypoints,
    torso_crop,
)
from vton.methods.compose import rough_composite
from vton.methods.edit import edit_by_target
from vton.methods.lengths import as_long_as_worn
from vton.methods.long_sleeves import with_sleeves_laid
from vton.methods.lost_sleeves import with_lost_sleeves, without_bent_sleeves
from vton.methods.necks import centred, cut_as_sewn
from vton.methods.old_prints import without_prints
from vton.methods.relight import corrected
from vton.methods.settle import settle
from vton.methods.shoulders import without_bits
from vton.methods.straps import with_straps_hung
from vton.methods.worn import bled, front_mask, inside_in_shade, parse_beside, regions_one_hot, worn_parse
from vton.networks.places import GARMENT_SIZE
from vton.networks.precision import short_numbers
from vton.preprocess.parts import limb_picture
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Composition, Garment, Person

CONDITION_SIZE = (FRAME_HEIGHT, FRAME_WIDTH)
GENERATOR_SIZE = (384, 288)
CANVAS_SIZE = (CANVAS_HEIGHT, CANVAS_WIDTH)
TARGET_SIZE = (CANVAS_HEIGHT // 2, CANVAS_WIDTH // 2)
"""The target parse comes from a network of half this size; more pixels would only take time."""


@dataclass(frozen=True)
class Condition:
    """What the condition generator says, brought to the canvas.

    flow: float32 (1024, 768, 2), canvas pixels of the garment picture that each pixel reads.
    mask: float32 (1024, 768) in [0, 1], the garment's mask brought along the flow at full detail; 0 where the network
        did not look, and where the inside of the garment's back would show, which the wearer hides.
    target: float32 (13, 512, 384) in [0, 1], probabilities of `Region` on the whole canvas, the neck as NOISE.
    """

    flow: np.ndarray
    mask: np.ndarray
    target: np.ndarray


class CompactHRViton:
    """The compact networks as a method: Person and Garment in, Composition out.

    Args:
        condition: `PosedConditionGenerator`.
        image: `LightNet`, which corrects a rough composite.
    """

    def __init__(self, condition: nn.Module, image: nn.Module):
        self.condition = condition
        self.image = image.to(memory_format=torch.channels_last)

    @property
    def device(self) -> torch.device:
        return next(self.condition.parameters()).device

    @torch.inference_mode()
    def __call__(self, person: Person, garment: Garment) -> Composition:
        with beside(bled, garment) as colours:
            condition = self.predict_condition(person, garment)
        warped = cv2.remap(colours.result(), condition.flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        with beside(edit_by_target, person, condition.target, condition.mask) as edit:
            generated = self.generate(person, condition, warped)
        return Composition(warped, condition.mask, condition.flow, condition.target, generated, edit=edit.result())

    def predict_condition(self, person: Person, garment: Garment) -> Condition:
        """Run the condition generator in its own frames and carry the answer back to the canvas."""
        body, cloth = without_bent_sleeves(garment)
        to_torso, to_garment = torso_crop(person.keypoints), garment_crop(body.mask)
        keypoints = move_keypoints(person.keypoints, to_torso)
        parse = _warp(worn_parse(person), to_torso, CONDITION_SIZE, cv2.INTER_NEAREST)
        parts = _warp(person.parts, to_torso, CONDITION_SIZE, cv2.INTER_NEAREST)
        given = (
            torch.from_numpy(keypoints[None, :, :2]),
            _garment_input(body, to_garment),
            # What a top is tucked into is shown whole.
            torch.from_numpy(agnostic_regions(parse, keypoints, None if garment.tucked else WAIST_REACH))[None],
            torch.from_numpy(parts)[None],
            torch.tensor([Hem.TUCKED if garment.tucked else Hem.LOOSE]),
        )
        with short_numbers(self.device):
            reads, logits, _ = self.condition(*(value.to(self.device) for value in given))
        points = complete_keypoints(keypoints)[:, :2]
        reads = as_long_as_worn(enlarged_reads(reads[-1]), points, body, to_garment)
        reads, ends = centred(reads, person, body, to_torso, to_garment)
        target = torch.softmax(logits, 1)[0].permute(1, 2, 0).float().cpu().numpy()
        target = close_sleeves(target, keypoints)
        worn = regions_one_hot(worn_parse(person), TARGET_SIZE)[0].numpy()
        said = _to_canvas(reads, target, worn, cloth, to_torso, to_garment)
        target, mask, flow = with_lost_sleeves(said.target, said.mask, said.flow, person, garment)
        target = target if ends is None else cut_as_sewn(target, mask, ends, person)
        target, mask, flow = settle(target, mask, flow, person, garment, ends)
        flow = with_sleeves_laid(target, flow, person, garment)
        target, mask, flow = with_collar(target, mask, flow, person, garment)
        target, mask = even_shoulders(target, mask, person)
        target, mask, flow = with_straps_hung(target, mask, flow, person, garment)
        return Condition(flow, mask, target)

    def generate(self, person: Person, condition: Condition, warped: np.ndarray) -> np.ndarray:
        """The image generator's picture on the canvas, uint8 RGB (1024, 768, 3)."""
        height, width = GENERATOR_SIZE
        photo = resize(person.image, (width, height))
        image = to_tensor(photo)
        before = regions_one_hot(parse_beside(person, condition.target), GENERATOR_SIZE)
        target = F.interpolate(torch.from_numpy(condition.target)[None], size=GENERATOR_SIZE, mode="bilinear")
        mask = torch.from_numpy(_shrink(condition.mask))[None, None]
        keep = torch.from_numpy(_shrink(front_mask(person)))[None, None]
        garment = to_tensor(resize(warped, (width, height)))
        composite, edit = rough_composite(image, before, target, garment, mask, keep)
        parts = cv2.resize(person.parts, (width, height), interpolation=cv2.INTER_NEAREST)
        inputs = generator_inputs(image, edit, to_tensor(limb_picture(parts)), garment, mask, composite)
        # The photo too: its old garment tells how the light falls.
        lit = to_tensor(without_prints(photo, before[0, Region.UPPER].numpy() > 0))
        given = (composite, edit, torch.cat([inputs, lit], 1), generator_layers(target))
        with short_numbers(self.device):
            generated = to_pixels(corrected(self.image, *(value.to(self.device) for value in given)))
        return resize(generated, (CANVAS_WIDTH, CANVAS_HEIGHT))


def generator_inputs(
    image: torch.Tensor,
    edit: torch.Tensor,
    densepose: torch.Tensor,
    garment: torch.Tensor,
    warped_mask: torch.Tensor,
    composite: torch.Tensor,
) -> torch.Tensor:
    """The published nine channels (agnostic image, DensePose picture, warped garment) and the composite, (N, 12, H, W).

    All pictures (N, 3, H, W) in [-1, 1]; `edit` and `warped_mask` (N, 1, H, W) in [0, 1]. The edit is grey in the
    agnostic image, what lies outside the garment white in the warped one.
    """
    return torch.cat([image * (1 - edit), densepose, garment * warped_mask + (1 - warped_mask), composite], 1)


def generator_layers(target: torch.Tensor) -> torch.Tensor:
    """(N, 13, H, W) probabilities of `Region` → (N, 7, H, W) of `Layer`."""
    layers = torch.zeros(target.shape[0], len(Layer), *target.shape[2:], dtype=target.dtype, device=target.device)
    return layers.index_add_(1, torch.from_numpy(LAYER_OF_REGION.astype(np.int64)).to(target.device), target)


def even_shoulders(target: np.ndarray, mask: np.ndarray, person: Person) -> tuple[np.ndarray, np.ndarray]:
    """Parse and mask of `Condition` without bits and notches along the shoulders; see `shoulders.without_bits`."""
    size = target.shape[2], target.shape[1]
    before = target[Region.UPPER]
    upper = without_bits(before, complete_keypoints(person.keypoints)[:, :2] * (size[1] / CANVAS_HEIGHT))
    rows = np.flatnonzero((upper != before).any(1))
    if len(rows) == 0:
        return target, mask
    # Only rows that change are put together anew.
    part, step = slice(rows[0], rows[-1] + 1), CANVAS_HEIGHT // size[1]
    photo = compact_regions(cv2.resize(person.parse, size, interpolation=cv2.INTER_NEAREST))
    target, mask = target.copy(), mask.copy()
    target[:, part] = with_upper(target[:, part], upper[part], photo[part])
    whole = slice(step * part.start, step * part.stop)
    added = cv2.resize(np.where(upper > before, upper, 0)[part], None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
    mask[whole] = np.maximum(mask[whole], added)
    return target, mask


def close_sleeves(target: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Give patches of bare arm that do not reach the forearm, as on a shoulder above a sleeve, to the garment.

    Args:
        target: float32 (H, W, 13), probabilities of `Region`.
        keypoints: (18, 3) in its pixels.

    Returns:
        float32 (H, W, 13).
    """
    points = complete_keypoints(keypoints)[:, :2]
    thickness = max(3, round(0.3 * float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))))
    decided, closed = target.argmax(-1), target.copy()
    for region, elbow, wrist in (
        (Region.RIGHT_ARM, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
        (Region.LEFT_ARM, Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
    ):
        forearm = np.zeros(decided.shape, np.uint8)
        start, end = ((int(x), int(y)) for x, y in points[[elbow, wrist]].clip(-2000, 2000))
        cv2.line(forearm, start, end, 1, thickness)
        _, pieces = cv2.connectedComponents((decided == region).astype(np.uint8))
        stray = (pieces > 0) & ~np.isin(pieces, np.unique(pieces[forearm > 0]))
        stray = cv2.dilate(stray.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        closed[stray, Region.UPPER] += closed[stray, region]
        closed[stray, region] = 0
    return closed


def _warp(values: np.ndarray, matrix: np.ndarray, size: tuple[int, int], interpolation: int) -> np.ndarray:
    """Bring canvas values into a network frame; by area first when it shrinks much, so that prints do not alias."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if interpolation != cv2.INTER_NEAREST and scale < 0.7:
        values = cv2.GaussianBlur(values, (0, 0), 0.4 / scale)
    border = 255 if values.ndim == 3 else 0
    return cv2.warpAffine(values, matrix, size[::-1], flags=interpolation, borderValue=(border,) * 3)


def _shrink(values: np.ndarray) -> np.ndarray:
    return resize(np.ascontiguousarray(values, np.float32), GENERATOR_SIZE[::-1])


def _garment_input(garment: Garment, to_garment: np.ndarray) -> torch.Tensor:
    """Colours and mask of the garment in the network's frame, (1, 4, 128, 96)."""
    picture = _warp(inside_in_shade(garment), to_garment, CONDITION_SIZE, cv2.INTER_LINEAR)
    mask = _warp(garment.mask, to_garment, CONDITION_SIZE, cv2.INTER_LINEAR)
    picture, mask = (cv2.resize(v, GARMENT_SIZE[::-1], interpolation=cv2.INTER_AREA) for v in (picture, mask))
    return torch.cat([to_tensor(picture), torch.from_numpy(mask)[None, None]], 1)


def enlarged_reads(reads: torch.Tensor) -> np.ndarray:
    """The network's finest reads (1, 2, 64, 48) for every pixel of its frame, float32 (256, 192, 2)."""
    coarse = reads[0].permute(1, 2, 0).float().cpu().numpy()
    return cv2.resize(coarse, CONDITION_SIZE[::-1], interpolation=cv2.INTER_CUBIC)


def _to_canvas(
    reads: np.ndarray,
    target: np.ndarray,
    worn: np.ndarray,
    garment: Garment,
    to_torso: np.ndarray,
    to_garment: np.ndarray,
) -> Condition:
    with beside(_parse_on_canvas, target, worn, to_torso) as parse:
        back = cv2.invertAffineTransform(to_garment)
        flow = _enlarge((reads @ back[:, :2].T + back[:, 2]).astype(np.float32), to_torso, CANVAS_SIZE)
        seen, mask = _seen(to_torso, CANVAS_SIZE), np.zeros(CANVAS_SIZE, np.float32)
        mask[seen] = _read(garment.mask, flow[seen])
    planes = parse.result()
    if garment.lining is not None and garment.lining.any():
        # Little of the canvas reads the inside's box.
        left, top, width, height = cv2.boundingRect((garment.lining > 0).view(np.uint8))
        near = box_around(cv2.inRange(flow, (left - 2, top - 2), (left + width + 1, top + height + 1)), 0)
        inside_out = np.zeros(CANVAS_SIZE, np.float32)
        inside_out[near] = _read(garment.lining, flow[near])
        mask = mask * (1 - inside_out)
        bare = cv2.resize(inside_out, TARGET_SIZE[::-1], interpolation=cv2.INTER_AREA) * planes[Region.UPPER]
        planes[Region.UPPER] -= bare
        planes[Region.NOISE] += bare
    return Condition(flow, cv2.GaussianBlur(mask, (0, 0), 1.5), planes)


def _parse_on_canvas(target: np.ndarray, worn: np.ndarray, to_torso: np.ndarray) -> np.ndarray:
    """The network's parse (256, 192, 13) amid what is worn (13, h, w), on the canvas; float32 (13, h, w)."""
    # Beyond the network's frame nothing changes, and no new garment is there.
    planes, seen = worn.copy(), _seen(to_torso, TARGET_SIZE)
    planes[Region.UPPER] = 0
    for first in range(0, len(planes), 4):
        enlarged = _enlarge(np.ascontiguousarray(target[..., first : first + 4]), to_torso, TARGET_SIZE)
        for plane, values in zip(planes[first:], cv2.split(enlarged), strict=False):
            plane[seen] = values[seen]
    return planes


def _enlarge(values: np.ndarray, to_torso: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """From the torso's frame to the whole canvas, (H, W, C ≤ 4) → the same at (height, width)."""
    # A little smoothing before the enlargement, so that borders do not show the network's pixels.
    smooth = cv2.GaussianBlur(values, (0, 0), 1.0)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(smooth, _scaled(to_torso, size), size[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _scaled(to_torso: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The same matrix for a canvas of another size, (height, width)."""
    step = CANVAS_HEIGHT / size[0]
    return to_torso @ np.array([[step, 0, (step - 1) / 2], [0, step, (step - 1) / 2], [0, 0, 1]], np.float32)


def _seen(to_torso: np.ndarray, size: tuple[int, int]) -> tuple[slice, slice]:
    """The rows and columns of a canvas of (height, width) that the network's frame covers."""
    (scale_x, _, x), (_, scale_y, y) = _scaled(to_torso, size)
    sides = (scale_y * np.arange(size[0]) + y, FRAME_HEIGHT), (scale_x * np.arange(size[1]) + x, FRAME_WIDTH)
    rows, columns = (
        slice(np.searchsorted(places, 0, side="right"), np.searchsorted(places, end - 1)) for places, end in sides
    )
    return rows, columns


def _read(plane: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """A plane (H, W) at the places (h, w, 2) of a flow, 0 beyond its edges; (h, w)."""
    if flow.size == 0:
        return np.zeros(flow.shape[:2], np.float32)
    return cv2.remap(plane, flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
