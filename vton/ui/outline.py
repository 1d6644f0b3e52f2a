"""The step under the garment in which a visitor mends its outline with clicks."""

from dataclasses import dataclass

import cv2
import gradio as gr
import numpy as np
from PIL import Image

from vton.images import PictureError, resize
from vton.pipeline import TryOnPipeline
from vton.preprocess.garment_clicks import Click
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment
from vton.ui import words
from vton.ui.files import plain_sentence, save_preview
from vton.ui.marks import Marks, place

PICTURE_SIDE = 900
INSIDE, OUTSIDE = "Add to the garment", "Take away"
TAPE, INK, RED = (255, 211, 38), (10, 44, 33), (213, 55, 42)


@dataclass(frozen=True)
class OutlineStep:
    """The components, and `dress`, the button that asks for a try-on with the outline as it is."""

    step: gr.Accordion
    picture: gr.Image
    kind: gr.Radio
    undo: gr.Button
    restart: gr.Button
    dress: gr.Button
    notice: gr.HTML


def build() -> OutlineStep:
    with gr.Accordion("Fix the outline", open=False, elem_id="outline", elem_classes="fmu-outline") as step:
        gr.HTML(words.OUTLINE_HINT)
        kind = gr.Radio(
            [INSIDE, OUTSIDE], value=INSIDE, label="What a click does", elem_id="outline-kind", container=False
        )
        picture = gr.Image(
            type="filepath",
            show_label=False,
            interactive=False,
            buttons=[],
            elem_id="outline-picture",
            elem_classes="fmu-clicked",
            alt_text="The garment with its outline in yellow",
        )
        notice = gr.HTML(elem_id="outline-notice")
        with gr.Row():
            undo = gr.Button("Undo", size="sm", min_width=90, elem_id="outline-undo")
            restart = gr.Button("Start again", size="sm", min_width=90, elem_id="outline-restart")
            dress = gr.Button("Try it on", size="sm", min_width=90, variant="primary", elem_id="outline-go")
    return OutlineStep(step, picture, kind, undo, restart, dress, notice)


def connect(step: OutlineStep, garment: gr.Image, marks: gr.State, pipeline: TryOnPipeline) -> None:
    """Let the step follow the picture of the garment, and keep its clicks in `marks`."""

    def drawn(path: str | None, current: Marks) -> tuple[str | None, str]:
        if not path:
            return None, words.notice(["Choose a garment first."], "good")
        try:
            shown = pipeline.prepare_garment(path, clicks=current.clicks_on(path))
        except PictureError as error:
            return None, words.notice([plain_sentence(error, path)], "error")
        return save_preview(draw_outline(shown, current.clicks_on(path)), "outline"), ""

    def click(path: str, shown: str, kind: str, current: Marks, event: gr.SelectData) -> tuple:
        x, y = place(event, shown)
        current = current.clicking(path, (*current.clicks_on(path), Click(x, y, kind == INSIDE)))
        return current, *drawn(path, current)

    def undo(path: str | None, current: Marks) -> tuple:
        current = current.clicking(path or "", current.clicks_on(path or "")[:-1])
        return current, *drawn(path, current)

    def restart(path: str | None, current: Marks) -> tuple:
        current = current.clicking(path or "", ())
        return current, *drawn(path, current)

    quiet = {"api_visibility": "private", "show_progress": "minimal", "show_progress_on": step.picture}
    limited = {**quiet, "concurrency_limit": 1, "concurrency_id": "outline"}
    shown = [step.picture, step.notice]
    step.step.expand(drawn, [garment, marks], shown, **limited)
    step.picture.select(
        click, [garment, step.picture, step.kind, marks], [marks, *shown], trigger_mode="multiple", **limited
    )
    step.undo.click(undo, [garment, marks], [marks, *shown], **limited)
    step.restart.click(restart, [garment, marks], [marks, *shown], **limited)
    garment.change(
        lambda: (gr.Accordion(open=False), None, ""),
        None,
        [step.step, *shown],
        queue=False,  # else it might come after the visitor has opened the step again
        show_progress="hidden",
        api_visibility="private",
    )


def draw_outline(garment: Garment, clicks: tuple[Click, ...]) -> Image.Image:
    """The garment's photo with what is outside its mask faded, the mask's outline, and the clicks as dots.

    The longer side has at most PICTURE_SIDE pixels.
    """
    width, height = garment.photo.size
    shrink = min(1.0, PICTURE_SIDE / max(width, height))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    picture = resize(garment.photo.pixels, size).astype(np.float32)
    mask = resize(_on_photo(garment), size).clip(0, 1)
    faded = picture * 0.35 + np.array([222.0, 228.0, 223.0], np.float32) * 0.65
    picture = faded + (picture - faded) * mask[..., None]
    canvas = np.ascontiguousarray(picture.round().clip(0, 255).astype(np.uint8))
    thick = max(2, round(max(size) / 220))
    edges, _ = cv2.findContours((mask > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(canvas, edges, -1, INK, thick + 3, cv2.LINE_AA)
    cv2.drawContours(canvas, edges, -1, TAPE, thick, cv2.LINE_AA)
    for click in clicks:
        _dot(canvas, click, 3 * thick)
    return Image.fromarray(canvas)


def _on_photo(garment: Garment) -> np.ndarray:
    """The mask without the canvas' padding."""
    width, height = garment.photo.size
    scale = min(CANVAS_WIDTH / width, CANVAS_HEIGHT / height)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (CANVAS_WIDTH - inner[0]) // 2, (CANVAS_HEIGHT - inner[1]) // 2
    return garment.mask[top : top + inner[1], left : left + inner[0]]


def _dot(canvas: np.ndarray, click: Click, radius: int) -> None:
    """A plus on green for what was added, a minus on red for what was taken away."""
    height, width = canvas.shape[:2]
    x, y = int(click.x * width), int(click.y * height)
    cv2.circle(canvas, (x, y), radius + 2, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.circle(canvas, (x, y), radius, (33, 124, 88) if click.inside else RED, -1, cv2.LINE_AA)
    arm = radius // 2
    cv2.line(canvas, (x - arm, y), (x + arm, y), (255, 255, 255), 2, cv2.LINE_AA)
    if click.inside:
        cv2.line(canvas, (x, y - arm), (x, y + arm), (255, 255, 255), 2, cv2.LINE_AA)
