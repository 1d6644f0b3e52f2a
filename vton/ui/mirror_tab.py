"""The mirror: the camera's pictures, dressed one by one while somebody looks."""

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from vton.pipeline import TryOnPipeline
from vton.store import GarmentRecord
from vton.ui import words
from vton.ui.looks import Looks
from vton.ui.marks import Marks
from vton.ui.try_on_tab import strip

METHOD = "pf-afn"
"""The only method that is fast enough."""

SCRIPT_FILE = Path(__file__).with_name("mirror.js")


@dataclass(frozen=True)
class MirrorTab:
    """camera reads the ticket of the garment from its property of that name."""

    camera: gr.HTML
    worn: gr.Image
    garments: gr.Gallery


def build(garments: list[GarmentRecord], looks: Looks) -> MirrorTab:

    def look(message: dict) -> dict:
        return looks.look(message)

    with gr.Row(equal_height=False):
        with gr.Column(scale=8, min_width=320):
            camera = gr.HTML(
                html_template=words.mirror(),
                js_on_load=SCRIPT_FILE.read_text(encoding="utf-8"),
                server_functions=[look],
                ticket="",
                elem_id="camera",
            )
        with gr.Column(scale=3, min_width=260):
            gr.HTML(words.heading("You wear", "Pick another garment at any time, or upload your own under Try on."))
            worn = gr.Image(
                show_label=False,
                interactive=False,
                height=260,
                buttons=[],
                elem_id="mirror-garment",
                alt_text="The garment in the mirror",
            )
            gallery = strip([str(record.file) for record in garments], "mirror-strip")
    return MirrorTab(camera, worn, gallery)


def explain(pipeline: TryOnPipeline) -> None:
    """Say what is missing, in place of a mirror."""
    gr.HTML(words.heading("The mirror is not here yet", "It dresses the pictures of your camera, one by one."))
    gr.HTML(words.notice([pipeline.missing[METHOD]], "warning"), elem_id="mirror-missing")


def connect(tab: MirrorTab, garment: gr.Image, marks: gr.State, looks: Looks) -> None:
    """Let the mirror show whatever garment, with its clicks, the visitor has chosen."""
    ticket = gr.State(None, time_to_live=3000, delete_callback=looks.drop)

    def offer(path: str | None, current: Marks, known: str | None) -> tuple:
        if not path:
            looks.drop(known)
            return None, gr.HTML(ticket=""), None
        known = looks.offer(path, current.clicks_on(path), known)
        return known, gr.HTML(ticket=known), path

    for event in (garment.change, marks.change):
        event(
            offer,
            [garment, marks, ticket],
            [ticket, tab.camera, tab.worn],
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
