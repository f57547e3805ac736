"""Plant near duplicates among 10,000 images and count which are found, by the way the import finds them.

The images are free photographs cut in pieces and drawings made of random shapes, half of them with noise. Pieces of
one photograph overlap by a quarter of their union at most, and those that are all but plain are left out: nobody could
tell two pieces of clear sky apart. BENCH_IMAGES sets how many images (10,000). Where MLWORKER_SSCD names the file
of an embedding, the same is counted by cosines, crops included.
"""

from __future__ import annotations

import io
import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from annotation.demo.photographs import photograph, photographs
from annotation.images import embeddings
from annotation.images.files import InspectedImage, Limits, inspect, miniature
from annotation.images.likeness import Verdict, judge, likeness, within_reach
from mlworker import environment
from mlworker.predictors.sscd.predictor import SSCD

from .__main__ import Figure
from .components import output_of_process, peak_megabytes

IMAGES = int(os.environ.get("BENCH_IMAGES", "10000"))
COPIES_OF_EACH_KIND = max(IMAGES // 20, 1)  # Of so many images there is a copy of each kind.
QUALITY = 92
SHORTEST_SIDE = 48  # pixels a side of the smallest pieces
PIECE_SIZE = (224, 224)
LEAST_DEVIATION = 4  # grey levels of standard deviation, below which a piece is all but plain

Pairs = Iterable[tuple[int, int, Verdict]]
Change = Callable[[Image.Image], Image.Image]


def crop(share: float) -> Change:
    """Return a change that keeps this share of either side, somewhere in the image."""

    def change(image: Image.Image) -> Image.Image:
        width, height = round(image.width * share), round(image.height * share)
        chance = random.Random(image.tobytes()[:64])
        left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
        return image.crop((left, top, left + width, top + height))

    return change


COPIES: dict[str, Change] = {
    "JPEG 40": lambda image: image,
    "half size": lambda image: image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS),
    "brighter by 30 %": lambda image: ImageEnhance.Brightness(image).enhance(1.3),
    "grey": lambda image: image.convert("L"),
    "flipped": ImageOps.mirror,
    "turned by 90°": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "turned by 180°": lambda image: image.transpose(Image.Transpose.ROTATE_180),
    "turned by 270°": lambda image: image.transpose(Image.Transpose.ROTATE_270),
}
CROPS = {f"crop to {share} % of each side": crop(share / 100) for share in (90, 75, 60)}


def run() -> list[Figure]:
    """Return what was missed and what was wrongly taken for the same, in per cent; crops by themselves."""
    counts = json.loads(" ".join(output_of_process("print_counts_by_looks", "bench.duplicates")))
    missed_shares = {kind: 100 - same_share for kind, (same_share, _unsure) in counts["shares"].items()}
    note = f"{counts['images']:,} images, {counts['copies']:,} copies: {counts['seconds']} s, {counts['peak']} MB"
    average = sum(missed_shares[kind] for kind in COPIES) / len(COPIES)
    figures = [
        Figure("planted copies missed", average, average, "%", 1, note),
        Figure("pairs wrongly taken for the same", counts["wrong"], counts["wrong"], "%", 1, f"of {counts['pairs']:,}"),
        Figure("pairs left to a person", counts["unsure"], counts["unsure"], "", None, "kept together until decided"),
        *(figure("missed", kind, shares) for kind, shares in counts["shares"].items()),
    ]
    if not environment.sscd_file():
        print("Nothing was counted by embeddings: MLWORKER_SSCD names no file.")
        return figures
    counts = json.loads(" ".join(output_of_process("print_counts_by_embeddings", "bench.duplicates")))
    note = f"of {counts['pairs']:,}, crops included; {counts['seconds']} s, {counts['version']}"
    return [
        *figures,
        Figure("by embeddings: pairs wrongly taken", counts["wrong"], counts["wrong"], "%", None, note),
        Figure("by embeddings: pairs left to a person", counts["unsure"], counts["unsure"], "", None, ""),
        *(figure("missed by embeddings", kind, shares) for kind, shares in counts["shares"].items()),
    ]


def figure(what: str, kind: str, shares: Sequence[float]) -> Figure:
    """Return how many copies of a kind were missed, and how many of them are left to a person."""
    same, unsure = shares
    return Figure(f"{what}: {kind}", 100 - same, 100 - same, "%", None, f"{unsure:.1f} % left to a person")


def print_counts_by_looks() -> None:
    """Print as JSON what comes of all images and copies, compared each with each, in a process of its own."""
    start = time.perf_counter()
    images = ((number, kind, inspect(data, Limits())) for number, kind, data in image_files())
    origins, kinds, inspected_images = zip(*images, strict=True)
    hashes = np.array([[int(code, 16) for code in codes(image)] for image in inspected_images], np.uint64)
    small = np.stack([np.frombuffer(image.miniature, np.uint8) for image in inspected_images])
    prepared_at = time.perf_counter()
    crop_places = {place for place, kind in enumerate(kinds) if kind in CROPS}
    counts = count_verdicts(origins, kinds, pairs_by_looks(hashes, small), copies_to_ignore=crop_places)
    seconds = f"{prepared_at - start:.0f}+{time.perf_counter() - prepared_at:.0f}"
    print(json.dumps(counts | {"seconds": seconds, "peak": round(peak_megabytes())}))


def print_counts_by_embeddings() -> None:
    """Print as JSON what comes of the same images by the cosines of their embeddings."""
    start = time.perf_counter()
    embedder = SSCD()
    origins, kinds, rows = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for number, kind, data in image_files():
            path = Path(folder, "image.jpg")
            path.write_bytes(data)
            [row] = embedder.embed_inputs(embedder.prepare(path)[None])
            origins.append(number)
            kinds.append(kind)
            rows.append((row / np.linalg.norm(row)).astype("<f4").tobytes())
    prepared_at = time.perf_counter()
    counts = count_verdicts(origins, kinds, pairs_by_cosines(embeddings.to_whole_numbers(rows)))
    seconds = f"{prepared_at - start:.0f}+{time.perf_counter() - prepared_at:.0f}"
    print(json.dumps(counts | {"seconds": seconds, "version": embedder.version[:12]}))


def pairs_by_looks(hashes: np.ndarray, small: np.ndarray) -> Pairs:
    """Yield each two images within reach, and what a hash and a miniature say of them."""
    for one, row in groupby(within_reach(hashes, hashes[:, 0]), key=lambda pair: pair[1]):
        pairs = [(bits, other) for bits, _, other in row if other > one]
        alike = likeness(small[one], small[[other for _, other in pairs]])
        yield from ((one, other, judge(bits, value)) for (bits, other), value in zip(pairs, alike, strict=True))


def pairs_by_cosines(rows: embeddings.Embeddings) -> Pairs:
    """Yield each two images whose embeddings are alike, and what the cosine says of them."""
    for start in range(0, len(rows), 256):
        for cosine, one, other in embeddings.near(rows[start : start + 256], rows):
            if other > start + one:
                yield start + one, other, embeddings.judge(cosine)


def count_verdicts(
    origins: Sequence[int], kinds: Sequence[str], pairs: Pairs, *, copies_to_ignore: Iterable[int] = ()
) -> dict[str, object]:
    """Count what became of each kind of copy, and which pairs are right; right ones of ignored copies do not count."""
    ignored_places = set(copies_to_ignore)
    verdicts: Counter[tuple[str, bool]] = Counter()
    verdicts_by_kind: Counter[tuple[str, str]] = Counter()
    for one, other, verdict in pairs:
        is_copy = origins[one] == origins[other]
        if not (is_copy and ignored_places & {one, other}):
            verdicts[verdict, is_copy] += 1
        if is_copy and kinds[one] == "":
            verdicts_by_kind[kinds[other], verdict] += 1
    same_pairs = verdicts[Verdict.SAME, True] + verdicts[Verdict.SAME, False]
    return {
        "images": kinds.count(""),
        "copies": len(kinds) - kinds.count(""),
        "shares": {
            kind: [
                100 * verdicts_by_kind[kind, verdict] / COPIES_OF_EACH_KIND
                for verdict in (Verdict.SAME, Verdict.UNSURE)
            ]
            for kind in COPIES | CROPS
        },
        "pairs": same_pairs,
        "wrong": 100 * verdicts[Verdict.SAME, False] / max(same_pairs, 1),
        "unsure": verdicts[Verdict.UNSURE, True] + verdicts[Verdict.UNSURE, False],
    }


def codes(image: InspectedImage) -> list[str]:
    """Return the eight hashes of an image, that of the image as it is first."""
    turned_hashes = image.turned_hashes
    return [image.perceptual_hash, *(turned_hashes[start : start + 16] for start in range(0, len(turned_hashes), 16))]


def image_files() -> Iterator[tuple[int, str, bytes]]:
    """Yield the number of each image, the kind of copy ("" for the image itself), and its file."""
    step = IMAGES // COPIES_OF_EACH_KIND
    for number, image in enumerate(images()):
        yield number, "", jpeg(image, QUALITY)
        if number % step == 0:
            for kind, change in (COPIES | CROPS).items():
                yield number, kind, jpeg(change(image), 40 if kind == "JPEG 40" else QUALITY)


def jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def images() -> Iterator[Image.Image]:
    """Yield the images in an order drawn once: pieces of photographs, then drawings up to the number wanted."""
    chance = random.Random(2026)
    makers: list[Callable[[], Image.Image]] = list(pieces())
    makers = chance.sample(makers, min(len(makers), IMAGES // 2))
    makers += [lambda seed=seed: drawing(seed) for seed in range(IMAGES - len(makers))]
    chance.shuffle(makers)
    return (make() for make in makers)


def pieces() -> Iterator[Callable[[], Image.Image]]:
    """Yield what cuts each piece of a photograph that is not all but plain; sides double from one size to the next."""
    for name in photographs:
        image = photograph(name).convert("RGB")
        side = SHORTEST_SIDE
        while side <= min(image.size):
            for top in range(0, image.height - side + 1, round(side * 0.6)):
                for left in range(0, image.width - side + 1, round(side * 0.6)):
                    piece = image.crop((left, top, left + side, top + side))
                    if np.frombuffer(miniature(piece), np.uint8).std() >= LEAST_DEVIATION:
                        yield lambda piece=piece: piece.resize(PIECE_SIZE, Image.Resampling.BICUBIC)
            side *= 2


def drawing(seed: int) -> Image.Image:
    """Draw random shapes over a ramp between two colours, with noise in every other drawing."""
    chance = random.Random(seed)
    width, height = chance.choice([(256, 192), (192, 256), (224, 224), (320, 180)])
    ramp = Image.linear_gradient("L").rotate(chance.randrange(0, 360, 90)).resize((width, height))
    canvas = ImageOps.colorize(ramp, colour(chance), colour(chance))
    pen = ImageDraw.Draw(canvas)
    for _ in range(chance.randint(3, 14)):
        points = [(chance.randint(0, width), chance.randint(0, height)) for _ in range(chance.randint(3, 6))]
        box = (*map(min, zip(*points, strict=True)), *map(max, zip(*points, strict=True)))
        ink, broad = colour(chance), chance.randint(1, 12)
        match chance.randrange(5):
            case 0:
                pen.ellipse(box, fill=ink)
            case 1:
                pen.rectangle(box, fill=ink)
            case 2:
                pen.polygon(points, fill=ink)
            case 3:
                pen.line(points, fill=ink, width=broad)
            case 4:
                pen.arc(box, chance.randint(0, 180), chance.randint(181, 360), fill=ink, width=broad)
    if seed % 2:
        return canvas
    levels = np.asarray(canvas) + np.random.default_rng(seed).normal(0, 12, (height, width, 1))
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)
