"""How far a result is to be trusted: a score, what it is made of, and in words what is likely wrong and what to try.

Two questions decide (HR-VITON, section 3.4, and what its condition generator predicts twice): does a discriminator take
the predicted regions for true ones, and do the warped garment and the target parse agree on where the garment is?
Beside them stand signs that cost next to nothing: cloth stretched out of proportion or folded over itself, parts of the
garment that are nowhere to be seen, a top much too small or large, much of the picture made up.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import nn

from vton import weights
from vton.labels import Joint, Region, among, likeliest
from vton.methods.compact_inputs import compact_regions, complete_keypoints
from vton.methods.judge_inputs import OPEN_REGIONS, judge_inputs, stacked, view
from vton.methods.worn import front_mask, worn_parse
from vton.networks.discriminators import rejection_ratio
from vton.types import CANVAS_HEIGHT, Composition, Garment, Person, Verdict

DISCRIMINATOR = "compact-discriminator"
SIZE = (256, 192)
STEP = CANVAS_HEIGHT / SIZE[0]
GARMENT_CELLS = (64, 48)
LOW = 0.5
"""A part below this is worth a warning."""

MOST_SENTENCES = 2
EDGE_PIXELS = 12
"""How many pixels of the photo's edge the garment has to cover for the photo to cut it off there."""

NEAR = 0.3
"""How far from the target's new top, in shoulder widths, the warped garment has to agree with it."""

LIMITS = {
    "agreement": (0.82, 0.97),
    "proportions": (0.35, 0.65),
    "smoothness": (0.90, 0.99),
    "wholeness": (0.70, 0.94),
    "size": (0.15, 0.60),
    "knowledge": (0.14, 0.7),
}
"""Part → the figures at which it counts 0 and 1; halfway between them a warning begins. Set on photographs, beside
which somebody had noted which results were good. Those of realism come with the discriminator."""

SENTENCES = {
    "realism": (
        "The new outline of arms and top looks unusual, so parts of the result may be wrong: try a photo from the "
        "front, with nothing held before the body."
    ),
    "agreement": (
        "The new top and the body's outline disagree: try a photo from the front, standing straight, in a top that "
        "lies close to the body."
    ),
    "sleeves": "The sleeves may not follow the arms: try a photo with the arms a little away from the body.",
    "shoulders": (
        "Straps, shoulders or neckline may not be where they belong: look closely there, or try a garment picture that "
        "shows them whole and from the front."
    ),
    "hem": "The hem may end in the wrong place: try a photo that shows you from the head to the knees.",
    "proportions": (
        "The garment was stretched out of its own proportions, as short and cropped tops may be: do not trust its "
        "length, and try a picture of it lying flat."
    ),
    "smoothness": (
        "The cloth is folded over itself in places: try a photo with the arms away from the body, or a garment picture "
        "taken straight from the front."
    ),
    "wholeness": (
        "Part of the garment is nowhere to be seen on you: try a photo that shows the whole upper body from the front."
    ),
    "size": "The garment looks much too small or too large on you: check that its outline was found in its picture.",
    "knowledge": (
        "The old clothes hid a great deal that had to be made up: for a truer picture wear something short-sleeved and "
        "close-fitting in the photo."
    ),
}
"""Part, or place of disagreement → what is likely wrong and what to try."""


@dataclass(frozen=True)
class Judge:
    """Gives verdicts. Without a discriminator they go without realism.

    network: `ConditionDiscriminator` over `judge_inputs`, in evaluation mode.
    low, usual: the ratios D / (1 - D) that all but 1 % and all but 25 % of rendered results reach: a warning begins at
        the one, and from the other on nothing is held against a result.
    largest: the largest ratio in its training.
    """

    network: nn.Module | None = None
    low: float = 0.5
    usual: float = 1.0
    largest: float = 1.0

    @classmethod
    def load(cls, device: torch.device) -> "Judge":
        """With the discriminator that is on this machine, or without.

        Raises:
            weights.WeightsError: the file is there but cannot be used.
        """
        file = weights.locate(weights.CHECKPOINTS_BY_NAME[DISCRIMINATOR])
        if file is None:
            return cls()
        known = weights.load_notes(file)["metrics"]
        return cls(weights.load_network(file).to(device), *(known[f"ratio_{at}"] for at in ("1", "25", "largest")))

    def __call__(self, person: Person, garment: Garment, composition: Composition) -> Verdict:
        """Judge a try-on."""
        seen = _look(person, composition)
        figures, scores, place = {}, {}, "agreement"
        if composition.target is not None:
            if self.network is not None:
                ratio = self._ratio(person, garment, composition)
                figures["realism"] = min(ratio / self.largest, 1.0)
                scores["realism"] = float(np.interp(ratio, (0, self.low, self.usual), (0, LOW, 1)))
            figures["agreement"], place = agreement(seen)
            figures["knowledge"] = knowledge(seen)
        figures |= {**cloth(seen), "wholeness": wholeness(seen, garment), "size": size(seen)}
        scores |= {part: _ramp(figure, *LIMITS[part]) for part, figure in figures.items() if part in LIMITS}
        low = sorted((part for part in scores if scores[part] < LOW), key=scores.get)
        words = dict.fromkeys(SENTENCES[place if part == "agreement" else part] for part in low)
        return Verdict(min(scores.values()), scores, figures, tuple(words)[:MOST_SENTENCES])

    @torch.inference_mode()
    def _ratio(self, person: Person, garment: Garment, composition: Composition) -> float:
        device = next(self.network.parameters()).device
        batch = {key: value.to(device) for key, value in stacked([view(person, garment, composition)]).items()}
        return float(rejection_ratio(self.network(judge_inputs(batch)))[0])


@dataclass(frozen=True)
class _Seen:
    """A try-on at 256×192 of its canvas.

    cover: bool, where the garment lies, in view or not. shown: bool, where it is in view. reads: float32 (256, 192, 2),
        pixels of the garment's picture at this size. points: (18, 2), the skeleton.
    open: bool, where nothing would hide a garment. hidden: bool, where hair, face or hands are.
    upper, arms: bool, where the target parse has the new top and bare arms. old: bool, where the old top was. None
        without a target parse.
    """

    cover: np.ndarray
    shown: np.ndarray
    reads: np.ndarray
    points: np.ndarray
    open: np.ndarray
    hidden: np.ndarray
    upper: np.ndarray | None = None
    old: np.ndarray | None = None
    arms: np.ndarray | None = None

    @property
    def unit(self) -> float:
        """The shoulders' width in pixels, as wide as the torso's length would have it at least."""
        across = float(np.linalg.norm(self.points[Joint.RIGHT_SHOULDER] - self.points[Joint.LEFT_SHOULDER]))
        return max(across, 0.55 * self.length, 1.0)

    @property
    def hips(self) -> np.ndarray:
        return (self.points[Joint.RIGHT_HIP] + self.points[Joint.LEFT_HIP]) / 2

    @property
    def length(self) -> float:
        """From neck to hips in pixels."""
        return float(np.linalg.norm(self.hips - self.points[Joint.NECK]))

    @property
    def torso(self) -> float:
        """The area of the torso in pixels, as a yardstick."""
        return self.unit * max(self.length, self.unit)


def _look(person: Person, composition: Composition) -> _Seen:
    points = (complete_keypoints(person.keypoints)[:, :2] + 0.5) / STEP - 0.5
    reads = (_shrunk(composition.flow) + 0.5) / STEP - 0.5
    cover = _shrunk(composition.warped_mask) > 0.5
    hidden = _shrunk(front_mask(person)) > 0.3
    if composition.target is None:
        shown = cover if composition.visible is None else _shrunk(composition.visible) > 0.5
        return _Seen(cover, shown & ~hidden, reads, points, ~hidden, hidden)
    regions = _nearest(likeliest(composition.target))
    upper = regions == Region.UPPER
    old = compact_regions(_nearest(worn_parse(person))) == Region.UPPER
    arms = among(regions, (Region.LEFT_ARM, Region.RIGHT_ARM))
    seen_open = ~hidden & among(regions, OPEN_REGIONS)
    return _Seen(cover, cover & upper, reads, points, seen_open, hidden, upper, old, arms)


def agreement(seen: _Seen) -> tuple[float, str]:
    """Overlap (IoU) of the warped garment with the target's new top and its surroundings where nothing hides either.

    Returns:
        It, and where most of what disagrees lies: "sleeves", "shoulders", "hem" or, spread out, "agreement".
    """
    # Stray cloth far from the new top is never shown.
    reach = 2 * round(NEAR * seen.unit) + 1
    near = cv2.blur(seen.upper.astype(np.float32), (reach, reach)) > 1e-3
    both = (seen.cover | seen.upper) & seen.open & near
    wrong = both & (seen.cover != seen.upper)
    overlap = 1 - wrong.sum() / max(both.sum(), 1)
    rows, columns = np.nonzero(wrong)
    if len(rows) == 0:
        return 1.0, "agreement"
    at = np.stack([columns, rows], 1).astype(np.float32)
    arms = ((Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST), (Joint.LEFT_ELBOW, Joint.LEFT_WRIST))
    to_arms = np.min([_to_segment(at, seen.points[elbow], seen.points[wrist]) for elbow, wrist in arms], 0)
    depth = (at - seen.points[Joint.NECK]) @ (seen.hips - seen.points[Joint.NECK]) / max(seen.length, 1) ** 2
    sleeves = to_arms < 0.3 * seen.unit
    places = {"sleeves": sleeves, "shoulders": ~sleeves & (depth < 0.35), "hem": ~sleeves & (depth > 0.6)}
    place, share = max(((name, float(inside.mean())) for name, inside in places.items()), key=lambda found: found[1])
    return float(overlap), place if share > 0.5 else "agreement"


def knowledge(seen: _Seen) -> float:
    """1 less the area, in torsos, that the old top hid and the new one does not: all that has to be made up.

    Bare arms count half: of them the photo shows the colour and the skeleton the shape.
    """
    bared = seen.old & ~seen.shown & ~seen.hidden
    return float(max(0, 1 - (bared.sum() - (bared & seen.arms).sum() / 2) / seen.torso))


def cloth(seen: _Seen) -> dict[str, float]:
    """What the flow does to the cloth in view.

    Returns:
        proportions: the median over the pixels of how much less a pixel stretches the cloth one way than the other, 1
        where it keeps its shape; smoothness: the share of pixels in which it is not folded over itself.
    """
    smooth = cv2.GaussianBlur(seen.reads, (0, 0), 1.5)
    across, down = (cv2.Sobel(smooth, -1, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    inner = cv2.erode(seen.shown.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if not inner.any():
        return {"proportions": 0.0, "smoothness": 0.0}
    across, down = across[inner], down[inner]
    determinant = across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]
    half = ((across**2).sum(1) + (down**2).sum(1)) / 2
    # The squares of the singular values are `half` plus and minus `apart`.
    apart = np.sqrt(np.maximum(half**2 - determinant**2, 0))
    narrow = np.sqrt(np.maximum(half - apart, 0) / np.maximum(half + apart, 1e-9))
    return {"proportions": float(np.median(narrow)), "smoothness": float((determinant > 0.02).mean())}


def wholeness(seen: _Seen, garment: Garment) -> float:
    """Share of the garment's picture that is in view, or lies where arms, hair or trousers hide it.

    What lies beyond the edges of the photo is not missed.
    """
    outside = garment.mask if garment.lining is None else garment.mask * (1 - garment.lining)
    cells = cv2.resize(outside, GARMENT_CELLS[::-1], interpolation=cv2.INTER_AREA) > 0.6
    placed = seen.shown | (seen.cover & ~seen.open)
    read = np.zeros(GARMENT_CELLS, np.uint8)
    x, y = (seen.reads[placed] * (GARMENT_CELLS[0] / SIZE[0])).round().astype(int).T
    inside = (x >= 0) & (x < GARMENT_CELLS[1]) & (y >= 0) & (y < GARMENT_CELLS[0])
    read[y[inside], x[inside]] = 1
    read = cv2.dilate(read, np.ones((3, 3), np.uint8)) > 0
    cells &= _within_the_photo(seen)
    return float((cells & read).sum() / max(cells.sum(), 1))


def _within_the_photo(seen: _Seen) -> np.ndarray:
    """Cells of the garment's picture, bool GARMENT_CELLS, that the photo's lower and side edges do not cut off."""
    rows, columns = np.mgrid[0 : GARMENT_CELLS[0], 0 : GARMENT_CELLS[1]]
    kept = np.ones(GARMENT_CELLS, bool)
    edges = ((np.s_[-1, :], 1, rows, 1), (np.s_[:, 0], 0, columns, -1), (np.s_[:, -1], 0, columns, 1))
    for edge, axis, places, sign in edges:
        covered = seen.cover[edge]
        if covered.sum() >= EDGE_PIXELS:
            cut = float(np.median(seen.reads[edge][covered, axis])) * (GARMENT_CELLS[0] / SIZE[0])
            kept &= sign * (places - cut) <= 1
    return kept


def size(seen: _Seen) -> float:
    """How much smaller or larger than a torso the garment in view is: 1 from 0.7 to 1.9 torsos, less beyond."""
    area = seen.shown.sum() / seen.torso
    return float(min(1, area / 0.7, 1.9 / max(area, 1e-6)))


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, straight between."""
    return float(np.clip((value - low) / max(high - low, 1e-9), 0, 1))


def _to_segment(at: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distances of points (N, 2) from a segment."""
    along = end - start
    share = ((at - start) @ along / max(float(along @ along), 1e-6)).clip(0, 1)
    return np.linalg.norm(at - start - share[:, None] * along, axis=1)


def _shrunk(values: np.ndarray) -> np.ndarray:
    return cv2.resize(values, SIZE[::-1], interpolation=cv2.INTER_AREA)


def _nearest(values: np.ndarray) -> np.ndarray:
    return cv2.resize(values, SIZE[::-1], interpolation=cv2.INTER_NEAREST)
