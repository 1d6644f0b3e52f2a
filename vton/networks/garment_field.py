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

from vton.labels import DENSEPOSE_PARTS, Joint, Region

FRAME = (256, 192)
"""Height and width of the frames of person and garment in whose pixels joints, places and reads are given."""

GARMENT_SIZE = (128, 96)
"""Of the garment's picture that the networks look at."""

FIELD_SIZE = (64, 48)
"""Of the maps of the person that the field looks at, and of the grid on which the condition generator evaluates it."""

OUTLINE_SIZE = (32, 24)
JOINTS = 18
FEATURES = 17
"""What is told of a place: three numbers a bone, and its distance from the neck."""

PART_GROUPS = ("nothing", "torso", "right hand", "left hand", "left upper arm", "right upper arm", "left lower arm",
               "right lower arm", "head", "legs")  # fmt: skip


def _group_of(part: str) -> int:
    name = part.removesuffix(" front").removesuffix(" back")
    if name.endswith("of the head"):
        return PART_GROUPS.index("head")
    if name.endswith(("leg", "foot")):
        return PART_GROUPS.index("legs")
    return PART_GROUPS.index("nothing" if name == "background" else name)


GROUP_OF_PART = tuple(_group_of(part) for part in DENSEPOSE_PARTS)
"""DensePose part id → index into PART_GROUPS."""


def one_hot(ids: Tensor, classes: int) -> Tensor:
    """Integer (N, H, W) → float32 (N, classes, H, W)."""
    planes = torch.zeros(len(ids), classes, *ids.shape[1:], device=ids.device)
    return planes.scatter_(1, ids.long()[:, None], 1.0)


def one_hot_groups(parts: Tensor) -> Tensor:
    """Integer (N, H, W) of DensePose parts → float32 (N, 10, H, W) of PART_GROUPS."""
    table = torch.tensor(GROUP_OF_PART, device=parts.device)
    return one_hot(table[parts.long()], len(PART_GROUPS))


def coordinates(number: int, height: int, width: int, device: torch.device) -> Tensor:
    """x and y from -1 to 1, (N, 2, H, W)."""
    y, x = torch.linspace(-1, 1, height, device=device), torch.linspace(-1, 1, width, device=device)
    return torch.stack(torch.meshgrid(x, y, indexing="xy"))[None].expand(number, -1, -1, -1)


def pixel_places(height: int, width: int, device: torch.device) -> Tensor:
    """Centres of the cells of a grid laid over the frame, in its pixels, (height · width, 2), row by row."""
    y = (torch.arange(height, device=device) + 0.5) * (FRAME[0] / height) - 0.5
    x = (torch.arange(width, device=device) + 0.5) * (FRAME[1] / width) - 0.5
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).reshape(-1, 2)


def thinned(ids: Tensor) -> Tensor:
    """Integer (N, 256, 192) at the field's size, (N, 64, 48): one of each 4×4 pixels."""
    step = FRAME[0] // FIELD_SIZE[0]
    return ids[:, step // 2 :: step, step // 2 :: step]


class Landmarks(nn.Module):
    """A picture → the places of landmarks that it learns to find, how sure each is, and a coarse view of the whole.

    Args:
        channels: of the picture.
        widths: of the three stages of convolutions.
        landmarks: how many.
        overview: channels of the coarse view.
        size: height and width of the picture, multiples of 16.
    """

    def __init__(
        self, channels: int, widths: tuple[int, int, int], landmarks: int, overview: int, size: tuple[int, int]
    ):
        super().__init__()
        first, second, third = widths
        self.features = nn.Sequential(
            *_convolution(channels, first, stride=2),
            *_convolution(first, second, stride=2),
            *_convolution(second, second),
            *_convolution(second, third, dilation=2),
            *_convolution(third, third, dilation=4),
        )
        self.heat = nn.Conv2d(third, landmarks, 1)
        self.overview = nn.Sequential(*_convolution(third, overview, stride=2), *_convolution(overview, overview, 2))
        self.outputs = 3 * landmarks + overview * (size[0] // 16) * (size[1] // 16)

    def forward(self, picture: Tensor) -> Tensor:
        """(N, channels, *size) → float32 (N, outputs)."""
        features = self.features(picture.contiguous(memory_format=torch.channels_last))
        heat = self.heat(features).float()
        places = coordinates(1, *heat.shape[2:], heat.device).flatten(2).transpose(1, 2)
        heat = heat.flatten(2)
        found = heat.softmax(-1) @ places
        return torch.cat([found.flatten(1), heat.amax(-1) / 5, self.overview(features).float().flatten(1)], 1)


def _convolution(channels: int, out: int, stride: int = 1, dilation: int = 1) -> tuple[nn.Module, ...]:
    layer = nn.Conv2d(channels, out, 3, stride, dilation, dilation, bias=False)
    return layer, nn.BatchNorm2d(out), nn.ReLU()


class GarmentField(nn.Module):
    """Garment, joints and maps of the person → where any place of the person's frame reads the garment.

    Args:
        hidden: width of the layers that make the code.
        width: of the layers that a place goes through.
        layers: how many of these.
        dropout: share of the code left out while training.
    """

    def __init__(self, hidden: int = 512, width: int = 96, layers: int = 4, dropout: float = 0.1):
        super().__init__()
        self.width = width
        self.garment = Landmarks(6, (24, 32, 48), 24, 8, GARMENT_SIZE)
        self.person = Landmarks(len(Region) + len(PART_GROUPS) + 2, (16, 24, 32), 16, 4, FIELD_SIZE)
        outline = OUTLINE_SIZE[0] * OUTLINE_SIZE[1]
        entering = 2 * JOINTS + 2 * len(_bones(torch.zeros(1, JOINTS, 2))) + 3 + outline
        self.code = nn.Sequential(
            *self._hidden(entering + self.garment.outputs + self.person.outputs, hidden, dropout),
            *self._hidden(hidden, hidden, dropout),
        )
        self.modulation = nn.Linear(hidden, layers * 2 * width)
        self.affine = nn.Linear(hidden, 6)
        self.layers = nn.ModuleList(nn.Linear(width if layer else FEATURES, width) for layer in range(layers))
        self.out = nn.Linear(width, 2)
        nn.init.zeros_(self.modulation.bias)
        with torch.no_grad():
            self.modulation.weight.mul_(0.5)
            self.affine.weight.mul_(0.1)

    @staticmethod
    def _hidden(channels: int, out: int, dropout: float) -> tuple[nn.Module, ...]:
        return nn.Linear(channels, out), nn.LayerNorm(out), nn.GELU(), nn.Dropout(dropout)

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
        bones = _bones(joints)
        seen = self._look(garment, regions, parts)
        # Fractions of a pixel are lost in half precision.
        with torch.autocast(joints.device.type, enabled=False):
            return self._read(joints, bones, seen, places)

    def on_grid(self, joints: Tensor, garment: Tensor, regions: Tensor, parts: Tensor) -> Tensor:
        """The field on a grid laid over the person's frame; see `forward`, but maps are of the frame's size.

        Returns:
            float32 (N, 2, 64, 48).
        """
        places = pixel_places(*FIELD_SIZE, joints.device)[None].expand(len(joints), -1, -1)
        reads = self(joints, garment, thinned(regions), thinned(parts), places)
        return reads.transpose(1, 2).reshape(-1, 2, *FIELD_SIZE)

    def _read(self, joints: Tensor, bones: list[tuple[Tensor, Tensor]], seen: Tensor, places: Tensor) -> Tensor:
        code = self.code(torch.cat([_pose(joints, bones), seen], 1))
        x, along, across = _beside(bones, joints[:, Joint.NECK], places)
        scale, shift = self.modulation(code)[:, None].view(len(x), 1, len(self.layers), 2, self.width).unbind(3)
        for number, layer in enumerate(self.layers):
            y = F.gelu(layer(x) * (1 + scale[:, :, number]) + shift[:, :, number])
            x = x + y if number else y
        # About where a garment as wide as the body, hung from the neck, would be read: what is learnt is the rest.
        start = torch.stack([places[..., 0] - joints[:, Joint.NECK, :1] + FRAME[1] / 2, 60 * along + 30], -1)
        affine = 20 * self.affine(code)[:, None]
        slanted = torch.stack([across, along], -1) @ affine[:, 0, 2:].view(-1, 2, 2)
        return start + affine[..., :2] + slanted + 25 * self.out(x)

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
