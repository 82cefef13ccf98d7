"""credentials: the keys of those who issue 实名码; `read-id --credential`: take one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from courier_check.cli.files import read_file
from courier_check.cli.opening import Access, with_operator, with_station
from courier_check.cli.output import Output
from courier_check.clock import at
from courier_check.desk.credentials import InstalledKeys
from courier_check.errors import CourierCheckError, UserError
from courier_check.identity.codes import CredentialCode
from courier_check.identity.credential import is_credential
from courier_check.identity.text import reference
from courier_check.privacy import mask_name, mask_number
from courier_check.station import PRACTICE_SUPERVISOR, Station

LARGEST_PACKAGE = 2_000_000
_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


@click.group(help="实名码：安装签发机构的公钥、现状（核验一个：read-id --credential）")
def credentials() -> None:
    pass


@credentials.command(help="安装监管部门签名的公钥数据包")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_operator
def install(out: Output, access: Access, file: Path) -> int:
    data = read_file(file, LARGEST_PACKAGE)
    with access.open() as station:
        by = access.sign_in(station, PRACTICE_SUPERVISOR)
        installed = station.desk().credentials.install(data, by)
        station.keep_head()
    _tell(out, installed)
    return 0


@credentials.command(help="已安装的公钥")
@with_station
def status(out: Output, access: Access) -> int:
    with access.open() as station:
        held = station.desk().credentials.status()
    if held is None:
        out.say({"version": None, "keys": []}, "credential-keys-absent")
    else:
        _tell(out, held)
    return 0


def _tell(out: Output, held: InstalledKeys) -> None:
    keys = [
        {
            "issuer": key.issuer,
            "title": key.title,
            "key_id": key.key_id.hex(),
            "not_before": key.not_before.isoformat(),
            "not_after": key.not_after.isoformat(),
        }
        for key in held.keys
    ]
    fields = {"version": held.version, "sha256": held.sha256, "installed_at": at(held.installed_at_ms).isoformat(), "keys": keys}
    head = out.wording.of("credential-keys-installed", {"version": held.version, "count": len(keys)})
    out.line(fields, head, *(out.wording.of("credential-keys-key", key) for key in keys))


def take_credentials(out: Output, access: Access, given: tuple[str, ...]) -> None:
    """One line each, as `read-id` has them. A credential is used up by this, as if it had been shown at the window."""
    with access.open() as station:
        for each in given:
            started = time.perf_counter()
            picture = _picture(each)
            item = {"file": None if picture is None else str(picture)}
            try:
                for text in [each] if picture is None else _codes(picture):
                    _take(out, station, item, text, started)
            except CourierCheckError as error:
                out.error(item if picture else {"credential": _short(each)}, error)


def _take(out: Output, station: Station, item: dict[str, Any], text: str, started: float) -> None:
    try:
        document = station.desk().credentials.take(text).document
    except UserError as error:
        kept = {"e_credential_ref": reference(text)} if error.code is CredentialCode.UNKNOWN else {}
        out.error({**item, **kept} if out.as_json else {"credential": _short(text)}, error)
        return
    mapping = document.to_mapping()
    complete = document.long_term or document.valid_until is not None
    ms = round((time.perf_counter() - started) * 1000)
    fields = {**item, "document": mapping, "complete": complete, "warnings": [], "source": document.source.value, "ms": ms}
    masks = {"name": mask_name, "number": mask_number}
    held = {name: str(value) for name, value in mapping.items() if value is not None}
    lines = [f"  {out.wording.of('field-' + name)}：{masks.get(name, str)(value)}" for name, value in held.items()]
    out.line(fields, out.wording.of("credential-read"), *lines)


def _picture(given: str) -> Path | None:
    """The picture file that was meant; None for a text."""
    if is_credential(given) or Path(given).suffix.lower() not in _PICTURES:
        return None
    return Path(given)


def _codes(picture: Path) -> Iterator[str]:
    """The texts of the matrix codes in a picture: credentials, or where there is none, whatever is there. Raises UserError."""
    from courier_check.devices.barcodes import LINEAR, decode_codes
    from courier_check.devices.pictures import load_picture

    texts = [code.text for code in decode_codes(load_picture(picture)) if code.symbology not in LINEAR]
    if not texts:
        raise UserError(CredentialCode.NOT_IN_PICTURE, file=str(picture))
    yield from [text for text in texts if is_credential(text)] or texts


def _short(text: str) -> str:
    """Enough to know which one it was: a name and a number may be in it."""
    return f"{text[:6]}…" if len(text) > 6 else text
