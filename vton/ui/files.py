"""Pictures in and out of the page: what visitors send, and the files that are handed to them."""

import secrets
import zipfile
from pathlib import Path

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder
from PIL import Image

from vton.commands.preprocess import write_garment, write_person
from vton.images import load_photo
from vton.types import Garment, Person

PREVIEW_SIDE = 1600
PHOTOGRAPHIC_MAPS = ("refocused", "agnostic", "garment", "warped_garment", "generated")


def as_file(component: gr.Image) -> gr.Image:
    """Let handlers get the file that was sent, unopened.

    Gradio would open it first and fail on anything broken; the pipeline's own opening honours orientation and colour
    mode, and says in a sentence what is wrong.
    """
    component.preprocess = lambda payload: payload.path if payload else None
    return component


def plain_sentence(error: Exception, *paths: str) -> str:
    """An error's message with the server's paths replaced by the file names that the visitor knows."""
    message = str(error)
    for path in paths:
        message = message.replace(str(path), Path(path).name)
    return message


def new_file(name: str) -> Path:
    """A path nobody can guess in the folder whose files gradio deletes after a while, once it has handed them out."""
    folder = Path(get_upload_folder()) / secrets.token_hex(20)
    folder.mkdir(parents=True)
    return folder / name


def save_exact(picture: Image.Image, stem: str) -> str:
    """Write a picture as PNG, pixel for pixel; fast rather than small."""
    path = new_file(f"{stem}.png")
    picture.save(path, compress_level=1)
    return str(path)


def save_preview(picture: Image.Image, stem: str) -> str:
    """Write a picture as JPEG, no larger than a screen shows."""
    path = new_file(f"{stem}.jpg")
    small = picture.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.LANCZOS)
    small.save(path, quality=92)
    return str(path)


def save_map(picture: Image.Image, name: str) -> str:
    """Write a map: as JPEG what looks like a photograph, exactly what holds labels, masks or directions."""
    return save_preview(picture, name) if name in PHOTOGRAPHIC_MAPS else save_exact(picture, name)


def upright(path: str) -> Image.Image:
    """A visitor's photo as the pipeline sees it. Raises PictureError."""
    return Image.fromarray(np.asarray(load_photo(path).pixels))


def zip_dataset(person: Person, garment: Garment) -> str:
    """Write one pair as a data set in the VITON-HD layout, zipped; returns the path."""
    path = new_file("fit-me-up-viton-hd.zip")
    root = path.parent / "dataset"
    write_person(root / "test", "person_00", person)
    write_garment(root / "test", "garment_00", garment)
    (root / "test_pairs.txt").write_text("person_00.jpg garment_00.jpg\n")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(root.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(root))
                file.unlink()
    return str(path)
