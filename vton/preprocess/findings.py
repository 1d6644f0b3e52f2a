"""Everything that can be found wrong with a picture, each in a sentence for the visitor. The only such table."""

from dataclasses import dataclass


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
        "너무 가까이에서 찍혀 상반신이 거의 보이지 않습니다. 어깨와 팔, 엉덩이까지 나오도록 조금 물러나서 찍어 주세요.",
    ),
    "pose_unsuited": Finding(
        "refuse",
        "This pose is too far from standing for a fitting; use a photo standing upright with the arms at the sides.",
        "서 있는 자세와 너무 달라 옷을 입혀 볼 수 없습니다. 팔을 내리고 똑바로 선 사진을 사용해 주세요.",
    ),
    "several_people": Finding(
        "warn",
        "There are several people in this photo, and the most prominent one was dressed; to choose another, click on "
        "that person in the photo.",
        "사진에 여러 사람이 있어 가장 눈에 띄는 사람에게 옷을 입혔습니다. 다른 사람에게 입히려면 사진에서 그 사람을 "
        "눌러 주세요.",
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
    "sitting": Finding(
        "warn",
        "The person seems to be sitting or squatting, which folds the garment; a standing pose works best.",
        "앉아 있는 자세로 보여 옷이 접혀 보일 수 있습니다. 서 있는 사진을 사용하면 결과가 가장 좋습니다.",
    ),
    "not_upright": Finding(
        "warn",
        "The person is not standing upright; a standing pose works best.",
        "똑바로 선 자세가 아닙니다. 똑바로 서 있는 사진을 사용하면 결과가 가장 좋습니다.",
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
    "hand_at_neck": Finding(
        "warn",
        "A hand is held up to the neck, where it hides the collar; with the arms at the sides the garment fits better.",
        "손이 목 가까이에 있어 옷깃을 가립니다. 팔을 옆으로 내리면 옷이 더 잘 맞습니다.",
    ),
    "neck_cut_off": Finding(
        "warn",
        "The photo is cut off at the neck, so the neckline may come out wrong; include the chin at least.",
        "목 부분이 잘려 옷의 목둘레가 어색할 수 있습니다. 적어도 턱까지 나오게 찍어 주세요.",
    ),
    "cut_above_waist": Finding(
        "warn",
        "The photo ends above the hips, so the garment's lower part cannot be shown.",
        "사진이 엉덩이 위에서 잘려 옷의 아랫부분을 보여 드릴 수 없습니다.",
    ),
    "tiny_person": Finding(
        "warn",
        "The person is very small in this photo; come closer or use a larger picture.",
        "사진 속 사람이 너무 작습니다. 더 가까이에서 찍거나 더 큰 사진을 사용해 주세요.",
    ),
    "blurred": Finding(
        "warn",
        "The person is blurred; a sharp photo gives a better result.",
        "사진이 흐릿합니다. 선명한 사진을 사용하면 결과가 좋아집니다.",
    ),
    "too_dark": Finding(
        "warn",
        "The photo is very dark; more light gives a better result.",
        "사진이 너무 어둡습니다. 더 밝은 곳에서 찍으면 결과가 좋아집니다.",
    ),
    "no_garment": Finding(
        "refuse",
        "No garment stands out in this picture; photograph one garment on a plain background of another colour.",
        "이 사진에서 옷을 찾을 수 없습니다. 옷과 색이 다른 단색 배경에서 옷 한 벌만 찍어 주세요.",
    ),
    "garment_worn": Finding(
        "warn",
        "This garment picture shows a person, whose top was cut out; the garment alone, laid flat, gives a better fit.",
        "옷 사진에 사람이 있어 입고 있는 상의를 오려 썼습니다. 옷만 펼쳐서 찍은 사진이 더 잘 맞습니다.",
    ),
    "garment_background_busy": Finding(
        "warn",
        "The garment's background is not plain, so its outline may be wrong; a plain wall or sheet works best.",
        "옷 사진의 배경이 복잡해 윤곽이 틀릴 수 있습니다. 무늬 없는 벽이나 천 위에서 찍으면 가장 좋습니다.",
    ),
    "garment_cut_off": Finding(
        "warn",
        "The garment reaches the edge of its picture and may be cut off; leave some space all around it.",
        "옷이 사진 가장자리에 닿아 잘렸을 수 있습니다. 사방에 여백을 두고 찍어 주세요.",
    ),
    "garment_not_frontal": Finding(
        "warn",
        "The garment seems to be turned or photographed at an angle; a picture straight from the front fits better.",
        "옷이 돌아가 있거나 비스듬히 찍힌 것 같습니다. 정면에서 똑바로 찍은 사진이 더 잘 맞습니다.",
    ),
    "garment_folded": Finding(
        "warn",
        "The garment seems to be folded or crumpled; lay it out flat with the sleeves spread to show all of it.",
        "옷이 접혀 있거나 구겨진 것 같습니다. 소매까지 펼쳐서 전체가 보이도록 찍어 주세요.",
    ),
    "several_garments": Finding(
        "warn",
        "There seem to be several garments in this picture; use a picture of one top only.",
        "사진에 옷이 여러 벌 있는 것 같습니다. 상의 한 벌만 나온 사진을 사용해 주세요.",
    ),
    "garment_not_top": Finding(
        "warn",
        "This looks like trousers or a skirt; only tops can be tried on, so the result may look wrong.",
        "바지나 치마로 보입니다. 상의만 입혀 볼 수 있어 결과가 어색할 수 있습니다.",
    ),
}
"""Code → finding, people's photos first, the gravest first."""


def sentences(codes: list[str], language: str = "english") -> tuple[str, ...]:
    """The sentences of some findings, in "english" or "korean"."""
    return tuple(getattr(FINDINGS[code], language) for code in codes)


def refusal(codes: list[str]) -> str | None:
    """The English sentence of the first finding that rules a try-on out."""
    return next((FINDINGS[code].english for code in codes if FINDINGS[code].severity == "refuse"), None)
