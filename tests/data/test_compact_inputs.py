import numpy as np

from tests.training.fake import keypoints_of
from vton.labels import Joint, Parse, Region
from vton.methods.compact_inputs import (
    agnostic_regions,
    complete_keypoints,
    garment_crop,
    hide_waistband,
    move_keypoints,
    skeleton_map,
    torso_crop,
)


def framed() -> np.ndarray:
    keypoints = keypoints_of(190)
    return move_keypoints(keypoints, torso_crop(keypoints))


def test_the_torso_always_fills_the_same_part_of_the_frame():
    for scale in (0.5, 1.0, 3.0):
        keypoints = keypoints_of(190) * (scale, scale, 1)
        moved = move_keypoints(keypoints, torso_crop(keypoints))
        hips = moved[[Joint.RIGHT_HIP, Joint.LEFT_HIP], :2].mean(0)
        np.testing.assert_allclose((moved[Joint.NECK, :2] + hips) / 2, (95.5, 127.5), atol=0.01)
        np.testing.assert_allclose(hips[1] - moved[Joint.NECK, 1], 256 / 2.3, rtol=1e-4)


def test_missing_points_are_guessed_sensibly():
    whole = keypoints_of(190)
    for missing in (
        [Joint.RIGHT_HIP, Joint.LEFT_HIP],
        [Joint.LEFT_HIP],
        [Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST],
        [Joint.LEFT_SHOULDER],
        [Joint.NECK],
        [Joint.NOSE, Joint.LEFT_EAR, Joint.LEFT_EYE],
    ):
        partial = whole.copy()
        partial[missing] = 0
        completed = complete_keypoints(partial)
        width = 90
        assert np.linalg.norm(completed[missing, :2] - whole[missing, :2], axis=1).max() < 0.8 * width
        np.testing.assert_array_equal(completed[:, 2], partial[:, 2])
    assert not complete_keypoints(np.zeros((18, 3), np.float32)).any()


def test_the_skeleton_reaches_what_it_stands_for_and_ignores_size():
    keypoints = framed()
    drawn = skeleton_map(keypoints, 256, 192)
    assert drawn.shape == (256, 192, 3) and drawn.dtype == np.float32
    assert drawn.min() >= 0 and drawn.max() <= 1
    for joint in (Joint.NECK, Joint.RIGHT_ELBOW, Joint.LEFT_ELBOW, Joint.NOSE):
        x, y = keypoints[joint, :2].round().astype(int)
        assert drawn[y, x].any()
    assert not drawn[0, 0].any()
    right, left = (keypoints[[s, e], :2].mean(0).round().astype(int) for s, e in ((2, 3), (5, 6)))
    assert drawn[right[1], right[0], 0] < 0.3 < 0.7 < drawn[left[1], left[0], 0]


def test_hands_stay_and_the_worn_top_goes():
    keypoints = framed()
    parse = np.full((256, 192), Parse.UPPER, np.uint8)
    wrist, elbow = keypoints[Joint.LEFT_WRIST, :2], keypoints[Joint.LEFT_ELBOW, :2]
    hand = (wrist + 0.2 * (wrist - elbow)).round().astype(int)
    forearm = ((wrist + elbow) / 2).round().astype(int)
    for x, y in (hand, forearm):
        parse[y - 2 : y + 3, x - 2 : x + 3] = Parse.LEFT_ARM
    parse[:8, :8] = Parse.NECK
    parse[250:, :8] = Parse.PANTS
    regions = agnostic_regions(parse, keypoints)
    assert regions[hand[1], hand[0]] == Region.LEFT_ARM
    assert regions[forearm[1], forearm[0]] == Region.BACKGROUND
    assert set(np.unique(regions)) == {Region.BACKGROUND, Region.LEFT_ARM, Region.BOTTOM}


def test_the_waistband_is_hidden_down_to_its_reach():
    keypoints = framed()
    regions = np.full((256, 192), Region.BOTTOM, np.uint8)
    neck, hips = keypoints[Joint.NECK, 1], keypoints[Joint.LEFT_HIP, 1]
    shown = np.nonzero((hide_waistband(regions, keypoints, 0.5) == Region.BOTTOM)[:, 96])[0]
    assert abs(shown[0] - (neck + hips) / 2) <= 1
    assert regions.min() == Region.BOTTOM


def test_a_garment_fills_its_frame():
    mask = np.zeros((1024, 768), np.float32)
    mask[300:500, 100:700] = 1
    corners = np.array([[100, 300], [699, 499]]) @ garment_crop(mask)[:, :2].T + garment_crop(mask)[:, 2]
    np.testing.assert_allclose(corners.mean(0), (95.5, 127.5), atol=0.01)
    np.testing.assert_allclose(np.ptp(corners[:, 0]), 0.92 * 192, atol=0.5)
    assert np.isfinite(garment_crop(np.zeros((256, 192)))).all()
