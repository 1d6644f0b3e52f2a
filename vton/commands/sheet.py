"""`python -m vton sheet --persons DIR --garments DIR -o SHEET.jpg`: many try-ons in one picture, to look at."""

import argparse
import sys
from pathlib import Path

from PIL import Image, ImageOps

from vton.images import PictureError, load_photo, pictures_in
from vton.pipeline import TryOnPipeline

CELL = (240, 320)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--persons", type=Path, required=True, help="folder of photos of people")
    parser.add_argument("--garments", type=Path, required=True, help="folder of pictures of garments")
    parser.add_argument("-o", "--output", type=Path, required=True, help="picture to write")
    parser.add_argument("--count", type=int, default=24, help="try-ons, each of another pair")
    parser.add_argument("--columns", type=int, default=4, help="try-ons side by side")
    parser.add_argument("--maps", nargs="*", default=[], help="maps to show between garment and result")
    parser.add_argument("--weights", default="compact", choices=("compact", "official"))


def run(arguments: argparse.Namespace) -> int:
    persons, garments = pictures_in(arguments.persons), pictures_in(arguments.garments)
    pipeline = TryOnPipeline.load(arguments.weights)
    rows = []
    for index in range(arguments.count):
        person = persons[index % len(persons)]
        # Each round through the persons starts further on in the garments, so that no pair comes twice.
        garment = garments[(index + 5 * (index // len(persons))) % len(garments)]
        try:
            result = pipeline(person, garment)
        except PictureError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        maps = [result.maps[name].convert("RGB") for name in arguments.maps]
        pictures = [Image.fromarray(load_photo(path).pixels) for path in (person, garment)]
        rows.append(_strip([*pictures, *maps, result.image]))
        print(f"{len(rows):3} {person.name} + {garment.name} {' '.join(result.warnings)}", flush=True)
    if not rows:
        raise PictureError(f"{arguments.output}: no pair could be used.")
    _grid(rows, arguments.columns).save(arguments.output, quality=88)
    return 0


def _strip(pictures: list[Image.Image]) -> Image.Image:
    strip = Image.new("RGB", (CELL[0] * len(pictures) + 8, CELL[1]), "white")
    for place, picture in enumerate(pictures):
        strip.paste(ImageOps.pad(picture, CELL, color=(230, 230, 230)), (place * CELL[0], 0))
    return strip


def _grid(strips: list[Image.Image], columns: int) -> Image.Image:
    width, height = strips[0].size
    lines = -(-len(strips) // columns)
    sheet = Image.new("RGB", (width * columns, height * lines), "white")
    for index, strip in enumerate(strips):
        sheet.paste(strip, (index % columns * width, index // columns * height))
    return sheet
