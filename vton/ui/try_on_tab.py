"""The first tab: a person, a garment, and the result in the mirror."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from vton.store import GarmentRecord
from vton.ui import outline, words
from vton.ui.files import as_file
from vton.ui.outline import OutlineStep

PERSONS_FOLDER = Path(__file__).resolve().parents[2] / "examples" / "persons"


@dataclass(frozen=True)
class TryOnTab:
    """The components that other parts of the page read or fill.

    people holds the photo to click on when several people are in it; choose is the column around it.
    """

    person: gr.Image
    garment: gr.Image
    garments: gr.Gallery
    outline: OutlineStep
    tucked: gr.Checkbox
    go: gr.Button
    notice: gr.HTML
    verdict: gr.HTML
    empty: gr.HTML
    mirror: gr.ImageSlider
    download: gr.DownloadButton
    choose: gr.Column
    people: gr.Image


def example_persons() -> list[str]:
    return [str(path) for path in sorted(PERSONS_FOLDER.glob("*.jpg"))]


def build(garments: list[GarmentRecord], tucks: bool = True) -> TryOnTab:
    """tucks: whether what dresses people can tuck a top in."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=7, min_width=320):
            with gr.Row(equal_height=False):
                with gr.Column(min_width=280):
                    person = _person_column()
                with gr.Column(min_width=280):
                    garment, gallery = _garment_column(garments)
                    mend = outline.build()
            tucked = gr.Checkbox(
                False, label="Tuck it in", visible=tucks, container=False, elem_id="tucked", elem_classes="fmu-tuck"
            )
            go = gr.Button("Try it on", variant="primary", size="lg", elem_classes="fmu-go", elem_id="go")
            gr.Markdown(words.CONSENT, elem_classes="fmu-consent")
        with gr.Column(scale=5, min_width=320):
            gr.HTML(
                words.step(3, "In the mirror", "Drag the handle to compare before and after."), elem_id="mirror-top"
            )
            empty = gr.HTML(words.empty_result(), elem_id="empty")
            mirror = gr.ImageSlider(
                visible=False,
                show_label=False,
                interactive=False,
                slider_position=50,
                max_height=640,
                buttons=["fullscreen"],
                elem_id="mirror",
                elem_classes="fmu-mirror",
            )
            verdict = gr.HTML(elem_id="verdict")
            notice = gr.HTML(elem_id="notice")
            download = gr.DownloadButton("Download at full size", visible=False, elem_id="download")
            choose, people = _people()
    return TryOnTab(
        person, garment, gallery, mend, tucked, go, notice, verdict, empty, mirror, download, choose, people
    )


def _people() -> tuple[gr.Column, gr.Image]:
    with gr.Column(visible=False, elem_id="choose-person", elem_classes="fmu-panel") as choose:
        gr.HTML(words.CHOOSE_PERSON)
        people = gr.Image(
            type="filepath",
            show_label=False,
            interactive=False,
            buttons=[],
            elem_id="people",
            elem_classes="fmu-clicked",
            alt_text="Your photo; click on the person to dress",
        )
    return choose, people


def _person_column() -> gr.Image:
    gr.HTML(words.step(1, "You", "Facing the camera, head to hips."))
    person = as_file(
        gr.Image(
            type="filepath",
            sources=["upload", "webcam", "clipboard"],
            show_label=False,
            height=300,
            buttons=[],
            placeholder="Drop a photo of yourself\nor click to choose one",
            elem_id="person",
            elem_classes="fmu-drop",
        )
    )
    examples = example_persons()
    gallery = strip(examples, "persons")

    def choose(event: gr.SelectData) -> str:
        return examples[event.index]

    gallery.select(choose, None, person, api_visibility="private", show_progress="hidden")
    return person


def _garment_column(garments: list[GarmentRecord]) -> tuple[gr.Image, gr.Gallery]:
    gr.HTML(words.step(2, "The garment", "Its front, on a plain background."))
    garment = as_file(
        gr.Image(
            type="filepath",
            sources=["upload", "clipboard"],
            show_label=False,
            height=300,
            buttons=[],
            placeholder="Drop a picture of a top\nor pick one below",
            elem_id="garment",
            elem_classes="fmu-drop",
        )
    )
    return garment, strip([str(record.file) for record in garments], "garment-strip")


def offer(gallery: gr.Gallery, garments: list[GarmentRecord], garment: gr.Image) -> Any:
    """Let a click in a strip of these garments choose one; returns the listener."""

    def choose(event: gr.SelectData) -> str:
        return str(garments[event.index].file)

    return gallery.select(choose, None, garment, show_progress="hidden", api_visibility="private")


def strip(pictures: list[str], elem_id: str) -> gr.Gallery:
    """A strip of thumbnails to pick from."""
    return gr.Gallery(
        pictures,
        columns=6,
        height=176,
        allow_preview=False,
        show_label=False,
        interactive=False,
        buttons=[],
        object_fit="cover",
        elem_id=elem_id,
        elem_classes="fmu-strip",
    )
