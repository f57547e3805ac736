"""Import images from a folder, zip or manifest: each is checked, copied, grouped and put in a campaign by itself.

First step of the flow. What is good is kept, what is not is listed with the reason; a second run goes on where the
first one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import IntegrityError, transaction

from annotation import policy
from annotation.actions.duplicates.group_images import Neighbours
from annotation.actions.events.record import record_event
from annotation.actions.images.add_to_campaign import add_image
from annotation.errors import ImageRefused
from annotation.images.file_names import is_text, plain_name, showable_name
from annotation.images.files import InspectedImage, Limits, display_copy, inspect, sha256_of, strip, thumbnail
from annotation.images.sources import Row, Source
from annotation.images.tiles import cut_tiles, needs_tiles
from annotation.imports.image_sources import OTHER_TABLES, TABLES, open_source
from annotation.imports.vocabulary import Vocabulary
from annotation.models import Campaign, Image
from annotation.models.images import display_path, original_path, stripped_path, thumbnail_path, tiles_path

TEXTS = ("licence", "author", "source", "title", "note")


@dataclass(frozen=True)
class Entry:
    """What became of one file; `row` is its row in the manifest, None without one."""

    file: str
    row: int | None
    reason: str = ""


@dataclass
class ImportReport:
    """What became of each file.

    `imported` are new images, `near_duplicates` those of them that show nearly the same as another; `duplicates`
    have the very bytes of an image already there, `added` are those of them that are new to the campaign; `refused`
    were not taken. `remarks` tell what was passed over in the source as a whole.
    """

    campaign: str
    imported: list[Entry] = field(default_factory=list)
    added: list[Entry] = field(default_factory=list)
    duplicates: list[Entry] = field(default_factory=list)
    near_duplicates: list[Entry] = field(default_factory=list)
    refused: list[Entry] = field(default_factory=list)
    remarks: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Return how many entries each list has."""
        return {name: len(value) for name, value in vars(self).items() if isinstance(value, list)}

    def to_json(self) -> dict[str, Any]:
        """Return the report as `import_images --json` prints it."""
        facts = asdict(self)
        return {"campaign": facts.pop("campaign"), "counts": self.counts, **facts}


def import_images(
    campaign: Campaign,
    source: Path,
    *,
    by: AbstractBaseUser | None,
    manifest: Path | None = None,
    follow_links: bool = False,
    names_encoding: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Import what a folder, zip or manifest holds into the campaign and return what became of each file.

    Links that lead out of a folder are read where `follow_links` says so; `names_encoding` is that of names in a zip.
    `progress` is told how many files are done and how many there are. One event is written for all images that are
    new to the campaign, also when the import is interrupted. Raise SourceRefused, before anything is written, when
    the source as a whole is not acceptable.
    """
    policy.require(policy.may_organise, by, campaign)
    opening = open_source(source, manifest, follow_links=follow_links, names_encoding=names_encoding)
    importer = Importer(campaign, opening.source)
    importer.report.remarks = tuple(map(showable_name, opening.remarks))
    try:
        for count, item in enumerate(opening.rows, 1):
            importer.take(item)
            if progress:
                progress(count, len(opening.rows))
    finally:
        opening.source.close()
        # Each image is stored already, and would otherwise stay without a record after Ctrl-C.
        if importer.new:
            details = {"images": len(importer.new)}
            record_event(campaign, "images.imported", campaign, by=by, content=sorted(importer.new), details=details)
    return importer.report


class Importer:
    """An import that takes files one at a time; `new` collects the SHA-256 of the images new to the campaign."""

    def __init__(self, campaign: Campaign, source: Source) -> None:
        self.campaign = campaign
        self.source = source
        self.words = Vocabulary(campaign.rubric, {})
        self.report = ImportReport(campaign.slug)
        self.limits = Limits(settings.MAX_IMAGE_BYTES, settings.MAX_IMAGE_PIXELS)
        self.neighbours = Neighbours()
        self.new: list[str] = []

    def take(self, item: Row) -> None:
        """Import one file, or list why not."""
        try:
            # What the row says comes first: it costs nothing to check, while the file may be large.
            refuse_unclear(item)
            subcategory = self.subcategory_of(item)
            check_texts(item)
            data = self.source.read(item.file, self.limits.bytes)
            image = Image.objects.filter(sha256=sha256_of(data)).first()
            if image is None:
                image = self.store(item, subcategory, data)
            if image is not None:
                self.put_in(image, item, subcategory)
        except ImageRefused as refusal:
            self.report.refused.append(report_entry(item, str(refusal)))

    def subcategory_of(self, item: Row) -> str:
        """Return the subcategory the manifest gives, else what the directory is called in which the file lies.

        It goes by key or by name, in any language of the rubric.
        """
        name = item.facts.get("subcategory") or PurePosixPath(plain_name(item.file)).parent.name
        accepted = self.campaign.rubric.subcategories
        subcategory = name if name in accepted else self.words.subcategory(name)
        if subcategory is None:
            raise ImageRefused(f"subcategory {name!r} is unknown; accepted: {', '.join(accepted)}")
        return subcategory

    def put_in(self, image: Image, item: Row, subcategory: str) -> None:
        """Report a duplicate, and put it in the campaign where it is new there."""
        reason = f"the same file is there already as {image.original_name}"
        with transaction.atomic():
            is_new = add_image(self.campaign, image, subcategory)
        if is_new:
            reason += ", and is now in this campaign too"
            self.new.append(image.sha256)
        else:
            kept = self.campaign.entries.get(image=image).subcategory
            reason += f"; its subcategory stays {kept!r}, not {subcategory!r}" if kept != subcategory else ""
        # What a manifest says is never lost in silence.
        reason += differing_facts(image, item)
        if is_new:
            self.report.added.append(report_entry(item, reason))
        self.report.duplicates.append(report_entry(item, reason))

    def store(self, item: Row, subcategory: str, data: bytes) -> Image | None:
        """Store a new image with its copies. Return the image of the same bytes if another import was faster."""
        inspected = inspect(data, self.limits)
        stripped, display = strip(data), display_copy(data)
        small = thumbnail(display)  # Of the display copy: decoding the whole once is enough.
        image = new_image(item, subcategory, inspected, sha256_of(stripped))
        files = [(image.original, data), (image.stripped, stripped), (image.display, display), (image.thumbnail, small)]
        if image.tiles:
            files.append((image.tiles, cut_tiles(stripped)))
        try:
            # Files around rows: they are removed also when the commit itself fails.
            with files_undone_on_failure(image.original.storage) as write, transaction.atomic():
                # Before the files: where two imports meet, the slower one has written nothing yet.
                neighbour, remark = self.neighbours.join(image)
                add_image(self.campaign, image, subcategory)
                for file, content in files:
                    write(str(file.name), content)
        except IntegrityError:
            # Looked up outside the transaction, in which nothing can be asked after the failure.
            image_of_same_bytes = Image.objects.filter(sha256=image.sha256).first()
            if image_of_same_bytes is None:
                raise
            return image_of_same_bytes
        self.new.append(image.sha256)
        self.report.imported.append(report_entry(item))
        if neighbour is not None:
            reason = f"shows nearly the same as {neighbour.original_name}{remark}"
            self.report.near_duplicates.append(report_entry(item, reason))
        return None


def new_image(item: Row, subcategory: str, inspected: InspectedImage, stripped_sha256: str) -> Image:
    """Return the unsaved row of a new image, its files named but not written."""
    image = Image(
        **asdict(inspected),
        stripped_sha256=stripped_sha256,
        # The end of a long name is kept: the file's ending stands there.
        original_name=showable_name(PurePosixPath(plain_name(item.file)).name)[-255:],
        subcategory=subcategory,
        **{name: item.facts.get(name, "") for name in TEXTS},
    )
    image.original.name = original_path(image, "")
    image.stripped.name = stripped_path(image, "")
    image.display.name = display_path(image, "")
    image.thumbnail.name = thumbnail_path(image, "")
    if needs_tiles(image.width, image.height):
        image.tiles.name = tiles_path(image, "")
    return image


def check_texts(item: Row) -> None:
    """Raise ImageRefused for a text that the database cannot hold."""
    for field_ in Image._meta.fields:
        text, most = item.facts.get(field_.name, ""), field_.max_length
        if most is not None and len(text) > most:
            raise ImageRefused(f"{field_.name}: at most {most} characters are accepted, not {len(text)}")
        # PostgreSQL stores no NUL, half a character cannot be encoded, and others act on a terminal.
        if not is_text(text):
            raise ImageRefused(f"{field_.name}: holds characters that are no text")


@contextmanager
def files_undone_on_failure(storage: Storage) -> Iterator[Callable[[str, bytes], None]]:
    """Give a function that writes files, all of which are removed again if the block fails.

    What lies in a file's place is left over from an import that was cut off, and is replaced.
    """
    paths: list[str] = []

    def write(path: str, content: bytes) -> None:
        # A storage gives a file whose name is taken another name, which the row would not know.
        storage.delete(path)
        # Noted before it is written, as a write that breaks off leaves a part.
        paths.append(path)
        storage.save(path, ContentFile(content))

    try:
        yield write
    # Not `Exception`: an import that is stopped by Ctrl-C leaves no files either.
    except BaseException:
        for path in paths:
            storage.delete(path)
        raise


def report_entry(item: Row, reason: str = "") -> Entry:
    """Return a line of the report; a reason begins with the row, where there is one."""
    if reason and item.number is not None:
        reason = f"row {item.number}: {reason}"
    return Entry(showable_name(item.file), item.number, showable_name(reason))


def refuse_unclear(item: Row) -> None:
    """Raise ImageRefused for a row that contradicts another, and for a table that may say what the others are."""
    if item.problem:
        raise ImageRefused(item.problem)
    if item.number is None and PurePosixPath(item.file).suffix.lower() in (*TABLES, *OTHER_TABLES):
        raise ImageRefused(
            "is a table, not an image; where it tells licence, author or subcategory of the others, name it by "
            "--manifest, or call it manifest.csv"
        )


def differing_facts(image: Image, item: Row) -> str:
    """Return what a manifest says of an image that is there already, and that stays as it is there."""
    differing = [
        f"its {name} stays {getattr(image, name)!r}, not {item.facts[name]!r}"
        for name in TEXTS
        if item.facts.get(name) and item.facts[name] != getattr(image, name)
    ]
    return "".join(f"; {sentence}" for sentence in differing)
