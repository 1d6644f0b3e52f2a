"""What is wrong with a person's photo, as codes of `findings.FINDINGS`."""

import cv2
import numpy as np

from vton.labels import Joint
from vton.preprocess.findings import FINDINGS, refusal, sentences
from vton.preprocess.landmarks import Pose
from vton.preprocess.refocus import Box

__all__ = ["FINDINGS", "SURE", "picture_findings", "pose_findings", "refusal", "sentences", "sharpness"]

SURE = 0.5
"""Confidence from which a keypoint may speak for a finding."""
HIGH, CROSSING, FAR = 0.12, 0.05, 0.25
"""In torso lengths: how far above the neck a hand is raised, by how much two hands change sides, and how far beyond the
body's middle one of them is for its arm to lie across."""
BELOW_NECK, BESIDE_NECK = 0.15, 0.35
"""In torso lengths: how far below the neck and to its side the wrist of a hand is that is held up to it."""


def pose_findings(pose: Pose) -> list[str]:
    """What a pose in a photo tells about its fitness. Returns codes of FINDINGS."""
    height, _ = pose.silhouette.shape
    points, sure = pose.keypoints[:, :2], pose.keypoints[:, 2] > SURE
    shoulders, hips = (
        points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]],
        points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]],
    )
    neck, middle = points[Joint.NECK], hips.mean(0)
    torso = max(1.0, float(np.linalg.norm(middle - neck)))
    visible = (height - neck[1]) / max(1.0, float(middle[1] - neck[1]))
    if not sure[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]].any() or visible < 0.33:
        return ["too_close"]
    findings = ["several_people"] if pose.people > 1 else []
    across = float(shoulders[1, 0] - shoulders[0, 0]) / torso
    if across < -0.2:
        findings.append("back_view")
    elif abs(across) < 0.3:
        findings.append("side_view")
    arms = _arm_findings(points, sure, torso)
    posture = _posture(points, sure, torso)
    if posture and arms:
        return ["pose_unsuited"]
    findings += posture
    findings += arms or _hand_findings(points, sure, torso)
    if neck[1] < 0.1 * torso:
        findings.append("neck_cut_off")
    if visible < 0.85:
        findings.append("cut_above_waist")
    return findings


def _posture(points: np.ndarray, sure: np.ndarray, torso: float) -> list[str]:
    """Leaning by more than 35 degrees, sitting, or standing with a leg drawn up: at most one finding.

    Thighs that point at the camera or aside end not far below the hips: of one the leg is drawn up, of both, one sits.
    """
    middle = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    if middle[1] - points[Joint.NECK, 1] < 0.82 * torso:
        return ["not_upright"]
    seen = [
        (h, k)
        for h, k in ((Joint.RIGHT_HIP, Joint.RIGHT_KNEE), (Joint.LEFT_HIP, Joint.LEFT_KNEE))
        if sure[[h, k]].all()
    ]
    drawn_up = [points[knee, 1] - points[hip, 1] < 0.5 * torso for hip, knee in seen]
    if not any(drawn_up):
        return []
    return ["sitting"] if all(drawn_up) else ["not_upright"]


def _arm_findings(points: np.ndarray, sure: np.ndarray, torso: float) -> list[str]:
    arms = (
        (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
        (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
    )
    findings = []
    if any(sure[elbow] and points[elbow, 1] < points[shoulder, 1] - 0.1 * torso for shoulder, elbow, _ in arms):
        findings.append("arm_raised")
    wrists = points[[Joint.RIGHT_WRIST, Joint.LEFT_WRIST]]
    hips = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
    facing = np.sign(points[Joint.LEFT_SHOULDER, 0] - points[Joint.RIGHT_SHOULDER, 0])
    crossed = facing * (wrists[0, 0] - wrists[1, 0]) > 0.15 * torso
    if sure[[Joint.RIGHT_WRIST, Joint.LEFT_WRIST]].all() and crossed and (wrists[:, 1] < hips).all():
        findings.append("arms_crossed")
    return findings


def _hand_findings(points: np.ndarray, sure: np.ndarray, torso: float) -> list[str]:
    """Of arms that neither cross nor are raised themselves: forearms that are. At most one finding.

    Folded arms cross little when one wrist hides beneath the other arm.
    """
    wrists, seen = points[[Joint.RIGHT_WRIST, Joint.LEFT_WRIST]], sure[[Joint.RIGHT_WRIST, Joint.LEFT_WRIST]]
    neck, hips = points[Joint.NECK], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    if (seen & (wrists[:, 1] < neck[1] - HIGH * torso)).any():
        return ["arm_raised"]
    if (seen & (np.abs(wrists - neck) < (BESIDE_NECK * torso, BELOW_NECK * torso)).all(1)).any():
        return ["hand_at_neck"]
    facing = np.sign(points[Joint.LEFT_SHOULDER, 0] - points[Joint.RIGHT_SHOULDER, 0])
    beyond = facing * (wrists[:, 0] - (neck[0] + hips[0]) / 2) * (1, -1) / torso
    higher = wrists[:, 1] < hips[1]
    across = (seen & higher & (beyond > FAR)).any() or ((seen & higher).all() and beyond.sum() > CROSSING)
    return ["arms_crossed"] if across else []


def picture_findings(image: np.ndarray, silhouette: np.ndarray, box: Box) -> list[str]:
    """What the crop itself tells. Returns codes of FINDINGS.

    Args:
        image: uint8 RGB (H, W, 3), the crop on the canvas.
        silhouette: float32 (H, W) in [0, 1].
        box: the crop in pixels of the photo; its height is what the person's detail comes from.
    """
    findings = []
    person = silhouette > 0.5
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if person.any() and np.percentile(grey[person], 95) < 70 and np.percentile(grey, 95) < 110:
        findings.append("too_dark")
    if box[3] - box[1] < 240:
        findings.append("tiny_person")
    elif sharpness(image, person) < 12:
        findings.append("blurred")
    return findings


def sharpness(image: np.ndarray, person: np.ndarray) -> float:
    """How steep the steepest edges on a person are: 99th percentile of the Laplacian at 512 pixels of height.

    image: uint8 RGB (H, W, 3); person: bool (H, W).
    """
    size = (round(image.shape[1] * 512 / image.shape[0]), 512)
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA).astype(np.float32)
    inside = cv2.resize(person.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    if not inside.any():
        return 0.0
    return float(np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F))[inside], 99))
