"""PF-AFN with the compact weights: the published networks at small sizes, without a parser (Ge et al., CVPR 2021).

It departs from the published composition in four ways. Person and garment are brought to a constant scale first,
as in `compact`. Beside the photo the networks see what MediaPipe gives anyway: keypoints, drawn as a skeleton, and the
silhouette. The warp network refines a first guess made from keypoints and the garment's outline, and works at half the
resolution, each 2×2 pixels folded into channels, which makes it four times as fast. And the generator's mask comes in
two: what the garment covers, and what has to be painted because the old garment was there; between both, the photo and
the garment keep their own detail. The networks need no parse; of a photo that has one, all of the worn top is painted
over even where the generator overlooks it. The mirror does without.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from vton.images import to_tensor
from vton.labels import UPPER_LABELS, Joint
from vton.methods.compact_inputs import (
    FRAME_HEIGHT,
    FRAME_WIDTH,
    complete_keypoints,
    garment_crop,
    move_keypoints,
    skeleton_map,
    torso_crop,
)
from vton.methods.compose import SKIN_SPREAD, blur, grow, smoothstep, spread
from vton.methods.remember import remembered
from vton.methods.worn import bled, worn_parse
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Composition, Garment, Person

FRAME_SIZE = (FRAME_HEIGHT, FRAME_WIDTH)
PERSON_CHANNELS = 9
GARMENT_CHANNELS = 6
GENERATOR_CHANNELS = 14
OUTPUT_CHANNELS = 6
"""Painted colours, logits of what the garment covers and of what is painted, and the garment's shade."""

SHADE_RANGE = 0.5
"""The garment is lit by a factor of at most e to this power, and at least its inverse."""

WAIST = 0.62
"""Down to where in the frame the body is no source of trousers' and skirts' colours."""

BARE_LIMBS, LEGS, TORSO = (0.1, 0.9, 0.4), (0.25, 0.75), 0.5
"""What `skeleton_map` draws arms and neck, the legs, and the torso with."""

HIPS = 0.68
"""Where in `skeleton_map`'s second channel the lower part of the torso begins."""

LIKENESS, EXPECTATION = 0.06, 12.0
"""Squared difference of colours at which a fill is hardly the paint's, and how much more likely it is in its place."""

LEAST_SOURCE = 12
"""Pixels of a colour that must stay in the photo for it to be continued."""


@dataclass(frozen=True)
class FramedGarment:
    """A garment as the warp network sees it, and the way back to its picture.

    inputs: (1, 6, 256, 192); to_garment: 2×3, pixels of the picture → pixels of the frame.
    """

    inputs: Tensor
    to_garment: np.ndarray


@dataclass(frozen=True)
class FramedPerson:
    """A person as the networks see them.

    inputs: (1, 9, 256, 192), from `person_inputs`; joints: (1, 18, 2), -1 to 1 over the frame; skin: (1, 3) in [-1, 1].
    """

    inputs: Tensor
    joints: Tensor
    skin: Tensor

    def to(self, device: torch.device) -> "FramedPerson":
        """The same on another device."""
        return FramedPerson(self.inputs.to(device), self.joints.to(device), self.skin.to(device))


@dataclass(frozen=True)
class Worn:
    """What the networks make of a batch of persons and garments, all (N, ·, 256, 192) in the torso's frame.

    reads: 2 channels, x and y of the pixel of the garment's frame that each pixel reads.
    mask: [0, 1], the garment's coverage before occlusion; alpha: [0, 1], how much of a pixel the worn garment covers.
    repaint: [0, 1], how much of what the garment leaves open is painted.
    paint: colours in [-1, 1]; shade: factor for the garment's colours.
    """

    reads: Tensor
    mask: Tensor
    alpha: Tensor
    repaint: Tensor
    paint: Tensor
    shade: Tensor


def person_inputs(person: Tensor, silhouette: Tensor, skeleton: Tensor) -> Tensor:
    """What the warp network sees of a person.

    Args:
        person: (N, 3, H, W) in [-1, 1], framed by `torso_crop`.
        silhouette: (N, 1, H, W) in [0, 1].
        skeleton: (N, 3, H, W) in [0, 1], from `skeleton_map`.

    Returns:
        (N, 9, H, W): these and x and y from -1 to 1.
    """
    return torch.cat([person, silhouette, skeleton, _coordinates(person)], 1)


def garment_inputs(garment: Tensor, mask: Tensor) -> Tensor:
    """(N, 3, H, W) in [-1, 1], framed by `garment_crop`, and its mask (N, 1, H, W) → (N, 6, H, W).

    The channels are the colours on white, the mask, x and y.
    """
    return torch.cat([garment * mask + (1 - mask), mask, _coordinates(garment)], 1)


def generator_inputs(person: Tensor, skin: Tensor, warped: Tensor) -> Tensor:
    """What the generator sees.

    Args:
        person: (N, 9, H, W), from `person_inputs`.
        skin: (N, 3) in [-1, 1], the colour of the face.
        warped: (N, 6, H, W), the inputs of the garment brought onto the body.

    Returns:
        (N, 14, H, W).
    """
    plane = skin[:, :, None, None].expand(-1, -1, *person.shape[2:])
    return torch.cat([person[:, :7], plane, warped[:, :4]], 1)


def dress(warp: nn.Module, generator: nn.Module, person: FramedPerson, garment: Tensor) -> Worn:
    """Run both networks on a person and `garment_inputs`."""
    warped, flow, _ = warp(person.inputs, garment, person.joints)
    return worn(flow, warped, generator(generator_inputs(person.inputs, person.skin, warped)))


def worn(flow: Tensor, warped: Tensor, output: Tensor) -> Worn:
    """Make sense of the networks' outputs: the flow, the warped garment and the generator's 6 channels."""
    output = output.float()
    mask = warped[:, 3:4].float()
    return Worn(
        reads=frame_positions(flow),
        mask=mask,
        alpha=torch.sigmoid(output[:, 3:4]) * smoothstep(mask, 0.2, 0.8),
        repaint=torch.sigmoid(output[:, 4:5]),
        paint=torch.tanh(output[:, :3]),
        shade=torch.exp(SHADE_RANGE * torch.tanh(output[:, 5:6])),
    )


def wear(person: Tensor, garment: Tensor, result: Worn) -> Tensor:
    """The picture: the photo, painted where it must be, with the lit garment over it; (N, 3, H, W) in [-1, 1].

    Args:
        person: (N, 3, H, W) in [-1, 1].
        garment: (N, 3, H, W) in [-1, 1], on the body.
        result: what the networks say.
    """
    base = person + (result.paint - person) * result.repaint
    lit = ((garment + 1) * result.shade - 1).clamp(-1, 1)
    return base + (lit - base) * result.alpha


def decided(result: Worn) -> Worn:
    """The same with a mask of the garment that says yes or no almost everywhere.

    In between, the old garment would show through and the new one would fade towards its edge, which the warped mask
    draws sharper than the generator can: only what surely lies in front of the garment hides it.
    """
    return replace(result, alpha=smoothstep(result.alpha, 0.06, 0.2))


def from_the_photo(person: FramedPerson, result: Worn) -> Worn:
    """The same with paint of the photo's own colours, and only where the photo is something else.

    A small network paints blurred and greyish, but what it paints tells skin, background and the lower body from one
    another. Each of them is continued from what stays of the photo, and mixed by how like the paint it is and whether
    the skeleton lets expect it. Skin that stays skin, and background that stays background, are not painted.
    """
    photo, silhouette = person.inputs[:, :3], person.inputs[:, 3:4]
    limb = person.inputs[:, 4:5]
    arms = blur(sum((limb - code).abs() < 0.02 for code in BARE_LIMBS[:2]).float(), 2)
    # Old sleeves are left behind more often than anything else.
    repaint = torch.maximum(smoothstep(result.repaint, 0.2, 0.5), smoothstep(result.repaint, 0.02, 0.12) * arms)
    stays = 1 - grow(torch.maximum(result.alpha, repaint), 2)
    skin = _skin_likeness(photo, person.skin[:, :, None, None])
    inside = smoothstep(silhouette, 0.3, 0.8)
    bare, legs = (sum((limb - code).abs() < 0.02 for code in codes).float() for codes in (BARE_LIMBS, LEGS))
    # A top that ends early leaves bare what trousers and skirts cover more often than the belly.
    legs = torch.maximum(legs, ((limb - TORSO).abs() < 0.02).float() * (person.inputs[:, 5:6] > HIPS))
    below = (torch.arange(FRAME_HEIGHT, device=photo.device) > WAIST * FRAME_HEIGHT).float().view(1, 1, -1, 1)
    sources = torch.cat([stays * (1 - grow(inside, 2)), stays * inside * skin, stays * inside * (1 - skin) * below])
    expected = torch.cat([1 - inside, blur(bare, 2), blur(legs, 2)])
    fills = spread(photo.expand(3, -1, -1, -1), sources)
    known = (sources.sum((2, 3), keepdim=True) > LEAST_SOURCE).float()
    alike = torch.exp(-(fills - result.paint).square().mean(1, keepdim=True) / LIKENESS)
    # No background shows where the body is.
    possible = torch.cat([1 - 0.98 * blur((limb > 0).float(), 2), torch.ones_like(limb).expand(2, -1, -1, -1)])
    share = known * (alike + 1e-3) * (1 + EXPECTATION * expected) * possible + 1e-6
    share = share / share.sum(0, keepdim=True)
    same = torch.exp(-(fills[2:] - photo).square().mean(1, keepdim=True) / LIKENESS)
    agreement = (share * torch.cat([1 - inside, skin * inside, same])).sum(0, keepdim=True)
    for right, place in ((skin, blur(bare, 2)), (same, known[2:] * below)):
        agreement = torch.maximum(agreement, right * place * inside)
    return replace(
        result,
        paint=(fills * share).sum(0, keepdim=True),
        repaint=smoothstep(repaint * (1 - agreement), 0.2, 0.6),
    )


def _skin_likeness(photo: Tensor, skin: Tensor) -> Tensor:
    difference = photo - skin
    lightness = difference.mean(1, keepdim=True)
    distance = 0.3 * lightness.square() + 3 * (difference - lightness).square().sum(1, keepdim=True)
    return smoothstep(torch.exp(-distance / SKIN_SPREAD), 0.1, 0.5)


def frame_positions(flow: Tensor) -> Tensor:
    """A flow in [-1, 1] from the first pixel's centre to the last's → pixels of the 256×192 frame, same shape."""
    size = flow.new_tensor([FRAME_WIDTH - 1, FRAME_HEIGHT - 1]).view(1, 2, 1, 1)
    return (flow + 1) / 2 * size


def joint_positions(keypoints: np.ndarray) -> np.ndarray:
    """All 18 keypoints (18, 3) in pixels of the 256×192 frame → float32 (18, 2), -1 to 1 over the frame."""
    size = np.array([FRAME_WIDTH - 1, FRAME_HEIGHT - 1], np.float32)
    return (2 * keypoints[:, :2] / size - 1).astype(np.float32)


def skin_colour(image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """The median colour of the face about the nose.

    Args:
        image: uint8 RGB (H, W, 3).
        keypoints: float (18, 3) in its pixels.

    Returns:
        float32 (3,) in [-1, 1]; 0 where the face lies outside the picture.
    """
    points = complete_keypoints(keypoints)[:, :2]
    x, y = points[Joint.NOSE]
    reach = max(1.0, 0.1 * float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER])))
    rows = slice(max(0, round(y - reach)), max(0, round(y + reach) + 1))
    columns = slice(max(0, round(x - reach)), max(0, round(x + reach) + 1))
    face = image[rows, columns].reshape(-1, 3)
    if len(face) == 0:
        return np.zeros(3, np.float32)
    return (np.median(face, 0) / 127.5 - 1).astype(np.float32)


def frame(values: np.ndarray, matrix: np.ndarray, border: int = cv2.BORDER_REPLICATE) -> np.ndarray:
    """Bring a picture into a network's frame, 256×192; smoothed first where it shrinks much."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.7:
        values = cv2.GaussianBlur(values, (0, 0), 0.4 / scale)
    return cv2.warpAffine(values, matrix, FRAME_SIZE[::-1], flags=cv2.INTER_LINEAR, borderMode=border)


@remembered
def frame_garment(garment: Garment) -> FramedGarment:
    """A prepared garment in the network's frame."""
    matrix = garment_crop(garment.mask)
    mask = torch.from_numpy(frame(garment.mask, matrix, cv2.BORDER_CONSTANT))[None, None]
    inputs = garment_inputs(to_tensor(frame(garment.image, matrix)), mask)
    return FramedGarment(inputs.contiguous(memory_format=torch.channels_last), matrix)


def frame_person(
    image: np.ndarray, silhouette: np.ndarray, keypoints: np.ndarray, to_torso: np.ndarray
) -> FramedPerson:
    """A person in the network's frame.

    Args:
        image: uint8 RGB (H, W, 3).
        silhouette: float32 (H, W) in [0, 1].
        keypoints: float32 (18, 3) in its pixels.
        to_torso: 2×3, pixels of the image → pixels of the frame.
    """
    moved = move_keypoints(keypoints, to_torso)
    skeleton = skeleton_map(moved, *FRAME_SIZE)
    inputs = person_inputs(
        to_tensor(frame(image, to_torso)),
        torch.from_numpy(frame(silhouette, to_torso))[None, None],
        torch.from_numpy(skeleton).permute(2, 0, 1)[None],
    ).contiguous(memory_format=torch.channels_last)
    joints, skin = joint_positions(moved), skin_colour(image, keypoints)
    return FramedPerson(inputs, torch.from_numpy(joints)[None], torch.from_numpy(skin)[None])


class CompactPFAFN:
    """The compact parser-free networks as a method: Person and Garment in, Composition out.

    Args:
        warp: `PosedAppearanceFlow` with 9 person and 6 garment channels.
        generator: `ResidualUNet` with 14 input and 6 output channels.
    """

    def __init__(self, warp: nn.Module, generator: nn.Module):
        # A quarter faster on a CPU.
        self.warp = warp.to(memory_format=torch.channels_last)
        self.generator = generator.to(memory_format=torch.channels_last)

    @property
    def device(self) -> torch.device:
        return next(self.warp.parameters()).device

    @torch.inference_mode()
    def dress(self, person: FramedPerson, garment: FramedGarment, old: Tensor | None = None) -> Worn:
        """Run the networks on one framed person; everything comes back on the CPU.

        old: (1, 1, 256, 192) in [0, 1], what is known to be the worn top, of which nothing is to stay.
        """
        result = dress(self.warp, self.generator, person.to(self.device), garment.inputs.to(self.device))
        result = decided(Worn(**{name: value.float().cpu() for name, value in vars(result).items()}))
        if old is not None:
            result = replace(result, repaint=torch.maximum(result.repaint, old))
        return from_the_photo(person, result)

    @torch.inference_mode()
    def __call__(self, person: Person, garment: Garment) -> Composition:
        to_torso = torso_crop(person.keypoints)
        framed = frame_garment(garment)
        old = np.isin(worn_parse(person), UPPER_LABELS).astype(np.float32)
        old = torch.from_numpy(frame(old, to_torso, cv2.BORDER_CONSTANT))[None, None]
        result = self.dress(frame_person(person.image, person.silhouette, person.keypoints, to_torso), framed, old)
        x, y, seen = frame_coordinates(to_torso, (CANVAS_HEIGHT, CANVAS_WIDTH))
        flow = garment_positions(fetch(result.reads, x, y), framed.to_garment)
        warped = cv2.remap(bled(garment), flow, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        coverage = cv2.remap(garment.outside, flow, None, cv2.INTER_LINEAR)
        coverage *= seen
        alpha = sharpened(fetch(result.alpha, x, y)) * cv2.GaussianBlur(coverage, (0, 0), 1.5)
        repaint = sharpened(fetch(result.repaint, x, y)) * seen
        photo = person.image.astype(np.float32)
        # Where nothing is to be painted at all, nobody looks at the paint: the photo makes a better picture.
        painted = photo + ((fetch(result.paint, x, y) + 1) * 127.5 - photo) * (10 * repaint[..., None]).clip(0, 1)
        lit = warped * fetch(result.shade, x, y)[..., None]
        generated = painted + (lit - painted) * alpha[..., None]
        return Composition(
            warped_garment=warped,
            warped_mask=coverage,
            flow=flow,
            target=None,
            generated=generated.round().clip(0, 255).astype(np.uint8),
            visible=alpha,
            repaint=repaint,
        )


def frame_coordinates(to_frame: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel of a picture of (height, width), x and y in the network's frame, and how surely it lies inside.

    Returns:
        Three float32 (H, W); the last one falls from 1 to 0 over the frame's outermost pixels.
    """
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    x = (to_frame[0, 0] * columns + to_frame[0, 1] * rows + to_frame[0, 2]).astype(np.float32)
    y = (to_frame[1, 0] * columns + to_frame[1, 1] * rows + to_frame[1, 2]).astype(np.float32)
    border = np.minimum(np.minimum(x, FRAME_WIDTH - 1 - x), np.minimum(y, FRAME_HEIGHT - 1 - y))
    return x, y, (border / 3).clip(0, 1)


def fetch(values: Tensor, x: np.ndarray, y: np.ndarray, smoothing: float = 1.0) -> np.ndarray:
    """Read (1, C, 256, 192) at places of the frame → float32 (H, W, C), or (H, W) for one channel.

    A little smoothing before an enlargement keeps borders from showing the network's pixels; 0 leaves it out.
    """
    planes = values[0].permute(1, 2, 0).contiguous().numpy()
    if smoothing:
        planes = cv2.GaussianBlur(planes, (0, 0), smoothing)
    return cv2.remap(planes, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def sharpened(mask: np.ndarray) -> np.ndarray:
    """A mask in [0, 1] whose edges an enlargement has made soft, with edges a third as wide."""
    return ((mask - 0.5) * 3 + 0.5).clip(0, 1)


def garment_positions(reads: np.ndarray, to_garment: np.ndarray) -> np.ndarray:
    """Pixels of the garment's frame (H, W, 2) → pixels of its picture."""
    back = cv2.invertAffineTransform(to_garment)
    return (reads @ back[:, :2].T + back[:, 2]).astype(np.float32)


def _coordinates(picture: Tensor) -> Tensor:
    number, _, height, width = picture.shape
    x = torch.linspace(-1, 1, width, device=picture.device).view(1, 1, 1, width)
    y = torch.linspace(-1, 1, height, device=picture.device).view(1, 1, height, 1)
    return torch.cat([x.expand(number, 1, height, width), y.expand(number, 1, height, width)], 1)
