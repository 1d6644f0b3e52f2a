"""SCHP's parsers get the picture they expect, and what they say becomes CIHP's labels."""

import cv2
import numpy as np
import pytest
from tiny_onnx import write_colour_parser

from vton.labels import Joint, Parse
from vton.preprocess.schp import DEVIATION, MEAN, SchpNetwork, SchpParser, square_crop
from vton.preprocess.schp_labels import CIHP_OF_ATR, CIHP_OF_LIP, Atr, Lip
from vton.weights import WeightsError

WIDTH, HEIGHT = 192, 256
SKIN = (224, 172, 140)
LIP_COLOURS = np.random.default_rng(3).permutation(
    [(r, g, b) for r in (0, 120, 250) for g in (0, 90, 180) for b in (0, 70, 210)]
)[:20]
ATR_COLOURS = np.random.default_rng(5).permutation(
    [(r, g, b) for r in (20, 140, 230) for g in (30, 110, 200) for b in (10, 90, 230)]
)[:18]


@pytest.fixture
def parsers(tmp_path):
    """Writes parsers that know labels by colour: LIP's and, where colours for it are given, ATR's.

    Besides what is given they know background, top and trousers; every other label has a colour that no picture has.
    """

    def write(lip, atr=None):
        paths = []
        for kind, labels, given, side in (("lip", Lip, lip, 472), ("atr", Atr, atr, 512)):
            if given is not None:
                table = np.full((len(labels), 3), (255.0, 0.0, 255.0))
                for name in ("BACKGROUND", "UPPER", "PANTS"):
                    table[labels[name]] = LIP_COLOURS[Lip[name]]
                for label, colour in given.items():
                    table[label] = colour
                paths.append(tmp_path / f"parsing_{kind}.onnx")
                write_colour_parser(paths[-1], side, table, MEAN, DEVIATION)
        return paths

    return write


@pytest.fixture
def keypoints():
    """Somebody who stands upright in the middle of the canvas."""
    points = np.zeros((18, 3), np.float32)
    for joint, x, y in (
        (Joint.NOSE, 96, 50),
        (Joint.NECK, 96, 82),
        (Joint.RIGHT_SHOULDER, 66, 84),
        (Joint.LEFT_SHOULDER, 126, 84),
        (Joint.RIGHT_HIP, 78, 182),
        (Joint.LEFT_HIP, 114, 182),
    ):
        points[joint] = x, y, 1
    return points


FULL = np.ones((HEIGHT, WIDTH), np.float32)


def test_tables_go_by_name():
    assert CIHP_OF_LIP[Lip.SKIRT] == Parse.SKIRT
    assert CIHP_OF_ATR[Atr.UPPER] == Parse.UPPER
    assert CIHP_OF_ATR[Atr.LEFT_SHOE] == Parse.LEFT_SHOE
    assert Parse.NECK not in CIHP_OF_LIP
    assert {Parse(label) for label in CIHP_OF_ATR} >= {Parse.SKIRT, Parse.DRESS, Parse.SCARF, Parse.RIGHT_LEG}


@pytest.mark.parametrize(("labels", "side"), [(Lip, 472), (Atr, 512)])
@pytest.mark.parametrize("shape", [(256, 192), (120, 300)])
def test_network_sees_the_whole_picture_in_blue_green_red(tmp_path, labels, side, shape):
    colours = (LIP_COLOURS if labels is Lip else ATR_COLOURS).astype(float)
    write_colour_parser(tmp_path / "net.onnx", side, colours, MEAN, DEVIATION)
    network = SchpNetwork(tmp_path / "net.onnx", len(labels))
    rows, columns = np.indices(shape)
    wanted = 3 * (rows * 3 // shape[0]) + columns * 3 // shape[1]
    found = network(colours[wanted].astype(np.uint8), shape[::-1])
    assert found.shape == (len(labels), *shape)
    np.testing.assert_allclose(found.sum(0), 1, rtol=1e-5)
    edges = cv2.morphologyEx(wanted.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((7, 7))) > 0
    edges[[0, 1, 2, -3, -2, -1]] = edges[:, [0, 1, 2, -3, -2, -1]] = True
    assert (found.argmax(0) == wanted)[~edges].all()
    assert (found.argmax(0) == wanted).mean() > 0.95
    smaller = network(colours[wanted].astype(np.uint8), (shape[1] // 2, shape[0] // 2)).argmax(0)
    assert (smaller == wanted[::2, ::2]).mean() > 0.95


def test_crop_is_that_of_the_published_code():
    """Corners of the longer side on the square's corners, the shorter side in the middle."""
    into = square_crop(768, 1024, 473)
    np.testing.assert_allclose(into @ (383.5, 0, 1), (236, 0), atol=1e-9)
    np.testing.assert_allclose(into @ (383.5, 1023, 1), (236, 472), atol=1e-9)
    assert into[0, 0] == into[1, 1] == pytest.approx(472 / 1023)


def test_every_lip_label_comes_through(parsers, keypoints):
    parser = SchpParser(*parsers(dict(zip(Lip, LIP_COLOURS, strict=True))))
    keypoints[:, 2] = 0
    labels = [label for label in Lip if label not in (Lip.JUMPSUITS, Lip.BACKGROUND)]
    image = np.full((HEIGHT, WIDTH, 3), LIP_COLOURS[Lip.BACKGROUND], np.uint8)
    for number, label in enumerate(labels):
        image[10 + 48 * (number // 4) : 50 + 48 * (number // 4), 8 + 44 * (number % 4) : 44 + 44 * (number % 4)] = (
            LIP_COLOURS[label]
        )
    parse = parser(image, FULL, keypoints)
    assert parse.dtype == np.uint8
    for number, label in enumerate(labels):
        assert parse[30 + 48 * (number // 4), 26 + 44 * (number % 4)] == Parse[label.name], label
    assert parse[4, 4] == Parse.BACKGROUND


def person(lip_colours, neck_colour):
    """A head, a neck, a torso and legs. The face reaches down to row 62."""
    image = np.full((HEIGHT, WIDTH, 3), lip_colours[Lip.BACKGROUND], np.uint8)
    cv2.ellipse(image, (96, 44), (16, 20), 0, 0, 360, SKIN, -1)
    cv2.rectangle(image, (88, 60), (104, 82), neck_colour, -1)
    cv2.rectangle(image, (62, 82), (130, 180), lip_colours[Lip.UPPER].tolist(), -1)
    cv2.rectangle(image, (70, 181), (122, 255), lip_colours[Lip.PANTS].tolist(), -1)
    return image


def silhouette_of(image):
    return (image != image[0, 0]).any(2).astype(np.float32)


def test_neck_that_lip_calls_background(parsers, keypoints):
    """The neck has a shade of the face's colour, so the stand-in for LIP's network takes it for background."""
    shadow = (196, 148, 120)
    parser = SchpParser(*parsers({Lip.FACE: SKIN, Lip.BACKGROUND: shadow}))
    colours = LIP_COLOURS.copy()
    image = person(colours, shadow)
    image[(image == colours[Lip.BACKGROUND]).all(2)] = (150, 160, 190)
    silhouette = (image != (150, 160, 190)).any(2).astype(np.float32)
    parse = parser(image, silhouette, keypoints)
    assert parse[72, 96] == Parse.NECK
    assert parse[40, 96] == Parse.FACE
    assert parse[130, 96] == Parse.UPPER
    # The same colour beside the silhouette stays what it is.
    image[60:82, 110:150] = shadow
    assert SchpParser(*parsers({Lip.FACE: SKIN, Lip.BACKGROUND: shadow}))(image, silhouette, keypoints)[70, 140] == 0


def test_neck_that_lip_calls_face(parsers, keypoints):
    image = person(LIP_COLOURS, SKIN)
    parse = SchpParser(*parsers({Lip.FACE: SKIN}))(image, silhouette_of(image), keypoints)
    assert parse[74, 96] == Parse.NECK
    assert parse[50, 96] == Parse.FACE
    assert (parse == Parse.NECK).sum() == pytest.approx(17 * 20, rel=0.35)
    keypoints[:, 2] = 0
    unseen = SchpParser(*parsers({Lip.FACE: SKIN}))(image, silhouette_of(image), keypoints)
    assert not (unseen == Parse.NECK).any()


def test_joints_that_fall_together(parsers, keypoints):
    keypoints[:] = 96, 70, 1
    image = person(LIP_COLOURS, SKIN)
    assert SchpParser(*parsers({Lip.FACE: SKIN}))(image, silhouette_of(image), keypoints)[130, 96] == Parse.UPPER


def test_atr_finds_the_neck_whatever_its_colour(parsers, keypoints):
    """Half in the shade of a hat: not the face's colour, background for LIP, face for ATR."""
    dark = (60, 40, 70)
    lip = {Lip.FACE: SKIN, Lip.BACKGROUND: dark}
    image = person(LIP_COLOURS, dark)
    image[(image == LIP_COLOURS[Lip.BACKGROUND]).all(2)] = (50, 45, 50)
    silhouette = (image != (50, 45, 50)).any(2).astype(np.float32)
    assert SchpParser(*parsers(lip))(image, silhouette, keypoints)[72, 96] != Parse.NECK
    both = SchpParser(*parsers(lip, {Atr.FACE: dark, Atr.BACKGROUND: (50, 45, 50)}))
    parse = both(image, silhouette, keypoints)
    assert parse[72, 96] == Parse.NECK
    assert parse[40, 96] == Parse.FACE


def dressed(image, colour):
    """The same person with everything below the neck in one colour."""
    worn = (image != image[0, 0]).any(2)
    worn[:82] = False
    return np.where(worn[..., None], np.uint8(colour), image)


def test_jumpsuit_is_split_at_the_waist(parsers, keypoints):
    cloth = (100, 20, 60)
    image = dressed(person(LIP_COLOURS, SKIN), cloth)
    parser = SchpParser(*parsers({Lip.FACE: SKIN, Lip.JUMPSUITS: cloth}))
    parse = parser(image, silhouette_of(image), keypoints)
    assert parse[110, 96] == Parse.UPPER
    assert parse[200, 96] == Parse.PANTS
    edge = np.flatnonzero(parse[:, 96] == Parse.PANTS)[0]
    assert edge == pytest.approx(82 + 0.7 * 100, abs=4)
    keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 2] = 0
    assert parser(image, silhouette_of(image), keypoints)[200, 96] == Parse.UPPER


def test_atr_says_where_the_trousers_of_a_jumpsuit_begin(parsers, keypoints):
    """Two shades that are one jumpsuit for LIP; for ATR the lower one is trousers, and they begin at row 120."""
    top, bottom = (100, 20, 60), (140, 60, 100)
    image = dressed(person(LIP_COLOURS, SKIN), top)
    image[120:][(image[120:] == top).all(2)] = bottom
    paths = parsers(
        {Lip.FACE: SKIN, Lip.JUMPSUITS: np.mean([top, bottom], axis=0)},
        {Atr.FACE: SKIN, Atr.UPPER: top, Atr.PANTS: bottom},
    )
    parse = SchpParser(*paths)(image, silhouette_of(image), keypoints)
    assert parse[112, 96] == Parse.UPPER
    assert parse[130, 96] == Parse.PANTS


def test_bag_and_belt(parsers, keypoints):
    """A strap over the top and a belt, both of which LIP takes for top."""
    top, strap, belt = (60, 60, 200), (90, 90, 230), (30, 90, 170)
    image = dressed(person(LIP_COLOURS, SKIN), top)
    image[181:][(image[181:] == top).all(2)] = LIP_COLOURS[Lip.PANTS]
    image[100:150, 90:102] = strap
    image[166:180, 62:131] = belt
    lip = {Lip.FACE: SKIN, Lip.UPPER: top}
    alone = SchpParser(*parsers(lip))(image, silhouette_of(image), keypoints)
    assert alone[125, 96] == alone[173, 96] == Parse.UPPER
    atr = {Atr.FACE: SKIN, Atr.UPPER: top, Atr.BAG: strap, Atr.BELT: belt}
    parse = SchpParser(*parsers(lip, atr))(image, silhouette_of(image), keypoints)
    assert parse[125, 96] == Parse.BACKGROUND
    assert parse[173, 96] == Parse.PANTS
    assert parse[130, 75] == Parse.UPPER


def test_wrong_files_are_refused(tmp_path, parsers):
    (lip,) = parsers({})
    (tmp_path / "page.onnx").write_text("<html>")
    with pytest.raises(WeightsError, match=r"page\.onnx: not an ONNX file"):
        SchpParser(tmp_path / "page.onnx")
    with pytest.raises(WeightsError, match="not SCHP's parser of 18 labels"):
        SchpParser(lip, lip)
