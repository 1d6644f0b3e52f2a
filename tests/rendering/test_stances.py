"""How people stand, walk and sit, and that hands in pockets are not seen."""

from importlib.util import find_spec

import numpy as np
import pytest

from vton.labels import LEG_LABELS, SHOE_LABELS, Parse
from vton.rendering import accessories, cuts, lower, samples, scene, stances
from vton.rendering.bodies import load_bodies

pytestmark = pytest.mark.skipif(find_spec("anny") is None, reason="rendering needs the optional group `train`")

SIZE = (256, 192)


def poses(monkeypatch, stance: str, count: int = 12) -> list[stances.Pose]:
    monkeypatch.setattr(stances, "STANCES", {stance: 1.0})
    rng = np.random.default_rng(2)
    return [stances.photo_pose(load_bodies(), body, True, rng) for body in range(count)]


def placed(pose: stances.Pose, body: int, bone: str) -> np.ndarray:
    """A bone's head in the pose, seen from the body's own front."""
    bodies = load_bodies()
    point = pose.transforms[bodies.bones[bone]] @ np.append(bodies.head(body, bone), 1)
    return (point - pose.root[:3, 3]) @ pose.root[:3, :3]


def test_the_seated_have_their_knees_before_their_hips(monkeypatch):
    for body, pose in enumerate(poses(monkeypatch, "sit")):
        assert pose.seated
        for side in "LR":
            hip, knee = placed(pose, body, f"upperleg01.{side}"), placed(pose, body, f"lowerleg01.{side}")
            assert knee[1] < hip[1] - 0.25 and abs(knee[2] - hip[2]) < 0.25


def test_walking_parts_the_feet(monkeypatch):
    apart = [
        abs(placed(pose, body, "foot.L")[1] - placed(pose, body, "foot.R")[1])
        for body, pose in enumerate(poses(monkeypatch, "walk"))
    ]
    assert np.median(apart) > 0.25


def test_some_people_are_turned_far(monkeypatch):
    monkeypatch.setattr(stances, "TURNED_SHARE", 1.0)
    turns = [np.degrees(abs(np.arctan2(pose.root[1, 0], pose.root[0, 0]))) for pose in poses(monkeypatch, "stand", 30)]
    assert max(turns) > 50 and max(turns) < 63 and min(turns) > 19


def test_hands_in_pockets_are_not_seen(monkeypatch):
    monkeypatch.setattr(scene, "FRAMINGS", {"full": 1.0})
    monkeypatch.setattr(samples, "DRESSES", {"neither": 1.0})
    monkeypatch.setattr(samples, "JACKET_SHARES", (0.0, 0.0))
    monkeypatch.setattr(accessories, "SHARES", dict.fromkeys(accessories.SHARES, 0.0))
    monkeypatch.setattr(stances, "CROSSED_SHARE", 0.0)
    monkeypatch.setattr(stances, "STANCES", {"stand": 1.0})
    monkeypatch.setattr(stances, "TURNED_SHARE", 0.0)
    monkeypatch.setattr(lower, "KINDS", {"trousers": 1.0})
    hands = [3, 4]
    monkeypatch.setattr(stances, "ARM_GESTURES", {"stand": {"hang": 1.0}})
    assert np.isin(hands, samples.render_sample(12, 0, SIZE).parts).all()
    monkeypatch.setattr(stances, "ARM_GESTURES", {"stand": {"pocket": 1.0}})
    parts = [samples.render_sample(12, index, SIZE).parts for index in range(4)]
    assert min((part == hands[0]).sum() + (part == hands[1]).sum() for part in parts) < 12


def test_a_stool_hides_but_has_no_label(monkeypatch):
    monkeypatch.setattr(scene, "FRAMINGS", {"full": 1.0})
    monkeypatch.setattr(stances, "STANCES", {"sit": 1.0})
    monkeypatch.setattr(stances, "TURNED_SHARE", 0.0)
    monkeypatch.setattr(samples, "DRESSES", {"neither": 1.0})
    monkeypatch.setattr(cuts, "HEMS", {"crop": 1.0})
    parse = samples.render_sample(13, 0, SIZE).parse
    assert parse.max() < len(Parse)
    legs = np.nonzero(np.isin(parse, [Parse.PANTS, *LEG_LABELS, *SHOE_LABELS]))
    between = parse[int(np.quantile(legs[0], 0.5)) :, legs[1].min() : legs[1].max()]
    assert (between == Parse.BACKGROUND).any()
