"""服务信息 in case files: product, payer, insured value, way and place, country, customs declaration."""

from __future__ import annotations

import msgspec

from courier_check.countries import country_code
from courier_check.parcel.service import CHINA, CustomsCategory, CustomsDeclaration, CustomsItem, Payer, ServiceInformation, Way


class CustomsItemForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    description: str
    quantity: int
    net_weight_g: int
    value: int
    origin: str = ""
    hs_code: str = ""


class CustomsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values in hundredths of `currency`."""

    category: CustomsCategory
    currency: str
    items: tuple[CustomsItemForm, ...]

    def read(self) -> CustomsDeclaration:
        """Raises UserError for what can't be."""
        return CustomsDeclaration(self.category, self.currency, tuple(CustomsItem(**msgspec.structs.asdict(item)) for item in self.items))


class ServiceForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """服务信息 as `parcel.service` has it. A place may be somebody's door, so it shows nothing of itself."""

    product: str = ""
    payer: Payer | None = None
    declared_fen: int | None = None
    way: Way = Way.COUNTER
    place: str = ""
    country: str = CHINA
    customs: CustomsForm | None = None

    def __repr__(self) -> str:
        return "ServiceForm(…)"

    def read(self) -> ServiceInformation:
        """Raises UserError for what can't be."""
        return ServiceInformation(
            product=self.product,
            payer=self.payer,
            declared_fen=self.declared_fen,
            way=self.way,
            place=self.place,
            country=country_code(self.country) or CHINA,
            customs=self.customs.read() if self.customs is not None else None,
        )
