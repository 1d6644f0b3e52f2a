"""The third tab: the garments on offer, with a search and a filter."""

from dataclasses import dataclass

import gradio as gr

from vton.store import GarmentRecord, GarmentStore
from vton.ui import words

EVERYTHING = "Everything"


@dataclass(frozen=True)
class GarmentsTab:
    """shown holds the ids in the wall, in its order."""

    wall: gr.Gallery
    shown: gr.State


def build(store: GarmentStore) -> GarmentsTab:
    everything = store.list_garments()
    with gr.Row(elem_classes="fmu-filter"):
        query = gr.Textbox(
            label="Search",
            placeholder="striped, navy, collar …",
            scale=2,
            min_width=240,
            elem_id="garment-search",
        )
        category = gr.Radio(
            [EVERYTHING, *store.categories()], value=EVERYTHING, label="Category", scale=3, min_width=300
        )
    nothing = gr.HTML(elem_id="no-garments")
    shown = gr.State([record.id for record in everything])
    wall = gr.Gallery(
        _labelled(everything),
        columns=5,
        height="auto",
        allow_preview=False,
        show_label=False,
        interactive=False,
        buttons=[],
        object_fit="cover",
        elem_id="garment-wall",
        elem_classes="fmu-wall",
    )

    def refilter(text: str, chosen: str) -> tuple[list[tuple[str, str]], list[str], str]:
        found = store.list_garments(text, "" if chosen == EVERYTHING else chosen)
        hint = [] if found else ["No garment matches. Try another word or category."]
        return _labelled(found), [record.id for record in found], words.notice(hint, "warning")

    for change in (query.change, category.change):
        change(
            refilter,
            [query, category],
            [wall, shown, nothing],
            show_progress="hidden",
            trigger_mode="always_last",
            api_visibility="private",
        )
    return GarmentsTab(wall, shown)


def _labelled(records: list[GarmentRecord]) -> list[tuple[str, str]]:
    return [(str(record.file), record.name) for record in records]
