"""Codes this package speaks: what was unusable, what a number's check found, what a document's review found.

The sentence for each lies in resources/wording/identity.json, in Chinese and English.
"""

from __future__ import annotations

from enum import StrEnum


class IdentityCode(StrEnum):
    """Unusable input: a UserError."""

    DOCUMENT_TYPE_UNKNOWN = "document-type-unknown"
    DOCUMENT_FIELD_UNKNOWN = "document-field-unknown"
    DOCUMENT_FIELD_INVALID = "document-field-invalid"
    DOCUMENT_DATE_INVALID = "document-date-invalid"
    REGIONS_UNREADABLE = "regions-unreadable"
    DOCUMENT_POLICY_UNREADABLE = "document-policy-unreadable"
    ZONE_CODES_UNREADABLE = "zone-codes-unreadable"
    NOTICE_UNREADABLE = "notice-unreadable"


class NumberReason(StrEnum):
    """What the check of a number found. Some make it invalid, some only warn; see `NumberCheck.valid`."""

    SHAPE = "number-shape"
    LENGTH = "number-length"
    CHECK_DIGIT = "number-check-digit"
    BIRTH_IMPOSSIBLE = "number-birth-impossible"
    BIRTH_FUTURE = "number-birth-future"
    AGE_UNLIKELY = "number-age-unlikely"
    REGION_UNKNOWN = "number-region-unknown"
    REGION_STATISTICAL = "number-region-statistical"
    OLD_15_DIGITS = "number-old-15-digits"
    CHECK_DIGIT_UNSURE = "number-check-digit-unsure"
    SERIES_UNSURE = "number-series-unsure"
    TWO_WAY_PERMIT = "number-two-way-permit"
    CONFUSABLE = "number-confusable"
    USCC_REGISTRY_UNKNOWN = "uscc-registry-unknown"
    USCC_ORG_CODE = "uscc-org-code"
    MRZ_CHECK_NUMBER = "mrz-check-number"
    MRZ_CHECK_BIRTH = "mrz-check-birth"
    MRZ_CHECK_EXPIRY = "mrz-check-expiry"
    MRZ_CHECK_PERSONAL = "mrz-check-personal"
    MRZ_CHECK_COMPOSITE = "mrz-check-composite"
    MRZ_BIRTH_IMPOSSIBLE = "mrz-birth-impossible"
    MRZ_EXPIRY_IMPOSSIBLE = "mrz-expiry-impossible"
    MRZ_EXPIRED = "mrz-expired"
    MRZ_LAYOUT_UNSURE = "mrz-layout-unsure"
    PHONE_VIRTUAL = "phone-virtual"

    @property
    def only_warns(self) -> bool:
        """Whether a number stays valid although this was found."""
        return self in _WARNINGS


_WARNINGS = frozenset(
    {
        NumberReason.AGE_UNLIKELY,
        NumberReason.REGION_UNKNOWN,
        NumberReason.REGION_STATISTICAL,
        NumberReason.OLD_15_DIGITS,
        NumberReason.CHECK_DIGIT_UNSURE,
        NumberReason.SERIES_UNSURE,
        NumberReason.TWO_WAY_PERMIT,
        NumberReason.USCC_REGISTRY_UNKNOWN,
        NumberReason.USCC_ORG_CODE,
        NumberReason.MRZ_EXPIRED,
        NumberReason.MRZ_LAYOUT_UNSURE,
        NumberReason.PHONE_VIRTUAL,
    }
)


class DocumentReason(StrEnum):
    """What the review of a document found."""

    NOT_NEEDED = "document-not-needed"
    NOT_ACCEPTED = "document-not-accepted"
    NOT_FOR_MAIL_KIND = "document-not-for-mail-kind"
    CREDENTIAL_NOT_ACCEPTED = "document-credential-not-accepted"
    NEEDS_SUPERVISOR = "document-needs-supervisor"
    TWO_WAY_PERMIT = "document-two-way-permit"
    NAME_MISSING = "document-name-missing"
    NUMBER_MISSING = "document-number-missing"
    NATIONALITY_MISSING = "document-nationality-missing"
    NATIONALITY_CONFLICT = "document-nationality-conflict"
    EXPIRED = "document-expired"
    NOT_YET_VALID = "document-not-yet-valid"
    TEMPORARY_TERM_OVER = "document-temporary-term-over"
    VALIDITY_UNKNOWN = "document-validity-unknown"
    VALIDITY_REVERSED = "document-validity-reversed"
    VALIDITY_UNLIKELY = "document-validity-unlikely"
    BIRTH_CONFLICT = "document-birth-conflict"
    BIRTH_FUTURE = "document-birth-future"
    BIRTH_UNKNOWN = "document-birth-unknown"
    SEX_CONFLICT = "document-sex-conflict"
    GUARDIAN_CONSENT = "document-guardian-consent"
    GUARDIAN_HINT = "document-guardian-hint"
    GUARDIAN_NOT_ADULT = "guardian-not-adult"
    GUARDIAN_IS_SENDER = "guardian-is-sender"
    EXPIRES_TODAY = "document-expires-today"


class NameReason(StrEnum):
    """What comparing the sender's name with the waybill's found."""

    DIFFERENT = "name-different"
    MASKED_COMPATIBLE = "name-masked-compatible"
    ROMANISED = "name-romanised"
    OTHER_SCRIPT = "name-other-script"
    ABSENT = "name-absent"
    CONFIRMED_BY_ORDER = "name-confirmed-by-order"


class CredentialCode(StrEnum):
    """Why a signed QR credential (实名码) or the keys of its issuers can't be used: a UserError. Sentences: wording/credential.json."""

    UNKNOWN = "credential-unknown"
    NEWER = "credential-newer"
    MALFORMED = "credential-malformed"
    OTHER_ISSUER = "credential-other-issuer"
    KEY_TERM = "credential-key-term"
    FORGED = "credential-forged"
    TOO_LONG = "credential-too-long"
    FUTURE = "credential-future"
    EXPIRED = "credential-expired"
    OTHER_AUDIENCE = "credential-other-audience"
    USED = "credential-used"
    NOT_ACCEPTED = "credential-not-accepted"
    NOT_IN_PICTURE = "credential-not-in-picture"
    KEYS_UNREADABLE = "credential-keys-unreadable"
    KEYS_LOST = "credential-keys-lost"
    KEYS_PRACTICE = "credential-keys-practice"


class OrganisationReason(StrEnum):
    """What the review of an organisation as a sender found."""

    CODE_WRONG = "organisation-code-wrong"
    RESPONSIBLE_DIFFERENT = "organisation-responsible-different"
    COPY_MISSING = "organisation-copy-missing"


class ReadingReason(StrEnum):
    """What comparing the sources of one document found: the field that differs, or one that is doubtful."""

    TYPE = "reading-different-type"
    NAME = "reading-different-name"
    NUMBER = "reading-different-number"
    SEX = "reading-different-sex"
    NATION = "reading-different-nation"
    BORN_ON = "reading-different-born-on"
    ADDRESS = "reading-different-address"
    ISSUER = "reading-different-issuer"
    VALID_FROM = "reading-different-valid-from"
    VALID_UNTIL = "reading-different-valid-until"
    NATIONALITY = "reading-different-nationality"
    DOUBTFUL = "reading-doubtful"
