"""The desk (柜台): the verbs of the window, grouped by noun."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.desk.acceptances import Acceptances
from courier_check.desk.credentials import Credentials
from courier_check.desk.day_close import DayCloses
from courier_check.desk.decisions import Decisions
from courier_check.desk.disposals import Disposals
from courier_check.desk.disputes import Disputes
from courier_check.desk.intercepts import Intercepts
from courier_check.desk.labels import Labels
from courier_check.desk.late import Lates
from courier_check.desk.lists import Lists
from courier_check.desk.objections import Objections
from courier_check.desk.operators import Operators
from courier_check.desk.outlet import Outlet
from courier_check.desk.rescreening import Rescreening
from courier_check.desk.rule_packages import RulePackages
from courier_check.desk.screener import Screener
from courier_check.desk.security_checks import SecurityChecks
from courier_check.desk.senders import Senders
from courier_check.desk.shipments import Shipments
from courier_check.desk.withdrawals import Withdrawals


@dataclass(frozen=True, slots=True)
class Desk:
    """All verbs of one open station. Belongs to the connection's thread."""

    operators: Operators
    lists: Lists
    screener: Screener
    acceptances: Acceptances
    rules: RulePackages
    outlet: Outlet
    disputes: Disputes
    day_closes: DayCloses
    lates: Lates
    credentials: Credentials
    senders: Senders
    withdrawals: Withdrawals
    shipments: Shipments
    labels: Labels
    security: SecurityChecks
    disposals: Disposals
    intercepts: Intercepts
    decisions: Decisions
    objections: Objections
    rescreening: Rescreening
