"""scan, read-id: barcodes and identity documents in pictures."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from courier_check.cli.output import Output, with_output
from courier_check.errors import CourierCheckError
from courier_check.identity.documents import DocumentType
from courier_check.parcel.carriers import Carriers
from courier_check.privacy import mask_name, mask_number
from courier_check.store.resources import read_resource

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
        lines += [
            f"  {out.wording.of('kind-' + each['kind'])}  {each['text']}  {each['symbology']}  {each['carrier'] or '？'}" for each in codes
        ]
        out.line({"file": str(image), "codes": codes, "ms": ms}, "\n".join(lines))
    return out.exit_code()


@click.command(name="read-id", help="从图片读证件（居民身份证正面、背面）")
@PICTURES
@click.option("--kind", type=click.Choice([DocumentType.RESIDENT_ID.value]), default=DocumentType.RESIDENT_ID.value, help="证件种类")
@with_output
def read_id(out: Output, images: tuple[Path, ...], kind: str) -> int:
    from courier_check.devices.documents import read_resident_face
    from courier_check.devices.ocr import RapidTextReader

    ocr = RapidTextReader()
    for image in images:
        try:
            reading = read_resident_face(image, ocr)
        except CourierCheckError as error:
            out.error({"file": str(image)}, error)
            continue
        document = reading.document.to_mapping()
        warnings = [out.wording.of(code) for code in reading.warnings]
        fields = {
            "file": str(image),
            "document": document,
            "complete": reading.complete,
            "warnings": list(reading.warnings),
            "ms": reading.ms,
        }
        head = out.wording.of("reading-complete" if reading.complete else "reading-incomplete", {"file": str(image)})
        out.line(fields, "\n".join([head, *_document_lines(out, document), *(f"  ! {each}" for each in warnings)]))
    return out.exit_code()


def _document_lines(out: Output, document: Mapping[str, object]) -> list[str]:
    """What was read, for people: whoever looks over a shoulder learns neither name nor number nor address."""
    masks = {"name": mask_name, "number": mask_number, "address": mask_name}
    held = {name: str(value) for name, value in document.items() if value is not None}
    return [f"  {out.wording.of('field-' + name)}：{masks.get(name, str)(value)}" for name, value in held.items()]
