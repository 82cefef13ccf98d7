"""Made-up senders, firms and parcels, numbered: the same number is the same one in every run. Nobody and nothing here is real."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from courier_check.acceptance import Contact, Session
from courier_check.acceptance.judgement import case_of
from courier_check.desk.acceptances import Acceptances
from courier_check.identity.checksums import organisation_check, resident_check, uscc_check
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.inspection.findings import Answer, Finding
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.parcel.waybills import check_waybill
from courier_check.store.resources import read_resource
from courier_check.terms import MailKind

_REGION = "410105"
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"
_SYLLABLES = "安邦晨达恩帆歌涵嘉凯岚明宁欧朋琪瑞思涛宛欣雅泽昭志舟卓子祥远"
_TRADES = ("商贸", "服饰", "电子科技", "食品", "日用百货", "文化传播", "化妆品", "五金建材")
_TOWNS = ("郑州市", "开封市", "洛阳市", "新乡市", "许昌市", "南阳市", "周口市", "商丘市")
_BOOKS = DeclaredItem(name="旧书", category="documents", quantity=2, weight_g=900)


def person_name(number: int) -> str:
    """30 surnames × 900 given names, each combination in its turn."""
    given, surname = divmod(number, len(_SURNAMES))
    second, first = divmod(given, len(_SYLLABLES))
    return _SURNAMES[surname] + _SYLLABLES[first] + _SYLLABLES[second % len(_SYLLABLES)]


def company_name(number: int) -> str:
    """A firm of its own for every number below five million."""
    rest, town = divmod(number, len(_TOWNS))
    rest, trade = divmod(rest, len(_TRADES))
    brand = ""
    for _ in range(4):
        rest, syllable = divmod(rest, len(_SYLLABLES))
        brand += _SYLLABLES[syllable]
    return f"{_TOWNS[town]}样例{brand}{_TRADES[trade]}有限公司"


def uscc(number: int) -> str:
    first8 = f"{number:08d}"
    first17 = f"91{_REGION}{first8}{organisation_check(first8)}"
    return first17 + uscc_check(first17)


def resident_number(number: int) -> str:
    day, sequence = divmod(number, 1000)
    born_on = date(1985, 1, 1) + timedelta(days=day)
    first17 = f"{_REGION}{born_on:%Y%m%d}{sequence:03d}"
    return first17 + resident_check(first17)


def phone(number: int) -> str:
    return f"138{number:08d}"


def document(number: int) -> IdentityDocument:
    """The typed resident ID card of a sender."""
    resident = resident_number(number)
    return IdentityDocument(
        type=DocumentType.RESIDENT_ID,
        name=person_name(number),
        number=resident,
        born_on=date(int(resident[6:10]), int(resident[10:12]), int(resident[12:14])),
        address=f"样例省样例市样例路 {number} 号",
        valid_from=date(2020, 1, 1),
        valid_until=date(2040, 1, 1),
        source=Source.TYPED,
    )


def waybill_number(number: int) -> str:
    return f"SF{7_000_000_000_000 + number}"


def unlabelled(number: int) -> Session:
    """Parcel `number` with everything told but its waybill."""
    session = Session.started(f"parcel-{number}", MailKind.PARCEL).identified(document(number))
    session = session.sender_known(phone(number), f"样例市样例街 {number} 号")
    session = session.addressed(Contact(person_name(number + 7), phone(number + 7), f"样例市另一街 {number} 号"))
    return session.declared([_BOOKS], ParcelSize(1000))


@dataclass(frozen=True, slots=True)
class Window:
    """A window's desk and the carriers it knows, to bring parcels up to their verdict."""

    acceptances: Acceptances
    carriers: Carriers

    @classmethod
    def at(cls, acceptances: Acceptances) -> Window:
        return cls(acceptances, Carriers.parse(read_resource("carriers.json")))

    def declared(self, number: int, waybill: int | None = None) -> Session:
        """Parcel `number` as the clerk has typed it in, nothing looked up. `waybill`: that of another parcel."""
        check = check_waybill(self.carriers, waybill_number(number if waybill is None else waybill), None, ("sf",))
        return unlabelled(number).waybill_scanned(check, person_name(number))

    def complete(self, number: int) -> Session:
        """Parcel `number`, looked up and with every item of the checklists answered: it can be accepted."""
        session = self.acceptances.prepare(self.declared(number))
        rulebook, today = self.acceptances.rules.rulebook, self.acceptances.today()
        for item in rulebook.rules.applying(case_of(session.draft, rulebook, today)):
            if item.answers is not None:
                session = session.answered(Finding(item.id, Answer.YES), rulebook, today)
        return session
