"""Garments drawn with a known outline are found on plain and on patterned backgrounds."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from vton.images import PictureError, load_photo
from vton.preprocess.findings import FINDINGS
from vton.preprocess.garment_mask import find_garment, garment_mask, prepare_garment
from vton.preprocess.garment_shadows import along_the_outside, beside_dark_cloth, neutral_shadow, up_the_gaps

PHOTOS = Path(os.environ.get("VTON_PHOTOS", "photos"))
ANNOTATED = sorted((PHOTOS / "annotated" / "cloth").glob("*.jpg"))

SHIRT = [(150, 60), (210, 80), (270, 60)]
TEE = [*SHIRT, (400, 130), (350, 230), (310, 205), (310, 500), (110, 500), (110, 205), (70, 230), (20, 130)]
LONG_LEFT = [(330, 90), (400, 420), (355, 430), (300, 220), (300, 500)]
LONG_SLEEVES = [*SHIRT, *LONG_LEFT, (120, 500), (120, 220), (65, 430), (20, 420), (90, 90)]


def outline(points):
    mask = np.zeros((560, 420), np.uint8)
    cv2.fillPoly(mask, [np.array(points)], 1)
    return mask > 0


def photographed(mask, cloth, backdrop, noise=1.0, shadow=0.0):
    """Cloth on a backdrop with a soft shadow, lens blur, sensor noise and JPEG."""
    random = np.random.default_rng(0)
    fallen = cv2.GaussianBlur(np.roll(mask.astype(np.float32), (6, 4), (0, 1)), (0, 0), 7)[..., None]
    picture = np.where(mask[..., None], cloth, np.asarray(backdrop, np.float32) * (1 - shadow * fallen))
    picture = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.8) + random.normal(size=picture.shape) * noise
    encoded = cv2.imencode(".jpg", picture.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])[1]
    return cv2.imdecode(encoded, cv2.IMREAD_COLOR)


def iou(found, truth):
    found = found > 0.5
    return (found & truth).sum() / (found | truth).sum()


@pytest.mark.parametrize(
    ("cloth", "backdrop", "shadow"),
    [
        ((252, 252, 252), (238, 238, 238), 0.0),
        ((225, 226, 230), (246, 246, 246), 0.0),
        ((30, 30, 35), (255, 255, 255), 0.15),
        ((60, 60, 190), (205, 215, 220), 0.15),
    ],
)
def test_plain_tee_on_a_plain_background(cloth, backdrop, shadow):
    truth = outline(TEE)
    picture = photographed(truth, np.array(cloth, np.float32), backdrop, noise=0.7, shadow=shadow)
    assert iou(garment_mask(picture), truth) > 0.96


def test_print_of_the_background_colour_belongs_to_the_garment():
    truth = outline(TEE)
    cloth = np.full((*truth.shape, 3), 40, np.float32)
    cloth[200:330, 150:270] = 245
    assert iou(garment_mask(photographed(truth, cloth, (245, 245, 245), noise=0.5)), truth) > 0.97


def test_stripes_of_the_background_colour_are_not_eaten_from_the_side():
    truth = outline(TEE)
    cloth = np.full((*truth.shape, 3), 35, np.float32)
    cloth[np.arange(560) // 8 % 2 == 0] = 240
    assert iou(garment_mask(photographed(truth, cloth, (246, 246, 246), noise=0.3)), truth) > 0.94


def test_many_stripes_of_the_background_colour_are_no_gaps_beside_the_sleeves():
    truth = outline(TEE)
    cloth = np.full((*truth.shape, 3), 35, np.float32)
    for top in (240, 320, 400):
        for left in (114, 125, 288, 299):
            cloth[top : top + 65, left : left + 7] = 246
    found = garment_mask(photographed(truth, cloth, (246, 246, 246), noise=0)) > 0.5
    assert found[240:460, 120:300].all() and iou(found, truth) > 0.97


def test_nor_are_they_where_some_are_tall_and_others_small_in_the_middle():
    truth = outline(TEE)
    cloth = np.full((*truth.shape, 3), 35, np.float32)
    for left in (114, 125, 288, 299):
        cloth[240:400, left : left + 7] = 246
        for top in (410, 440, 470):
            cloth[top : top + 20, left : left + 7] = 246
    for top in (300, 360, 420):
        for left in (160, 180, 200, 220, 240):
            cloth[top : top + 20, left : left + 12] = 246
    found = garment_mask(photographed(truth, cloth, (246, 246, 246), noise=0)) > 0.5
    assert found[240:490, 120:300].all() and iou(found, truth) > 0.97


def test_white_cloth_that_reaches_the_border_spoils_no_background_of_one_colour():
    hem = [(418, 340), (418, 560), (2, 560), (2, 340)]
    truth = outline([(120, 30), (160, 80), (260, 80), (300, 30), (330, 200), *hem, (90, 200)])
    # Folds at one side catch so much light that they are nearly white.
    cloth = np.float32(np.linspace(251, 225, truth.shape[1])[:, None] + (0, 0, 0))
    picture = photographed(truth, cloth, (255, 255, 255), noise=0)
    picture[:, [0, -1]] = picture[-1] = 255
    assert iou(garment_mask(picture), truth) > 0.97


@pytest.mark.parametrize("gap", [False, True])
def test_white_letters_on_dark_cloth_are_no_gaps_beside_the_sleeves(gap):
    truth = outline(LONG_SLEEVES)
    truth[405:425, 60:125] = True
    truth[215:420, 60:125] |= not gap
    picture = photographed(truth, np.array((60, 30, 30), np.float32), (254, 254, 254), noise=0.3)
    for row in (240, 300):
        for column in (124, 150, 180, 210, 240, 266, 284):
            cv2.rectangle(picture, (column, row), (column + 12, row + 40), (254, 254, 254), -1)
    found = garment_mask(picture) > 0.5
    assert found[245:335, 130:290].mean() > 0.98
    assert found[330, 95] != gap


def test_gap_between_sleeve_and_body_is_background():
    truth = outline(LONG_SLEEVES)
    picture = photographed(truth, np.array((150, 70, 40), np.float32), (244, 244, 244))
    assert iou(garment_mask(picture), truth) > 0.97


def test_a_gap_is_background_up_into_its_shadow():
    truth = outline(LONG_SLEEVES)
    rows, columns = np.mgrid[: truth.shape[0], : truth.shape[1]]
    # The farther up towards the armpit, the less light falls into the gap.
    backdrop = np.full((*truth.shape, 3), 240, np.float32)
    gap = (rows > 215) & (rows < 400) & ((columns < 130) | (columns > 290))
    backdrop[gap] -= np.clip((400 - rows[gap]) / 185, 0, 1)[:, None] * 40
    found = garment_mask(photographed(truth, np.float32((80, 60, 60)), backdrop, noise=0.7)) > 0.5
    apex = gap & ~truth & (rows > 250) & (rows < 330) & ((columns > 95) & (columns < 325))
    assert apex.sum() > 500 and found[apex].mean() < 0.1
    assert iou(found, truth) > 0.95


@pytest.mark.parametrize(("shade", "is_shadow"), [((-4.0, 1.5), True), ((-7.2, 2.4), False)])
def test_above_a_gap_pale_cloth_in_the_light_is_no_shadow(shade, is_shadow):
    cloth = outline(LONG_SLEEVES)
    joins = np.zeros_like(cloth)
    joins[150:260, 105:125] = joins[150:260, 295:315] = True
    joins &= cloth
    lighter, hue = (
        np.select([joins, cloth], [own, garment], 0).astype(np.float32)
        for own, garment in zip(shade, (-10.5, 4.4), strict=True)
    )
    found = up_the_gaps(lighter, hue, ~cloth)
    assert (found & joins).sum() > 500 if is_shadow else not found.any()


def test_enclosed_gap_is_background():
    truth = outline(LONG_SLEEVES)
    truth[405:425, 60:125] = True
    picture = photographed(truth, np.array((150, 70, 40), np.float32), (244, 244, 244), noise=0.3)
    assert garment_mask(picture)[330, 95] < 0.1


def test_light_that_falls_off_is_no_garment():
    truth = outline(TEE)
    slope = np.linspace(190, 240, 560, dtype=np.float32)[:, None, None] * np.ones((1, 420, 3), np.float32)
    assert iou(garment_mask(photographed(truth, np.array((40, 90, 160), np.float32), slope)), truth) > 0.96


def test_patterned_background_is_reported_and_survived():
    truth = outline(TEE)
    y, x = np.mgrid[0:560, 0:420]
    backdrop = np.where(((x // 12 + y // 12) % 2 == 0)[..., None], (150, 180, 120), (70, 120, 60))
    found, findings = find_garment(photographed(truth, np.array((40, 40, 200), np.float32), backdrop))
    assert findings == ["garment_background_busy"]
    assert iou(found, truth) > 0.85


def checks(first, second, width=6, height=9):
    y, x = np.mgrid[0:560, 0:420]
    return np.where(((x // width + y // height) % 2 == 0)[..., None], first, second)


def folds(colour):
    y, x = np.mgrid[0:560, 0:420]
    return np.array(colour) * (0.8 + 0.25 * np.sin(x / 23 + y / 31))[..., None]


@pytest.mark.parametrize(
    ("part", "cloth", "backdrop"),
    [
        (np.s_[70:505, 80:340], (190, 180, 240), folds((120, 150, 200))),
        (np.s_[60:520, 60:360], (190, 180, 240), checks((200, 190, 235), (110, 110, 115))),
        (np.s_[70:505, 80:340], checks((225, 225, 220), (30, 28, 30), 420, 20), checks((200,) * 3, (110, 110, 115))),
        (np.s_[:, :], (190, 180, 240), checks((200,) * 3, (110, 110, 115))),
    ],
    ids=["larger than the picture, on a rumpled sheet", "on tweed of its colour", "striped", "tweed all around"],
)
def test_on_a_busy_background_the_middle_tells_the_garments_colours(part, cloth, backdrop):
    truth = cv2.resize(outline(TEE).astype(np.uint8)[part], (420, 560)) > 0
    found, findings = find_garment(photographed(truth, np.broadcast_to(np.float32(cloth), (560, 420, 3)), backdrop))
    assert findings == ["garment_background_busy"]
    assert iou(found, truth) > 0.9


@pytest.mark.parametrize("cloth", [(150, 170, 185), (205, 190, 165)])
def test_a_dark_shadow_below_the_hem_of_a_coloured_garment_is_no_cloth(cloth):
    truth = outline(LONG_SLEEVES)
    fallen = 0.6 * cv2.GaussianBlur(np.roll(truth, 10, 0).astype(np.float32), (0, 0), 6)
    backdrop = 230 * (1 - fallen)[..., None].repeat(3, 2)
    found = garment_mask(photographed(truth, np.array(cloth, np.float32), backdrop, noise=0.5))
    assert (found[506:516, 130:290] < 0.5).mean() > 0.95 and iou(found, truth) > 0.95


@pytest.mark.parametrize(("sides", "is_shadow"), [([1], True), ([0, 1], False)], ids=["a shadow", "grey cuffs"])
def test_at_its_upper_half_a_shadow_falls_to_one_side_of_a_coloured_garment(sides, is_shadow):
    cloth = np.zeros((200, 160), bool)
    cloth[20:180, 40:120] = True
    lighter, hue, beside = (
        np.where(cloth, -30, 0).astype(np.float32),
        20 * cloth.astype(np.float32),
        np.zeros_like(cloth),
    )
    for side in sides:
        columns = np.s_[120:132] if side else np.s_[39:27:-1]
        lighter[50:100, columns] = np.linspace(-30, -2, 12)
        beside[50:100, columns] = True
    found = neutral_shadow(lighter, hue, ~(cloth | beside))
    assert (found[52:98, 122:130].all() if is_shadow else not found.any()) and not (found & cloth).any()


@pytest.mark.parametrize(("width", "is_shadow"), [(14, True), (2, False)], ids=["of a hard light", "a fringe"])
def test_the_cloths_reflection_in_a_hard_lights_shadow_is_no_cloth(width, is_shadow):
    cloth, beside = np.zeros((200, 160), bool), np.zeros((200, 160), bool)
    cloth[20:180, 40:110] = True
    beside[20:100, 110 : 110 + width] = True
    lighter, hue = np.where(cloth, -12, 0).astype(np.float32), 20 * cloth.astype(np.float32)
    lighter[20:100, 110 : 110 + width] = np.linspace(-30, -2, width)
    hue[20:100, 110:112] = 9
    found = neutral_shadow(lighter, hue, ~(cloth | beside))
    assert (found[24:96, 110:122].all() if is_shadow else not found[:, 110].any()) and not (found & cloth).any()


def test_the_narrow_shadow_beside_dark_cloth_is_told_from_the_ends_of_white_stripes():
    cloth, shadow = np.zeros((300, 240), bool), np.zeros((300, 240), bool)
    cloth[40:260, 60:180], shadow[44:256, 180:185] = True, True
    lighter = np.where(cloth, -80, 0).astype(np.float32)
    lighter[shadow] = np.tile(np.linspace(-40, -8, 5), 212)
    lighter[np.ix_(np.arange(300) % 30 < 6, np.arange(60, 100))] = -3
    lighter[~(cloth | shadow)] = 0
    found = beside_dark_cloth(lighter, np.zeros_like(lighter), ~(cloth | shadow))
    assert found[shadow].mean() > 0.9 and not (found & cloth).any()
    pale = beside_dark_cloth(lighter / 3, np.zeros_like(lighter), ~(cloth | shadow))
    assert not pale.any(), "beside pale cloth it may be a fold"


def test_a_dark_garments_cut_out_shadow_is_no_cloth():
    truth = outline(TEE)
    fallen = np.roll(truth, 6, 1)[..., None]
    backdrop = np.where(fallen, 175.0, 255.0).repeat(3, 2)
    backdrop = cv2.GaussianBlur(backdrop, (0, 0), 2)
    picture = photographed(truth, np.array((35, 35, 40), np.float32), backdrop, noise=0.5)
    assert iou(garment_mask(picture), truth) > 0.985


def test_a_grey_hem_of_a_coloured_garment_is_cloth():
    truth = outline(TEE)
    cloth = np.full((*truth.shape, 3), (70, 90, 190), np.float32)
    cloth[450:] = 205
    assert iou(garment_mask(photographed(truth, cloth, (245, 245, 245), noise=0.5, shadow=0.05)), truth) > 0.97


@pytest.mark.parametrize(("cloth", "least"), [((190, 196, 212), 0.98), ((203, 206, 210), 0.75)])
def test_the_wide_soft_shadow_of_a_pale_garment_is_no_cloth_but_the_garment_is(cloth, least):
    truth = outline(TEE)
    fallen = np.zeros(truth.shape, np.float32)
    fallen[260:520, 280:370] = 0.12
    backdrop = 242 * (1 - cv2.GaussianBlur(fallen, (0, 0), 18))[..., None].repeat(3, 2)
    found = garment_mask(photographed(truth, np.array(cloth, np.float32), backdrop, noise=0.4))
    assert iou(found, truth) > least and (found > 0.5)[truth].mean() > 0.98


def test_the_soft_shadow_of_striped_white_cloth_on_white_is_no_cloth():
    truth = outline(TEE)
    cloth = np.full((*truth.shape, 3), 247, np.float32)
    cloth[:, ::8] = cloth[:, 1::8] = (175, 190, 205)
    shade = cv2.GaussianBlur(truth.astype(np.float32), (0, 0), 14)[..., None]
    found = garment_mask(photographed(truth, cloth, np.float32([249, 249, 249]) * (1 - 0.08 * shade), noise=0.4))
    assert iou(found, truth) > 0.92


def test_folds_of_a_white_top_on_grey_are_no_shadow():
    """Where it folds, cloth is as dark and as soft as a shadow on the background, up to the outline."""
    picture = Path(__file__).parents[2] / "examples" / "garments" / "logo-tee-white.jpg"
    mask = garment_mask(load_photo(picture).pixels) > 0.5
    outline, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    assert cv2.contourArea(max(outline, key=len)) - mask.sum() < 500, "no holes"
    rows = np.flatnonzero(mask.any(1))
    trunk = mask[rows[0] + len(rows) // 2 : rows[-1] - len(rows) // 10].sum(1)
    assert trunk.min() > 0.95 * np.median(trunk)


@pytest.mark.parametrize(("low", "seen_to"), [(40, 420), (66, 265)], ids=["whole outline", "open at one side"])
def test_a_collar_of_the_backgrounds_colour_is_cloth_within_its_outline(low, seen_to):
    tee = outline(TEE).astype(np.uint8)
    opening, collar = np.zeros_like(tee), np.zeros_like(tee)
    cv2.ellipse(opening, (210, 62), (45, low), 0, 0, 180, 1, -1)
    cv2.ellipse(collar, (210, 62), (72, 66), 0, 0, 180, 1, -1)
    collar &= 1 - opening
    picture = np.full((*tee.shape, 3), 246, np.uint8)
    picture[tee > 0] = (30, 40, 80)
    picture[opening > 0] = (60, 60, 60)
    picture[collar > 0] = 246
    edge = cv2.morphologyEx(collar, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) * (1 - tee * (1 - collar))
    edge[:, seen_to:] = 0
    picture[edge > 0] = 252
    found = garment_mask(picture) > 0.5
    assert found[collar > 0].mean() > 0.8 and found[opening > 0].mean() > 0.9
    assert found[(tee | collar | opening) == 0].mean() < 0.01


def test_faint_cloth_is_as_wide_at_one_side_as_at_the_other():
    tee = outline(TEE)
    picture = photographed(tee, np.array([241, 241, 241], np.float32), (235, 235, 235), noise=0.0)
    picture[380:450, 262:330] = picture[5, 5]
    found = garment_mask(picture) > 0.5
    assert found[385:445, 265:300].mean() > 0.95
    assert iou(found, tee) > 0.96


def test_a_pale_panel_of_a_sleeve_is_no_shadow_and_a_strip_along_the_hem_is():
    """Both have the background's colour and are open to it: a panel at its ends."""
    tee = outline(TEE)
    panel = tee & outline([(325, 70), (360, 90), (345, 235), (312, 220)])
    strip = outline([(110, 500), (310, 500), (310, 515), (110, 515)]) & ~tee
    assert np.array_equal(along_the_outside(panel | strip, ~(tee | strip)), strip)


@pytest.mark.parametrize("cloth", [(60, 60, 65), (90, 140, 60)])
def test_a_lit_tile_of_the_floor_is_no_garment(cloth):
    truth = outline(TEE)
    rows, columns = np.mgrid[:560, :420]
    floor = 185 + 12 * np.sin(columns / 9) + 8 * np.sin(rows / 23)
    floor[20:150, 150:275] = floor[470:560, :60] = floor[300:420, 330:420] = 238
    found = garment_mask(photographed(truth, np.array(cloth, np.float32), floor[..., None].repeat(3, 2), noise=2))
    assert iou(found, truth) > 0.95


def test_garment_cut_off_by_the_frame_is_reported():
    truth = np.roll(outline(TEE), 120, axis=0)
    truth[:120] = False
    picture = photographed(truth, np.array((40, 40, 200), np.float32), (245, 245, 245))
    garment = prepare_garment(load_photo(Image.fromarray(picture)))
    assert garment.warnings == (FINDINGS["garment_cut_off"].english,)


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_blank_wall_is_refused(noise):
    nothing = np.zeros((560, 420), bool)
    with pytest.raises(PictureError, match="No garment"):
        garment_mask(photographed(nothing, np.zeros(3, np.float32), (200, 205, 210), noise))


def test_prepared_garment_is_padded_with_its_background():
    truth = outline(TEE)[30:530]
    picture = photographed(truth, np.array((40, 40, 200), np.float32), (180, 220, 240), noise=0.5)
    garment = prepare_garment(load_photo(Image.fromarray(np.ascontiguousarray(picture[20:, :, ::-1]))))
    assert garment.image.shape == (1024, 768, 3)
    assert garment.mask.shape == (1024, 768)
    assert np.abs(garment.image[0, 0].astype(int) - (240, 220, 180)).max() < 4
    assert garment.mask[:10].max() == 0
    assert garment.mask.dtype == np.float32 and ((garment.mask > 0.05) & (garment.mask < 0.95)).any()
    assert set(garment.warnings) <= {finding.english for finding in FINDINGS.values()}


@pytest.mark.skipif(not ANNOTATED, reason="no annotated photographs")
@pytest.mark.parametrize("path", ANNOTATED, ids=lambda path: path.stem)
def test_annotated_garments(path):
    truth = np.asarray(Image.open(path.parent.parent / "cloth-mask" / path.name).convert("L")) > 127
    assert iou(garment_mask(load_photo(path).pixels), truth) > 0.95
