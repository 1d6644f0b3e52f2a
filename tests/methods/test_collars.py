"""Collars put around a neck as the garment's picture shows them, on a drawn shirt and a drawn person."""

import cv2
import numpy as np
import pytest

from vton.labels import DENSEPOSE_PARTS, Joint, Parse, Region
from vton.methods.collars import (
    Collar,
    NoCollar,
    about_the_neck,
    collar_of,
    standing_on_the_shoulders,
    stiff_piece,
    with_collar,
)
from vton.methods.necks import NeckBase
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo

CANVAS, HALF = (CANVAS_HEIGHT, CANVAS_WIDTH), (CANVAS_HEIGHT // 2, CANVAS_WIDTH // 2)
BODY = [(170, 300), (90, 420), (160, 460), (200, 400), (200, 900), (568, 900), (568, 400), (608, 460), (678, 420)]
TEE = [*BODY, (598, 300), (480, 240), (384, 255), (288, 240)]
SHIRT = [*BODY, (598, 300), (470, 240), (445, 200), (323, 200), (298, 240)]
LOW = [*BODY, (598, 300), (470, 240), (464, 226), (304, 226), (298, 240)]
TURTLENECK = [*BODY, (598, 300), (470, 240), (455, 150), (313, 150), (298, 240)]
OPENING = [(330, 195), (438, 195), (384, 290)]


def garment(outline: list[tuple[int, int]], opening: list[tuple[int, int]] | None) -> Garment:
    image = np.zeros((*CANVAS, 3), np.uint8)
    mask, lining = np.zeros((2, *CANVAS), np.float32)
    cv2.fillPoly(mask, [np.array(outline)], 1.0)
    if opening:
        cv2.fillPoly(lining, [np.array(opening)], 1.0)
    return Garment(Photo(image, "g"), image, mask, lining=np.minimum(mask, lining))


def keypoints() -> np.ndarray:
    places = np.zeros((18, 3), np.float32)
    for joint, x, y in (
        (Joint.NOSE, 384, 150), (Joint.NECK, 384, 280), (Joint.RIGHT_SHOULDER, 254, 290),
        (Joint.LEFT_SHOULDER, 514, 290), (Joint.RIGHT_HIP, 300, 640), (Joint.LEFT_HIP, 468, 640),
    ):  # fmt: skip
        places[joint] = x, y, 1
    return places


def person(shoulders: int = 240) -> Person:
    """Somebody whose shoulders are level, and whose neck reaches up from them."""
    parse, parts = np.zeros((2, *CANVAS), np.uint8)
    parse[shoulders:900, 200:568] = Parse.UPPER
    parse[150:shoulders, 330:438] = Parse.NECK
    parts[shoulders:900, 200:568] = DENSEPOSE_PARTS.index("torso front")
    image = np.zeros((*CANVAS, 3), np.uint8)
    box = (0, 0, CANVAS_WIDTH, CANVAS_HEIGHT)
    return Person(
        Photo(image, "p"), box, image, (parse > 0).astype(np.float32), keypoints(), parse, parts, image, parse
    )


def predicted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A warp that shows the front where it is and draws out what is above, and a parse with a wide, deep neckline."""
    rows, columns = np.mgrid[:CANVAS_HEIGHT, :CANVAS_WIDTH].astype(np.float32)
    flow = np.dstack([columns, np.maximum(rows, 240)])
    labels = np.full(HALF, Region.BACKGROUND, np.uint8)
    labels[75:160, 140:244] = Region.NOISE
    labels[126:450, 100:284] = Region.UPPER
    labels[110:150, 150:234] = Region.NOISE
    mask = np.zeros(CANVAS, np.float32)
    mask[240:900, 200:568] = 1
    return np.stack([(labels == region).astype(np.float32) for region in range(len(Region))]), mask, flow


def test_a_collar_stands_at_the_neck_as_its_picture_shows_it():
    shirt, (target, mask, flow) = garment(SHIRT, OPENING), predicted()
    given = target.copy(), mask.copy(), flow.copy()
    worn, shown, read = with_collar(target, mask, flow, person(251), shirt)
    upper, front = worn[Region.UPPER] > 0.5, shirt.mask * (1 - shirt.lining)
    wanted = cv2.resize(front, HALF[::-1], interpolation=cv2.INTER_AREA)[100:170, 149:235]
    assert (upper[100:170, 149:235] == (wanted > 0.5)).mean() > 0.98
    assert (shown[206:216, 323:331] > 0.9).all() and (shown[205:230, 370:398] < 0.1).all()
    assert np.abs(read[206:216, 323:331, 1] - np.arange(206, 216)[:, None]).max() < 4
    assert (worn[Region.NOISE][105:120, 188:196] > 0.9).all(), "the throat in the opening is bare"
    assert np.allclose(worn.sum(0), 1, atol=1e-4)
    assert all(np.array_equal(now, before) for now, before in zip((target, mask, flow), given, strict=True))


@pytest.mark.parametrize(
    "without", [garment(TEE, OPENING), garment(LOW, None), garment(LOW, [(370, 220), (390, 220), (380, 240)])]
)
def test_a_tee_or_a_low_collar_without_an_inside_changes_nothing(without):
    assert isinstance(collar_of(without), NoCollar)
    said = predicted()
    assert all(now is before for now, before in zip(with_collar(*said, person(), without), said, strict=True))


def test_a_turtleneck_shows_no_inside_and_covers_the_throat():
    assert isinstance(collar_of(garment(TURTLENECK, None)), Collar)
    worn, shown, _ = with_collar(*predicted(), person(), garment(TURTLENECK, None))
    assert (worn[Region.UPPER][80:160, 165:220] > 0.9).all() and (shown[160:240, 330:438] > 0.9).all()


def test_the_front_tells_how_a_stiff_piece_is_turned_even_if_a_part_of_it_is_wrong():
    rows, columns = np.mgrid[:CANVAS_HEIGHT, :CANVAS_WIDTH].astype(np.float32)
    turn = np.float32([[1.2, -0.1, 30], [0.1, 1.2, -60]])
    flow = np.dstack([row[0] * columns + row[1] * rows + row[2] for row in turn])
    flow[:, 450:] += 40
    found = stiff_piece(np.ones(CANVAS, np.float32), flow, keypoints()[:, :2])
    place = np.array([384, 200, 1])
    assert np.abs(found @ place - turn @ place).max() < 8
    bent = np.dstack([columns + 120 * np.sin(rows / 15), rows + 120 * np.cos(columns / 15)])
    assert stiff_piece(np.ones(CANVAS, np.float32), bent, keypoints()[:, :2]) is None
    assert stiff_piece(np.zeros(CANVAS, np.float32), flow, keypoints()[:, :2]) is None


def test_a_collars_feet_stand_on_the_shoulders():
    outline, none = collar_of(garment(SHIRT, OPENING)).outline, np.zeros(HALF, np.float32)
    turn = np.float32([[1, 0, 0], [0, 1, 0]])
    for shoulders, moved in ((270, 15), (240, -15), (500, 0.15 * 260)):
        placed = standing_on_the_shoulders(turn, outline, person(shoulders).parts, none, keypoints()[:, :2])
        down = -(placed @ np.array([384, 240, 1]))[1] + 240
        assert abs(down - moved) < 5, "up to a limit"
    assert np.array_equal(standing_on_the_shoulders(turn, outline, person().parts * 0, none, keypoints()[:, :2]), turn)


def test_the_neck_stands_in_the_middle_of_the_collar():
    outline, turn = collar_of(garment(SHIRT, OPENING)).outline, np.float32([[1, 0, 0], [0, 1, 0]])
    base = NeckBase(np.float32([[310, 240], [418, 240]]), np.float32([254, 514]), (np.zeros((2, 2)), np.zeros((2, 2))))
    moved = about_the_neck(turn, outline, base, keypoints()[:, :2])
    assert abs((moved @ np.array([364, 240, 1]))[0] - 384) < 1
    assert np.array_equal(about_the_neck(turn, outline, None, keypoints()[:, :2]), turn)
