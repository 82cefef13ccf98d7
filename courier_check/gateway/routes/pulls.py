"""What regulators' systems pull: entries and sync reports (docs/wire.md §10)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from courier_check.gateway import pulls, sync_reports
from courier_check.gateway.access import bearer_system, region_in_scope
from courier_check.gateway.openapi import answers_text, secured
from courier_check.gateway.problems import Refused
from courier_check.gateway.routes.requests import GatewayOf
from courier_check.gateway.rows import MEDIA_TYPES, Format, encode
from courier_check.gateway.store.pulls import Wanted
from courier_check.gateway.store.systems import PullSystem
from courier_check.wire.problems import ProblemCode

LARGEST = 2**53 - 1
Region = Annotated[str, Query(pattern="^[0-9]{0,6}$", max_length=6, description="prefix of the county code; empty: all in scope")]
Day = Annotated[date, Query(description="a day of China's calendar, by the gateway's clock")]


class EntriesQuery:
    """Which entries, and in what form."""

    def __init__(
        self,
        from_ms: Annotated[int | None, Query(ge=-LARGEST, le=LARGEST, description="the entry's own time, not before")] = None,
        to_ms: Annotated[int | None, Query(ge=-LARGEST, le=LARGEST, description="the entry's own time, before")] = None,
        cursor: Annotated[int, Query(ge=0, le=LARGEST, description="`arrival` of the last entry seen")] = 0,
        limit: Annotated[int, Query(ge=1, le=pulls.LIMIT)] = 1000,
    ) -> None:
        self.from_ms, self.to_ms, self.cursor, self.limit = from_ms, to_ms, cursor, limit

    def wanted(self, region: str, until: int) -> Wanted:
        return Wanted(region, self.from_ms, self.to_ms, self.cursor, until)


def pulling_system(request: Request, gateway: GatewayOf) -> PullSystem:
    return bearer_system(gateway, request.headers.get("authorization"))


SystemOf = Annotated[PullSystem, Depends(pulling_system)]
QueryOf = Annotated[EntriesQuery, Depends()]
FormatOf = Annotated[Format, Query(alias="format")]

router = APIRouter(prefix="/v1/pull", tags=["regulators"])


@router.get("/entries", responses=answers_text(*MEDIA_TYPES.values()), openapi_extra=secured("system"))
def entries(gateway: GatewayOf, system: SystemOf, query: QueryOf, region: Region = "", form: FormatOf = Format.JSONL) -> StreamingResponse:
    """Entries in order of arrival, after the cursor. `reported` holds the sealed part for systems that may take it."""
    wanted = query.wanted(region_in_scope(system, region), pulls.last_arrival(gateway))
    rows = pulls.entries(gateway, system, wanted, query.limit)
    return StreamingResponse(encode(rows, pulls.COLUMNS, form), media_type=MEDIA_TYPES[form])


@router.get("/sync-reports", responses=answers_text(*MEDIA_TYPES.values()), openapi_extra=secured("system"))
def reports(gateway: GatewayOf, system: SystemOf, day: Day, region: Region = "", form: FormatOf = Format.JSONL) -> StreamingResponse:
    """同步报告: one row a station of the region for one day."""
    if not 1970 <= day.year <= 2200:
        raise Refused(ProblemCode.MALFORMED, "day")
    rows = sync_reports.sync_reports(gateway, region_in_scope(system, region), day)
    return StreamingResponse(encode(rows, sync_reports.COLUMNS, form), media_type=MEDIA_TYPES[form])
