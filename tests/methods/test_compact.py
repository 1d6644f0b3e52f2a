"""What the compact method makes of its networks' answers, with networks whose answers are known."""

from dataclasses import replace

import cv2
import numpy as np
import torch
from tiny_methods import made_up_garment, made_up_person
from torch import nn

from vton.labels import Hem, Joint, Parse, Region
from vton.methods.compact import CompactHRViton, Condition, even_shoulders
from vton.methods.compact_inputs import garment_crop, torso_crop
from vton.networks.light import LightNet
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person


class LaidFlat(nn.Module):
    """A condition generator that lays the garment down unbent from the neck, enlarged by 1 / scale, and sees a top; or
    from the row `hands` on an arm."""

    def __init__(self, neck: np.ndarray, top: float, middle: float, scale: float, hands: float | None = None):
        super().__init__()
        self.hands = hands
        self.place = nn.Parameter(torch.tensor([*neck, middle, top, scale]), requires_grad=False)

    def forward(self, joints, garment, regions, parts, hem):
        rows, columns = torch.meshgrid(4.0 * torch.arange(64) + 1.5, 4.0 * torch.arange(48) + 1.5, indexing="ij")
        x, y, middle, top, scale = self.place
        reads = torch.stack([middle + scale * (columns - x), top + scale * (rows - y)])[None]
        logits = torch.zeros(1, len(Region), 256, 192)
        logits[:, Region.UPPER] = 8
        if self.hands is not None:
            logits[:, Region.RIGHT_ARM, round(self.hands) :] = 16
        return [reads], logits, torch.ones(1, 1, 256, 192)


def condition_of(person: Person, garment: Garment, length: float, bare: Joint | None = None) -> Condition:
    """What becomes of a garment the network lays down by so many torso lengths from the neck, bare below a joint."""
    to_torso, to_garment = torso_crop(person.keypoints), garment_crop(garment.mask)
    neck = person.keypoints[Joint.NECK, :2]
    hips = person.keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], :2].mean(0)
    framed = [point @ to_torso[:, :2].T + to_torso[:, 2] for point in (neck, hips)]
    rows, columns = np.nonzero(garment.mask > 0.5)
    top, bottom, middle = (
        float(to_garment[axis, axis] * value + to_garment[axis, 2])
        for axis, value in ((1, rows.min()), (1, rows.max()), (0, columns.mean()))
    )
    scale = (bottom - top) / (length * (framed[1] - framed[0])[1])
    row = None if bare is None else (person.keypoints[bare, :2] @ to_torso[:, :2].T + to_torso[:, 2])[1]
    network = LaidFlat(framed[0], top, middle, float(scale), row)
    return CompactHRViton(network, LightNet(widths=(4, 4, 4, 4, 4))).predict_condition(person, garment)


def hem_of(length: float) -> float:
    """How far below the neck a garment ends in the flow that would lay it down by so many torso lengths; the same."""
    person, garment = made_up_person(), made_up_garment()
    neck = person.keypoints[Joint.NECK, :2]
    hips = person.keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], :2].mean(0)
    column = condition_of(person, garment, length).flow[:, round(float(neck[0])), 1]
    last = np.flatnonzero((garment.mask > 0.5).any(1))[-1]
    return (int(np.argmax(column >= last)) - neck[1]) / (hips[1] - neck[1])


def test_a_top_that_the_network_lays_down_to_the_thighs_is_worn_shorter():
    assert abs(hem_of(1.2) - 1.2) < 0.03
    assert 1.3 < hem_of(1.6) < 1.45


def test_the_network_is_told_what_is_tucked_in_and_shown_the_waistband(monkeypatch):
    given = {}
    answer = LaidFlat.forward

    def forward(network, joints, garment, regions, parts, hem):
        given[Hem(int(hem))] = int((regions == Region.BOTTOM).sum())
        return answer(network, joints, garment, regions, parts, hem)

    monkeypatch.setattr(LaidFlat, "forward", forward)
    for tucked in (False, True):
        condition_of(made_up_person(), replace(made_up_garment(), tucked=tucked), 1.2)
    assert set(given) == {Hem.LOOSE, Hem.TUCKED} and given[Hem.TUCKED] > given[Hem.LOOSE] > 0


def test_of_sleeves_bent_to_the_hem_the_network_sees_the_body_and_the_arms_wear_them(monkeypatch):
    half = [(60, 150), (75, 233), (130, 288), (180, 357), (218, 426), (267, 495), (285, 564), (258, 633), (238, 702)]
    half += [(215, 771), (198, 840)]
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    cv2.fillPoly(mask, [np.array([(384 + x, y) for x, y in half] + [(384 - x, y) for x, y in reversed(half)])], 1.0)
    answer, seen = LaidFlat.forward, []

    def forward(network, joints, garment, regions, parts, hem):
        rows = garment[0, 3].numpy() > 0.5
        seen.append(rows.sum(1).max() / rows.any(1).sum())
        return answer(network, joints, garment, regions, parts, hem)

    monkeypatch.setattr(LaidFlat, "forward", forward)
    person = made_up_person()
    worn = condition_of(person, replace(made_up_garment(), mask=mask), 1.2, bare=Joint.RIGHT_ELBOW)
    assert seen[0] < 0.65, "as wide as the body, not as the elbows"
    column, row = person.keypoints[[Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST], :2].mean(0).astype(int) // 2
    assert worn.target[Region.UPPER, row, column] > 0.5


def test_a_notch_in_a_shoulder_is_filled_in_parse_and_mask():
    person = made_up_person()
    target = np.zeros((len(Region), CANVAS_HEIGHT // 2, CANVAS_WIDTH // 2), np.float32)
    upper = target[Region.UPPER]
    upper[160:340, 135:250] = 1
    upper[150:168, 232:236] = 0
    target[Region.BACKGROUND] = 1 - upper
    mask = cv2.resize(upper, (CANVAS_WIDTH, CANVAS_HEIGHT), interpolation=cv2.INTER_NEAREST)
    even, shown = even_shoulders(target, mask, person)
    assert (even[Region.UPPER][162:168, 232:236] > 0.9).all() and (shown[326:334, 465:471] > 0.9).all()
    assert np.allclose(even.sum(0), 1, atol=1e-3) and np.array_equal(even[:, 200:], target[:, 200:])
    again, same = even_shoulders(even, shown, person)
    assert again is even and same is shown


def test_thin_straps_are_hung_from_the_shoulders():
    """In the picture, and so in the network's warp, they lean outwards, beyond the shoulders' joints."""
    garment = made_up_garment()
    mask = garment.mask.copy()
    mask[200:400, 150:620] = 0
    for ends in ([(170, 200), (240, 410)], [(600, 200), (530, 410)]):
        cv2.polylines(mask, [np.array(ends)], False, 1.0, 20)
    worn = condition_of(made_up_person(), replace(garment, mask=mask), 1.2)
    upper = worn.target[Region.UPPER] > 0.5
    assert upper[163:176, 145:190].any(1).all() and upper[163:176, 195:240].any(1).all()
    assert not upper[160:176, :140].any() and not upper[160:176, 245:].any() and not upper[160:220, 180:205].any()
    assert upper[260:320, 150:230].mean() > 0.9


def long_sleeved() -> Garment:
    garment = made_up_garment()
    mask = np.zeros_like(garment.mask)
    mask[200:800, 230:540] = mask[200:860, 120:200] = mask[200:860, 570:650] = 1
    mask[200:300, 120:650] = 1
    return replace(garment, mask=mask)


def test_long_sleeves_end_with_their_cuffs():
    """The network's warp goes on below the sleeve's end in the picture; where hands begin, the cuff is read."""
    person = made_up_person()
    worn = condition_of(person, long_sleeved(), 1.6, Joint.RIGHT_WRIST)
    wrist = person.keypoints[Joint.RIGHT_WRIST, :2].astype(int)
    assert abs(worn.flow[wrist[1] - 6, wrist[0], 1] - 850) < 40


def test_long_sleeves_that_the_network_ends_at_the_elbow_reach_the_wrist():
    person = made_up_person()
    worn = condition_of(person, long_sleeved(), 1.6, Joint.RIGHT_ELBOW)
    x, y = ((person.keypoints[Joint.RIGHT_ELBOW, :2] + 3 * person.keypoints[Joint.RIGHT_WRIST, :2]) / 8).astype(int)
    assert worn.target[Region.UPPER, y, x] > 0.5


class Seen(nn.Module):
    """An image generator that changes nothing and keeps what it was shown."""

    def forward(self, pictures, layers):
        self.photo = pictures[0, -3:]
        return torch.zeros_like(pictures[:, :3])


def test_the_image_generator_does_not_see_the_noise_of_a_black_top():
    person = made_up_person()
    top = person.parse == Parse.UPPER
    image = person.image.copy()
    image[top] = np.random.default_rng(0).integers(0, 25, (np.count_nonzero(top), 3))
    blank = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    target = np.zeros((len(Region), CANVAS_HEIGHT // 2, CANVAS_WIDTH // 2), np.float32)
    target[Region.UPPER] = 1
    condition = Condition(np.zeros((*blank.shape, 2), np.float32), blank, target)
    seen = Seen()
    CompactHRViton(nn.Linear(1, 1), seen).generate(replace(person, image=image), condition, image)
    inner = cv2.erode(cv2.resize(top.astype(np.uint8), (144, 192), interpolation=cv2.INTER_NEAREST), np.ones((5, 5)))
    assert inner.sum() > 500 and float(seen.photo[:, torch.from_numpy(inner > 0)].std(1).max()) < 1e-3
