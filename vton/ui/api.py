"""The endpoints for programs; gradio_client finds these and nothing else.

They hang on components that are never shown, so that pictures travel as files and the client knows their types.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import gradio as gr
import numpy as np
from gradio.route_utils import get_root_url
from PIL import Image

from vton import __version__, visualise
from vton.images import PictureError
from vton.labels import KEYPOINTS
from vton.methods import METHODS
from vton.pipeline import TryOnPipeline
from vton.store import GarmentStore
from vton.ui.files import as_file, plain_sentence, save_exact

HEAVY = {"concurrency_limit": 2, "concurrency_id": "try-on"}


def add_endpoints(pipeline: TryOnPipeline, store: GarmentStore) -> None:
    """Add /try_on, /preprocess, /garment_mask, /list_garments, /try_on_garment and /health to the page."""
    with gr.Row(visible=False):
        _add_try_on(pipeline, store)
        _add_preparation(pipeline)
        _add_garments(store)

        _add_health(pipeline)


def _add_health(pipeline: TryOnPipeline) -> None:
    def health() -> dict:
        return {
            "status": "ok",
            "weights": pipeline.weights,
            "methods": list(pipeline.methods),
            "missing": pipeline.missing,
            "preprocessors": pipeline.preprocessors,
            "device": str(pipeline.device),
            "version": __version__,
        }

    _endpoint(health, [], gr.JSON(label="health"), "health", "Is the server ready, and what does it run?")


def _endpoint(function: Callable, inputs: list[Any], outputs: Any, name: str, description: str, **limits: Any) -> None:
    gr.Button().click(
        function,
        inputs,
        outputs,
        api_name=name,
        api_description=description,
        api_visibility="public",
        show_progress="hidden",
        **limits,
    )


def _picture(label: str) -> gr.Image:
    return as_file(gr.Image(type="filepath", label=label))


def _tucked() -> gr.Checkbox:
    return gr.Checkbox(False, label="tucked")


@contextmanager
def _sentences(**pictures: str | None) -> Iterator[None]:
    """Turn what is wrong with a picture into an error that reaches the client."""
    for name, path in pictures.items():
        if not path:
            raise gr.Error(f"The {name} is missing: give a picture file.", print_exception=False)
    try:
        yield
    except PictureError as error:
        raise gr.Error(plain_sentence(error, *pictures.values()), print_exception=False) from None


def _add_try_on(pipeline: TryOnPipeline, store: GarmentStore) -> None:
    def dressed(person: str, garment: str, method: str, tucked: bool) -> tuple[str, dict]:
        with _sentences(person=person, garment=garment):
            _demand(pipeline, method)
            result = pipeline(person, garment, method=method, tucked=tucked)
        report = {
            "timings": result.timings,
            "warnings": list(result.warnings),
            "score": result.verdict.score,
            "verdict": asdict(result.verdict),
            "method": method,
            "weights": pipeline.variant(method),
            "device": str(pipeline.device),
        }
        return save_exact(result.image, "try-on"), report

    def try_on(person: str, garment: str, method: str = "hr-viton", tucked: bool = False) -> tuple[str, dict]:
        return dressed(person, garment, method, tucked)

    def try_on_garment(person: str, garment_id: str, tucked: bool = False) -> tuple[str, dict]:
        record = store.get_garment(garment_id)
        if record is None:
            raise gr.Error(
                f'There is no garment "{garment_id}"; /list_garments names those there are.', print_exception=False
            )
        return dressed(person, str(record.file), "hr-viton", tucked)

    outputs = [gr.Image(label="result"), gr.JSON(label="report")]
    _endpoint(
        try_on,
        [_picture("person"), _picture("garment"), gr.Textbox("hr-viton", label="method"), _tucked()],
        outputs,
        "try_on",
        "Dress a person in a garment; returns the picture at the photo's own size and a report.",
        **HEAVY,
    )
    _endpoint(
        try_on_garment,
        [_picture("person"), gr.Textbox(label="garment_id"), _tucked()],
        outputs,
        "try_on_garment",
        "Dress a person in a garment of the gallery, named by its id.",
        **HEAVY,
    )


def _demand(pipeline: TryOnPipeline, method: str) -> None:
    if method in pipeline.missing:
        raise gr.Error(pipeline.missing[method], print_exception=False)
    if method not in pipeline.methods:
        known = ", ".join(METHODS)
        raise gr.Error(f'There is no method "{method}"; choose one of: {known}.', print_exception=False)


def _add_preparation(pipeline: TryOnPipeline) -> None:
    def preprocess(person: str) -> tuple[list[tuple[str, str]], list[dict]]:
        with _sentences(person=person):
            prepared = pipeline.prepare_person(person)
        maps = [(save_exact(picture, name), name) for name, picture in visualise.person_maps(prepared).items()]
        keypoints = [
            {"name": name, "x": round(float(x), 2), "y": round(float(y), 2), "confidence": round(float(sure), 4)}
            for name, (x, y, sure) in zip(KEYPOINTS, prepared.keypoints, strict=True)
        ]
        return maps, keypoints

    def garment_mask(garment: str) -> str:
        with _sentences(garment=garment):
            mask = pipeline.prepare_garment(garment).mask
        return save_exact(Image.fromarray((mask * 255).round().astype(np.uint8)), "garment-mask")

    _endpoint(
        preprocess,
        [_picture("person")],
        [gr.Gallery(label="maps"), gr.JSON(label="keypoints")],
        "preprocess",
        "All maps of a person, 768×1024, and 18 keypoints in their pixels.",
        **HEAVY,
    )
    _endpoint(
        garment_mask,
        [_picture("garment")],
        gr.Image(label="mask"),
        "garment_mask",
        "The garment's mask on the 768×1024 canvas, white where there is cloth; what lay askew is set upright first.",
        **HEAVY,
    )


def _add_garments(store: GarmentStore) -> None:
    def list_garments(query: str = "", category: str = "", request: gr.Request = None) -> list[dict]:
        root = get_root_url(request.request, "/gradio_api/queue/join", request.request.scope.get("root_path"))
        return [
            {
                "id": record.id,
                "name": record.name,
                "category": record.category,
                "tags": list(record.tags),
                "url": f"{root}/gradio_api/file={quote(str(record.file))}",
            }
            for record in store.list_garments(query, category)
        ]

    _endpoint(
        list_garments,
        [gr.Textbox("", label="query"), gr.Textbox("", label="category")],
        gr.JSON(label="garments"),
        "list_garments",
        "The garments on offer in which every word of the query occurs.",
    )
