"""The whole page: its tabs, how they work together, and how it is served."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gradio as gr

from vton.images import PictureError
from vton.mirror import Mirror
from vton.pipeline import DEFAULT_METHOD, TryOnPipeline
from vton.store import GarmentStore
from vton.ui import (
    api,
    behind_tab,
    compare_tab,
    garments_tab,
    mirror_tab,
    outline,
    people,
    try_on_tab,
    words,
)
from vton.ui.looks import Looks
from vton.ui.marks import Marks
from vton.ui.runner import Runner
from vton.ui.theme import CSS_FILE, theme

SWEEP_SECONDS, FILE_AGE_SECONDS, MEMORY_SECONDS = 600, 3000, 1800
"""Files are looked at every ten minutes and deleted when older than fifty: within the hour."""

SHELF = 64
"""How many of the gallery's garments are kept prepared, of ten megabytes each."""

QUIET = {"show_progress": "hidden", "api_visibility": "private"}


def build_demo(pipeline: TryOnPipeline, store: GarmentStore) -> gr.Blocks:
    """Build the page and its endpoints around a loaded pipeline."""
    garments = store.list_garments()
    for folder in {str(record.file.parent) for record in garments} | {str(try_on_tab.PERSONS_FOLDER)}:
        gr.set_static_paths(folder)
    can_mirror = mirror_tab.METHOD in pipeline.methods
    looks = Looks(pipeline, Mirror(pipeline)) if can_mirror else None
    with gr.Blocks(
        title="Fit Me Up: virtual try-on",
        delete_cache=(SWEEP_SECONDS, FILE_AGE_SECONDS),
        analytics_enabled=False,
        fill_width=True,
    ) as demo:
        gr.HTML(words.header(pipeline.weights, str(pipeline.device)))
        last = gr.State(None, time_to_live=FILE_AGE_SECONDS)
        marks = gr.State(Marks(), time_to_live=FILE_AGE_SECONDS)
        with gr.Tabs(elem_classes="fmu-tabs") as tabs:
            with gr.Tab("Try on", id="try-on"):
                fitting = try_on_tab.build(garments, pipeline.tucks(DEFAULT_METHOD))
            with gr.Tab("Steps", id="behind"):
                behind = behind_tab.build(pipeline)
            with gr.Tab("Garments", id="garments"):
                wall = garments_tab.build(store)
            with gr.Tab("Compare", id="compare"):
                compared = compare_tab.build(pipeline)
            with gr.Tab("Mirror", id="mirror-tab"):
                mirror = mirror_tab.build(garments, looks) if looks else mirror_tab.explain(pipeline)

        def choose_from_wall(shown: list[str], event: gr.SelectData) -> tuple[str, Any]:
            return str(store.get_garment(shown[event.index]).file), gr.Tabs(selected="try-on")

        picked = try_on_tab.offer(fitting.garments, garments, fitting.garment)
        walled = wall.wall.select(choose_from_wall, wall.shown, [fitting.garment, tabs], **QUIET)
        pointed = people.connect(fitting, marks)
        runner = Runner(pipeline, fitting, behind, last, marks)
        for event in (fitting.go.click, fitting.outline.dress.click, fitting.tucked.input):
            runner.follow(event)
        for chosen in (picked, walled, *pointed):
            runner.follow(chosen.success)
        look_ahead(fitting.person.change, fitting.person, pipeline.prepare_person)
        # What is picked in the gallery is on the shelf and tried on at once.
        look_ahead(fitting.garment.upload, fitting.garment, pipeline.prepare_garment)
        outline.connect(fitting.outline, fitting.garment, marks, pipeline)
        compare_tab.connect(compared, fitting, marks, pipeline)
        if mirror:
            try_on_tab.offer(mirror.garments, garments, fitting.garment)
            mirror_tab.connect(mirror, fitting.garment, marks, looks)
        api.add_endpoints(pipeline, store)
    return demo.queue(max_size=64)


def look_ahead(event: Any, picture: gr.Image, prepare: Callable[[str], Any]) -> None:
    """Prepare a picture when `event` says that it was chosen, while its visitor looks for the other one; its faults are
    told when it is used."""

    def look(path: str | None) -> None:
        if path:
            with suppress(PictureError):
                prepare(path)

    event(look, picture, None, concurrency_limit=1, concurrency_id="look-ahead", **QUIET)


def launch(demo: gr.Blocks, pipeline: TryOnPipeline, store: GarmentStore, **options: Any) -> None:
    """Serve the page until the process ends; options go to `gr.Blocks.launch`."""
    shelf = [record.file for record in store.list_garments()][:SHELF]
    threading.Thread(target=pipeline.shelve, args=(shelf,), daemon=True).start()
    threading.Thread(target=_forget_regularly, args=(pipeline, threading.Event()), daemon=True).start()
    demo.launch(
        theme=theme(),
        css_paths=CSS_FILE,
        footer_links=["api"],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        max_file_size="50mb",
        state_session_capacity=1000,
        **options,
    )


def _forget_regularly(pipeline: TryOnPipeline, never: threading.Event) -> None:
    """Prepared persons must not outlive their files."""
    while not never.wait(MEMORY_SECONDS):
        pipeline.forget()
