"""Clicks add to a garment's mask and take from it, near where they are made and nowhere else."""

import time

import cv2
import numpy as np
import pytest

from vton.preprocess.garment_clicks import Click, SamSegmenter, refine_mask
from vton.weights import WeightsError

TALL, WIDE = 512, 384


def scene():
    """A red top with a green sleeve, beside it a blue bag, on a beige wall with grain: picture and truth by part."""
    random = np.random.default_rng(1)
    body, sleeve, bag = (np.zeros((TALL, WIDE), np.uint8) for _ in range(3))
    cv2.rectangle(body, (90, 110), (240, 450), 1, -1)
    cv2.rectangle(sleeve, (30, 120), (89, 300), 1, -1)
    cv2.rectangle(bag, (241, 250), (340, 400), 1, -1)
    picture = np.full((TALL, WIDE, 3), (215, 205, 190), np.float32)
    for part, colour in ((body, (180, 40, 50)), (sleeve, (40, 130, 60)), (bag, (50, 70, 170))):
        picture[part > 0] = colour
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8) + random.normal(0, 3, picture.shape)
    return picture.clip(0, 255).astype(np.uint8), body > 0, sleeve > 0, bag > 0


def iou(found, truth):
    found = found > 0.5
    return (found & truth).sum() / (found | truth).sum()


BAG, SLEEVE, BODY = Click(0.78, 0.62, False), Click(0.15, 0.4, True), Click(0.43, 0.5, True)


def test_click_outside_takes_a_piece_away():
    picture, body, sleeve, bag = scene()
    found = refine_mask(picture, (body | sleeve | bag).astype(np.float32), [BAG])
    assert iou(found, body | sleeve) > 0.97
    assert found.dtype == np.float32 and found.min() >= 0 and found.max() <= 1


def test_click_inside_adds_a_piece():
    picture, body, sleeve, _ = scene()
    assert iou(refine_mask(picture, body.astype(np.float32), [SLEEVE]), body | sleeve) > 0.97


def test_clicks_accumulate():
    picture, body, sleeve, bag = scene()
    found = refine_mask(picture, (body | bag).astype(np.float32), [BAG, SLEEVE, BODY])
    assert iou(found, body | sleeve) > 0.96


def test_click_builds_a_mask_from_nothing():
    picture, body, *_ = scene()
    assert iou(refine_mask(picture, np.zeros((TALL, WIDE), np.float32), [BODY]), body) > 0.95


def test_rest_of_the_mask_stays():
    picture, body, sleeve, bag = scene()
    mask = (body | sleeve | bag).astype(np.float32)
    mask[430:451, 100:200] = 0.25
    found = refine_mask(picture, mask, [BAG, BODY])
    assert np.array_equal(found[:, :200], np.where(found[:, :200] == mask[:, :200], mask[:, :200], 2))


def test_no_click_no_change():
    picture, body, *_ = scene()
    mask = body.astype(np.float32)
    assert refine_mask(picture, mask, []) is mask


@pytest.mark.parametrize("place", [(0.0, 0.0), (1.0, 1.0), (0.5, 0.05)])
@pytest.mark.parametrize("inside", [True, False])
def test_click_is_always_right_about_its_spot(place, inside):
    picture, body, *_ = scene()
    found = refine_mask(picture, body.astype(np.float32), [Click(*place, inside)])
    row, column = min(int(place[1] * TALL), TALL - 1), min(int(place[0] * WIDE), WIDE - 1)
    assert found[row, column] == inside


def test_refining_is_quick():
    picture, body, _, bag = scene()
    picture = cv2.resize(picture, (768, 1024))
    mask = cv2.resize((body | bag).astype(np.float32), (768, 1024))
    refine_mask(picture, mask, [BAG])
    started = time.process_time()
    refine_mask(picture, mask, [BAG, SLEEVE])
    assert time.process_time() - started < 1.0


def tiny_sam():
    """Segment Anything of the published classes, with random weights and a 64-pixel view."""
    import torch
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    torch.manual_seed(0)
    encoder = ImageEncoderViT(img_size=64, patch_size=16, embed_dim=16, depth=1, num_heads=2, out_chans=32)
    prompts = PromptEncoder(32, (4, 4), (64, 64), mask_in_chans=8)
    decoder = MaskDecoder(
        transformer_dim=32,
        transformer=TwoWayTransformer(depth=1, embedding_dim=32, num_heads=2, mlp_dim=32),
        iou_head_hidden_dim=16,
    )
    return Sam(encoder, prompts, decoder).eval()


def test_segment_anything_gets_picture_mask_and_clicks():
    picture, body, *_ = scene()
    network = tiny_sam()
    asked = []
    network.prompt_encoder.register_forward_pre_hook(lambda _, __, given: asked.append(given), with_kwargs=True)
    looked = []
    network.image_encoder.register_forward_pre_hook(lambda *_: looked.append(1))
    segmenter = SamSegmenter(network=network)
    for clicks in ([BODY], [BODY, BAG]):
        found = refine_mask(picture, body.astype(np.float32), clicks, segmenter)
        assert found.shape == (TALL, WIDE) and found.dtype == np.float32
        assert found[256, 165] == 1
    assert found[317, 299] == 0
    assert len(looked) == 1, "a picture is looked at once, however many clicks follow"
    points, labels = asked[-1]["points"]
    assert labels.tolist() == [[1, 0]]
    assert np.allclose(points[0, 0].numpy(), [0.43 * 48, 0.5 * 64], atol=0.1)
    prompt = asked[-1]["masks"][0, 0].numpy()
    assert prompt[8, 5] > 5 and prompt[1, 1] < -5 and prompt[8, 14] < -5


def test_other_weights_are_refused(tmp_path):
    path = tmp_path / "sam_vit_b_01ec64.pth"
    path.write_bytes(b"not weights")
    with pytest.raises(WeightsError, match=r"sam_vit_b_01ec64\.pth: not the weights"):
        SamSegmenter(path)
