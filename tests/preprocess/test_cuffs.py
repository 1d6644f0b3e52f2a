"""Cuffs between sleeve and hand, on drawn people."""

import numpy as np

from tests.preprocess.test_clothes import BLUE, WHITE, drawn, keypoints
from vton.labels import Parse
from vton.preprocess.cuffs import restore_cuffs


def test_cuffs_go_with_the_sleeve_and_hands_stay():
    parse, image = drawn()
    sleeve, cuff = np.s_[115:262, 210:240], np.s_[262:270, 210:240]
    parse[sleeve], image[sleeve], image[cuff] = Parse.UPPER, WHITE, WHITE
    restored = restore_cuffs(parse, image, keypoints(), (parse > 0).astype(np.float32))
    assert (restored[264:269, 215:235] == Parse.UPPER).all()
    assert (restored[276:300, 210:240] == Parse.LEFT_ARM).all()
    assert np.array_equal(restored[:, :200], parse[:, :200])


def test_a_cuff_without_a_label_goes_with_the_sleeve():
    parse, image = drawn()
    sleeve, cuff = np.s_[115:255, 210:240], np.s_[255:280, 210:240]
    parse[sleeve], image[sleeve], image[cuff] = Parse.UPPER, BLUE, BLUE
    silhouette = (parse > 0).astype(np.float32)
    parse[cuff] = Parse.BACKGROUND
    restored = restore_cuffs(parse, image, keypoints(), silhouette)
    assert (restored[258:277, 213:237] == Parse.UPPER).all() and (restored[283:300, 213:237] == Parse.LEFT_ARM).all()


def test_a_hand_in_the_colour_of_the_sleeve_is_its_cuff():
    parse, image = drawn()
    sleeve, cuff = np.s_[115:250, 210:240], np.s_[250:300, 210:240]
    parse[sleeve], image[sleeve], image[cuff] = Parse.UPPER, BLUE, BLUE
    restored = restore_cuffs(parse, image, keypoints(), (parse > 0).astype(np.float32))
    assert (restored[255:295, 213:237] == Parse.UPPER).all() and (restored[120:295, 62:88] == Parse.RIGHT_ARM).all()


def test_a_cuff_of_nearly_the_colour_of_skin_goes_with_the_sleeve_of_that_colour():
    parse, image = drawn()
    sleeve, cuff = np.s_[115:262, 210:240], np.s_[262:270, 210:240]
    pink = np.clip(image[285, 225] + np.array([12, -12, 0]), 0, 255).astype(np.uint8)
    parse[sleeve], image[sleeve], image[cuff] = Parse.UPPER, pink, pink
    restored = restore_cuffs(parse, image, keypoints(), (parse > 0).astype(np.float32))
    assert (restored[264:269, 215:235] == Parse.UPPER).all()
    assert (restored[280:298, 215:235] == parse[280:298, 215:235]).all(), "the hand stays"
