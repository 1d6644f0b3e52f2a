"""What comes to light beside the worn garment: in the photo's colours, and with borders as sharp as the photo's."""

import numpy as np

from vton.labels import Region
from vton.methods.layers import painted_layers, surroundings
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH

SKIN, WALL = (210, 165, 140), (120, 130, 150)
ARM, SLEEVE, TOP = np.s_[300:800, 100:200], np.s_[300:550, 90:210], np.s_[250:600, 250:520]


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Photo, its regions, the target parse (a shorter, sleeveless top) and what is to be repainted."""
    before = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.uint8)
    before[ARM] = Region.RIGHT_ARM
    before[600:900, 270:500] = Region.BOTTOM
    before[SLEEVE] = before[TOP] = Region.UPPER
    photo = np.full((*before.shape, 3), WALL, np.uint8)
    photo[before == Region.RIGHT_ARM] = SKIN
    photo[before == Region.UPPER] = (255, 255, 255)
    stripes = np.where(np.arange(CANVAS_HEIGHT) // 12 % 2 == 0, 60, 140).astype(np.uint8)
    photo[600:900, 270:500] = stripes[600:900, None, None]
    after = before.copy()
    after[SLEEVE], after[TOP] = Region.BACKGROUND, Region.BACKGROUND
    after[ARM] = Region.RIGHT_ARM
    after[520:600, 270:500] = Region.BOTTOM
    after[250:520, 250:520] = Region.UPPER
    target = np.stack([(after[::2, ::2] == region).astype(np.float32) for region in range(len(Region))])
    return photo, before, target, (before == Region.UPPER).astype(np.float32)


def painted(generated: tuple[int, int, int] = (90, 90, 90)) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    photo, before, target, repaint = scene()
    made = np.where(repaint[..., None] > 0, np.uint8(generated), photo).astype(np.uint8)
    around = surroundings(photo, before, target, repaint, 20)
    return photo, painted_layers(made, around).astype(int), around.repaint


def test_where_a_wide_sleeve_was_the_backdrop_continues():
    _, picture, _ = painted()
    assert np.abs(picture[320:530, 92:96] - WALL).max() < 12


def test_a_backdrop_with_texture_goes_on_with_it():
    photo, before, target, repaint = scene()
    columns = np.where(np.arange(CANVAS_WIDTH) // 9 % 2, 70, 170).astype(np.uint8)
    wall = before == Region.BACKGROUND
    photo[wall] = np.broadcast_to(columns[:, None], photo.shape)[wall]
    target[:, 150:275, 45:105] = 0
    target[Region.BACKGROUND, 150:275, 45:105] = 1
    around = surroundings(photo, before, target, repaint, 20)
    filled = painted_layers(photo, around)[330:520, 100:200].astype(int)
    assert filled.std() > 0.6 * photo[wall].std() and abs(filled.mean() - 120) < 25


def test_where_a_wall_is_plain_it_stays_plain_though_it_has_texture_elsewhere():
    photo, before, target, repaint = scene()
    columns = np.where(np.arange(CANVAS_WIDTH) // 9 % 2, 70, 170).astype(np.uint8)
    wall = (before == Region.BACKGROUND) & (np.arange(CANVAS_WIDTH) > 500)
    photo[wall] = np.broadcast_to(columns[:, None], photo.shape)[wall]
    photo[:, 60:62] += np.uint8(30)
    target[:, 150:275, 45:105] = 0
    target[Region.BACKGROUND, 150:275, 45:105] = 1
    around = surroundings(photo, before, target, repaint, 20)
    filled = painted_layers(photo, around)[330:520, 92:200].astype(int)
    assert np.abs(filled - WALL).max() < 8


def test_new_skin_takes_the_colour_of_the_arm_that_stays():
    off = tuple(value - 25 for value in SKIN)
    _, picture, _ = painted(off)
    assert np.abs(picture[530:545, 120:180] - SKIN).mean() < 14


def test_the_border_of_new_skin_is_sharp():
    _, picture, _ = painted(SKIN)
    profile = picture[400, 90:112, 0]
    assert profile[0] == WALL[0] and profile[-1] > 0.9 * SKIN[0]
    assert (np.diff(profile) > 8).sum() <= 4


def test_new_skin_turns_away_at_its_edges():
    _, picture, _ = painted(SKIN)
    edge, middle = picture[400, 102], picture[400, 150]
    assert (0.8 * middle < edge).all() and (edge < 0.95 * middle).all()
    # Light that has been through skin is redder.
    assert edge[0] / middle[0] > edge[2] / middle[2] + 0.02


def test_new_skin_is_as_light_on_the_whole_as_the_arm_that_stays():
    """For all that it turns away at its edges: what stays has its own shade."""
    _, picture, _ = painted(SKIN)
    new, stays = picture[500:540, 104:196].mean(), picture[570:610, 104:196].mean()
    assert 0.995 * stays < new < 1.03 * stays


def test_the_shade_on_a_neck_does_not_darken_an_arm():
    photo, before, target, repaint = scene()
    before[300:800, 100:200] = Region.UPPER
    before[200:250, 340:420] = Region.NOISE
    photo[before == Region.UPPER], repaint = 255, (before == Region.UPPER).astype(np.float32)
    photo[200:250, 340:420] = np.subtract(SKIN, 35)
    target[:, 100:125, 170:210] = 0
    target[Region.NOISE, 100:150, 170:210] = 1
    target[Region.UPPER, 100:150, 170:210] = 0
    made = np.where(repaint[..., None] > 0, np.uint8(SKIN), photo).astype(np.uint8)
    picture = painted_layers(made, surroundings(photo, before, target, repaint, 20)).astype(int)
    below, arm = picture[253:257, 370:390], picture[600:750, 140:160]
    assert np.abs(below - np.subtract(SKIN, 35)).mean() < 10
    assert np.abs(arm - SKIN).mean() < 8


def test_trousers_are_pulled_up_to_a_shorter_top_with_their_pattern():
    _, picture, where = painted()
    gap = picture[530:595, 300:470, 0]
    assert np.ptp(gap.mean(1)) > 40 and gap.std(1).max() < 5
    assert where[530:595, 300:470].min() > 0.9 and where[700, 300:470].min() > 0.5
    assert where[890:, 300:470].max() == 0


def test_above_a_hand_trousers_have_their_pattern_too():
    photo, before, target, repaint = scene()
    hand = np.s_[600:900, 270:340]
    before[hand], photo[hand] = Region.RIGHT_ARM, SKIN
    target[:, 300:450, 135:170] = 0
    target[Region.RIGHT_ARM, 300:450, 135:170] = 1
    picture = painted_layers(photo, surroundings(photo, before, target, repaint, 20)).astype(int)
    assert np.ptp(picture[535:595, 285:325, 0].mean(1)) > 40


def test_without_trousers_in_the_photo_nothing_fails():
    photo, before, target, repaint = scene()
    before[before == Region.BOTTOM] = Region.BACKGROUND
    around = surroundings(photo, before, target, repaint, 20)
    assert painted_layers(photo, around).shape == photo.shape and around.repaint.max() <= 1


def test_of_trousers_cut_off_by_the_photo_no_streaks_are_drawn_out():
    """The canvas goes on below the photo with its last row, which is no trousers."""
    photo, before, target, repaint = scene()
    checks = 30 * ((np.arange(270, 500) // 3 + np.arange(600, 616)[:, None] // 3) % 2)
    photo[600:616, 270:500] = (70 + checks)[..., None]
    photo[616:] = photo[615]
    before[616:900, 270:500] = Region.BOTTOM
    picture = painted_layers(photo, surroundings(photo, before, target, repaint, 20)).astype(int)
    assert picture[530:595, 300:470, 0].std(1).max() < 5
    assert abs(picture[530:595, 300:470].mean() - 85) < 12
