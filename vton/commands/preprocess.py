"""`python -m vton preprocess --persons DIR --garments DIR -o DATASET`: photos to a dataset in the VITON-HD layout."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from vton import visualise
from vton.images import PictureError, load_photo, pictures_in
from vton.preprocess.choose import PREPROCESSORS, build_preparer, choose
from vton.preprocess.pose import openpose_json
from vton.types import Garment, Person, Photo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` reads."""
    parser.add_argument("--persons", type=Path, required=True, help="folder of photos of people")
    parser.add_argument("--garments", type=Path, required=True, help="folder of pictures of garments")
    parser.add_argument("-o", "--output", type=Path, required=True, help="dataset folder to write")
    parser.add_argument("--split", default="test", choices=("train", "test"))
    parser.add_argument("--weights", default="compact", choices=("compact", "official"))
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument(
        "--frame",
        default="auto",
        choices=("auto", "refocus", "photo"),
        help="what a person's picture shows: the upper body (refocus), the whole photo padded to 3:4 (photo), or the "
        "whole of photos that are 3:4 already and the upper body of others (auto)",
    )
    for step, names in PREPROCESSORS.items():
        if step != "clicks":
            parser.add_argument(f"--{step.replace('_', '-')}", help=f"what makes this map: {' or '.join(names)}")


def run(arguments: argparse.Namespace) -> int:
    """Prepare every picture that can be used and write the dataset; the others are named on stderr."""
    persons, garments = pictures_in(arguments.persons), pictures_in(arguments.garments)
    preparer = build_preparer(_choice(arguments), arguments.device)
    root = arguments.output / arguments.split
    boxes: dict[str, dict] = {}

    def person_at(path: Path) -> None:
        person = _prepared(path, lambda photo: preparer.person(photo, frame=arguments.frame))
        write_person(root, path.stem, person)
        boxes[path.stem] = {"photo": path.name, "size": person.photo.size, "box": [round(v, 3) for v in person.box]}

    def garment_at(path: Path) -> None:
        write_garment(root, path.stem, _prepared(path, preparer.garment))

    dressed = [path for path in tqdm(persons, "persons") if _try(path, person_at)]
    worn = [path for path in tqdm(garments, "garments") if _try(path, garment_at)]
    if not dressed or not worn:
        raise PictureError(f"{arguments.output}: no picture could be used, so there is nothing to pair.")
    pairs = [f"{p.stem}.jpg {worn[i % len(worn)].stem}.jpg" for i, p in enumerate(dressed)]
    (arguments.output / f"{arguments.split}_pairs.txt").write_text("\n".join(pairs) + "\n")
    (root / "boxes.json").write_text(json.dumps(boxes, indent=1))
    print(f"{arguments.output}: {len(dressed)} of {len(persons)} persons, {len(worn)} of {len(garments)} garments")
    return 0


def _choice(arguments: argparse.Namespace) -> dict[str, str]:
    steps = {step: getattr(arguments, step, None) for step in PREPROCESSORS}
    try:
        return choose(arguments.weights, {step: name for step, name in steps.items() if name})
    except ValueError as error:
        raise PictureError(f"{error}.") from None


def _prepared(path: Path, prepare: Callable[[Photo], Person | Garment]) -> Person | Garment:
    try:
        return prepare(load_photo(path))
    except PictureError as error:
        named = str(error).startswith(str(path))
        raise PictureError(str(error) if named else f"{path}: {error}") from None


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
    target.write_text(json.dumps(openpose_json(person.keypoints, person.feet)))


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
