"""Whom to dress, when a photo shows several people: the visitor clicks on one."""

from typing import Any

import cv2
import gradio as gr
import numpy as np
from PIL import Image

from vton.preprocess.findings import FINDINGS
from vton.types import TryOnResult
from vton.ui.files import save_preview
from vton.ui.marks import Marks, place
from vton.ui.try_on_tab import TryOnTab

SEVERAL = FINDINGS["several_people"].english


def connect(fitting: TryOnTab, marks: gr.State) -> list[Any]:
    """Take clicks on the photo and on the picture of those in it; returns the listeners that have set `marks`."""

    def choose(path: str, shown: str, current: Marks, event: gr.SelectData) -> Marks:
        return current.choosing(path, place(event, shown))

    return [
        picture.select(
            choose, [fitting.person, picture, marks], marks, show_progress="hidden", api_visibility="private"
        )
        for picture in (fitting.person, fitting.people)
    ]


def picker(result: TryOnResult, before: str, at: tuple[float, float] | None) -> tuple[bool | None, str]:
    """Whether to ask whom to dress, and the photo to click on, with a ring where the visitor clicked before.

    Args:
        result: of the try-on.
        before: path of the photo as it is shown on the page.
        at: where the visitor clicked.

    Returns:
        None instead of yes or no when the visitor has chosen: then the page stays as it is. And a path.
    """
    if at is None:
        return SEVERAL in result.warnings, before
    with Image.open(before) as photo:
        canvas = np.array(photo.convert("RGB"))
    height, width = canvas.shape[:2]
    centre, radius = (int(at[0] * width), int(at[1] * height)), max(8, max(width, height) // 40)
    for colour, thick in (((10, 44, 33), radius // 2), ((255, 211, 38), radius // 4)):
        cv2.circle(canvas, centre, radius, colour, thick, cv2.LINE_AA)
    return None, save_preview(Image.fromarray(canvas), "people")


def other_warnings(result: TryOnResult) -> list[str]:
    """The warnings without the one that the picture to click on stands for."""
    return [warning for warning in result.warnings if warning != SEVERAL]
