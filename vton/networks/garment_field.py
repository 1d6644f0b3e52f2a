"""Where a worn garment is read, from the bones: the first guess behind which the compact condition generator works.

A garment follows the bones of its wearer. Told where a pixel lies beside each bone, a few layers that a code of
garment and pose modulates (FiLM: Perez et al., "FiLM: Visual Reasoning with a General Conditioning Layer", AAAI 2018)
say where that pixel reads the garment's picture. Nothing ties the answer to a grid of pixels, and it is smooth, so that
hems and stripes stay straight. What the code knows of the garment are the places of landmarks that it finds itself
(spatial soft-argmax: Levine et al., "End-to-End Training of Deep Visuomotor Policies", JMLR 2016).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.labels import Joint, Region
from vton.networks.closer_look import GUESS_SIZE, CloserLook
from vton.networks.places import (
    FIELD_SIZE,
    FRAME,
    GARMENT_SIZE,
    PART_GROUPS,
    Landmarks,
    coordinates,
    hidden_layers,
    mirrored,
    modulated,
    one_hot,
    one_hot_groups,
    pixel_places,
    thinned,
)

OUTLINE_SIZE = (32, 24)
JOINTS = 18
LATER = 320
"""Width of the layers that make the codes of later looks."""

FEATURES = 17
"""What is told of a place: three numbers a bone, and its distance from the neck."""


class GarmentField(nn.Module):
    """Garment, joints and maps of the person → where any place of the person's frame reads the garment.

    Args:
        hidden: width of the layers that make the code.
        width: of the layers that a place goes through.
        layers: how many of these.
        dropout: share of the code left out while training.
        fine: whether landmarks are found on grids twice as fine, by wider layers.
        looks: how often; every look after the first one corrects the one before, the third and later ones finely.

    Attributes:
        sizes: these arguments, to make another one like it.
    """

    def __init__(
        self,
        hidden: int = 512,
        width: int = 96,
        layers: int = 4,
        dropout: float = 0.1,
        fine: bool = False,
        looks: int = 1,
    ):
        super().__init__()
        self.sizes = {
            "hidden": hidden, "width": width, "layers": layers, "dropout": dropout, "fine": fine, "looks": looks,
        }  # fmt: skip
        self.width = width
        person = len(Region) + len(PART_GROUPS) + 2
        if fine:
            self.garment = Landmarks(6, (32, 48, 64), 32, 8, GARMENT_SIZE, strides=(2, 1), pool=2)
            self.person = Landmarks(person, (24, 32, 48), 24, 4, FIELD_SIZE, strides=(2, 1), pool=2)
        else:
            self.garment = Landmarks(6, (24, 32, 48), 24, 8, GARMENT_SIZE)
            self.person = Landmarks(person, (16, 24, 32), 16, 4, FIELD_SIZE)
        outline = OUTLINE_SIZE[0] * OUTLINE_SIZE[1]
        entering = 2 * JOINTS + 2 * len(_bones(torch.zeros(1, JOINTS, 2))) + 3 + outline
        self.code = nn.Sequential(
            *hidden_layers(entering + self.garment.outputs + self.person.outputs, hidden, dropout),
            *hidden_layers(hidden, hidden, dropout),
        )
        self.modulation = nn.Linear(hidden, layers * 2 * width)
        self.affine = nn.Linear(hidden, 6)
        self.layers = nn.ModuleList(nn.Linear(width if layer else FEATURES, width) for layer in range(layers))
        self.out = nn.Linear(width, 2)
        nn.init.zeros_(self.modulation.bias)
        with torch.no_grad():
            self.modulation.weight.mul_(0.5)
            self.affine.weight.mul_(0.1)
        self.closer = nn.ModuleList(CloserLook(hidden, FEATURES, look > 2, LATER) for look in range(2, looks + 1))

    def forward(self, joints: Tensor, garment: Tensor, regions: Tensor, parts: Tensor, places: Tensor) -> Tensor:
        """Read.

        Args:
            joints: (N, 18, 2), pixels of the person's frame; may lie beyond it.
            garment: (N, 4, 128, 96): RGB in [-1, 1], mask in [0, 1].
            regions: integer (N, 64, 48), `Region` ids of the parse-agnostic map.
            parts: integer (N, 64, 48), DensePose parts.
            places: (N, K, 2), pixels of the person's frame.

        Returns:
            float32 (N, K, 2), x and y in pixels of the garment's frame.
        """
        return self.looks(joints, garment, regions, parts, places)[-1]

    def looks(
        self, joints: Tensor, garment: Tensor, regions: Tensor, parts: Tensor, places: Tensor
    ) -> tuple[Tensor, ...]:
        """What `forward` returns, after every look."""
        bones = _bones(joints)
        seen = self._look(garment, regions, parts)
        coarse = pixel_places(*GUESS_SIZE, joints.device)[None].expand(len(joints), -1, -1)
        # Fractions of a pixel are lost in half precision.
        with torch.autocast(joints.device.type, enabled=False):
            code = self.code(torch.cat([_pose(joints, bones), seen], 1))
            features, reads = self._read(joints, bones, code, places)
            # What is shown is no way for a later look's errors to reach an earlier one.
            with torch.no_grad():
                coarse_features, guess = self._read(joints, bones, code, coarse) if self.closer else (None, None)
        answers = [reads]
        for number, look in enumerate(self.closer, 1):
            shown = guess.transpose(1, 2).reshape(-1, 2, *GUESS_SIZE)
            view = look.view(code, shown, garment, regions, parts)
            answers.append(look.correct(view, features, places, answers[-1]))
            if number < len(self.closer):
                with torch.no_grad():
                    guess = look.correct(view, coarse_features, coarse, guess)
        return tuple(answers)

    def on_grid(self, joints: Tensor, garment: Tensor, regions: Tensor, parts: Tensor) -> Tensor:
        """The field on a grid laid over the person's frame; see `forward`, but maps are of the frame's size.

        In evaluation mode it looks at the mirror image as well: the mean of both errs less than either.

        Returns:
            float32 (N, 2, 64, 48).
        """
        if self.training:
            return self._on_grid(joints, garment, regions, parts)
        turned = mirrored({"joints": joints, "regions": regions, "parts": parts})
        turned = turned["joints"], garment.flip(3), turned["regions"], turned["parts"]
        given = zip((joints, garment, regions, parts), turned, strict=True)
        straight, turned = self._on_grid(*(torch.cat(pair) for pair in given)).chunk(2)
        turned = mirrored({"reads": turned.permute(0, 2, 3, 1)})["reads"].permute(0, 3, 1, 2)
        return (straight + turned) / 2

    def _on_grid(self, joints: Tensor, garment: Tensor, regions: Tensor, parts: Tensor) -> Tensor:
        places = pixel_places(*FIELD_SIZE, joints.device)[None].expand(len(joints), -1, -1)
        reads = self(joints, garment, thinned(regions), thinned(parts), places)
        return reads.transpose(1, 2).reshape(-1, 2, *FIELD_SIZE)

    def _read(
        self, joints: Tensor, bones: list[tuple[Tensor, Tensor]], code: Tensor, places: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What is told of the places, (N, K, FEATURES), and where they read by the first look, (N, K, 2)."""
        features, along, across = _beside(bones, joints[:, Joint.NECK], places)
        x = modulated(features, self.layers, self.modulation(code), self.width)
        # About where a garment as wide as the body, hung from the neck, would be read: what is learnt is the rest.
        start = torch.stack([places[..., 0] - joints[:, Joint.NECK, :1] + FRAME[1] / 2, 60 * along + 30], -1)
        affine = 20 * self.affine(code)[:, None]
        slanted = torch.stack([across, along], -1) @ affine[:, 0, 2:].view(-1, 2, 2)
        return features, start + affine[..., :2] + slanted + 25 * self.out(x)

    def _look(self, garment: Tensor, regions: Tensor, parts: Tensor) -> Tensor:
        """What the pictures tell, float32 (N, ·)."""
        number, device = len(garment), garment.device
        mask = garment[:, 3:4]
        cloth = torch.cat([garment[:, :3] * mask, 2 * mask - 1, coordinates(number, *GARMENT_SIZE, device)], 1)
        person = [one_hot(regions, len(Region)), one_hot_groups(parts), coordinates(number, *FIELD_SIZE, device)]
        outline = 2 * F.adaptive_avg_pool2d(mask, OUTLINE_SIZE).flatten(1) - 1
        return torch.cat([outline, self.garment(cloth), self.person(torch.cat(person, 1))], 1)


def _pose(joints: Tensor, bones: list[tuple[Tensor, Tensor]]) -> Tensor:
    """What the skeleton tells: joints about the neck, lengths and directions of the bones, the shoulders' width."""
    vectors = torch.stack([end - start for start, end in bones], 1)
    neck = joints[:, Joint.NECK]
    shoulders = (joints[:, Joint.RIGHT_SHOULDER] - joints[:, Joint.LEFT_SHOULDER]).norm(dim=-1, keepdim=True)
    return torch.cat(
        [
            ((joints - neck[:, None]) / 50).clamp(-4, 6).flatten(1),
            vectors.norm(dim=-1) / 50,
            torch.atan2(vectors[..., 0], vectors[..., 1]),
            shoulders / 50,
            (neck - FRAME[1] / 2) / 50,
        ],
        1,
    )


def _bones(joints: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Ends of the spine and of both arms' bones, (N, 2) each."""
    hips = (joints[:, Joint.RIGHT_HIP] + joints[:, Joint.LEFT_HIP]) / 2
    arms = (
        (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW),
        (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
        (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW),
        (Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
    )
    return [(joints[:, Joint.NECK], hips), *((joints[:, start], joints[:, end]) for start, end in arms)]


def _beside(bones: list[tuple[Tensor, Tensor]], neck: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """FEATURES numbers of each place, (N, K, FEATURES), and how far along and across the spine it lies, (N, K)."""
    features: list[Tensor] = []
    for number, (start, end) in enumerate(bones):
        vector = end - start
        length = vector.norm(dim=-1, keepdim=True).clamp(min=4)
        axis = (vector / length)[:, None]
        offset = places - start[:, None]
        along = (offset * axis).sum(-1)
        across = offset[..., 1] * axis[..., 0] - offset[..., 0] * axis[..., 1]
        if number:
            beyond = along - torch.minimum(along.clamp(min=0), length)
            near = torch.exp(-(across**2 + beyond**2) / 18**2)
            features += [(along / 40).clamp(-1.5, 3), (across / 30).clamp(-2, 2), near]
        else:
            spine = (along / 60, across / 40)
            features += [*spine, along / length]
    from_neck = (places - neck[:, None]) / 50
    return torch.cat([torch.stack(features, -1), from_neck], -1), *spine
