"""What can be wrong with a photo, each in a sentence for the visitor. The only table of such findings."""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.labels import Joint
from vton.preprocess.pose import Pose
from vton.preprocess.refocus import Box

SURE = 0.5
"""Confidence from which a keypoint may speak for a finding."""


@dataclass(frozen=True)
class Finding:
    """severity: "refuse" when no try-on is possible, "warn" when it may come out badly."""

    severity: str
    english: str
    korean: str


FINDINGS = {
    "nobody": Finding(
        "refuse",
        "Nobody was found in this photo; use one that shows a person from the front, head to hips.",
        "사진에서 사람을 찾지 못했습니다. 정면에서 머리부터 엉덩이까지 나온 사진을 사용해 주세요.",
    ),
    "too_close": Finding(
        "refuse",
        "This photo shows too little of the upper body; step back until shoulders, arms and hips are in the picture.",
        "상반신이 거의 보이지 않습니다. 어깨와 팔, 엉덩이가 모두 나오도록 조금 물러나서 찍어 주세요.",
    ),
    "several_people": Finding(
        "warn",
        "There are several people in this photo; the most prominent one was dressed.",
        "사진에 여러 사람이 있어 가장 눈에 띄는 사람에게 옷을 입혔습니다.",
    ),
    "back_view": Finding(
        "warn",
        "The person seems to be seen from behind; a photo from the front works better.",
        "뒷모습으로 보입니다. 정면 사진을 사용하면 결과가 더 좋습니다.",
    ),
    "side_view": Finding(
        "warn",
        "The person is turned to the side; a photo from the front works better.",
        "몸이 옆으로 돌아가 있습니다. 정면 사진을 사용하면 결과가 더 좋습니다.",
    ),
    "pose_unsuited": Finding(
        "refuse",
        "This pose is too far from standing for a fitting; use a photo standing upright with the arms at the sides.",
        "서 있는 자세와 너무 달라 입혀 볼 수 없습니다. 팔을 내리고 똑바로 선 사진을 사용해 주세요.",
    ),
    "not_upright": Finding(
        "warn",
        "The person is not standing upright; a standing pose works best.",
        "똑바로 선 자세가 아닙니다. 서 있는 사진을 사용하면 결과가 가장 좋습니다.",
    ),
    "arms_crossed": Finding(
        "warn",
        "The arms lie across the body; with the arms at the sides the garment fits better.",
        "팔이 몸통을 가리고 있습니다. 팔을 옆으로 내리면 옷이 더 잘 맞습니다.",
    ),
    "arm_raised": Finding(
        "warn",
        "An arm is raised above the shoulder; with the arms at the sides the garment fits better.",
        "팔이 어깨보다 높이 올라가 있습니다. 팔을 옆으로 내리면 옷이 더 잘 맞습니다.",
    ),
    "too_dark": Finding(
        "warn",
        "The photo is very dark; more light gives a better result.",
        "사진이 너무 어둡습니다. 더 밝은 곳에서 찍으면 결과가 좋아집니다.",
    ),
    "blurred": Finding(
        "warn",
        "The person is blurred; a sharp photo gives a better result.",
        "사진이 흐릿합니다. 선명한 사진을 사용하면 결과가 좋아집니다.",
    ),
    "neck_cut_off": Finding(
        "warn",
        "The photo is cut off at the neck, so the neckline may come out wrong; include the chin at least.",
        "목 부분이 잘려 네크라인이 틀릴 수 있습니다. 적어도 턱까지 나오게 찍어 주세요.",
    ),
    "cut_above_waist": Finding(
        "warn",
        "The photo ends above the hips, so the garment's lower part cannot be shown.",
        "사진이 엉덩이 위에서 잘려 옷의 아랫부분을 보여 드릴 수 없습니다.",
    ),
    "tiny_person": Finding(
        "warn",
        "The person is very small in this photo; come closer or use a larger picture.",
        "사진 속 사람이 너무 작습니다. 더 가까이서 찍거나 더 큰 사진을 사용해 주세요.",
    ),
    "no_garment": Finding(
        "refuse",
        "No garment stands out in this picture; photograph one garment on a plain background of another colour.",
        "이 사진에서 옷을 찾을 수 없습니다. 옷 한 벌을 옷과 다른 색의 단색 배경에서 찍어 주세요.",
    ),
    "garment_worn": Finding(
        "warn",
        "This garment picture shows a person, whose top was cut out; the garment alone, laid flat, gives a better fit.",
        "옷 사진에 사람이 있어 입고 있는 상의를 잘라 썼습니다. 옷만 펼쳐서 찍은 사진이 더 잘 맞습니다.",
    ),
    "garment_background_busy": Finding(
        "warn",
        "The garment's background is not plain, so its outline may be wrong; a plain wall or sheet works best.",
        "옷 사진의 배경이 단순하지 않아 윤곽이 틀릴 수 있습니다. 무늬 없는 벽이나 천 위에서 찍으면 가장 좋습니다.",
    ),
    "garment_cut_off": Finding(
        "warn",
        "The garment reaches the edge of its picture and may be cut off; leave some space all around it.",
        "옷이 사진 가장자리에 닿아 잘렸을 수 있습니다. 사방에 여백을 두고 찍어 주세요.",
    ),
}


def sentences(codes: list[str], language: str = "english") -> tuple[str, ...]:
    """The sentences of some findings, in "english" or "korean"."""
    return tuple(getattr(FINDINGS[code], language) for code in codes)


def refusal(codes: list[str]) -> str | None:
    """The English sentence of the first finding that rules a try-on out."""
    return next((FINDINGS[code].english for code in codes if FINDINGS[code].severity == "refuse"), None)


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
    if _is_not_upright(points, sure, torso):
        if arms:
            return ["pose_unsuited"]
        findings.append("not_upright")
    findings += arms
    if neck[1] < 0.1 * torso:
        findings.append("neck_cut_off")
    if visible < 0.85:
        findings.append("cut_above_waist")
    return findings


def _is_not_upright(points: np.ndarray, sure: np.ndarray, torso: float) -> bool:
    """Leaning by more than 35 degrees, or a thigh in the picture that is far from hanging down."""
    middle = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    along = middle - points[Joint.NECK]
    if along[1] < 0.82 * torso:
        return True
    for hip, knee in ((Joint.RIGHT_HIP, Joint.RIGHT_KNEE), (Joint.LEFT_HIP, Joint.LEFT_KNEE)):
        if sure[hip] and sure[knee] and points[knee, 1] - points[hip, 1] < 0.5 * torso:
            return True
    return False


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
