"""scan, read-id: barcodes and identity documents in pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from courier_check.cli.codes import CliCode
from courier_check.cli.opening import Access, with_station
from courier_check.cli.output import Output, with_output
from courier_check.errors import CourierCheckError, UserError
from courier_check.identity.documents import DocumentType
from courier_check.identity.printed_reading import PICTURED_KINDS
from courier_check.parcel.carriers import Carriers
from courier_check.privacy import mask_name, mask_number
from courier_check.store.resources import read_resource

if TYPE_CHECKING:
    from courier_check.devices.documents import DocumentReading

READABLE_KINDS = [kind.value for kind in PICTURED_KINDS]
PICTURES = click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="IMAGE...")


@click.command(help="图片里的条码")
@PICTURES
@click.option("--carrier", "outlet_carriers", multiple=True, help="本网点的承运商（可多次），用来消除歧义")
@with_output
def scan(out: Output, images: tuple[Path, ...], outlet_carriers: tuple[str, ...]) -> int:
    from courier_check.devices.waybill_pictures import scan_codes

    carriers = Carriers.parse(read_resource("carriers.json"))
    for image in images:
        started = time.perf_counter()
        try:
            found = scan_codes(image, carriers, outlet_carriers)
        except CourierCheckError as error:
            out.error({"file": str(image)}, error)
            continue
        codes: list[dict[str, Any]] = []
        for code, check in found:
            codes.append(
                {"text": code.text, "symbology": code.symbology, "kind": check.kind, "carrier": check.carrier, "valid": check.valid}
                | {"carriers": list(check.carriers), "confirmed": code.confirmed}
            )
        ms = round((time.perf_counter() - started) * 1000)
        lines = [out.wording.of("codes-found", {"file": str(image), "count": len(codes)})]
        lines += [_line(out, each) for each in codes]
        out.line({"file": str(image), "codes": codes, "ms": ms}, *lines)
    return out.exit_code()


def _line(out: Output, code: Mapping[str, Any]) -> str:
    doubt = "" if code["confirmed"] else f"  （{out.wording.of('code-read-once')}）"
    return f"  {out.wording.of('kind-' + code['kind'])}  {_shown(code)}  {code['symbology']}  {code['carrier'] or '？'}{doubt}"


def _shown(code: Mapping[str, Any]) -> str:
    """A code's text for people: somebody's name and number are in a credential."""
    return f"{code['text'][:6]}…" if code["kind"] == "credential" else str(code["text"])


@click.command(name="read-id", help="从图片读证件（居民身份证正面、背面）；--credential 核验一个实名码")
@click.argument("images", nargs=-1, type=click.Path(path_type=Path), metavar="IMAGE...")
@click.option("--credential", "credentials", multiple=True, metavar="TEXT|IMAGE", help="实名码的文字或图片（可多次）；核验即使用")
@click.option("--kind", type=click.Choice(READABLE_KINDS), help="证件种类；不写则自动判断")
@click.option("--together", is_flag=True, help="两张图片是同一张证件的两面，合成一份")
@with_station
def read_id(
    out: Output, access: Access, images: tuple[Path, ...], credentials: tuple[str, ...], kind: str | None, *, together: bool
) -> int:
    if not images and not credentials:
        raise UserError(CliCode.PARAMETER_MISSING, parameter="images")
    if credentials:
        from courier_check.cli.credentials import take_credentials

        take_credentials(out, access, credentials)
    if images:
        _read_pictures(out, images, None if kind is None else DocumentType(kind), together=together)
    return out.exit_code()


def _read_pictures(out: Output, images: tuple[Path, ...], kind: DocumentType | None, *, together: bool) -> None:
    from courier_check.desk.rules import shipped_references
    from courier_check.devices.documents import DocumentReader
    from courier_check.devices.ocr import RapidTextReader

    if together and len(images) != 2:
        raise UserError(CliCode.TWO_FACES_NEEDED, count=len(images))
    reader = DocumentReader(RapidTextReader(), shipped_references())
    if together:
        front, back = images
        _tell_reading(out, images, lambda: reader.read_both(front, back, kind))
        return
    for image in images:
        _tell_reading(out, (image,), lambda image=image: reader.read(image, kind))  # type: ignore[misc]  # bound now, not at the call


def _tell_reading(out: Output, images: tuple[Path, ...], read: Callable[[], DocumentReading]) -> None:
    """One line a document: what was read, what is doubtful, and where in the picture the document lies."""
    files: dict[str, Any] = {"file": str(images[0])}
    if len(images) > 1:
        files["files"] = [str(image) for image in images]
    try:
        reading = read()
    except CourierCheckError as error:
        out.error(files, error)
        return
    document = reading.document.to_mapping()
    fields = {
        **files,
        "document": document,
        "complete": reading.complete,
        "warnings": list(reading.warnings),
        "ms": reading.ms,
        "source": reading.document.source.value,
        "face": reading.face.value,
        "missing": [field.value for field in reading.missing],
        "doubts": [{"field": found.field.value, "doubt": found.doubt.value} for found in reading.doubts],
        "confidence": {field.value: percent for field, percent in reading.confidence.items()},
        "outline": [list(corner) for corner in reading.outline],
    }
    head = out.wording.of("reading-complete" if reading.complete else "reading-incomplete", {"file": files["file"]})
    warnings = [out.wording.of(code) for code in reading.warnings]
    out.line(fields, head, *document_lines(out, document), *(f"  ! {each}" for each in warnings))


def document_lines(out: Output, document: Mapping[str, object]) -> list[str]:
    """What was read, for people: whoever looks over a shoulder learns neither name nor number nor address, and nothing that the hidden part
    of the number could be put together from: whose birth date it is, and of which place (domain.md §11.3)."""
    masks: dict[str, Callable[[str], str]] = {
        "name": mask_name,
        "number": mask_number,
        "address": mask_name,
        "issuer": mask_name,
        "born_on": lambda _: "****",
    }
    held = {name: str(value) for name, value in document.items() if value is not None}
    return [f"  {out.wording.of('field-' + name)}：{masks.get(name, str)(value)}" for name, value in held.items()]
