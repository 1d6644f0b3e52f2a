"""Garments by themselves, without anybody who wears them: what the lining network is trained on."""

from dataclasses import dataclass, replace

import numpy as np

from vton.rendering.bodies import load_bodies
from vton.rendering.cuts import jacket_cut, random_cut
from vton.rendering.flat import FlatView, draw_flat
from vton.rendering.garments import make_top
from vton.rendering.inner_back import inner_back
from vton.rendering.laying import random_look
from vton.rendering.measures import arm_chart, measure
from vton.rendering.product import product_picture
from vton.rendering.sewing import SewnTop, sew
from vton.rendering.skeleton import flat_pose
from vton.rendering.styles import jacket_style, random_style

SHARES = {"dress": 0.15, "jacket": 0.05, "behind": 0.08}
"""Of the garments: dresses, open jackets, and those shown from behind."""
HIGH_BEHIND_SHARE = 0.8
"""Of the high necks shown from behind: only so they look as high as photographs show them from the front."""
_SKIN = np.array([0.7, 0.52, 0.42])


@dataclass(frozen=True)
class Flat:
    """A product picture uint8 RGB (H, W, 3), mask bool (H, W), and inside bool (H, W): where it shows the garment from
    within. The inside of a hood does not count: it is worn behind the head, not behind the neck."""

    picture: np.ndarray
    mask: np.ndarray
    inside: np.ndarray


def render_flats(seed: int, index: int, paintings: int, size: tuple[int, int]) -> list[Flat]:
    """Lay out garment `index` and show it in several cloths; the result depends on nothing but the arguments.

    Args:
        paintings: how many pictures; the shape takes longer to make than a picture.
        size: (height, width) in pixels.
    """
    rng = np.random.default_rng([seed, index])
    bodies = load_bodies()
    body = int(rng.integers(len(bodies.rest)))
    measures = measure(bodies, body)
    jacket, dress = (rng.random() < SHARES[name] for name in ("jacket", "dress"))
    cut = jacket_cut(measures, rng) if jacket else replace(random_cut(measures, rng, dress), tucked=False)
    behind = rng.random() < (HIGH_BEHIND_SHARE if cut.neck == "turtle" else SHARES["behind"])
    top = make_top(bodies, body, arm_chart(body), measures, cut, rng)
    look = random_look(cut, rng)
    pose = flat_pose(bodies, body, look.angles, look.bend)
    sewn = sew(bodies, body, top, pose, None)
    flat = draw_flat(bodies, body, sewn, pose, look, rng, size, behind)
    inside = inside_map(flat, sewn)
    pictures = []
    for _ in range(paintings):
        style = jacket_style(cut, rng) if jacket else random_style(cut, measures, _SKIN, rng)
        pictures.append(Flat(product_picture(flat, sewn, style, look, rng), flat.mask, inside))
    return pictures


def inside_map(flat: FlatView, sewn: SewnTop) -> np.ndarray:
    """Where a flat garment is seen from within, but for hoods: bool (H, W)."""
    inner = inner_back(flat)
    if sewn.top.cut.hood:
        inner &= flat.chart[:, 7] < 0.5
    inside = np.zeros(flat.mask.shape, bool)
    inside[flat.mask] = inner
    return inside
