"""A person's pose and silhouette in a photo, by MediaPipe, in OpenPose's terms."""

import colorsys
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import cv2
import numpy as np

from vton.labels import BODY25_FROM_18, KEYPOINTS, LIMBS, Joint
from vton.preprocess.landmarks import (
    Pose,
    body_keypoints,
    facing_away,
    foot_keypoints,
    only_seen,
    other_side,
    shows_eyes,
)
from vton.preprocess.regions import large_pieces

WORKING_SIDE = 1024
"""Photos are brought to this longer side first; MediaPipe itself looks at 256 pixels around the person."""

RETRIES = (
    (-0.3, -0.3, 1.3, 1.3),
    (-0.5, -0.9, 1.5, 1.1),
    (0.15, 0.1, 0.85, 0.9),
    (0.0, 0.0, 0.6, 0.6),
    (0.4, 0.0, 1.0, 0.6),
    (0.0, 0.4, 0.6, 1.0),
    (0.4, 0.4, 1.0, 1.0),
    (0.25, 0.25, 0.75, 0.75),
)
"""Windows (left, top, right, bottom as shares of the photo) to look through when the whole photo shows nobody.

The first two set the person further away, for close-ups and cut-off heads; the others enlarge a small person.
"""


class PoseEstimator:
    """MediaPipe's pose and face models, loaded once and shared by threads. Nothing is downloaded.

    count_people: look for further people as well, which doubles the time; off for pictures known to show one.
    """

    def __init__(self, count_people: bool = True):
        with _muted():
            # Two seconds of import, and its C++ side logs to stderr before it can be told not to.
            import absl.logging
            import mediapipe

            absl.logging.set_verbosity(absl.logging.ERROR)
            self._pose = mediapipe.solutions.pose.Pose(
                static_image_mode=True, model_complexity=1, enable_segmentation=True, min_detection_confidence=0.5
            )
            self._faces = mediapipe.solutions.face_detection.FaceDetection(
                model_selection=1, min_detection_confidence=0.6
            )
            # Graphs start in threads of their own, which have logged all they will once a first picture is through.
            blank = np.zeros((256, 256, 3), np.uint8)
            self._pose.process(blank)
            self._faces.process(blank)
        self._count_people = count_people
        self._lock = threading.Lock()
        self._has_logged = False

    def __call__(self, pixels: np.ndarray, at: tuple[float, float] | None = None) -> Pose | None:
        """Find the most prominent person, or the one at a point.

        Args:
            pixels: uint8 RGB (H, W, 3).
            at: x and y as shares of width and height; the person there, or else the nearest one, is meant.

        Returns:
            The pose in pixels of the picture, or None when nobody is found.
        """
        height, width = pixels.shape[:2]
        scale = min(1.0, WORKING_SIDE / max(height, width))
        small = np.ascontiguousarray(pixels)
        if scale < 1:
            small = cv2.resize(pixels, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
        pose = self.detect(small)
        for window in RETRIES:
            if pose is not None:
                break
            pose = self._detect_in_window(small, window)
        if at is not None:
            pose = self._at(small, pose, (at[0] * small.shape[1], at[1] * small.shape[0]))
        if pose is None:
            return None
        if self._count_people and at is None:
            pose = self._most_prominent(small, pose)
        stretch = np.array([width / small.shape[1], height / small.shape[0]], np.float32)
        silhouette = pose.silhouette
        if scale < 1:
            silhouette = cv2.resize(silhouette, (width, height), interpolation=cv2.INTER_LINEAR)
        keypoints, feet = (
            np.column_stack([(points[:, :2] + 0.5) * stretch - 0.5, points[:, 2]]).astype(np.float32)
            for points in (pose.keypoints, pose.feet)
        )
        return replace(pose, keypoints=keypoints, silhouette=silhouette, feet=feet)

    def detect(self, pixels: np.ndarray, pads: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Pose | None:
        """MediaPipe's own choice in a picture, contiguous uint8 RGB (H, W, 3), without counting.

        Somebody whose head is beyond the picture's edge is believed to face the camera: of them MediaPipe often takes
        left for right. What was put around the picture (rows above, below, columns left, right) shows nothing.
        """
        found = self._look(pixels)
        if found is None:
            return None
        height, width = pixels.shape[:2]
        landmarks, silhouette = found
        if facing_away(landmarks):
            mirrored = self._look(np.ascontiguousarray(pixels[:, ::-1]))
            if mirrored is not None and not facing_away(mirrored[0]):
                landmarks, silhouette = other_side(mirrored[0]), mirrored[1][:, ::-1].copy()
                landmarks[:, 0] = width - landmarks[:, 0]
            elif not shows_eyes(
                landmarks - np.array([pads[2], pads[0], 0]), width - pads[2] - pads[3], height - pads[0] - pads[1]
            ):
                landmarks = other_side(landmarks)
        keypoints, feet = (convert(landmarks, width, height) for convert in (body_keypoints, foot_keypoints))
        return Pose(keypoints, silhouette, feet=feet)

    def _look(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """MediaPipe's landmarks, float (33, 3), x and y in pixels and visibility; and silhouette, float32 (H, W)."""
        with self._lock:
            if self._has_logged:
                result = self._pose.process(pixels)
            else:
                with _muted():
                    result = self._pose.process(pixels)
                self._has_logged = result.pose_landmarks is not None
            if result.pose_landmarks is None:
                return None
            # MediaPipe's mask lies in shared memory that its next call overwrites.
            silhouette = np.clip(result.segmentation_mask, 0, 1).astype(np.float32)
        height, width = pixels.shape[:2]
        landmarks = [(p.x * width, p.y * height, p.visibility) for p in result.pose_landmarks.landmark]
        return np.array(landmarks), silhouette

    def _detect_in_window(self, pixels: np.ndarray, window: tuple[float, float, float, float]) -> Pose | None:
        height, width = pixels.shape[:2]
        left, right = round(window[0] * width), round(window[2] * width)
        top, bottom = round(window[1] * height), round(window[3] * height)
        inner = pixels[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
        pads = max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width)
        pose = self.detect(cv2.copyMakeBorder(inner, *pads, cv2.BORDER_REPLICATE), pads)
        if pose is None:
            return None
        silhouette = np.zeros((height, width), np.float32)
        seen = pose.silhouette[
            pads[0] : pose.silhouette.shape[0] - pads[1], pads[2] : pose.silhouette.shape[1] - pads[3]
        ]
        silhouette[max(0, top) : min(height, bottom), max(0, left) : min(width, right)] = seen
        moved = np.array([left, top, 0], np.float32)
        keypoints, feet = (only_seen(points + moved, width, height) for points in (pose.keypoints, pose.feet))
        return Pose(keypoints, silhouette, feet=feet)

    def _most_prominent(self, pixels: np.ndarray, first: Pose) -> Pose:
        """Paint the person over and look again; MediaPipe alone reports one person only."""
        height, width = pixels.shape[:2]
        reach = max(3, round(max(height, width) * 0.02)) | 1
        covered = cv2.dilate((first.silhouette > 0.3).astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
        if covered.mean() > 0.9:
            return first
        without = pixels.copy()
        without[covered] = np.median(pixels[~covered], axis=0).astype(np.uint8)
        second = self.detect(without)
        poses = [first]
        if second is not None and _is_another(first, second, covered):
            poses.append(second)
        faces = self._faces_beside(pixels, poses)
        people = len(poses) + len(faces)
        if faces:
            by_prominence = [face[2] * (1 - abs(face[0] / width - 0.5)) for face in faces]
            third = self._detect_below(pixels, faces[int(np.argmax(by_prominence))])
            poses += [third] if third is not None else []
        chosen = max(poses, key=Pose.prominence)
        neighbours = self._neighbours(pixels, chosen, self._faces_beside(pixels, poses)) if faces else []
        others = [pose for pose in poses if pose is not chosen and _apart(pose, chosen)]
        return replace(_without(chosen, others + neighbours), people=people)

    def _neighbours(self, pixels: np.ndarray, pose: Pose, faces: list[tuple[float, float, float]]) -> list[Pose]:
        """The people to the left and right of one; MediaPipe's silhouette tends to take an arm of theirs along."""
        nose = pose.keypoints[Joint.NOSE, 0]
        beside = [
            min((f for f in faces if side * (f[0] - nose) > 0), key=lambda f: abs(f[0] - nose), default=None)
            for side in (-1, 1)
        ]
        found = [self._detect_below(pixels, face) for face in beside if face is not None]
        return [other for other in found if other is not None and _apart(other, pose)]

    def _at(self, pixels: np.ndarray, first: Pose | None, point: tuple[float, float]) -> Pose | None:
        """The person whose silhouette holds the point, or else the one whose body is nearest to it."""
        poses = [first] if first is not None else []
        for find in (self._by_faces, self._by_windows):
            if poses and _distance(poses[-1], point) == 0:
                break
            for pose in find(pixels, point):
                poses.append(pose)
                if _distance(pose, point) == 0:
                    break
        if not poses:
            return None
        chosen = min(poses, key=lambda pose: _distance(pose, point))
        others = [pose for pose in poses if _apart(pose, chosen)]
        return _without(chosen, others + self._neighbours(pixels, chosen, self._faces_beside(pixels, poses)))

    def _by_faces(self, pixels: np.ndarray, point: tuple[float, float]) -> Iterator[Pose]:
        """The people below the faces that are near a point, the nearest first."""

        def far(face: tuple[float, float, float]) -> float:
            # A body hangs below its face: a point three faces further down is as near as one a face to the side.
            down = point[1] - face[1]
            return float(np.hypot((point[0] - face[0]), down / 3 if down > 0 else down))

        for face in sorted(self._faces_beside(pixels, []), key=far)[:3]:
            pose = self._detect_below(pixels, face)
            if pose is not None:
                yield pose

    def _by_windows(self, pixels: np.ndarray, point: tuple[float, float]) -> Iterator[Pose]:
        """The people that MediaPipe takes in windows around a point, from large to small."""
        height, width = pixels.shape[:2]
        for size in (1.0, 0.7, 0.45, 0.3):
            for above in (0.5, 0.25, 0.75):
                x, y = 0.3 * size * height / width, size
                left, top = point[0] / width - x, point[1] / height - above * y
                window = (max(0, left), max(0, top), min(1, left + 2 * x), min(1, top + y))
                pose = self._detect_in_window(pixels, window)
                if pose is not None and (_distance(pose, point) == 0 or not _is_cut(pose, window)):
                    yield pose

    def _faces_beside(self, pixels: np.ndarray, poses: list[Pose]) -> list[tuple[float, float, float]]:
        """The faces (centre x, centre y, size in pixels) that are none of the given people's."""
        height, width = pixels.shape[:2]
        with self._lock:
            found = self._faces.process(pixels).detections or ()
        noses = [pose.keypoints[Joint.NOSE, :2] for pose in poses]
        faces = []
        for face in found:
            box = face.location_data.relative_bounding_box
            x, y = (box.xmin + box.width / 2) * width, (box.ymin + box.height / 2) * height
            size = max(box.width * width, box.height * height)
            if all(np.hypot(x - nose[0], y - nose[1]) > size for nose in noses):
                faces.append((x, y, size))
        return faces

    def _detect_below(self, pixels: np.ndarray, face: tuple[float, float, float]) -> Pose | None:
        """The person whose face this is; None when MediaPipe takes somebody else in the window around it."""
        height, width = pixels.shape[:2]
        x, y, size = face
        window = ((x - 2 * size) / width, (y - 1.5 * size) / height, (x + 2 * size) / width, (y + 7 * size) / height)
        pose = self._detect_in_window(
            pixels, (max(0, window[0]), max(0, window[1]), min(1, window[2]), min(1, window[3]))
        )
        if pose is None or np.hypot(*(pose.keypoints[Joint.NOSE, :2] - (x, y))) > size:
            return None
        return pose


def _distance(pose: Pose, point: tuple[float, float]) -> float:
    """From a point to a person's silhouette, in pixels; 0 inside."""
    person = pose.silhouette > 0.5
    if not person.any():
        return float("inf")
    x, y = (int(np.clip(value, 0, side - 1)) for value, side in zip(point, person.shape[::-1], strict=True))
    distances = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 5)
    # A click beside the outline is still on the person.
    return max(0.0, float(distances[y, x]) - 0.01 * person.shape[0])


def _is_cut(pose: Pose, window: tuple[float, float, float, float]) -> bool:
    """Whether a side of the window, and not of the photo, runs through the person found in it."""
    person = pose.silhouette > 0.5
    height, width = person.shape
    reach = max(2, width // 100)
    left, right = round(window[0] * width), round(window[2] * width)
    sides = [person[:, left : left + reach]] if left > 0 else []
    sides += [person[:, right - reach : right]] if right < width else []
    return any(side.any(axis=1).sum() > 0.1 * (window[3] - window[1]) * height for side in sides)


def _apart(one: Pose, other: Pose) -> bool:
    """Whether two detections are of two people."""
    breadth = np.linalg.norm(np.subtract(*other.keypoints[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER], :2]))
    return bool(np.linalg.norm(one.keypoints[Joint.NECK, :2] - other.keypoints[Joint.NECK, :2]) > 0.5 * breadth)


def _without(pose: Pose, others: list[Pose]) -> Pose:
    """A pose whose silhouette leaves out what belongs to others more surely, and what that cuts off from the body."""
    if not others:
        return pose
    silhouette = np.where(np.max([other.silhouette for other in others], axis=0) > pose.silhouette, 0, pose.silhouette)
    solid = silhouette > 0.5
    silhouette = np.where(solid & ~large_pieces(solid, 1), 0, silhouette)
    return replace(pose, silhouette=silhouette.astype(np.float32), people=1 + len(others))


def _is_another(first: Pose, second: Pose, covered: np.ndarray) -> bool:
    """Whether the second detection is a person of some size, and not what is left of the first."""
    area = second.silhouette > 0.5
    if area.sum() < 0.15 * (first.silhouette > 0.5).sum() or (area & covered).sum() > 0.3 * area.sum():
        return False
    torso = second.keypoints[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER, Joint.RIGHT_HIP, Joint.LEFT_HIP]]
    rows = np.clip(torso[:, 1].round().astype(int), 0, area.shape[0] - 1)
    columns = np.clip(torso[:, 0].round().astype(int), 0, area.shape[1] - 1)
    return bool(area[rows, columns].sum() >= 2)


@contextmanager
def _muted() -> Iterator[None]:
    """Close the process's stderr for a moment; TensorFlow Lite writes to it past Python and past its log level."""
    saved = os.dup(2)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(silent)


def draw_pose(keypoints: np.ndarray, height: int, width: int) -> np.ndarray:
    """Draw a skeleton on black in OpenPose's colours: 18 hues, 20 degrees apart, limbs at 0.6 of their strength.

    Args:
        keypoints: (18, 3), x, y in pixels and confidence; limbs with an end at 0.2 or less are left out.

    Returns:
        uint8 RGB (height, width, 3).
    """
    colours = [
        tuple(round(255 * channel) for channel in colorsys.hsv_to_rgb(joint / len(KEYPOINTS), 1, 1)) for joint in Joint
    ]
    picture = np.zeros((height, width, 3), np.uint8)
    thickness = max(2, round(max(height, width) / 110))
    for (start, end), colour in zip(LIMBS, colours, strict=False):
        if min(keypoints[start, 2], keypoints[end, 2]) > 0.2:
            middle = (keypoints[start, :2] + keypoints[end, :2]) / 2
            along = keypoints[end, :2] - keypoints[start, :2]
            axes = (max(1, round(float(np.linalg.norm(along)) / 2)), thickness // 2 + 1)
            angle = float(np.degrees(np.arctan2(along[1], along[0])))
            faded = tuple(round(0.6 * channel) for channel in colour)
            cv2.ellipse(picture, (round(float(middle[0])), round(float(middle[1]))), axes, angle, 0, 360, faded, -1)
    for (x, y, confidence), colour in zip(keypoints, colours, strict=True):
        if confidence > 0.2:
            cv2.circle(picture, (round(float(x)), round(float(y))), thickness // 2 + 1, colour, -1, cv2.LINE_AA)
    return picture


def openpose_json(keypoints: np.ndarray, feet: np.ndarray | None = None) -> dict:
    """The pose as OpenPose writes it (BODY_25), the form in which VITON-HD keeps poses.

    Args:
        keypoints: (18, 3), x, y in pixels and confidence; points of confidence 0 become (0, 0, 0) as in OpenPose.
        feet: (6, 3), left big toe, small toe and heel, then the right ones; (0, 0, 0) when not given.
    """
    points = np.where(keypoints[:, 2:] > 0, keypoints, 0)
    body = np.where(BODY25_FROM_18[:, None] >= 0, points[BODY25_FROM_18], 0)
    hips = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]]
    if hips[:, 2].min() > 0:
        body[8] = hips.mean(0)
    if feet is not None:
        body[19:] = np.where(feet[:, 2:] > 0, feet, 0)
    person = {"person_id": [-1], "pose_keypoints_2d": [round(float(value), 3) for value in body.ravel()]}
    person |= {name: [] for name in ("face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d")}
    return {"version": 1.3, "people": [person]}
