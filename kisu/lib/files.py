"""Files that people add: judged by their content, never by name or declared type; pictures drawn anew; stored under
random names; served as inert downloads.

What is refused: anything not in KINDS, HTML and SVG under any name, macros, scripts, passwords, links to outside parts,
files that are two kinds at once, zip and picture bombs, moving pictures, damaged files.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import threading
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from PIL import Image

from kisu.lib.exports import download_headers, safe_filename

MEBIBYTE = 1024 * 1024
MAX_BYTES = 10 * MEBIBYTE
MAX_UNPACKED = 50 * MEBIBYTE  # sum over a zip's members; a 400 MiB cell packs to 403 KiB
MAX_MEMBERS = 5000
MAX_PIXELS = 25_000_000
MAX_SIDE = 4000  # pixels; larger pictures are made smaller
CHUNK = 64 * 1024

# Drawing holds some 250 MiB at the largest allowed size, so a process draws one picture at a time.
_one_picture = threading.Lock()
# The second line behind our own check: decoders that find more pixels than the header named.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True, slots=True)
class Kind:
    extension: str
    content_type: str
    label: str


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "pdf": Kind("pdf", "application/pdf", "PDF"),
    "docx": Kind("docx", f"{_OPEN_XML}wordprocessingml.document", "DOCX"),
    "xlsx": Kind("xlsx", f"{_OPEN_XML}spreadsheetml.sheet", "XLSX"),
    "pptx": Kind("pptx", f"{_OPEN_XML}presentationml.presentation", "PPTX"),
    "txt": Kind("txt", "text/plain; charset=utf-8", "TXT"),
    "csv": Kind("csv", "text/csv; charset=utf-8", "CSV"),
    "jpeg": Kind("jpg", "image/jpeg", "JPEG"),
    "png": Kind("png", "image/png", "PNG"),
    "gif": Kind("png", "image/png", "GIF"),  # stored as PNG
    "webp": Kind("webp", "image/webp", "WebP"),
}
PICTURES = frozenset({"jpeg", "png", "gif", "webp"})
DOCUMENTS = frozenset({"pdf", "docx", "xlsx", "pptx"})
TABLES = frozenset({"xlsx", "csv"})
ATTACHMENTS = PICTURES | DOCUMENTS | {"txt", "csv"}

_MESSAGES = {
    "empty": _("The file is empty. Choose another."),
    "too_large": _("The file is too large. At most %(max)s MB."),
    "not_allowed": _("File type not allowed. Allowed: %(types)s"),
    "damaged": _("The file is damaged. Open it, save it again and try once more."),
    "locked": _(
        "The file is in an old format or locked with a password. Save it in a current format without a password."
    ),
    "active": _("The file holds macros or scripts. Save it without them."),
    "linked": _("The file takes parts from other addresses. Remove the links and save it again."),
    "mixed": _("The file is of two types at once. Save it again as one type."),
    "unpacked": _("The file grows too large when opened. Remove some of its content."),
    "pixels": _("The picture is too large. At most %(max)s megapixels."),
    "moving": _("The picture moves. Choose a still picture."),
    "not_saved": _("The file could not be saved. Try again later."),
}


class UploadError(Exception):
    """A file that is refused; `code` is a key of the reasons above, `message` tells people what to do."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def message(self) -> str:
        return str(_MESSAGES[self.code]) % self.params


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be stored. `name` is the person's own, made safe and with the true ending, for showing only;
    `content` stands at its start; pictures carry their size in pixels as stored."""

    name: str
    kind: str
    content_type: str
    extension: str
    size: int
    content: IO[bytes]
    width: int | None = None
    height: int | None = None


def check_upload(uploaded: File[bytes], *, kinds: Collection[str], max_bytes: int = MAX_BYTES) -> CheckedFile:
    """Judges an uploaded file; pictures come back drawn anew (no EXIF, GPS, colour profile, nothing after the end), at
    most MAX_SIDE pixels long, and texts in UTF-8. `kinds` are keys of KINDS. Raises UploadError.
    """
    size = uploaded.seek(0, os.SEEK_END) or uploaded.tell()
    if size == 0:
        raise UploadError("empty")
    if size > max_bytes:
        raise UploadError("too_large", max=max_bytes // MEBIBYTE)
    uploaded.seek(0)
    head = uploaded.read(CHUNK)
    uploaded.seek(0)
    name = uploaded.name or ""
    try:
        kind = _kind(head, uploaded, name)
        if kind not in kinds:
            labels = sorted({KINDS[key].label for key in kinds})
            raise UploadError("not_allowed", types=", ".join(labels))
        stream, width, height = _CHECKS[kind](kind, uploaded)
    except UploadError:
        raise
    except Exception as error:
        # Parsers of hostile bytes raise nearly everything: struct.error, zlib.error, SyntaxError, RecursionError ...
        raise UploadError("damaged") from error
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    facts = KINDS[kind]
    stem = safe_filename(name).rpartition(".")[0] or safe_filename(name)
    return CheckedFile(
        safe_filename(f"{stem}.{facts.extension}"),
        kind,
        facts.content_type,
        facts.extension,
        size,
        stream,
        width,
        height,
    )


# --- What is it? ------------------------------------------------------------------------------------------------------

_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|\?xml|\?php)|^\s*<|^#!", re.IGNORECASE)


def _kind(head: bytes, stream: File[bytes], name: str) -> str:
    """The key in KINDS, "unknown" for what has none. Raises UploadError for old or locked office files."""
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UploadError("locked")  # OLE: .doc, .xls, .ppt, and the wrapping of a .docx with a password
    if head.startswith(b"PK\x03\x04"):
        return _open_xml_kind(stream)
    if not re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", head) and not _MARKUP.search(head.removeprefix(b"\xef\xbb\xbf")):
        return "csv" if name.lower().endswith(".csv") else "txt"
    return "unknown"


# --- Pictures ---------------------------------------------------------------------------------------------------------

_Checked = tuple[IO[bytes], int | None, int | None]


def _check_picture(kind: str, stream: IO[bytes]) -> _Checked:
    limit = MAX_PIXELS // 2 if kind == "webp" else MAX_PIXELS  # its decoder holds three copies
    with _one_picture:
        try:
            picture: Image.Image = Image.open(stream, formats=[kind.upper()])
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise UploadError("pixels", max=limit // 1_000_000) from error
        if picture.width * picture.height > limit:
            raise UploadError("pixels", max=limit // 1_000_000)
        # A JPEG with several frames is a camera's preview beside the picture, not an animation.
        if kind != "jpeg" and getattr(picture, "is_animated", False):
            raise UploadError("moving")
        # Each step below lets go of the picture before it: two whole ones must never be held at once for long.
        picture.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a JPEG is decoded at half size where that is enough
        picture.load()
        turn = picture.getexif().get(0x0112, 1)  # the orientation tag; it goes with the rest of EXIF
        clear = kind != "jpeg" and picture.has_transparency_data
        if picture.mode.startswith("I;16"):
            picture = picture.point(lambda level: level / 256).convert("L")
        grey = picture.mode in {"1", "L", "I", "F"}
        if picture.mode not in {"L", "RGB", "CMYK"}:
            picture = picture.convert("RGBA" if clear else "L" if grey else "RGB")
        if clear:
            picture = picture.convert("RGBa")  # colours of clear pixels must not bleed into their neighbours
        picture.info = {}  # comments, colour profile, XMP: Pillow would write some of them back
        picture.thumbnail((MAX_SIDE, MAX_SIDE))
        if turn in _TURNS:
            picture = picture.transpose(_TURNS[turn])
        picture = picture.convert("RGBA" if clear else "L" if grey else "RGB")
        target = io.BytesIO()
        match kind:
            case "jpeg":
                picture.save(target, "JPEG", quality=85, optimize=True)
            case "webp":
                picture.save(target, "WEBP", quality=85)
            case _:
                picture.save(target, "PNG")
        return target, picture.width, picture.height


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


# --- PDF --------------------------------------------------------------------------------------------------------------

# Actions that run something, and XFA forms, which carry scripts. Long names: packed bytes match none by chance.
_PDF_ACTIVE = re.compile(rb"/(?:JavaScript|Launch|Rendition|RichMedia|ImportData)\b|/XFA(?=[\s\[])")


def _check_pdf(kind: str, stream: IO[bytes]) -> _Checked:
    data = stream.read()
    if b"%%EOF" not in data[-2048:]:
        raise UploadError("damaged")
    if zipfile.is_zipfile(io.BytesIO(data)) or _MARKUP.search(data[:1024]):
        raise UploadError("mixed")
    names = _pdf_names(data)
    if re.search(rb"/Encrypt\b", names):
        raise UploadError("locked")
    if _PDF_ACTIVE.search(names) or any(_PDF_ACTIVE.search(_pdf_names(part)) for part in _pdf_objects(data)):
        raise UploadError("active")
    return stream, None, None


def _pdf_names(data: bytes) -> bytes:
    """The bytes with escapes in names undone: /J#61vaScript is /JavaScript."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), data)


def _pdf_objects(data: bytes) -> Iterator[bytes]:
    """The packed streams of objects, opened. Raises UploadError where they are packed so that we can't look inside."""
    budget = MAX_UNPACKED
    for found in re.finditer(rb"stream\r?\n", data):
        dictionary = _pdf_names(data[max(0, found.start() - 2000) : found.start()].rpartition(b" obj")[2])
        if not re.search(rb"/ObjStm\b", dictionary):
            continue
        filters = set(re.findall(rb"/\w+Decode\b", dictionary))
        if filters - {b"/FlateDecode"} or b"/Predictor" in dictionary:
            raise UploadError("damaged")
        if filters:
            opened = zlib.decompressobj().decompress(data[found.end() :], budget)
            budget -= len(opened)
            if budget <= 0:
                raise UploadError("unpacked")
            yield opened


# --- Office -----------------------------------------------------------------------------------------------------------

_MAIN_PARTS = {
    f"{_OPEN_XML}wordprocessingml.document.main+xml": "docx",
    f"{_OPEN_XML}spreadsheetml.sheet.main+xml": "xlsx",
    f"{_OPEN_XML}presentationml.presentation.main+xml": "pptx",
}
_ACTIVE_PART = re.compile(r"vbaproject|macrosheets|activex|macroenabled|\.(?:exe|dll|js|vbs|hta)$", re.I)

_OWN_DRIVE = re.compile(r"(?:file:///)?[a-z]:[\\/]", re.IGNORECASE)


def _open_xml_kind(stream: IO[bytes]) -> str:
    """The kind that a zip's table of contents names. Raises UploadError for macros and for zips that we can't read."""
    with _archive(stream) as archive:
        if "[Content_Types].xml" not in archive.namelist():
            return "unknown"
        types = [
            (element.get("ContentType") or "").partition(";")[0].strip()
            for element in _xml(archive, "[Content_Types].xml")
        ]
    if any("macroEnabled" in kind for kind in types):
        raise UploadError("active")
    mains = {_MAIN_PARTS[kind] for kind in types if kind in _MAIN_PARTS}
    if len(mains) > 1:
        raise UploadError("mixed")
    return mains.pop() if mains else "unknown"


def _check_open_xml(kind: str, stream: IO[bytes]) -> _Checked:
    with _archive(stream) as archive:
        for member in archive.infolist():
            if _ACTIVE_PART.search(member.filename):
                raise UploadError("active")
            _check_member(archive, member)
            if member.filename.endswith(".rels"):
                _check_links(_xml(archive, member.filename))
            if "/externalLinks/" in member.filename:
                raise UploadError("linked")
    stream.seek(0)
    return stream, None, None


def _archive(stream: IO[bytes]) -> zipfile.ZipFile:
    """The zip, opened after its members' sizes, names and flags have been found sane."""
    stream.seek(0)
    try:
        archive = zipfile.ZipFile(stream)
    except zipfile.BadZipFile as error:
        raise UploadError("damaged") from error
    members = archive.infolist()
    names = [member.filename.lower() for member in members]
    if sum(member.file_size for member in members) > MAX_UNPACKED or len(members) > MAX_MEMBERS:
        raise UploadError("unpacked")
    if any(member.flag_bits & 0x1 for member in members):
        raise UploadError("locked")
    if not members or min(member.header_offset for member in members) > 0:
        raise UploadError("mixed")  # something else stands before the zip
    if len(set(names)) < len(names) or any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise UploadError("damaged")
    return archive


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Reads a member to its end: its checksum and true size, and no document type (entities) in its XML."""
    tail = b""
    with archive.open(member) as part:
        while chunk := part.read(CHUNK):
            # Without the zero bytes UTF-16 reads like ASCII.
            window = (tail + chunk).replace(b"\0", b"")
            if member.filename.lower().endswith((".xml", ".rels", ".vml")) and re.search(
                rb"<!(?:DOCTYPE|ENTITY)", window
            ):
                raise UploadError("active")
            tail = window[-16:]


def _check_links(relationships: ElementTree.Element) -> None:
    """Only hyperlinks may lead out of the document: templates, pictures, tables from elsewhere load by themselves.

    A file on the writer's own drive loads nowhere else, and Word names the template of every document so.
    """
    for link in relationships:
        outside = (link.get("TargetMode") or "Internal").lower() != "internal"
        harmless = (link.get("Type") or "").endswith("/hyperlink") or _OWN_DRIVE.match(link.get("Target") or "")
        if outside and not harmless:
            raise UploadError("linked")


def _xml(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    data = archive.read(name) if archive.getinfo(name).file_size <= MEBIBYTE else b"<!"
    if b"<!" in data.replace(b"\0", b"").replace(b"<!--", b""):
        raise UploadError("damaged")
    return ElementTree.fromstring(data)  # noqa: S314 - no document type, so no entities, as just checked


# --- Text -------------------------------------------------------------------------------------------------------------


def _check_text(kind: str, stream: IO[bytes]) -> _Checked:
    data = stream.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")  # what Excel in Finland saves as CSV
    data = text.encode()
    if re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", data):
        raise UploadError("damaged")
    if _MARKUP.search(data):
        raise UploadError("mixed")
    return io.BytesIO(data), None, None


_CHECKS: dict[str, Callable[[str, IO[bytes]], _Checked]] = {
    **dict.fromkeys(PICTURES, _check_picture),
    **dict.fromkeys(("docx", "xlsx", "pptx"), _check_open_xml),
    "pdf": _check_pdf,
    "txt": _check_text,
    "csv": _check_text,
}


# --- Storing and serving ----------------------------------------------------------------------------------------------

_STORED_NAME = re.compile(r"[A-Za-z0-9_-]{32}\.[a-z]{3,4}", re.ASCII)


def store(checked: CheckedFile, folder: Path) -> str:
    """Writes the file under a random name of 192 bits and returns the name; closes its content.

    The name appears only when the bytes are on disk. Raises UploadError when the disk refuses; then nothing is left.
    """
    name = f"{secrets.token_urlsafe(24)}.{checked.extension}"
    part = folder / f".{name}.part"
    with checked.content as content:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with part.open("xb") as target:
                content.seek(0)
                while chunk := content.read(CHUNK):
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            part.chmod(0o640)
            part.replace(folder / name)
            _sync_folder(folder)
        except OSError as error:
            for left in (part, folder / name):
                with suppress(OSError):  # not there, or no folder either
                    left.unlink()
            raise UploadError("not_saved") from error
    return name


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def stored_path(folder: Path, name: str) -> Path:
    """The path of a stored file. Raises ValueError for a name that store never gives."""
    if not _STORED_NAME.fullmatch(name):
        raise ValueError("Not a stored name.")
    return folder / name


def serve_headers(name: str, content_type: str) -> dict[str, str]:
    """Headers of a stored file: an inert download, under a type of ours or none that a program would open."""
    known = content_type in {kind.content_type for kind in KINDS.values()}
    return download_headers(name) | {"Content-Type": content_type if known else "application/octet-stream"}


def serve_file(folder: Path, stored_name: str, *, name: str, content_type: str) -> FileResponse:
    """The stored file as a response; the view has checked who asks. Raises FileNotFoundError, ValueError."""
    response = FileResponse(stored_path(folder, stored_name).open("rb"))
    for header, value in serve_headers(name, content_type).items():
        response[header] = value  # afterwards: FileResponse itself would say "inline" and the stored name
    return response


class CheckedFileField(forms.FileField):
    """A file field whose cleaned value is a CheckedFile (or None when empty and not required)."""

    def __init__(self, *, kinds: Collection[str] = ATTACHMENTS, max_bytes: int = MAX_BYTES, **kwargs: Any) -> None:
        self.kinds, self.max_bytes = kinds, max_bytes
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        endings = {KINDS[kind].extension for kind in self.kinds} | {"gif"} & set(self.kinds)
        if "jpeg" in self.kinds:
            endings.add("jpeg")
        return super().widget_attrs(widget) | {"accept": ",".join(f".{ending}" for ending in sorted(endings))}

    def to_python(self, data: Any) -> Any:
        if data in self.empty_values:
            return None
        try:
            return check_upload(data, kinds=self.kinds, max_bytes=self.max_bytes)
        except UploadError as error:
            raise ValidationError(_MESSAGES[error.code], code=error.code, params=error.params) from error
