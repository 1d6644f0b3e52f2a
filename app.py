"""Start the page: `python app.py`, then open the address it prints."""

import argparse
import os

from vton.pipeline import TryOnPipeline
from vton.preprocess.choose import PREPROCESSORS
from vton.store import GarmentStore
from vton.ui.demo import build_demo, launch
from vton.weights import WeightsError


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit Me Up: virtual try-on in the browser")
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("GRADIO_SERVER_PORT", "7860")))
    parser.add_argument("--weights", default="compact", choices=("compact", "official"))
    for step, names in PREPROCESSORS.items():
        parser.add_argument(f"--{step.replace('_', '-')}", help=f"{' or '.join(names)}; by default as --weights says")
    arguments = parser.parse_args()
    steps = {step: getattr(arguments, step) for step in PREPROCESSORS if getattr(arguments, step)}
    try:
        pipeline = TryOnPipeline.load(arguments.weights, steps=steps)
    except (ValueError, WeightsError) as error:
        parser.exit(2, f"{error}\n")
    store = GarmentStore()
    launch(build_demo(pipeline, store), pipeline, store, server_name=arguments.host, server_port=arguments.port)


if __name__ == "__main__":
    main()
