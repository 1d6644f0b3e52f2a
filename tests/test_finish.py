"""The finishing step on made-up persons: what is edited, what stays the photo's own."""

import dataclasses

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from vton.finish import SHADE_LIMITS, edit_of, exposure, finish, shading
from vton.images import crop
from vton.labels import Joint, Parse, Region
from vton.methods.worn import in_detail
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Composition, Garment, Person, Photo

TORSO = np.s_[300:700, 250:520]


def made_up_person(width: int, height: int, box: tuple[float, float, float, float]) -> Person:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    image = crop(pixels, box, (CANVAS_WIDTH, CANVAS_HEIGHT))
    parse = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.uint8)
    parse[TORSO] = Parse.UPPER
    parse[200:300, 330:440] = Parse.FACE
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[[Joint.NECK, Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]] = (385, 310, 1), (270, 320, 1), (500, 320, 1)
    blank = np.zeros_like(parse)
    return Person(Photo(pixels, "p"), box, image, (parse > 0).astype(np.float32), keypoints, parse, blank, image, blank)


def made_up_garment() -> Garment:
    image = np.full((CANVAS_HEIGHT, CANVAS_WIDTH, 3), 250, np.uint8)
    image[200:800, 150:620] = (200, 40, 60)
    image[400:412, 200:580] = (20, 20, 20)
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[200:800, 150:620] = 1
    return Garment(Photo(image, "g"), image, mask)


def made_up_composition(person: Person, garment: Garment) -> Composition:
    rows, columns = np.mgrid[0:CANVAS_HEIGHT, 0:CANVAS_WIDTH].astype(np.float32)
    target = np.zeros((len(Region), CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    target[Region.BACKGROUND] = 1
    target[Region.BACKGROUND][TORSO] = 0
    target[Region.UPPER][TORSO] = 1
    generated = np.where(target[Region.UPPER][..., None] > 0, garment.image // 2, person.image).astype(np.uint8)
    return Composition(garment.image, garment.mask, np.dstack([columns, rows]), target, generated)


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (768, 1024, (0, 0, 768, 1024)),
        (1500, 1600, (310.4, 100.7, 1210.4, 1300.7)),
        (500, 700, (-40, -20, 560, 780)),
    ],
)
def test_the_garment_arrives_and_all_else_is_the_photo(width, height, box):
    person, garment = made_up_person(width, height, box), made_up_garment()
    finished = finish(person, garment, made_up_composition(person, garment))

    assert finished.image.shape == person.photo.pixels.shape
    changed = (finished.image != person.photo.pixels).any(-1)
    left, top, right, bottom = box
    rows, columns = np.nonzero(changed)
    x = (columns + 0.5 - left) / (right - left) * CANVAS_WIDTH
    y = (rows + 0.5 - top) / (bottom - top) * CANVAS_HEIGHT
    # The garment's place is 250 to 520 by 300 to 700; around it lies the fringe in which the old one's edge may be.
    assert x.min() > 205 and x.max() < 565 and y.min() > 255 and y.max() < 745
    centre = finished.image[round(top + 0.6 * (bottom - top)), round(left + 0.5 * (right - left))].astype(int)
    assert centre[0] > 2 * centre[1]


def test_a_thin_line_of_the_garment_survives_at_the_photos_size():
    person, garment = made_up_person(1536, 2048, (0, 0, 1536, 2048)), made_up_garment()
    finished = finish(person, garment, made_up_composition(person, garment))
    column = finished.image[700:1000, 770].astype(int).sum(1)
    assert column.min() < 0.4 * np.median(column)


@pytest.mark.parametrize("width", [768, 1130])
def test_where_the_warp_leaps_nothing_between_is_read(width):
    """Two blue pieces of a picture meet on the body; between them the picture is red."""
    garment, height = made_up_garment(), width * 4 // 3
    garment.image[:], garment.image[:, 400:470] = (20, 40, 200), (200, 40, 20)
    person = made_up_person(width, height, (0.3, 0.3, width + 0.3, height + 0.3))
    composition = made_up_composition(person, garment)
    composition.flow[:, 385:, 0] += 90
    image = finish(person, garment, composition).image[height * 2 // 5 : height * 3 // 5]
    middle = image[:, width * 36 // 100 : width * 64 // 100].astype(int)
    assert (middle[..., 2] > middle[..., 0] + 60).all()


def test_fine_stripes_on_somebody_small_become_no_others():
    """Stripes two pixels wide, where the photo has one pixel for three of the garment's picture."""
    person, garment = made_up_person(256, 342, (0, 0, 256, 341.33)), made_up_garment()
    striped = garment.image.copy()
    striped[200:800, 150:620][:, np.arange(470) % 4 < 2] = 255
    garment = dataclasses.replace(garment, image=striped, photo=Photo(striped, "g"))
    composition = made_up_composition(person, garment)
    composition = dataclasses.replace(composition, generated=striped)
    worn = finish(person, garment, composition).image[150:220, 95:165].astype(float)
    assert worn.std(axis=(0, 1)).max() < 30, "a mixture, where moiré would have 107"


def test_shading_keeps_the_colour_as_a_whole_and_follows_the_light():
    flat = np.full((CANVAS_HEIGHT, CANVAS_WIDTH, 3), 160, np.uint8)
    light = np.linspace(0.5, 1.0, CANVAS_WIDTH)[None, :, None]
    alpha = np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    factor = shading((flat * light).astype(np.uint8), flat, alpha)
    assert SHADE_LIMITS[0] <= factor.min() and factor.max() <= SHADE_LIMITS[1]
    assert factor[:, -100:].mean() > 1.2 * factor[:, :100].mean()
    assert 0.85 < factor.mean() < 1.05


def test_in_bad_light_the_garment_is_darker_and_else_as_bright_as_its_picture():
    person, garment = made_up_person(768, 1024, (0, 0, 768, 1024)), made_up_garment()
    lit = finish(person, garment, made_up_composition(person, garment)).image[500:600, 300:450].mean()
    dark = (person.photo.pixels * 0.6).astype(np.uint8)
    person = dataclasses.replace(person, photo=Photo(dark, "dark"), image=(person.image * 0.6).astype(np.uint8))
    dim = finish(person, garment, made_up_composition(person, garment)).image[500:600, 300:450].mean()
    assert dim / lit == pytest.approx(0.6 * 255 / 200, abs=0.06)
    assert exposure(np.full((300, 200, 3), 240, np.uint8)) == 1
    assert exposure(np.full((300, 200, 3), 9, np.uint8)) > 0.5, "a black photo makes no black garment"


def without_a_parse(person: Person, garment: Garment, **fields) -> Composition:
    composition = made_up_composition(person, garment)
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[TORSO] = 1
    return dataclasses.replace(composition, target=None, warped_mask=mask, **fields)


def test_without_a_target_parse_only_what_the_generator_changed_is_edited():
    person, garment = made_up_person(768, 1024, (0, 0, 768, 1024)), made_up_garment()
    generated = person.image.copy()
    generated[320:600, 300:480] = (60, 200, 60)
    generated[900:1000, 100:200] = (60, 200, 60)
    finished = finish(person, garment, without_a_parse(person, garment, generated=generated))
    changed = (finished.image != person.photo.pixels).any(-1)
    assert changed[320:600, 300:480].mean() > 0.9
    assert not changed[880:].any() and not changed[:, :200].any()
    assert not changed[210:280, 340:430].any()


def test_a_method_that_says_what_it_painted_is_believed():
    person, garment = made_up_person(768, 1024, (0, 0, 768, 1024)), made_up_garment()
    visible, repaint = np.zeros((2, CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    visible[400:500, 300:400] = 1
    repaint[500:600, 300:400] = 1
    finished = finish(person, garment, without_a_parse(person, garment, visible=visible, repaint=repaint))
    assert np.array_equal(finished.edit_mask > 0, visible + repaint > 0)


def test_the_garments_colours_do_not_spill_over_its_edge():
    person, garment = made_up_person(768, 1024, (0, 0, 768, 1024)), made_up_garment()
    composition = made_up_composition(person, garment)
    spilt = composition.generated.copy()
    spilt[300:700, 520:526] = (255, 0, 255)
    finished = finish(person, garment, dataclasses.replace(composition, generated=spilt))
    beside = finished.image[350:650, 522:526].astype(int)
    assert (np.abs(beside - (255, 0, 255)).max(-1) < 40).mean() < 0.01


def lettering(scale: float) -> np.ndarray:
    """A bright garment's picture, `scale` times the canvas, with capitals 12 of its pixels high."""
    size = (round(CANVAS_WIDTH * scale), round(CANVAS_HEIGHT * scale))
    picture = Image.new("RGB", size, (235, 235, 235))
    font = ImageFont.load_default(17)
    drawing = ImageDraw.Draw(picture)
    rows = [y * scale for y in (360, 420, 480, 540, 600)]
    for y in rows:
        drawing.text((300 * scale, y), "HAMBURG FONTS", (30, 30, 60), font)
    _, top, _, bottom = font.getbbox("H")
    assert bottom - top <= 13
    return np.asarray(picture)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_lettering_of_twelve_pixels_stays_readable(scale):
    person = made_up_person(round(768 * scale), round(1024 * scale), (0, 0, 768 * scale, 1024 * scale))
    picture = lettering(scale)
    canvas = cv2.resize(picture, (CANVAS_WIDTH, CANVAS_HEIGHT), interpolation=cv2.INTER_AREA)
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[200:800, 150:620] = 1
    garment = Garment(Photo(picture, "g"), canvas, mask)
    composition = made_up_composition(person, garment)
    # Cloth lies a fraction of a pixel off the picture's grid.
    composition = dataclasses.replace(composition, flow=composition.flow + np.float32(0.4 / scale))
    finished = finish(person, garment, composition).image
    inner = np.s_[round(355 * scale) : round(640 * scale), round(295 * scale) : round(480 * scale)]
    moved = cv2.warpAffine(
        picture, np.float32([[1, 0, -0.4], [0, 1, -0.4]]), picture.shape[1::-1], flags=cv2.INTER_CUBIC
    )
    wanted, seen = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)[inner].astype(float) for p in (moved, finished))
    assert np.corrcoef(wanted.ravel(), seen.ravel())[0, 1] > 0.95
    assert np.ptp(seen) > 0.85 * np.ptp(wanted)


def test_a_garment_cut_out_of_another_picture_keeps_to_its_canvas():
    person = made_up_person(1536, 2048, (0, 0, 1536, 2048))
    garment = made_up_garment()
    other = dataclasses.replace(garment, photo=Photo(np.zeros((2048, 1536, 3), np.uint8), "o"))
    composition = made_up_composition(person, garment)
    assert np.array_equal(finish(person, other, composition).image, finish(person, garment, composition).image)


def test_what_was_redrawn_of_a_garment_is_read_from_its_canvas():
    garment = dataclasses.replace(made_up_garment(), redrawn=380)
    whole = cv2.resize(garment.image, (1536, 2048), interpolation=cv2.INTER_NEAREST)
    whole[600:700, 700:800] = whole[1000:1100, 700:800] = (0, 200, 0)
    worn = in_detail(dataclasses.replace(garment, photo=Photo(whole, "w")), 2.0)
    assert worn.shape == whole.shape
    np.testing.assert_array_equal(worn[1000:1100, 700:800], whole[1000:1100, 700:800])
    assert np.abs(worn[600:700, 700:800].astype(int) - (200, 40, 60)).max() < 3


def test_colours_of_the_garment_arrive():
    """CIE76 between the picture and the worn garment, on average over its pixels."""
    person, garment = made_up_person(768, 1024, (0, 0, 768, 1024)), made_up_garment()
    composition = made_up_composition(person, garment)
    light = np.linspace(0.8, 1.1, CANVAS_WIDTH)[None, :, None]
    generated = (garment.image * light).clip(0, 255).astype(np.uint8)
    finished = finish(person, garment, dataclasses.replace(composition, generated=generated))
    assert colour_difference(finished.image[TORSO], garment.image[TORSO]) < 6


def colour_difference(one: np.ndarray, other: np.ndarray) -> float:
    first, second = (cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for p in (one, other))
    return float(np.linalg.norm(first - second, axis=-1).mean())


def test_no_seam_where_new_skin_meets_the_photos():
    """Across the end of an old sleeve the picture changes no faster than along the arm itself."""
    person, garment = made_up_person(768, 1024, (0, 0, 768, 1024)), made_up_garment()
    parse, image = person.parse.copy(), np.full_like(person.image, 200)
    parse[320:520, 180:240], parse[520:800, 180:240] = Parse.UPPER, Parse.RIGHT_ARM
    shade = np.linspace(1.05, 0.9, CANVAS_HEIGHT)[:, None, None]
    arm = (np.float32([200, 155, 130]) * shade).astype(np.uint8)
    image[:, 180:240] = arm
    sleeve = image.copy()
    sleeve[320:520, 180:240] = (20, 20, 90)
    person = dataclasses.replace(
        person, parse=parse, image=sleeve, photo=Photo(sleeve, "s"), silhouette=(parse > 0) * 1.0
    )
    composition = made_up_composition(person, garment)
    target = composition.target.copy()
    target[:, 320:800, 180:240] = 0
    target[Region.RIGHT_ARM, 320:800, 180:240] = 1
    composition = dataclasses.replace(composition, target=target)
    generated = np.where(edit_of(person, composition).repaint[..., None] > 0, np.uint8([180, 150, 140]), sleeve)
    finished = finish(person, garment, dataclasses.replace(composition, generated=generated)).image
    column = finished[340:700, 200:220].astype(float).mean(1)
    assert np.abs(np.diff(column, axis=0)).max() < 4
    assert np.abs(finished[400:510, 200:220].astype(int) - arm[400:510]).mean() < 15


def test_no_line_of_the_old_shoulder_looks_out_beside_the_garment():
    person, garment = made_up_person(768, 1024, (0, 0, 768, 1024)), made_up_garment()
    skin, backdrop = np.array([210, 160, 130], np.uint8), np.array([220, 220, 225], np.uint8)
    image, parse = np.full_like(person.image, backdrop), person.parse.copy()
    line = np.s_[300:500, 520:530]
    arm = np.s_[300:500, 530:600]
    parse[line] = parse[arm] = Parse.LEFT_ARM
    image[line] = image[arm] = skin
    parse[arm] = Parse.BACKGROUND
    image[arm] = backdrop
    photo = Photo(image, "p")
    person = dataclasses.replace(person, photo=photo, image=image, parse=parse, silhouette=(parse > 0).astype("f4"))
    composition = made_up_composition(person, garment)
    inner = finish(person, garment, composition).image[350:450, 524:529].astype(int)
    assert np.abs(inner - backdrop).max() < 12
    composition.target[:, 300:500, 520:530] = 0
    composition.target[Region.LEFT_ARM, 300:500, 520:530] = 1
    kept = finish(person, garment, composition).image[350:450, 524:529].astype(int)
    assert np.abs(kept - skin).max() < 40, "an arm that the parse keeps stays"


def test_the_garments_border_has_no_steps_of_a_coarser_parse():
    person, garment = made_up_person(768, 1024, (0, 0, 768, 1024)), made_up_garment()
    coarse = np.zeros((len(Region), 512, 384), np.float32)
    rows = np.arange(512)
    leaning = np.arange(384) > (200 - rows / 7)[:, None]
    coarse[Region.UPPER], coarse[Region.BACKGROUND] = leaning, ~leaning
    composition = dataclasses.replace(made_up_composition(person, garment), target=coarse)
    composition = dataclasses.replace(composition, warped_mask=np.ones_like(composition.warped_mask))
    visible = edit_of(person, composition).visible[400:700, 200:420]
    border = visible.shape[1] - visible.sum(1)
    straight = np.polyval(np.polyfit(np.arange(300), border, 1), np.arange(300))
    assert (border - straight).std() < 0.4


def test_a_hand_before_the_garment_stays_in_front():
    person, garment = made_up_person(768, 1024, (0, 0, 768, 1024)), made_up_garment()
    parse, keypoints = person.parse.copy(), person.keypoints.copy()
    hand = np.s_[500:560, 300:360]
    parse[hand] = Parse.RIGHT_ARM
    keypoints[[Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST]] = (200, 520, 1), (290, 525, 1)
    person = dataclasses.replace(person, parse=parse, keypoints=keypoints)
    finished = finish(person, garment, made_up_composition(person, garment))
    inner = np.s_[510:550, 312:350]
    assert np.array_equal(finished.image[inner], person.photo.pixels[inner])


def test_the_old_tops_colour_leaves_the_hair_before_it():
    person, garment = made_up_person(768, 1024, (0, 0, 768, 1024)), made_up_garment()
    blond, red = np.array((200, 165, 110), np.uint8), np.array((190, 20, 30), np.uint8)
    image, parse = np.full((CANVAS_HEIGHT, CANVAS_WIDTH, 3), 230, np.uint8), person.parse.copy()
    image[TORSO] = red
    image[200:420, 270:310], parse[200:420, 270:310] = blond, Parse.HAIR
    image[360:420, 270:310] = (blond.astype(int) + red) // 2
    person = dataclasses.replace(person, photo=Photo(image, "p"), image=image, parse=parse)
    composition = made_up_composition(person, garment)
    for plane, value in ((Region.UPPER, 0), (Region.HAIR, 1)):
        composition.target[plane, 200:420, 270:310] = value
    composition.generated[TORSO] = (20, 120, 60)
    finished = finish(person, garment, composition).image
    tips, before = finished[370:410, 280:300].astype(int).mean((0, 1)), image[370:410, 280:300].astype(int).mean((0, 1))
    assert tips[1] - tips[0] > before[1] - before[0] + 50
    assert np.array_equal(finished[220:280, 280:300], image[220:280, 280:300])
