"""Any picture is either opened upright, opaque and in RGB, or refused with a sentence; crops fit back exactly."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from vton.images import PictureError, crop, load_photo, pad_to_canvas, to_pixels, to_tensor


def gradient(height=120, width=90):
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([255 * x / width, 255 * y / height, np.full_like(x, 90.0)], axis=-1).astype(np.uint8)


def header_only_png(path, width, height):
    """A PNG that claims a size and holds hardly any pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    )


def bad_pictures(folder):
    (folder / "text.jpg").write_text("this is no picture")
    (folder / "empty.png").write_bytes(b"")
    Image.fromarray(gradient(400, 300)).save(folder / "whole.jpg")
    (folder / "truncated.jpg").write_bytes((folder / "whole.jpg").read_bytes()[:900])
    Image.fromarray(gradient(30, 20)).save(folder / "small.png")
    header_only_png(folder / "huge.png", 12_000, 12_000)
    (folder / "folder.jpg").mkdir()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("text.jpg", "not a picture"),
        ("empty.png", "empty"),
        ("truncated.jpg", "broken"),
        ("small.png", "20×30"),
        ("huge.png", "too large"),
        ("folder.jpg", "folder"),
        ("missing.jpg", "no such file"),
    ],
)
def test_bad_pictures_are_refused_in_one_sentence_that_names_them(tmp_path, name, reason):
    bad_pictures(tmp_path)
    with pytest.raises(PictureError) as refusal:
        load_photo(tmp_path / name)
    sentence = str(refusal.value)
    assert name in sentence
    assert reason in sentence
    assert "\n" not in sentence


def test_exif_rotation_is_applied(tmp_path):
    picture = Image.fromarray(gradient())
    exif = picture.getexif()
    exif[274] = 6
    picture.save(tmp_path / "turned.png", exif=exif)
    assert np.array_equal(load_photo(tmp_path / "turned.png").pixels, np.rot90(gradient(), -1))


def test_transparency_is_laid_on_white(tmp_path):
    alpha = np.full((120, 90, 1), 255, np.uint8)
    alpha[:60] = 0
    Image.fromarray(np.concatenate([gradient(), alpha], axis=-1)).save(tmp_path / "cut.png")
    pixels = load_photo(tmp_path / "cut.png").pixels
    assert (pixels[:60] == 255).all()
    assert np.array_equal(pixels[60:], gradient()[60:])


def test_transparent_palette_is_laid_on_white(tmp_path):
    indices = np.zeros((80, 80), np.uint8)
    indices[:, 40:] = 1
    picture = Image.fromarray(indices, "P")
    picture.putpalette([10, 20, 30, 200, 0, 0])
    picture.save(tmp_path / "palette.png", transparency=0)
    pixels = load_photo(tmp_path / "palette.png").pixels
    assert (pixels[:, :40] == 255).all()
    assert (pixels[:, 40:] == (200, 0, 0)).all()


def test_sixteen_bit_pictures_keep_their_brightness(tmp_path):
    grey = np.linspace(0, 65535, 100 * 100).reshape(100, 100).astype(np.uint16)
    Image.fromarray(grey).save(tmp_path / "deep.png")
    pixels = load_photo(tmp_path / "deep.png").pixels
    assert np.abs(pixels.astype(int) - (grey / 257)[..., None]).max() <= 1


def test_cmyk_becomes_rgb(tmp_path):
    Image.new("CMYK", (100, 100), (0, 255, 255, 0)).save(tmp_path / "print.jpg", quality=95)
    red, green, blue = load_photo(tmp_path / "print.jpg").pixels[50, 50]
    assert red > 200 and green < 60 and blue < 60


def test_digest_depends_on_content_alone(tmp_path):
    Image.fromarray(gradient()).save(tmp_path / "one.png")
    Image.fromarray(gradient()).save(tmp_path / "two.bmp")
    assert load_photo(tmp_path / "one.png").digest == load_photo(Image.open(tmp_path / "two.bmp")).digest
    assert load_photo(tmp_path / "one.png").digest != load_photo(Image.fromarray(gradient(90, 120))).digest


def test_padding_keeps_proportions():
    canvas, matrix = pad_to_canvas(np.full((400, 100, 3), 200, np.uint8), (1, 2, 3))
    assert canvas.shape == (1024, 768, 3)
    assert (canvas[512, 384] == 200).all()
    assert (canvas[512, 0] == (1, 2, 3)).all()
    assert matrix[0, 0] == pytest.approx(matrix[1, 1], rel=0.01)


@pytest.mark.parametrize(
    "box", [(10.0, 20.0, 310.0, 420.0), (-30.5, -40.25, 269.5, 359.75), (100.0, 0.0, 1000.0, 1200.0)]
)
def test_crop_puts_every_photo_pixel_where_the_box_says(box):
    """On a linear gradient a crop's value tells the coordinate at which it was read."""
    y, x = np.mgrid[0:1200, 0:1000].astype(np.float32)
    cut = crop(np.stack([x, y], axis=-1), box, (300, 400))
    scale = (box[2] - box[0]) / 300
    columns = box[0] + (np.arange(300) + 0.5) * scale - 0.5
    rows = box[1] + (np.arange(400) + 0.5) * scale - 0.5
    inside = (columns[None, :] > 2) & (columns[None, :] < 997) & (rows[:, None] > 2) & (rows[:, None] < 1197)
    assert np.abs(cut[..., 0] - columns[None, :])[inside].max() < 0.1
    assert np.abs(cut[..., 1] - rows[:, None])[inside].max() < 0.1


@pytest.mark.parametrize("side", range(4), ids=["top", "right", "bottom", "left"])
def test_beyond_a_thin_frame_what_is_inside_it_goes_on(side):
    wall = np.full((400, 400, 3), (225, 205, 200), np.uint8)
    wall[::9] -= np.uint8(6)
    framed = wall.copy()
    framed[:2] = 15
    framed = np.rot90(framed, -side)
    cut = crop(np.ascontiguousarray(framed), (-100, -100, 500, 500), (600, 600))
    outside = np.ones((600, 600), bool)
    outside[98:502, 98:502] = False
    assert cut[outside].min() > 180
    assert np.array_equal(cut[100:500, 100:500], framed), "and the picture itself stays"


def test_a_dark_floor_is_no_frame():
    photo = np.full((400, 400, 3), 220, np.uint8)
    photo[380:] = 30
    assert crop(photo, (0, 0, 400, 500), (400, 500))[450:].max() == 30


def test_tensors_return_the_same_pixels():
    assert np.array_equal(to_pixels(to_tensor(gradient())), gradient())
