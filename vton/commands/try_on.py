"""`python -m vton try-on PERSON GARMENT -o OUT.png`."""

import argparse
import sys
from pathlib import Path

from vton.images import PictureError, load_photo
from vton.pipeline import TryOnPipeline


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("person", type=Path, help="photo of the person")
    parser.add_argument("garment", type=Path, help="picture of the garment")
    parser.add_argument("-o", "--output", type=Path, required=True, help="picture to write, .png or .jpg")
    parser.add_argument("--maps", type=Path, help="folder for the intermediate maps")
    parser.add_argument("--method", default="hr-viton")
    parser.add_argument("--tucked", action="store_true", help="wear the garment within the trousers or skirt")
    parser.add_argument("--weights", default="compact", choices=("compact", "official"))


def run(arguments: argparse.Namespace) -> int:
    if arguments.output.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        raise PictureError(f"{arguments.output}: name the output .png, .jpg or .webp.")
    if not arguments.output.absolute().parent.is_dir():
        raise PictureError(f"{arguments.output}: the folder to write to does not exist.")
    for source in (arguments.person, arguments.garment):
        load_photo(source)
    pipeline = TryOnPipeline.load(arguments.weights)
    if arguments.method not in pipeline.methods:
        known = f"{arguments.method}: no such method; choose one of {', '.join(pipeline.methods)}."
        raise PictureError(pipeline.missing.get(arguments.method, known))
    result = pipeline(arguments.person, arguments.garment, arguments.method, tucked=arguments.tucked)
    result.image.save(arguments.output, quality=95)
    if arguments.maps:
        arguments.maps.mkdir(parents=True, exist_ok=True)
        for number, (name, picture) in enumerate(result.maps.items(), 1):
            picture.save(arguments.maps / f"{number:02}-{name}.png")
    for warning in result.warnings:
        print(f"note: {warning}", file=sys.stderr)
    total = sum(result.timings.values())
    print(f"{arguments.output}: {result.image.width}×{result.image.height} pixels in {total:.1f} s")
    return 0
