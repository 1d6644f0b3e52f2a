"""`python -m vton preprocess --persons DIR --garments DIR -o DATASET`: photos to a dataset in the VITON-HD layout."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from vton import visualise
from vton.images import PictureError, pictures_in
from vton.pipeline import TryOnPipeline
from vton.preprocess.pose import openpose_json
from vton.types import Garment, Person


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--persons", type=Path, required=True, help="folder of photos of people")
    parser.add_argument("--garments", type=Path, required=True, help="folder of pictures of garments")
    parser.add_argument("-o", "--output", type=Path, required=True, help="dataset folder to write")
    parser.add_argument("--split", default="test", choices=("train", "test"))
    parser.add_argument("--weights", default="compact", choices=("compact", "official"))


def run(arguments: argparse.Namespace) -> int:
    persons, garments = pictures_in(arguments.persons), pictures_in(arguments.garments)
    pipeline = TryOnPipeline.load(arguments.weights)
    root = arguments.output / arguments.split
    dressed = [
        p for p in tqdm(persons, "persons") if _try(p, lambda p: write_person(root, p.stem, pipeline.prepare_person(p)))
    ]
    worn = [
        g
        for g in tqdm(garments, "garments")
        if _try(g, lambda g: write_garment(root, g.stem, pipeline.prepare_garment(g)))
    ]
    if not dressed or not worn:
        raise PictureError(f"{arguments.output}: no picture could be used, so there is nothing to pair.")
    pairs = [f"{p.stem}.jpg {worn[i % len(worn)].stem}.jpg" for i, p in enumerate(dressed)]
    (arguments.output / f"{arguments.split}_pairs.txt").write_text("\n".join(pairs) + "\n")
    print(f"{arguments.output}: {len(dressed)} of {len(persons)} persons, {len(worn)} of {len(garments)} garments")
    return 0


def write_person(root: Path, name: str, person: Person) -> None:
    """Write one person's maps under `root` (a split) in the VITON-HD layout."""
    maps = visualise.person_maps(person)
    _save(maps["refocused"], root / "image" / f"{name}.jpg")
    _save(maps["parse"], root / "image-parse-v3" / f"{name}.png")
    _save(maps["parse_agnostic"], root / "image-parse-agnostic-v3.2" / f"{name}.png")
    _save(maps["densepose"], root / "image-densepose" / f"{name}.jpg")
    _save(maps["pose"], root / "openpose_img" / f"{name}_rendered.png")
    _save(maps["agnostic"], root / "agnostic-v3.2" / f"{name}.jpg")
    target = root / "openpose_json" / f"{name}_keypoints.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(openpose_json(person.keypoints)))


def write_garment(root: Path, name: str, garment: Garment) -> None:
    """Write one garment and its mask under `root` (a split) in the VITON-HD layout."""
    _save(Image.fromarray(garment.image), root / "cloth" / f"{name}.jpg")
    _save(Image.fromarray((garment.mask > 0.5).astype(np.uint8) * 255), root / "cloth-mask" / f"{name}.jpg")


def _save(picture: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"quality": 95, "subsampling": 0} if path.suffix == ".jpg" else {}
    picture.save(path, **options)


def _try(path: Path, work) -> bool:
    try:
        work(path)
    except PictureError as error:
        print(f"left out: {error}", file=sys.stderr)
        return False
    return True
