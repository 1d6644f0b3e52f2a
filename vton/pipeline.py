"""The try-on from two pictures to a result, with everything it needs loaded once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import torch
from PIL import Image

from vton import visualise, weights
from vton.beside import beside
from vton.finish import finish
from vton.images import PictureError, PictureSource, load_photo, name_of
from vton.methods import METHODS, TryOn, load_method, variant_here, what_is_missing
from vton.methods.hems import with_hem
from vton.networks.threads import one_thread
from vton.preprocess.choose import build_preparer, choose
from vton.preprocess.prepare import Preparer
from vton.types import Composition, Garment, Person, Photo, TryOnResult, Verdict
from vton.verdict import Judge

Progress = Callable[[float, str], None]
WEIGHTS = ("compact", "official")
"""Names of the sets of weights."""

DEFAULT_METHOD = "hr-viton"


class Cache:
    """The last few values by key; safe to use from several threads."""

    def __init__(self, entries: int):
        self._entries = entries
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._kept: dict[Hashable, Any] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key, self._kept.get(key))

    def put(self, key: Hashable, value: Any) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._entries:
                self._values.popitem(last=False)

    def keep(self, key: Hashable, value: Any) -> None:
        """Put a value where neither others nor `clear` remove it."""
        with self._lock:
            self._kept[key] = value

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


class TryOnPipeline:
    """A person's photo and a garment's photo in, the person wearing the garment out.

    Prepared persons and garments are remembered by content, so that another garment on the same photo, or the same
    pair with another method, runs only the generators. One pipeline serves any number of threads; the networks run one
    try-on at a time.

    Attributes:
        weights: "compact" or "official".
        device: the torch device on which the networks run.
        preprocessors: step → name of what does it, see `vton.preprocess.choose.PREPROCESSORS`.
    """

    def __init__(
        self,
        preparer: Preparer,
        methods: dict[str, TryOn],
        weights_name: str,
        device: torch.device,
        judge: Judge | None = None,
    ):
        self.weights = weights_name
        self.device = device
        self.preprocessors = dict(preparer.in_use)
        self._preparer = preparer
        self._loaded = dict(methods)
        self._judge = judge or Judge()
        self._persons = Cache(8)
        self._garments = Cache(32)
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls, weights_name: str = "compact", device: str | None = None, steps: dict[str, str] | None = None
    ) -> "TryOnPipeline":
        """Load the preprocessors and HR-VITON; the other methods are loaded when they are first used.

        Args:
            weights_name: "compact", the weights that ship in checkpoints/, or "official", the published ones. A method
                that has no weights of this set on this machine runs with the other set; HR-VITON does not.
            device: a torch device; by default the GPU when there is one.
            steps: preprocessing step → what is to do it, where the choice is not to be made by `weights_name`.

        Raises:
            weights.MissingWeights: files are not there; the message lists them all and how to get each.
            weights.WeightsError: a file is there but cannot be used.
            ValueError: an unknown weights name, step or preprocessor.
        """
        if weights_name not in WEIGHTS:
            raise ValueError(f"weights are {' or '.join(WEIGHTS)}, not {weights_name}")
        place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        choice = choose(weights_name, steps)
        body = ("compact-body",) if "compact" in choice.values() else ()
        # All at once, so that one message lists everything that is missing.
        weights.find(*body, *METHODS[DEFAULT_METHOD].variants[weights_name].checkpoints)
        methods = {DEFAULT_METHOD: load_method(DEFAULT_METHOD, weights_name, place)}
        return cls(build_preparer(choice, place), methods, weights_name, place, Judge.load(place))

    @property
    def methods(self) -> tuple[str, ...]:
        """Names that `method` takes: those whose weights are on this machine now."""
        return tuple(name for name in METHODS if name in self._loaded or variant_here(name, self.weights))

    @property
    def missing(self) -> dict[str, str]:
        """For every other method the sentence that says which files it needs and how to get them."""
        usable = self.methods
        return {name: what_is_missing(name, self.weights) for name in METHODS if name not in usable}

    def variant(self, method: str) -> str:
        """The set of weights that a method of `methods` runs with."""
        return variant_here(method, self.weights) or self.weights

    def tucks(self, method: str) -> bool:
        """Whether a method can be told to wear a top within trousers or skirt."""
        return METHODS[method].variants[self.variant(method)].tucks

    def __call__(
        self,
        person: PictureSource,
        garment: PictureSource,
        method: str = DEFAULT_METHOD,
        progress: Progress | None = None,
        at: tuple[float, float] | None = None,
        clicks: Sequence[Any] = (),
        tucked: bool = False,
    ) -> TryOnResult:
        """Dress the person in the garment.

        Args:
            person: path or picture of the person.
            garment: path or picture of the garment, alone on a plain background at best.
            method: one of `methods`.
            progress: called with a fraction in [0, 1] and a sentence as the work goes on.
            at: a point on the person to dress, x and y as shares of the upright photo's width and height.
            clicks: `garment_clicks.Click`s that say what belongs to the garment.
            tucked: wear it within the trousers or skirt.

        Raises:
            PictureError: a picture cannot be used; the message says why and what to do.
            weights.MissingWeights: the method's weights are not on this machine; says how to get them.
            ValueError: an unknown method.
        """
        tell = progress or (lambda fraction, sentence: None)
        tell(0.02, "Loading the method")
        self._demand(method)
        timings: dict[str, float] = {}
        tell(0.05, "Looking at the person")
        prepared = self.prepare_person(person, timings, at)
        tell(0.5, "Looking at the garment")
        worn = self.prepare_garment(garment, timings, clicks)
        return self._dress(prepared, worn, tucked, method, timings, lambda share, said: tell(0.6 + 0.35 * share, said))

    def compare(
        self,
        person: PictureSource,
        garment: PictureSource,
        methods: Sequence[str] | None = None,
        progress: Progress | None = None,
        at: tuple[float, float] | None = None,
        clicks: Sequence[Any] = (),
        tucked: bool = False,
    ) -> dict[str, TryOnResult | str]:
        """Dress the person in the same garment by several methods; the maps are prepared once.

        Args:
            person, garment, progress, at, clicks, tucked: as for a single try-on.
            methods: names of METHODS, all of them by default.

        Returns:
            For each method its result, or the sentence that says why there is none. The timings of each result are
            those of its own steps.

        Raises:
            PictureError: a picture cannot be used; the message says why and what to do.
            ValueError: an unknown method.
        """
        names = tuple(METHODS) if methods is None else tuple(methods)
        for name in names:
            _known(name)
        tell = progress or (lambda fraction, sentence: None)
        tell(0.02, "Looking at the person")
        prepared = self.prepare_person(person, at=at)
        tell(0.2, "Looking at the garment")
        worn = self.prepare_garment(garment, clicks=clicks)
        results: dict[str, TryOnResult | str] = {}
        for number, name in enumerate(names):
            tell(0.3 + 0.7 * number / len(names), f"Dressing with {METHODS[name].title}")
            try:
                self._demand(name)
                results[name] = self._dress(prepared, worn, tucked, name, {}, lambda share, said: None)
            except weights.WeightsError as error:
                results[name] = str(error)
        tell(1.0, "Done")
        return results

    def prepare_person(
        self,
        source: PictureSource,
        timings: dict[str, float] | None = None,
        at: tuple[float, float] | None = None,
    ) -> Person:
        """Every map of a person; from memory when the same picture was seen before. Raises PictureError."""
        return self._prepare(source, self._persons, self._preparer.person, timings, at)

    def prepare_garment(
        self, source: PictureSource, timings: dict[str, float] | None = None, clicks: Sequence[Any] = ()
    ) -> Garment:
        """A garment with its mask; from memory when the same picture was seen before. Raises PictureError."""
        return self._prepare(source, self._garments, self._preparer.garment, timings, tuple(clicks))

    def shelve(self, sources: Iterable[PictureSource]) -> None:
        """Prepare garments that everybody may choose, and keep them for good; those that cannot be used are left out.

        Between two of them others get their turn, so that this may run in a thread beside the first try-ons.
        """
        for source in sources:
            try:
                garment = self.prepare_garment(source)
            except PictureError:
                continue
            self._garments.keep((garment.photo.digest, ()), garment)

    def forget(self) -> None:
        """Drop every remembered person and garment, but for what was shelved."""
        self._persons.clear()
        self._garments.clear()

    def _demand(self, name: str) -> None:
        """Have a method loaded."""
        _known(name)
        with self._lock:
            if name in self._loaded:
                return
            which = variant_here(name, self.weights)
            if which is None:
                raise weights.MissingWeights(what_is_missing(name, self.weights))
            self._loaded[name] = load_method(name, which, self.device)

    def _prepare(
        self,
        source: PictureSource,
        cache: Cache,
        prepare: Callable[[Photo, dict[str, float], Hashable], Any],
        timings: dict[str, float] | None,
        pointed: Hashable,
    ) -> Any:
        timings = {} if timings is None else timings
        started = time.perf_counter()
        photo = load_photo(source)
        timings["open"] = timings.get("open", 0.0) + time.perf_counter() - started
        key = (photo.digest, pointed)
        prepared = cache.get(key)
        if prepared is None:
            with self._lock, one_thread(self.weights == "compact"):
                # Somebody else may have prepared it in the meantime.
                prepared = cache.get(key)
                if prepared is None:
                    try:
                        prepared = prepare(photo, timings, pointed)
                    except PictureError as error:
                        raise PictureError(f"{name_of(source)}: {error}") from None
                    cache.put(key, prepared)
        return prepared

    def _dress(
        self,
        person: Person,
        garment: Garment,
        tucked: bool,
        method: str,
        timings: dict[str, float],
        tell: Progress,
    ) -> TryOnResult:
        tell(0.0, "Dressing")
        with self._lock, one_thread(self.variant(method) == "compact"):
            started = time.perf_counter()
            garment, refused = with_hem(garment, tucked, person, METHODS[method].title, self.tucks(method))
            composition = self._loaded[method](person, garment)
            dressed = time.perf_counter()
            with beside(self._judged, person, garment, composition, timings) as judged:
                finished = finish(person, garment, composition)
                timings["generators"] = dressed - started
                timings["finish"] = time.perf_counter() - dressed
        tell(1.0, "Dressed")
        verdict, maps = judged.result()
        maps["edit_mask"] = visualise.mask_picture(finished.edit_mask)
        warnings = [*person.warnings, *garment.warnings, *refused, *verdict.sentences]
        return TryOnResult(Image.fromarray(finished.image), maps, timings, warnings, verdict)

    def _judged(
        self, person: Person, garment: Garment, composition: Composition, timings: dict[str, float]
    ) -> tuple[Verdict, dict[str, Image.Image]]:
        """The verdict and all maps but the last."""
        started = time.perf_counter()
        verdict = self._judge(person, garment, composition)
        timings["verdict"] = time.perf_counter() - started
        started = time.perf_counter()
        maps = visualise.result_maps(person, garment, composition)
        timings["maps"] = time.perf_counter() - started
        return verdict, maps


def _known(method: str) -> None:
    if method not in METHODS:
        raise ValueError(f'there is no method "{method}"; choose one of: {", ".join(METHODS)}')
