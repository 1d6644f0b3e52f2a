"""Every method's networks at tiny sizes, and a made-up pair to dress."""

from functools import partial

import numpy as np
import torch
from torch import nn

from vton.images import crop
from vton.labels import Joint, Parse
from vton.methods.pf_afn_compact import GARMENT_CHANNELS, GENERATOR_CHANNELS, OUTPUT_CHANNELS, PERSON_CHANNELS
from vton.networks.acgpn import GarmentWarp
from vton.networks.doc_vton import CompletionUNet
from vton.networks.hr_viton import ConditionGenerator, ImageGenerator
from vton.networks.hr_viton_posed import PosedConditionGenerator
from vton.networks.light import LightNet
from vton.networks.pf_afn import AppearanceFlow, ResidualUNet
from vton.networks.pf_afn_posed import PosedAppearanceFlow
from vton.networks.unet import InstanceUNet
from vton.networks.viton_hd import AliasGenerator, GeometricMatching
from vton.preprocess.agnostic import agnostic_image, parse_agnostic
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo

WIDTHS = (4, 4, 4, 4, 4)
FLOWS = partial(AppearanceFlow, widths=WIDTHS, pyramid_width=4, hidden=(4, 4, 4))
PAINTER = partial(ResidualUNet, widths=WIDTHS)

TINY: dict[tuple[str, str], tuple[partial, ...]] = {
    ("hr-viton", "compact"): (
        partial(PosedConditionGenerator, width=4, field={"hidden": 16, "width": 8, "layers": 2}),
        partial(LightNet, widths=WIDTHS),
    ),
    ("hr-viton", "official"): (
        partial(ConditionGenerator, width=4),
        partial(ImageGenerator, width=2, hidden=4, feature_channels=2),
    ),
    ("viton-hd", "official"): (
        partial(InstanceUNet, 21, 13, width=2),
        partial(GeometricMatching, width=2),
        partial(AliasGenerator, width=2, hidden=4, feature_channels=2),
    ),
    ("acgpn", "official"): (
        partial(InstanceUNet, 37, 14, width=2),
        partial(InstanceUNet, 37, 1, width=2),
        partial(GarmentWarp, width=2),
        partial(InstanceUNet, 24, 3, width=2),
    ),
    ("pf-afn", "compact"): (
        partial(
            PosedAppearanceFlow,
            person_channels=PERSON_CHANNELS,
            garment_channels=GARMENT_CHANNELS,
            widths=WIDTHS,
            pyramid_width=4,
            hidden=(4, 4, 4),
            guess={"hidden": 8},
        ),
        partial(PAINTER, input_channels=GENERATOR_CHANNELS, output_channels=OUTPUT_CHANNELS),
    ),
    ("pf-afn", "official"): (FLOWS, PAINTER),
    ("doc-vton", "official"): (
        FLOWS,
        PAINTER,
        partial(CompletionUNet, 32, 14, width=2),
        partial(CompletionUNet, 22, 3, width=2),
    ),
}
"""Method and set of weights → constructors of its networks, in the order in which the method takes them."""


class Decided(nn.Module):
    """A generator for `CompactPFAFN` that wants the garment seen and nothing painted."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        output = x.new_zeros(len(x), OUTPUT_CHANNELS, *x.shape[2:])
        output[:, 3], output[:, 4] = 20, -20
        return output


def still_warp() -> PosedAppearanceFlow:
    """A tiny warp for `CompactPFAFN` that leaves the garment where it is."""
    torch.manual_seed(0)
    network = PosedAppearanceFlow(widths=(4, 4, 4, 4), pyramid_width=4, hidden=(4, 4, 4), guess={"hidden": 8}).eval()
    finder = network.refine.aflow_net
    for last in (network.guess.layers[-1], *(offsets[-1] for offsets in (*finder.netMain, *finder.netRefine))):
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
    return network


def tiny_networks(method: str, which: str) -> list[nn.Module]:
    """Random but always the same, in evaluation mode."""
    torch.manual_seed(0)
    return [build().eval() for build in TINY[method, which]]


def made_up_person(size: tuple[int, int] = (900, 1300), box=(60.5, 20.0, 810.5, 1020.0)) -> Person:
    """Somebody in a top on a noisy background, in a photo larger than the crop."""
    generator = np.random.default_rng(3)
    pixels = generator.integers(90, 130, (size[1], size[0], 3), np.uint8)
    parse = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.uint8)
    for label, where in (
        (Parse.NECK, np.s_[260:320, 350:420]),
        (Parse.UPPER, np.s_[310:680, 270:500]),
        (Parse.RIGHT_ARM, np.s_[330:640, 210:270]),
        (Parse.LEFT_ARM, np.s_[330:640, 500:560]),
        (Parse.PANTS, np.s_[680:1000, 290:490]),
        (Parse.FACE, np.s_[150:270, 330:440]),
        (Parse.HAIR, np.s_[110:150, 320:450]),
    ):
        parse[where] = label
    keypoints = np.zeros((18, 3), np.float32)
    for joint, place in {
        Joint.NOSE: (385, 200),
        Joint.NECK: (385, 310),
        Joint.RIGHT_SHOULDER: (270, 325),
        Joint.RIGHT_ELBOW: (240, 480),
        Joint.RIGHT_WRIST: (238, 610),
        Joint.LEFT_SHOULDER: (500, 325),
        Joint.LEFT_ELBOW: (530, 480),
        Joint.LEFT_WRIST: (532, 610),
        Joint.RIGHT_HIP: (320, 680),
        Joint.LEFT_HIP: (450, 680),
    }.items():
        keypoints[joint] = (*place, 1)
    image = crop(pixels, box, (CANVAS_WIDTH, CANVAS_HEIGHT))
    return Person(
        photo=Photo(pixels, "person"),
        box=box,
        image=image,
        silhouette=(parse > 0).astype(np.float32),
        keypoints=keypoints,
        parse=parse,
        parts=(parse > 0).astype(np.uint8) * 2,
        agnostic=agnostic_image(image, parse, keypoints),
        parse_agnostic=parse_agnostic(parse, keypoints),
    )


def made_up_garment() -> Garment:
    """A red square with a dark stripe on white."""
    image = np.full((CANVAS_HEIGHT, CANVAS_WIDTH, 3), 250, np.uint8)
    image[200:800, 150:620] = (200, 40, 60)
    image[400:430, 200:580] = (20, 20, 20)
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[200:800, 150:620] = 1
    return Garment(Photo(image, "garment"), image, mask)
