"""The crop is 3:4, holds what is dressed, and stays inside the photo where it can."""

import cv2
import numpy as np
import pytest

from vton.images import crop
from vton.labels import Joint
from vton.preprocess.pose import Pose
from vton.preprocess.prepare import paste_labels, pose_in_box
from vton.preprocess.refocus import is_framed, refocus_box, whole_box

STANDING = {
    Joint.NOSE: (0, -130), Joint.NECK: (0, -70),
    Joint.RIGHT_SHOULDER: (-60, -70), Joint.RIGHT_ELBOW: (-80, 20), Joint.RIGHT_WRIST: (-85, 100),
    Joint.LEFT_SHOULDER: (60, -70), Joint.LEFT_ELBOW: (80, 20), Joint.LEFT_WRIST: (85, 100),
    Joint.RIGHT_HIP: (-35, 100), Joint.RIGHT_KNEE: (-35, 230), Joint.RIGHT_ANKLE: (-35, 360),
    Joint.LEFT_HIP: (35, 100), Joint.LEFT_KNEE: (35, 230), Joint.LEFT_ANKLE: (35, 360),
    Joint.RIGHT_EYE: (-15, -140), Joint.LEFT_EYE: (15, -140), Joint.RIGHT_EAR: (-28, -135), Joint.LEFT_EAR: (28, -135),
}  # fmt: skip


def person(size, middle, scale=1.0):
    """Keypoints and silhouette of somebody standing with the belly at `middle` in a photo of (width, height)."""
    width, height = size
    keypoints = np.zeros((18, 3), np.float32)
    for joint, (x, y) in STANDING.items():
        keypoints[joint] = middle[0] + scale * x, middle[1] + scale * y, 0.9
    keypoints[:, 2] *= (keypoints[:, 0] >= 0) & (keypoints[:, 0] < width)
    keypoints[:, 2] *= (keypoints[:, 1] >= 0) & (keypoints[:, 1] < height)
    silhouette = np.zeros((height, width), np.float32)

    def place(x, y):
        return round(middle[0] + scale * x), round(middle[1] + scale * y)

    cv2.ellipse(silhouette, place(0, -145), (round(40 * scale), round(50 * scale)), 0, 0, 360, 1, -1)
    cv2.rectangle(silhouette, place(-100, -80), place(100, 110), 1, -1)
    cv2.rectangle(silhouette, place(-60, 110), place(60, 375), 1, -1)
    return keypoints, silhouette


PLACES = [
    ("full body", (800, 1000), (400, 420), 1.2),
    ("small in a wide photo", (2000, 1200), (1500, 700), 0.6),
    ("at the left edge", (1200, 900), (60, 400), 1.0),
    ("at the right edge", (1200, 900), (1150, 400), 1.0),
    ("head cut off", (800, 1000), (400, 100), 1.2),
    ("fills the frame", (600, 800), (300, 420), 2.1),
    ("close-up", (400, 500), (200, 700), 3.0),
    ("phone", (720, 1560), (360, 700), 2.0),
]


@pytest.mark.parametrize(("size", "middle", "scale"), [place[1:] for place in PLACES], ids=[p[0] for p in PLACES])
def test_box_is_three_by_four_and_holds_the_upper_body(size, middle, scale):
    keypoints, silhouette = person(size, middle, scale)
    left, top, right, bottom = refocus_box(keypoints, silhouette, size)
    assert (right - left) / (bottom - top) == pytest.approx(0.75, abs=1e-6)
    upper = [joint for joint in STANDING if not ("knee" in joint.name.lower() or "ankle" in joint.name.lower())]
    x, y, confidence = keypoints[upper].T
    seen = confidence > 0
    assert ((x[seen] >= left) & (x[seen] <= right)).all()
    assert ((y[seen] >= top) & (y[seen] <= bottom)).all()
    crown = np.flatnonzero(silhouette.any(1))[0]
    assert top <= max(crown, 1)


@pytest.mark.parametrize("index", [0, 1, 2, 3, 4])
def test_box_stays_inside_a_photo_with_room(index):
    _, size, middle, scale = PLACES[index]
    left, top, right, bottom = refocus_box(*person(size, middle, scale), size)
    assert left >= 0 and top >= 0 and right <= size[0] and bottom <= size[1]


def test_full_body_is_cut_above_the_ankles():
    size = (800, 1000)
    keypoints, silhouette = person(size, (400, 420), 1.2)
    box = refocus_box(keypoints, silhouette, size)
    assert box[3] < keypoints[Joint.RIGHT_ANKLE, 1]


def test_well_framed_photo_is_left_whole():
    size = (768, 1024)
    keypoints, silhouette = person(size, (384, 520), 2.4)
    assert refocus_box(keypoints, silhouette, size) == (0, 0, 768, 1024)


def test_raised_arm_is_inside():
    size = (800, 1000)
    keypoints, silhouette = person(size, (400, 520))
    keypoints[Joint.LEFT_ELBOW, :2] = 490, 380
    keypoints[Joint.LEFT_WRIST, :2] = 500, 250
    cv2.line(silhouette, (460, 450), (500, 250), 1, 30)
    assert refocus_box(keypoints, silhouette, size)[1] <= 250


def test_room_is_added_where_the_body_does_not_touch_the_frame():
    """A landscape photo cut at the waist: background can be continued above the head, a belly cannot below."""
    size = (1200, 520)
    _, top, _, bottom = refocus_box(*person(size, (600, 480), 1.9), size)
    assert bottom == pytest.approx(520, abs=1)
    assert top < 0


def test_pose_moves_with_the_crop():
    size = (800, 1000)
    keypoints, silhouette = person(size, (400, 420), 1.2)
    box = refocus_box(keypoints, silhouette, size)
    moved = pose_in_box(Pose(keypoints, silhouette, 2), box)
    back = (moved.keypoints[:, :2] + 0.5) * (box[2] - box[0]) / 768 + box[:2] - 0.5
    assert np.abs(back - keypoints[:, :2]).max() < 0.01
    assert moved.people == 2
    assert moved.keypoints[Joint.RIGHT_ANKLE, 2] == 0
    x, y = moved.keypoints[Joint.NECK, :2].round().astype(int)
    assert moved.silhouette[y, x] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("box", [(100.3, 50.7, 700.3, 850.7), (-60.2, -20.5, 239.8, 379.5), (0.0, 0.0, 3000.0, 4000.0)])
def test_the_way_back_is_exact(box):
    """Every pixel of the crop shows the place in the photo that the box says, to a tenth of a photo's pixel."""
    height, width = (4000, 3000) if box[2] > 2000 else (900, 720)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    found = crop(np.dstack([columns, rows, np.zeros_like(rows)]), box, (768, 1024))
    y, x = np.mgrid[0:1024, 0:768]
    expected_x = (x + 0.5) * (box[2] - box[0]) / 768 + box[0] - 0.5
    expected_y = (y + 0.5) * (box[3] - box[1]) / 1024 + box[1] - 0.5
    margin = 3
    inside = (expected_x > margin) & (expected_x < width - 1 - margin)
    inside &= (expected_y > margin) & (expected_y < height - 1 - margin)
    assert inside.mean() > 0.5
    assert np.abs(found[..., 0] - expected_x)[inside].max() < 0.1
    assert np.abs(found[..., 1] - expected_y)[inside].max() < 0.1


def test_beyond_the_photo_its_border_goes_on():
    photo = np.zeros((400, 300, 3), np.uint8)
    photo[:] = 120, 130, 140
    photo[:, :12] = 10, 20, 30  # wider than the frame of a screenshot
    found = crop(photo, (-150, 0, 150, 400), (768, 1024))
    assert (found[:, :370] == (10, 20, 30)).all()


def test_labels_come_back_to_the_photo():
    """Labels of a crop pasted into the whole photo lie where they were seen."""
    rows, columns = np.mgrid[0:1024, 0:768]
    whole = ((rows // 64 + columns // 64) % 2).astype(np.uint8)
    box = (120.5, 80.25, 600.5, 720.25)
    seen = (crop(np.repeat(whole[..., None] * 255, 3, 2), box, (768, 1024))[..., 0] > 127).astype(np.uint8)
    back = paste_labels(seen, box, np.full_like(whole, 7), (0.0, 0.0, 768.0, 1024.0))
    covered = back != 7
    assert covered[90:710, 130:590].all() and not covered[:70].any()
    assert (back[covered] == whole[covered]).mean() > 0.97


def test_frames():
    assert is_framed((768, 1024)) and is_framed((1050, 1400)) and not is_framed((720, 1280))
    assert whole_box((1050, 1400)) == (0, 0, 1050, 1400)
    left, top, right, bottom = whole_box((720, 1280))
    assert (left, top, right, bottom) == (-120, 0, 840, 1280)
