"""PF-AFN at test time, with the published networks and size: condition, warp, compose. It looks at no parse.

The functions follow one another in this order; DOC-VTON takes its warp and its last step from here. Pictures are RGB in
[-1, 1]; N×C×H×W tensors on any device.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from vton.images import to_pixels
from vton.methods.canvas import carry, enlarge, enlarge_picture, pixels_read, small_mask, small_picture
from vton.networks.pf_afn import sample
from vton.types import Composition, Garment, Person

SIZE = (256, 192)


class Warped(NamedTuple):
    """flows: coarse to fine, the last (N, 2, H, W), positions in [-1, 1]. garment: (N, 3, H, W). mask: (N, 1, H, W)."""

    flows: list[Tensor]
    garment: Tensor
    mask: Tensor


class Composed(NamedTuple):
    """output: (N, 4, H, W). visible: (N, 1, H, W), where the garment shows. rendered, picture: (N, 3, H, W)."""

    output: Tensor
    rendered: Tensor
    visible: Tensor
    picture: Tensor


def small_inputs(person: Person, garment: Garment, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """What the networks see: the photo, the garment without its surroundings (both 1×3×256×192), and its mask."""
    picture, cloth = (small_picture(image, *SIZE).to(device) for image in (person.image, garment.image))
    return picture, *condition(cloth, small_mask(garment.mask, *SIZE).to(device))


def condition(garment: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The garment (N, 3, H, W) without its surroundings, and its mask (N, 1, H, W) in {0, 1}."""
    mask = (mask > 0.5).to(garment.dtype)
    return garment * mask, mask


def warp(network: nn.Module, person: Tensor, garment: Tensor, mask: Tensor) -> Warped:
    """Bring a garment from `condition` onto the person (N, 3, H, W)."""
    warped, flows = network(person, garment)
    return Warped(flows, warped, sample(mask, flows[-1], "zeros"))


def compose(generator: nn.Module, person: Tensor, garment: Tensor, mask: Tensor) -> Composed:
    """Render the person and lay the warped garment over it where the generator wants it seen.

    Args:
        person, garment: (N, 3, H, W).
        mask: (N, 1, H, W), of the warped garment.
    """
    output = generator(torch.cat((person, garment, mask), 1))
    rendered, visible = output[:, :3].tanh(), output[:, 3:].sigmoid() * mask
    return Composed(output, rendered, visible, garment * visible + rendered * (1 - visible))


def on_canvas(garment: Garment, flow: Tensor, visible: Tensor, picture: Tensor) -> Composition:
    """What the networks made, brought to the canvas: the last flow, where the garment shows, and the result."""
    reads = pixels_read(flow.permute(0, 2, 3, 1), align_corners=True)
    warped, mask = carry(garment, reads)
    return Composition(
        warped_garment=warped,
        warped_mask=mask,
        flow=reads,
        target=None,
        generated=enlarge_picture(to_pixels(picture)),
        visible=enlarge(visible)[0],
    )


class PFAFN:
    """The published method: Person and Garment → Composition without a target parse.

    Args:
        network: `AppearanceFlow` in evaluation mode.
        generator: `ResidualUNet` in evaluation mode, on the same device.
    """

    def __init__(self, network: nn.Module, generator: nn.Module):
        self.network, self.generator = network, generator

    @property
    def device(self) -> torch.device:
        return next(self.network.parameters()).device

    @torch.inference_mode()
    def __call__(self, person: Person, garment: Garment) -> Composition:
        """Dress the person, at 256×192."""
        picture, cloth, mask = small_inputs(person, garment, self.device)
        warped = warp(self.network, picture, cloth, mask)
        composed = compose(self.generator, picture, warped.garment, warped.mask)
        return on_canvas(garment, warped.flows[-1], composed.visible, composed.picture)
