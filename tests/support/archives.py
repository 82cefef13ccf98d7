"""Bundles of a made-up station, as its own program would write them or not."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import requests

from courier_check.wire.archives import (
    GATEWAY,
    MANIFEST,
    ArchiveBody,
    ArchiveRange,
    ArchiveWriter,
    What,
    batch_name,
    station_name,
)
from courier_check.wire.batches import Batch
from courier_check.wire.certificates import GatewayDocument
from courier_check.wire.enrolment import EnrolmentAnswer
from courier_check.wire.signed import Signed
from support.practice import TIMEOUT_S, Practice


def certificate_of(station: Practice) -> Signed:
    """As the gateway signed it: the same request gets the same answer."""
    response = requests.post(f"{station.url}/v1/enrolments", data=station.request, timeout=TIMEOUT_S)
    return msgspec.json.decode(response.content, type=EnrolmentAnswer).certificate


def bundle_of(
    station: Practice,
    batches: Iterable[Batch],
    *,
    document: GatewayDocument | None = None,
    certificate: Signed | None = None,
    more: Callable[[ArchiveWriter], None] = lambda _writer: None,
    **changes: Any,
) -> io.BytesIO:
    """An archive of these batches, which follow one another in each journal; `changes` replace members of the manifest's body."""
    ends: dict[tuple[str, str], tuple[int, int]] = {}
    target = io.BytesIO()
    with ArchiveWriter(target) as writer:
        writer.add_document(GATEWAY, document or station.gateway.document)
        writer.add_document(station_name(station.station_id), certificate or certificate_of(station))
        for batch in batches:
            writer.add_document(batch_name(batch.journal_id, batch.first_seq), batch)
            first, _ = ends.setdefault((batch.station_id, batch.journal_id), (batch.first_seq, 0))
            ends[batch.station_id, batch.journal_id] = (first, batch.first_seq + len(batch.entries) - 1)
        more(writer)
        ranges = tuple(
            ArchiveRange(station_id=station_id, journal_id=journal_id, first_seq=first, last_seq=last)
            for (station_id, journal_id), (first, last) in ends.items()
        )
        body = ArchiveBody(
            gateway_id=station.gateway.root.gateway_id,
            what=What.BUNDLE,
            maker=station.station_id,
            made_at_ms=station.clock.read().wall_ms,
            program="tests",
            ranges=ranges,
            files=(),
        )
        writer.close(msgspec.structs.replace(body, **changes), station.key)
    target.seek(0)
    return target


def with_manifest_edited(archive: io.BytesIO) -> io.BytesIO:
    """Another time of making in the manifest; everything else as it was, the signature too."""
    target = io.BytesIO()
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            held = source.read(name)
            if name == MANIFEST:
                signed = msgspec.json.decode(held, type=Signed)
                edited = re.sub(r'"made_at_ms":[0-9]', '"made_at_ms":3', signed.body)
                assert edited != signed.body
                held = msgspec.json.encode(msgspec.structs.replace(signed, body=edited))
            copy.writestr(name, held)
    target.seek(0)
    return target
