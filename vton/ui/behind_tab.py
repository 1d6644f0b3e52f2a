"""The second tab: every map of the last run, what it means, how it is judged, and how long each step took."""

from dataclasses import dataclass

import gradio as gr

from vton.pipeline import TryOnPipeline
from vton.types import MAP_NAMES
from vton.ui import words


@dataclass(frozen=True)
class BehindTab:
    """maps are in the order of MAP_NAMES."""

    intro: gr.HTML
    body: gr.Column
    maps: tuple[gr.Image, ...]
    verdict: gr.HTML
    timings: gr.HTML
    archive: gr.DownloadButton


def build(pipeline: TryOnPipeline) -> BehindTab:
    intro = gr.HTML(
        words.notice(["Try something on first: every step of that run then appears here."], "good"),
        elem_id="behind-intro",
    )
    with gr.Column(visible=False, elem_id="behind") as body:
        archive = gr.DownloadButton("Download all maps (zip, VITON-HD layout)", interactive=False, elem_id="archive")
        with gr.Row(elem_classes="fmu-cards"):
            maps = tuple(_card(number, name) for number, name in enumerate(MAP_NAMES, 1))
        verdict = gr.HTML(elem_id="verdict-table")
        timings = gr.HTML(elem_id="timings")
        gr.HTML(words.legends())
    gr.HTML(words.in_use(pipeline.weights, pipeline.preprocessors), elem_id="in-use")
    return BehindTab(intro, body, maps, verdict, timings, archive)


def _card(number: int, name: str) -> gr.Image:
    with gr.Column(elem_classes="fmu-card"):
        picture = gr.Image(
            show_label=False,
            interactive=False,
            buttons=["download", "fullscreen"],
            elem_id=f"map-{name}",
            alt_text=words.MAP_WORDS[name][1],
        )
        gr.HTML(words.map_caption(number, name))
    return picture
