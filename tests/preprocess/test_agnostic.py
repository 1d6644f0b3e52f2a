"""The agnostic maps are those of the published drawing, and stay sensible where it has no answer."""

import numpy as np
import pytest
from parity_tools import Fixture, folder_of

from vton.labels import BODY25_FROM_18, Joint, Parse
from vton.preprocess.agnostic import agnostic_image, parse_agnostic, torso_keypoints, widened_upper

needs_fixtures = pytest.mark.skipif(not folder_of("hrviton").is_dir(), reason="no fixtures of HR-VITON")


def eighteen(body25):
    """BODY_25 coordinates (25, 2) → the 18 keypoints (18, 3)."""
    points = np.zeros((18, 3))
    shared = BODY25_FROM_18 >= 0
    points[BODY25_FROM_18[shared], :2] = body25[shared]
    points[:, 2] = points[:, :2].any(1)
    return points


def share_differing(own, expected):
    differs = own != expected
    return (differs.any(-1) if differs.ndim == 3 else differs).mean()


@needs_fixtures
@pytest.mark.parametrize("case", range(4))
def test_published_maps(case):
    stored = Fixture.load("hrviton", "preprocess").stored
    image, parse = stored[f"image_{case}"], stored[f"parse_{case}"]
    keypoints = eighteen(stored[f"keypoints_{case}"])
    before = image.copy(), parse.copy(), keypoints.copy()

    assert share_differing(parse_agnostic(parse, keypoints), stored[f"parse_agnostic_{case}"]) <= 1e-3
    assert share_differing(agnostic_image(image, parse, keypoints), stored[f"agnostic_{case}"]) <= 1e-3
    moved = torso_keypoints(keypoints)
    expected = eighteen(stored[f"keypoints_after_{case}"])
    np.testing.assert_allclose(moved[:, :2], expected[:, :2], atol=2e-3)
    for own, given in zip((image, parse, keypoints), before, strict=True):
        np.testing.assert_array_equal(own, given)


@pytest.fixture
def standing():
    """A person from the front: keypoints, and a parse of torso and trousers."""
    points = np.zeros((18, 3), np.float32)
    for joint, place in {
        Joint.NECK: (384, 250),
        Joint.RIGHT_SHOULDER: (284, 260),
        Joint.LEFT_SHOULDER: (484, 260),
        Joint.RIGHT_ELBOW: (250, 420),
        Joint.LEFT_ELBOW: (520, 420),
        Joint.RIGHT_WRIST: (240, 560),
        Joint.LEFT_WRIST: (530, 560),
        Joint.RIGHT_HIP: (320, 600),
        Joint.LEFT_HIP: (450, 600),
    }.items():
        points[joint] = (*place, 1)
    parse = np.zeros((1024, 768), np.uint8)
    parse[260:600, 290:480] = Parse.UPPER
    parse[600:, 290:480] = Parse.PANTS
    return points, parse


@pytest.mark.parametrize("missing", [[Joint.RIGHT_HIP, Joint.LEFT_HIP], [Joint.LEFT_HIP], [Joint.RIGHT_SHOULDER]])
def test_missing_torso_points_still_hide_the_garment(standing, missing):
    points, parse = standing
    points[missing] = 0
    image = np.full((1024, 768, 3), 200, np.uint8)
    agnostic = agnostic_image(image, parse, points)
    hidden = (agnostic == 128).all(-1)
    assert hidden[300:500, 300:470].mean() > 0.95
    assert not hidden[parse == Parse.PANTS].any()


def test_hands_stay(standing):
    points, parse = standing
    parse[400:560, 230:262] = Parse.RIGHT_ARM
    parse[640:680, 225:255] = Parse.RIGHT_ARM
    hand = np.s_[640:680, 225:255]
    assert (parse_agnostic(parse, points)[hand] == Parse.RIGHT_ARM).all()
    image = np.full((1024, 768, 3), 200, np.uint8)
    agnostic = agnostic_image(image, parse, points)
    assert (agnostic[hand] == 200).all()
    assert (agnostic[410:550, 235:260] == 128).all()


def test_the_wider_edit_region_takes_the_fringe_and_spares_face_hair_and_hands():
    parse = np.zeros((1024, 768), np.uint8)
    parse[300:700, 250:520] = Parse.UPPER
    parse[700:1024, 260:510] = Parse.PANTS
    parse[220:300, 350:420] = Parse.NECK
    parse[100:220, 320:450] = Parse.FACE
    parse[200:420, 440:480] = Parse.HAIR
    parse[560:640, 480:560] = Parse.LEFT_ARM
    silhouette = (parse > 0).astype(np.float32)
    silhouette[400:650, 200:250] = 1
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[Joint.RIGHT_SHOULDER], keypoints[Joint.LEFT_SHOULDER] = (270, 320, 1), (500, 320, 1)
    keypoints[Joint.LEFT_WRIST] = 520, 600, 1
    region = widened_upper(parse, silhouette, keypoints)
    assert region[parse == Parse.UPPER].all()
    assert region[500, 205:250].all(), "a sleeve that the parse missed"
    assert region[350, 242:250].all() and not region[350, :230].any(), "fringe"
    assert region[702, 300] and not region[730:, 300].any(), "hem"
    for label in (Parse.FACE, Parse.HAIR, Parse.LEFT_ARM):
        assert not region[parse == label].any()
    assert not widened_upper(np.zeros_like(parse), silhouette, keypoints).any()
