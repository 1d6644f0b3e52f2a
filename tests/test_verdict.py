"""Verdicts over a made-up try-on that is right, and over the same with one fault each."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from tiny_methods import made_up_garment, made_up_person

from vton import weights
from vton.labels import Parse, Region
from vton.methods.compact_inputs import compact_regions
from vton.methods.judge_inputs import CHANNELS
from vton.networks.discriminators import ConditionDiscriminator
from vton.types import Composition
from vton.verdict import SENTENCES, Judge
from vton.weights import save_checkpoint

TOP = (270, 310, 500, 680)
"""Where the made-up person's top is: left, top, right, bottom."""

GARMENT = (150, 200, 620, 800)
"""Where the made-up garment is in its picture."""


@pytest.fixture(scope="module")
def pair():
    return made_up_person(), made_up_garment()


def boxed(box: tuple[int, int, int, int]) -> np.ndarray:
    mask = np.zeros((1024, 768), np.float32)
    mask[box[1] : box[3], box[0] : box[2]] = 1
    return mask


def tried_on(person, top=TOP, cloth=GARMENT) -> Composition:
    """The part `cloth` of the garment's picture laid over `top`, and a target that agrees."""
    scale = [(cloth[axis + 2] - cloth[axis]) / (top[axis + 2] - top[axis]) for axis in (0, 1)]
    rows, columns = np.mgrid[0:1024, 0:768].astype(np.float32)
    flow = np.stack([cloth[0] + (columns - top[0]) * scale[0], cloth[1] + (rows - top[1]) * scale[1]], -1)
    parse = np.where(person.parse == Parse.UPPER, np.uint8(Parse.PANTS), person.parse)
    regions = np.where(boxed(top) > 0, np.uint8(Region.UPPER), compact_regions(parse))[::2, ::2]
    target = (regions == np.arange(len(Region))[:, None, None]).astype(np.float32)
    return Composition(person.image, boxed(top), flow.astype(np.float32), target, person.image)


def test_nothing_is_wrong_with_a_garment_that_lies_where_the_parse_wants_it(pair):
    verdict = Judge()(*pair, tried_on(pair[0]))
    assert verdict.sentences == () and verdict.score > 0.9
    assert set(verdict.parts) == set(verdict.figures)


def test_what_the_photo_cuts_off_is_not_missed(pair):
    verdict = Judge()(*pair, tried_on(pair[0], top=(270, 700, 500, 1400)))
    assert verdict.figures["wholeness"] > 0.95
    assert SENTENCES["wholeness"] not in verdict.sentences


def test_a_warp_that_misses_the_parse_at_the_sleeves_is_said_so(pair):
    made = tried_on(pair[0])
    # The parse has sleeves, the warp has none.
    sleeves = np.maximum(boxed((190, 330, 270, 660)), boxed((500, 330, 580, 660)))[::2, ::2] > 0
    target = made.target.copy()
    target[:, sleeves] = np.eye(len(Region), dtype=np.float32)[Region.UPPER][:, None]
    verdict = Judge()(*pair, replace(made, target=target))
    assert verdict.score < 0.5 and verdict.sentences == (SENTENCES["sleeves"],)


def test_a_warp_that_ends_too_low_is_said_so(pair):
    made = tried_on(pair[0])
    target = made.target.copy()
    hem = boxed((270, 540, 500, 680))[::2, ::2] > 0
    target[:, hem] = np.eye(len(Region), dtype=np.float32)[Region.BACKGROUND][:, None]
    assert SENTENCES["hem"] in Judge()(*pair, replace(made, target=target)).sentences


@pytest.mark.parametrize(
    ("cloth", "part"),
    [((150, 200, 620, 460), "proportions"), ((310, 350, 490, 700), "wholeness")],
    ids=["stretched", "cut off"],
)
def test_cloth_that_is_stretched_or_left_out_is_said_so(pair, cloth, part):
    person, garment = pair
    verdict = Judge()(person, garment, tried_on(person, cloth=cloth))
    assert verdict.parts[part] < 0.5 and SENTENCES[part] in verdict.sentences


def test_cloth_that_is_folded_over_itself_is_said_so(pair):
    made = tried_on(pair[0])
    flow = made.flow.copy()
    # The lower half reads the picture upwards.
    flow[495:, :, 1] = 2 * flow[495, 0, 1] - flow[495:, :, 1]
    verdict = Judge()(*pair, replace(made, flow=flow))
    assert verdict.figures["smoothness"] < 0.7 and SENTENCES["smoothness"] in verdict.sentences


def test_a_wide_top_that_gives_way_to_a_narrow_one_is_said_so(pair):
    person, garment = pair
    parse = person.parse.copy()
    parse[310:680, 130:640] = Parse.UPPER
    wide = replace(person, parse=parse, silhouette=(parse > 0).astype(np.float32))
    verdict = Judge()(wide, garment, tried_on(person))
    assert SENTENCES["knowledge"] in verdict.sentences
    assert verdict.figures["knowledge"] < Judge()(person, garment, tried_on(person)).figures["knowledge"]


def test_a_tiny_garment_is_said_so(pair):
    verdict = Judge()(*pair, tried_on(pair[0], top=(350, 400, 430, 500)))
    assert SENTENCES["size"] in verdict.sentences


def test_a_method_without_a_target_is_judged_by_its_warp_alone(pair):
    person, garment = pair
    verdict = Judge()(person, garment, replace(tried_on(person), target=None))
    assert set(verdict.parts) == {"proportions", "smoothness", "wholeness", "size"} and verdict.score > 0.9
    bad = Judge()(person, garment, replace(tried_on(person, cloth=(150, 200, 620, 460)), target=None))
    assert bad.score < 0.5 and bad.sentences


def test_realism_follows_the_discriminators_ratio(pair):
    torch.manual_seed(0)
    network = ConditionDiscriminator(CHANNELS, width=4, dropout=False, halve_first=False).eval()
    made = tried_on(pair[0])
    figures = {}
    for bias in (0.1, 0.7):
        for scale in (network.layer0, network.layer1):
            torch.nn.init.zeros_(scale[-1].weight)
            torch.nn.init.constant_(scale[-1].bias, bias)
        # The ratio is then bias / (1 - bias): 0.11 and 2.3.
        verdict = Judge(network, low=0.5, largest=4.0)(*pair, made)
        figures[bias] = verdict.figures["realism"]
        assert (SENTENCES["realism"] in verdict.sentences) == (bias < 0.5)
    assert figures[0.1] == pytest.approx(0.1 / 0.9 / 4) and figures[0.7] == pytest.approx(0.7 / 0.3 / 4)


def test_the_discriminator_sees_what_goes_wrong(pair):
    """Shifting the warp, or losing an arm of the parse, changes what a network of any weights says."""
    torch.manual_seed(0)
    judge = Judge(ConditionDiscriminator(CHANNELS, width=4, dropout=False, halve_first=False).eval(), largest=100)
    made = tried_on(pair[0])
    shifted = replace(
        made, warped_mask=cv2.warpAffine(made.warped_mask, np.float32([[1, 0, 40], [0, 1, 0]]), (768, 1024))
    )
    armless = made.target.copy()
    armless[Region.BACKGROUND] += armless[Region.LEFT_ARM]
    armless[Region.LEFT_ARM] = 0
    ratios = [judge(*pair, each).figures["realism"] for each in (made, shifted, replace(made, target=armless))]
    assert len(set(ratios)) == 3


def test_the_judge_takes_its_limits_from_the_checkpoint_and_does_without_one(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "CHECKPOINTS", tmp_path)
    monkeypatch.setenv("VTON_WEIGHTS", str(tmp_path))
    assert Judge.load(torch.device("cpu")).network is None
    config = {"input_channels": CHANNELS, "width": 4}
    known = {"ratio_1": 0.2, "ratio_25": 0.9, "ratio_largest": 3.0}
    state = ConditionDiscriminator(**config).state_dict()
    save_checkpoint(
        tmp_path / "discriminator.safetensors", "condition_discriminator", config, state, {"metrics": known}
    )
    judge = Judge.load(torch.device("cpu"))
    assert (judge.low, judge.usual, judge.largest) == (0.2, 0.9, 3.0) and not judge.network.training
