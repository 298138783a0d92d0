import io
import re
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from kisu.lib.files import (
    ATTACHMENTS,
    DOCUMENTS,
    PICTURES,
    TABLES,
    CheckedFile,
    CheckedFileField,
    UploadError,
    check_upload,
    serve_file,
    serve_headers,
    store,
    stored_path,
)


def upload(content: bytes, name: str = "file", kinds: frozenset[str] = ATTACHMENTS) -> CheckedFile:
    return check_upload(SimpleUploadedFile(name, content), kinds=kinds)


def picture(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    image = Image.new(mode, size)
    if mode == "RGB":
        ImageDraw.Draw(image).rectangle((0, 0, 9, 9), fill="red")
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def archive(**members: bytes | str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return target.getvalue()


XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def docx(content_type: str = f"{DOCX_TYPE}.main+xml", **members: bytes | str) -> bytes:
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{content_type}"/></Types>'
    return archive(**{"[Content_Types].xml": types, "word/document.xml": "<d>Sahanpurua</d>", **members})


def relations(kind: str, mode: str = 'TargetMode="External"', target: str = "https://a.example") -> str:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return f'<r:Relationships xmlns:r="x"><r:Relationship Id="1" Type="{office}/{kind}" Target="{target}" {mode}/></r:Relationships>'  # fmt: skip


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "Sahanpurua"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def pdf(body: bytes = b"<< /Type /Catalog >>") -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n" + body + b"\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def object_stream(content: bytes, dictionary: bytes = b"/Type /ObjStm /Filter /FlateDecode") -> bytes:
    return b"<< " + dictionary + b" >>\nstream\r\n" + zlib.compress(content) + b"\nendstream"


def animation(kind: str, frames: int) -> bytes:
    images = [Image.new("L", (9, 9), 90 * shade) for shade in range(frames)]
    target = io.BytesIO()
    images[0].save(target, kind, save_all=True, append_images=images[1:], duration=20)
    return target.getvalue()


def huge_png(side: int) -> bytes:
    """A valid PNG of side x side black pixels in some kilobytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    line = b"\0" * (side // 8 + 2)
    rows = b"".join([*(packer.compress(line[: (side + 7) // 8 + 1]) for _ in range(side)), packer.flush()])
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def encrypted_member(content: bytes) -> bytes:
    """The zip with its first member marked as encrypted, in both headers."""
    data = bytearray(content)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


GIF_HEAD = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
GIF_FRAME = b"\x2c\0\0\0\0\1\0\1\0\0\2\2D\1\0"
OWN_TEMPLATE = docx(**{"word/_rels/s.rels": relations("attachedTemplate", target="file:///C:\\a.dotx")})
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'

HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty.pdf": ("empty", lambda: b""),
    "big.pdf": ("too_large", lambda: b"%PDF-1.7" + b"a" * (10 * 1024 * 1024)),
    "script.svg": ("not_allowed", lambda: SVG),
    "svg.png": ("not_allowed", lambda: SVG),
    "svg with a mark.txt": ("not_allowed", lambda: b"\xef\xbb\xbf  " + SVG),
    "page.html": ("not_allowed", lambda: HTML),
    "page.jpg": ("not_allowed", lambda: HTML),
    "late page.txt": ("mixed", lambda: b"a" * 70_000 + HTML),
    "script.sh": ("not_allowed", lambda: b"#!/bin/sh\nrm -rf /"),
    "program.pdf": ("not_allowed", lambda: b"MZ\x90\0" + b"\0" * 100),
    "utf16.txt": ("not_allowed", lambda: "<script>".encode("utf-16")),
    "plain.zip": ("not_allowed", lambda: archive(a="a")),
    "old.xls": ("locked", lambda: OLE),
    "password.docx": ("locked", lambda: encrypted_member(docx())),
    "macro.docm": ("active", lambda: docx(MACRO_TYPE)),
    "renamed macro.docx": ("active", lambda: docx(**{"word/vbaProject.bin": "x"})),
    "macro sheet.docx": ("active", lambda: docx(**{"xl/macrosheets/sheet1.xml": "<x/>"})),
    "activex.docx": ("active", lambda: docx(**{"word/activeX/activeX1.bin": "x"})),
    "xxe.docx": ("active", lambda: docx(**{"word/document.xml": XXE})),
    "xxe utf16.docx": ("active", lambda: docx(**{"word/document.xml": XXE.encode("utf-16")})),
    "xxe in types.docx": ("damaged", lambda: archive(**{"[Content_Types].xml": XXE})),
    "template.docx": ("linked", lambda: docx(**{"word/_rels/s.rels": relations("attachedTemplate")})),
    "share.docx": ("linked", lambda: docx(**{"word/_rels/s.rels": relations("image", target="file://host/x")})),
    "outside picture.docx": ("linked", lambda: docx(**{"word/_rels/s.rels": relations("image")})),
    "external.xlsx": ("linked", lambda: docx(**{"xl/externalLinks/externalLink1.xml": "<x/>"})),
    "bomb.docx": ("unpacked", lambda: docx(**{"word/a.xml": b"\0" * (51 * 1024 * 1024)})),
    "many members.docx": ("unpacked", lambda: docx(**{f"a{n}": b"" for n in range(5001)})),
    "climbing.docx": ("damaged", lambda: docx(**{"../../etc/x": b""})),
    "before the zip.docx": ("mixed", lambda: b"PK\x03\x04" + docx()),
    "cut.docx": ("damaged", lambda: docx()[:-30]),
    "two kinds.docx": ("mixed", lambda: docx(f'{DOCX_TYPE}.main+xml"/><O ContentType="{XLSX_TYPE}.main+xml')),
    "javascript.pdf": ("active", lambda: pdf(b"<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>")),
    "hidden name.pdf": ("active", lambda: pdf(b"<< /S /J#61vaScri#70t >>")),
    "packed javascript.pdf": ("active", lambda: pdf(object_stream(b"<< /S /JavaScript >>"))),
    "hidden stream.pdf": (
        "active",
        lambda: pdf(object_stream(b"<< /S /Launch >>", b"/Type /Obj#53tm /Filter[/FlateDecode]")),
    ),
    "unreadable stream.pdf": ("damaged", lambda: pdf(object_stream(b"a", b"/Type /ObjStm /Filter /LZWDecode"))),
    "bomb.pdf": ("unpacked", lambda: pdf(object_stream(b"\0" * (51 * 1024 * 1024)))),
    "launch.pdf": ("active", lambda: pdf(b"<< /S /Launch /F (cmd.exe) >>")),
    "xfa.pdf": ("active", lambda: pdf(b"<< /AcroForm << /XFA [1 0 R] >> >>")),
    "password.pdf": ("locked", lambda: pdf(b"<< /Encrypt 5 0 R >>")),
    "pdf and zip.pdf": ("mixed", lambda: pdf() + archive(**{"a.class": b"x"}) + b"%%EOF"),
    "pdf and page.pdf": ("mixed", lambda: pdf(HTML)),
    "cut.pdf": ("damaged", lambda: pdf()[:-8]),
    "bomb 20000.png": ("pixels", lambda: huge_png(20_000)),
    "bomb 13000.png": ("pixels", lambda: huge_png(13_000)),
    "5001.png": ("pixels", lambda: huge_png(5001)),
    "10000 frames.gif": ("moving", lambda: GIF_HEAD + GIF_FRAME * 10_000 + b";"),
    "moving.webp": ("moving", lambda: animation("WEBP", 3)),
    "moving.png": ("moving", lambda: animation("PNG", 3)),
    "cut.jpg": ("damaged", lambda: picture("JPEG", (400, 400))[:-200]),
    "cut.png": ("damaged", lambda: picture("PNG", (400, 400))[:60]),
    "head only.gif": ("damaged", lambda: b"GIF89a=1;alert(1)//"),
    "head only.webp": ("damaged", lambda: b"RIFF\0\0\0\0WEBPVP8 "),
    "controls.csv": ("damaged", lambda: b"a;b\r\n" * 20_000 + b"\x07"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_soon_with_the_reason(name: str) -> None:
    code, content = HOSTILE[name]
    file = SimpleUploadedFile(name, content(), content_type="image/jpeg")
    started = time.perf_counter()
    with pytest.raises(UploadError) as refused:
        check_upload(file, kinds=ATTACHMENTS)
    assert refused.value.code == code
    assert refused.value.message
    assert "%" not in refused.value.message
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("name", "content", "kind", "content_type", "stored_as"),
    [
        ("Kuva.PNG", picture("PNG"), "png", "image/png", "Kuva.png"),
        ("kuva.html", picture("JPEG"), "jpeg", "image/jpeg", "kuva.jpg"),
        ("kuva.gif", picture("GIF", mode="P"), "gif", "image/png", "kuva.png"),
        ("kuva.webp", picture("WEBP"), "webp", "image/webp", "kuva.webp"),
        ("../../Määrät.pdf", pdf(), "pdf", "application/pdf", "Määrät.pdf"),
        ("sopimus.docx", docx(), "docx", DOCX_TYPE, "sopimus.docx"),
        ("linkki.docx", docx(**{"word/_rels/d.rels": relations("hyperlink")}), "docx", DOCX_TYPE, "linkki.docx"),
        ("sisäinen.docx", docx(**{"word/_rels/d.rels": relations("image", "")}), "docx", DOCX_TYPE, "sisäinen.docx"),
        ("malli.docx", OWN_TEMPLATE, "docx", DOCX_TYPE, "malli.docx"),
        ("t.exe", xlsx(), "xlsx", XLSX_TYPE, "t.xlsx"),
        ("", "a;ä\r\n".encode(), "txt", "text/plain; charset=utf-8", "file.txt"),
        ("T.CSV", "a;ä\r\n".encode("cp1252"), "csv", "text/csv; charset=utf-8", "T.csv"),
        ("kuvagpj.\u202eexe", picture("PNG"), "png", "image/png", "kuvagpj.png"),
    ],
)  # fmt: skip
def test_good_files_get_their_type_from_their_content(
    name: str, content: bytes, kind: str, content_type: str, stored_as: str
) -> None:
    file = io.BytesIO(content)
    uploaded = SimpleUploadedFile("x", file.getvalue(), content_type="text/html")
    uploaded._name = name
    checked = check_upload(uploaded, kinds=ATTACHMENTS)
    assert (checked.kind, checked.content_type, checked.name) == (kind, content_type, stored_as)
    stored = checked.content.read()
    assert len(stored) == checked.size
    if kind in DOCUMENTS:
        assert stored == content
    elif kind in {"txt", "csv"}:
        assert stored == "a;ä\r\n".encode()
    else:
        assert (checked.width, checked.height) == (60, 40)


def test_what_the_form_does_not_take_is_named() -> None:
    with pytest.raises(UploadError) as refused:
        upload(picture("PNG"), kinds=TABLES)
    assert refused.value.message == "File type not allowed. Allowed: CSV, XLSX"
    with pytest.raises(UploadError) as refused:
        check_upload(SimpleUploadedFile("a", b"a" * (2 * 1024 * 1024 + 1)), kinds=TABLES, max_bytes=2 * 1024 * 1024)
    assert refused.value.message == "The file is too large. At most 2 MB."


def test_pictures_lose_everything_but_the_picture() -> None:
    exif = Image.Exif()
    exif[0x010E] = "CANARY-description"
    exif.get_ifd(0x8825)[1] = "CANARY-gps"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "CANARY-text")
    options = {"exif": exif, "icc_profile": b"CANARY-profile" * 20}
    for content in (
        picture("JPEG", comment=b"CANARY-comment", xmp=b"CANARY-xmp", **options) + b"CANARY<script>",
        picture("PNG", pnginfo=text, **options) + b"CANARY<script>",
        picture("WEBP", xmp=b"CANARY-xmp", **options),
        picture("GIF", comment=b"CANARY-comment") + b"CANARY",
    ):
        assert b"CANARY" in content
        checked = upload(content)
        stored = checked.content.read()
        assert b"CANARY" not in stored
        image = Image.open(io.BytesIO(stored))
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "timestamp", "duration", "background"}  # fmt: skip


@pytest.mark.parametrize("turn", range(1, 9))
def test_pictures_stand_as_the_camera_held_them(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    checked = upload(picture("JPEG", exif=exif, quality=95))
    image = Image.open(checked.content)
    assert (checked.width, checked.height) == image.size == ((40, 60) if turn >= 5 else (60, 40))
    right, low = image.width - 5, image.height - 5
    corner = {
        1: (5, 5),
        2: (right, 5),
        3: (right, low),
        4: (5, low),
        5: (5, 5),
        6: (right, 5),
        7: (right, low),
        8: (5, low),
    }
    red, green, _ = image.getpixel(corner[turn])
    assert red > 200 > 50 > green


@pytest.mark.parametrize(
    ("kind", "mode", "stored_mode"),
    [
        ("PNG", "1", "L"), ("PNG", "L", "L"), ("PNG", "LA", "RGBA"), ("PNG", "P", "RGB"), ("PNG", "RGB", "RGB"),
        ("PNG", "RGBA", "RGBA"), ("PNG", "I;16", "L"), ("JPEG", "L", "L"), ("JPEG", "CMYK", "RGB"),
        ("WEBP", "RGBA", "RGBA"),
    ],
)  # fmt: skip
def test_every_colour_mode_is_drawn(kind: str, mode: str, stored_mode: str) -> None:
    checked = upload(picture(kind, mode=mode))
    assert Image.open(checked.content).mode == stored_mode


def test_a_see_through_palette_stays_see_through_and_16_bits_keep_their_shades() -> None:
    image = Image.new("P", (4, 4), 1)
    target = io.BytesIO()
    image.save(target, "GIF", transparency=1)
    assert Image.open(upload(target.getvalue()).content).getpixel((0, 0))[3] == 0
    target = io.BytesIO()
    Image.new("I;16", (4, 4), 128 * 256).save(target, "PNG")
    assert Image.open(upload(target.getvalue()).content).getpixel((0, 0)) == 128


@pytest.mark.parametrize(
    ("size", "stored"), [((4200, 2100), (4000, 2000)), ((1, 4100), (1, 4000)), ((4000, 10), (4000, 10))]
)
def test_long_pictures_are_made_smaller(size: tuple[int, int], stored: tuple[int, int]) -> None:
    checked = upload(picture("JPEG", size))
    assert (checked.width, checked.height) == stored


@pytest.mark.skipif(sys.platform != "linux", reason="reads the process's own peak from /proc")
@pytest.mark.parametrize(("kind", "mode", "side"), [("PNG", "RGBA", 5000), ("WEBP", "RGBA", 3535)])
def test_the_largest_pictures_stay_within_300_mebibytes(tmp_path: Path, kind: str, mode: str, side: int) -> None:
    noise = Image.effect_noise((side // 8, side // 8), 60).resize((side, side), Image.Resampling.NEAREST)
    noise.convert(mode).save(tmp_path / "noise", kind, compress_level=1, quality=20, method=0)
    script = r"""
import re, sys
from pathlib import Path
from django.conf import settings
settings.configure(USE_I18N=False)
from django.core.files.base import File
from kisu.lib.files import ATTACHMENTS, check_upload
with Path(sys.argv[1]).open("rb") as stream:
    checked = check_upload(File(stream), kinds=ATTACHMENTS)
# ru_maxrss would count the parent's memory too, from before exec.
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]
print(checked.width, int(peak) // 1024)
"""
    command = [sys.executable, "-c", script, str(tmp_path / "noise")]
    width, peak = map(int, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert width == min(side, 4000)
    assert peak <= 300


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        [picture("PNG"), picture("JPEG"), picture("GIF", mode="L"), picture("WEBP"), docx(), xlsx(), pdf()]
    ),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=8),
    st.integers(0, 5000),
)
def test_broken_files_are_refused_or_sound_but_never_a_fault(
    content: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(content)
    for place, value in changes:
        data[place % len(data)] = value
    try:
        checked = upload(bytes(data[: len(data) - cut % 50]))
    except UploadError as refused:
        assert refused.message  # noqa: PT017 - either end is right
    else:
        assert checked.size > 0


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=1, max_size=400), st.text(max_size=20))
def test_any_bytes_under_any_name_never_become_an_active_type(content: bytes, name: str) -> None:
    file = SimpleUploadedFile("x", content)
    file._name = name
    try:
        checked = check_upload(file, kinds=ATTACHMENTS)
    except UploadError:
        return
    assert checked.content_type.partition(";")[0] in {"text/plain", "text/csv"}
    assert re.fullmatch(r"[^/\\\0-\x1f]+\.(txt|csv)", checked.name)


# --- Storing and serving ----------------------------------------------------------------------------------------------


def test_files_are_stored_under_random_names_and_served_inert(tmp_path: Path) -> None:
    names = {store(upload(pdf(), "Määrät.pdf"), tmp_path / "a" / "b") for _ in range(20)}
    assert len(names) == 20
    assert all(re.fullmatch(r"[\w-]{32}\.pdf", name) for name in names)
    assert {path.name for path in (tmp_path / "a" / "b").iterdir()} == names
    stored = names.pop()
    assert (tmp_path / "a" / "b" / stored).stat().st_mode & 0o777 == 0o640
    response = serve_file(tmp_path / "a" / "b", stored, name="Määrät.pdf", content_type="application/pdf")
    assert b"".join(response) == pdf()
    response.file_to_stream.close()
    assert {key: response[key] for key in response.headers} == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(pdf())),
        "Content-Disposition": "attachment; filename=\"Maarat.pdf\"; filename*=UTF-8''M%C3%A4%C3%A4r%C3%A4t.pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def test_types_that_are_not_ours_are_served_as_mere_bytes() -> None:
    assert serve_headers("a.svg", "image/svg+xml")["Content-Type"] == "application/octet-stream"
    assert serve_headers("a.html", "text/html")["Content-Disposition"] == 'attachment; filename="a.html"'


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a.pdf", "/etc/passwd", "", "A" * 32 + ".pdf/..", "A" * 32 + ".pdf\n"]
)
def test_only_names_that_were_given_out_are_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="Not a stored name"):
        stored_path(tmp_path, name)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kisu.lib.files.os.fsync", full)
    with pytest.raises(UploadError) as refused:
        store(upload(pdf()), tmp_path)
    assert refused.value.message == "The file could not be saved. Try again later."
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_folders_place_is_refused_as_clearly(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"x")
    checked = upload(pdf())
    with pytest.raises(UploadError, match="not_saved"):
        store(checked, tmp_path / "media" / "a")
    assert checked.content.closed
    assert [path.name for path in tmp_path.rglob("*")] == ["media"]


def test_a_file_whose_folder_could_not_be_synced_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("kisu.lib.files._sync_folder", broken)
    with pytest.raises(UploadError, match="not_saved"):
        store(upload(pdf()), tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- The form field ---------------------------------------------------------------------------------------------------


class Form(forms.Form):
    file = CheckedFileField(kinds=PICTURES | {"pdf"})
    extra = CheckedFileField(required=False)


def test_the_field_gives_a_checked_file_and_says_what_it_takes() -> None:
    form = Form({}, {"file": SimpleUploadedFile("a.pdf", pdf())})
    assert form.is_valid()
    assert isinstance(form.cleaned_data["file"], CheckedFile)
    assert form.cleaned_data["extra"] is None
    assert 'accept=".gif,.jpeg,.jpg,.pdf,.png,.webp"' in str(Form()["file"])


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "Fill this in."),
        ({"file": SimpleUploadedFile("a.pdf", b"")}, "The file is empty. Choose another."),
        ({"file": SimpleUploadedFile("a.docx", docx())}, "File type not allowed. Allowed: GIF, JPEG, PDF, PNG, WebP"),
        (
            {"file": SimpleUploadedFile("a.pdf", pdf()[:20])},
            "The file is damaged. Open it, save it again and try once more.",
        ),
    ],
)
def test_the_field_tells_why_a_file_is_refused(files: dict[str, SimpleUploadedFile], message: str) -> None:
    assert Form({}, files).errors["file"] == [message]
