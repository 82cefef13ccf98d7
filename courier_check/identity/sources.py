"""机读与手输一致: one document read more than once — chip, picture, machine-readable zone, typed — must say the same."""

from __future__ import annotations

from courier_check.identity.codes import DocumentReason
from courier_check.identity.documents import IdentityDocument
from courier_check.identity.names import NameMatch, compare_names
from courier_check.identity.numbers import normalise_number
from courier_check.terms import Consequence, Reason

_PLAIN_FIELDS = ("type", "sex", "born_on", "valid_from", "valid_until", "nationality")


def review_sources(first: IdentityDocument, second: IdentityDocument) -> tuple[Reason, ...]:
    """A referral for each field that both readings know and that differs; facts name the field, never its value.

    Address and issuer are left out: a chip, a print and a clerk write them with different blanks and abbreviations.
    """
    one, other = first.to_mapping(), second.to_mapping()
    differing = [field for field in _PLAIN_FIELDS if one[field] and other[field] and one[field] != other[field]]
    if first.number and second.number and normalise_number(first.type, first.number) != normalise_number(second.type, second.number):
        differing.append("number")
    if first.name and second.name and compare_names(first.name, second.name) is not NameMatch.EQUAL:
        differing.append("name")
    sources = {"first": first.source.value, "second": second.source.value}
    return tuple(Reason(DocumentReason.SOURCES_DIFFER.value, Consequence.REFER, None, {"field": field, **sources}) for field in differing)
