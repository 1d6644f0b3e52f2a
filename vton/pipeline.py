"""The try-on from two pictures to a result, with everything it needs loaded once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import torch
from PIL import Image

from vton import visualise, weights
from vton.finish import finish
from vton.images import PictureError, PictureSource, load_photo, name_of
from vton.methods.compact import CompactHRViton
from vton.methods.hr_viton import HRViton
from vton.preprocess.parsing import BodyParser
from vton.preprocess.pose import PoseEstimator
from vton.preprocess.prepare import Preparer
from vton.types import Composition, Garment, Person, Photo, TryOnResult

Progress = Callable[[float, str], None]
WEIGHTS = {
    "compact": ("compact-condition", "compact-image"),
    "official": ("hr-viton-condition", "hr-viton-image"),
}
"""Name of a set → its checkpoints for the condition and the image generator."""


class Cache:
    """The last few values by key; safe to use from several threads."""

    def __init__(self, entries: int):
        self._entries = entries
        self._values: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Any | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: str, value: Any) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._entries:
                self._values.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


class TryOnPipeline:
    """A person's photo and a garment's photo in, the person wearing the garment out.

    Prepared persons and garments are remembered by content, so that another garment on the same photo runs only the
    generators. One pipeline serves any number of threads; the networks run one try-on at a time.

    Attributes:
        weights: "compact" or "official".
        methods: names that `method` takes.
        device: the torch device on which the networks run.
    """

    def __init__(self, preparer: Preparer, methods: dict[str, Any], weights_name: str, device: torch.device):
        self.weights = weights_name
        self.methods = tuple(methods)
        self.device = device
        self._preparer = preparer
        self._methods = methods
        self._persons = Cache(8)
        self._garments = Cache(32)
        self._lock = threading.Lock()

    @classmethod
    def load(cls, weights_name: str = "compact", device: str | None = None) -> "TryOnPipeline":
        """Load every network once.

        Args:
            weights_name: "compact", the weights that ship in checkpoints/, or "official", HR-VITON's published ones.
            device: a torch device; by default the GPU when there is one.

        Raises:
            weights.MissingWeights: files are not there; the message lists them all and how to get each.
            weights.WeightsError: a file is there but cannot be used.
            ValueError: an unknown weights name.
        """
        if weights_name not in WEIGHTS:
            raise ValueError(f"weights are {' or '.join(WEIGHTS)}, not {weights_name}")
        place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        body, *files = weights.find("compact-body", *WEIGHTS[weights_name])
        if weights_name == "compact":
            method = CompactHRViton(*(weights.load_network(file).to(place) for file in files))
        else:
            method = HRViton(*(weights.load_official(name).to(place) for name in WEIGHTS[weights_name]))
        preparer = Preparer(PoseEstimator(), BodyParser(weights.load_network(body).to(place)))
        return cls(preparer, {"hr-viton": method}, weights_name, place)

    def __call__(
        self,
        person: PictureSource,
        garment: PictureSource,
        method: str = "hr-viton",
        progress: Progress | None = None,
    ) -> TryOnResult:
        """Dress the person in the garment.

        Args:
            person: path or picture of the person.
            garment: path or picture of the garment, alone on a plain background at best.
            method: one of `methods`.
            progress: called with a fraction in [0, 1] and a sentence as the work goes on.

        Raises:
            PictureError: a picture cannot be used; the message says why and what to do.
            ValueError: an unknown method.
        """
        if method not in self._methods:
            raise ValueError(f'there is no method "{method}"; choose one of: {", ".join(self._methods)}')
        tell = progress or (lambda fraction, sentence: None)
        timings: dict[str, float] = {}
        tell(0.05, "Looking at the person")
        prepared = self.prepare_person(person, timings)
        tell(0.5, "Looking at the garment")
        worn = self.prepare_garment(garment, timings)
        tell(0.6, "Dressing")
        composition, finished = self._compose(prepared, worn, method, timings)
        tell(0.95, "Drawing the maps")
        started = time.perf_counter()
        maps = visualise.result_maps(prepared, worn, composition, finished.edit_mask)
        timings["maps"] = time.perf_counter() - started
        return TryOnResult(Image.fromarray(finished.image), maps, timings, [*prepared.warnings, *worn.warnings])

    def prepare_person(self, source: PictureSource, timings: dict[str, float] | None = None) -> Person:
        """Every map of a person; from memory when the same picture was seen before. Raises PictureError."""
        return self._prepare(source, self._persons, self._preparer.person, timings)

    def prepare_garment(self, source: PictureSource, timings: dict[str, float] | None = None) -> Garment:
        """A garment with its mask; from memory when the same picture was seen before. Raises PictureError."""
        return self._prepare(source, self._garments, self._preparer.garment, timings)

    def forget(self) -> None:
        """Drop every remembered person and garment."""
        self._persons.clear()
        self._garments.clear()

    def _prepare(
        self,
        source: PictureSource,
        cache: Cache,
        prepare: Callable[[Photo, dict[str, float]], Any],
        timings: dict[str, float] | None,
    ) -> Any:
        timings = {} if timings is None else timings
        started = time.perf_counter()
        photo = load_photo(source)
        timings["open"] = timings.get("open", 0.0) + time.perf_counter() - started
        known = cache.get(photo.digest)
        if known is None:
            try:
                with self._lock:
                    known = prepare(photo, timings)
            except PictureError as error:
                raise PictureError(f"{name_of(source)}: {error}") from None
            cache.put(photo.digest, known)
        return known

    def _compose(self, person: Person, garment: Garment, method: str, timings: dict[str, float]):
        with self._lock:
            started = time.perf_counter()
            composition: Composition = self._methods[method](person, garment)
            dressed = time.perf_counter()
            finished = finish(person, garment, composition)
            timings["generators"] = dressed - started
            timings["finish"] = time.perf_counter() - dressed
        return composition, finished
