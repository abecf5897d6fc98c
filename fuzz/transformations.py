"""What every claims transformation promises for any input: claims that fit their types, or an error that quotes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Final

from atheris import FuzzedDataProvider

from journeyman.claims.claim_type import ClaimType
from journeyman.claims.transformations import METHODS, Outputs, Surroundings, run
from journeyman.claims.values import ClaimValue, DataType, UserIdentity, convert
from journeyman.errors import ClaimsTransformationError

CANARY: Final = "canary-7f3c1c5e"
NOW: Final = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
LONGEST_S: Final = 2.0
"""Regular expressions may take 0.25 s each; everything else is far quicker."""

MESSAGE_IDS: Final = frozenset(
    {
        "UserMessageIfClaimsTransformationBooleanValueIsNotEqual",
        "DateTimeGreaterThan",
        "UserMessageIfClaimsTransformationStringsAreNotEqual",
        "AssertNumberError",
        "LookupNotFound",
        "UserMessageIfClaimsTransformationInvalidPhoneNumber",
        "UserMessageIfPhoneNumberParseFailure",
        "ClaimsTransformationError",
    }
)
"""The documented ids of claims.md B.0 and the one of this engine."""

WORDS: Final = (
    "true", "false", "GUID", "INTEGER", "Ordinal", "ordinalIgnoreCase", "EQUAL", "not equal", "LOWER", "upper",
    "later than", "same", "5", "-1", "0", "2147483648", "{0}", "{0,9} {1}", "{{{0}}}", r"(?<g>.*)@(.*)$", r"^(a+)+$",
    "CallingCode", "ISO3166", "INCREMENT", "LessThan", "2022-01-01", "https", "key", "a.b", "", ",",
)  # fmt: skip
"""Values of parameters that lead further than any text."""

NAMES: Final = ("a", "a.b", "a.0", "a.1.c", "query.x", "0", "g", "path", "contoso.com")
"""Names for methods that take any."""


def transformation(
    name: str,
    inputs: Mapping[str, ClaimValue | None],
    parameters: Mapping[str, str],
    outputs: Mapping[str, DataType],
) -> None:
    """Run a method; raise AssertionError when a promise is broken."""
    around = Surroundings(
        now=NOW,
        relying_party_tenant_id="contoso.onmicrosoft.com",
        trust_framework_tenant_id="contoso.onmicrosoft.com",
        outputs=outputs,
        parameter_types=dict.fromkeys(list(parameters)[:1], DataType.INT),
        input_ids=tuple(inputs),
        parameter_ids=tuple(parameters),
        output_claims={each: ClaimType(each, data_type) for each, data_type in outputs.items()},
        texts=lambda _element, text_id: f"{{0}} {text_id}",
        key_text=lambda key_id: "secret" if key_id else None,
    )
    started = time.perf_counter()
    result, failed = _run(name, inputs, parameters, around)
    assert time.perf_counter() - started < LONGEST_S, "a transformation is quick"
    assert failed is None or CANARY not in str(failed), "an error quotes no claim"
    assert failed is None or failed.message_id in MESSAGE_IDS, "an error has a documented id"
    for each, value in result.items():
        if value is not None and each in outputs:
            assert convert(value, outputs[each]) == value, "a result fits the type of its claim"


def _run(
    name: str, inputs: Mapping[str, ClaimValue | None], parameters: Mapping[str, str], around: Surroundings
) -> tuple[Outputs, ClaimsTransformationError | None]:
    given = {each.casefold(): [value] for each, value in inputs.items()}
    try:
        return run(METHODS[name], given, {each.casefold(): text for each, text in parameters.items()}, around), None
    except ClaimsTransformationError as error:
        return {}, error


def any_transformation(data: bytes) -> None:
    """Bytes choose the method, its inputs, its parameters and the types of its outputs."""
    source = FuzzedDataProvider(data)
    method = METHODS[source.PickValueInList(sorted(METHODS))]
    inputs = {name: _value(source) for name in _names(source, method.inputs)}
    parameters = {name: _text(source) for name in _names(source, method.parameters)}
    kinds = list(DataType)
    outputs = {name: source.PickValueInList(kinds) for name in _names(source, method.outputs)}
    transformation(method.name.lower(), inputs, parameters, outputs)


def _names(source: FuzzedDataProvider, documented: frozenset[str] | None) -> list[str]:
    known = sorted(documented) if documented is not None else list(NAMES)
    return [name for name in known if source.ConsumeBool() or documented is not None]


def _text(source: FuzzedDataProvider) -> str:
    chosen = source.ConsumeIntInRange(0, len(WORDS) + 4)
    return WORDS[chosen] if chosen < len(WORDS) else source.ConsumeUnicode(24)


def _value(source: FuzzedDataProvider) -> ClaimValue | None:
    return source.PickValueInList(_MAKERS)(source)


def _identity(source: FuzzedDataProvider) -> UserIdentity:
    return UserIdentity(source.ConsumeUnicodeNoSurrogates(8), source.ConsumeUnicodeNoSurrogates(8))


_MAKERS: Final[list[Callable[[FuzzedDataProvider], ClaimValue | None]]] = [
    lambda _source: None,
    lambda source: source.ConsumeBool(),
    lambda source: source.ConsumeIntInRange(-(2**63), 2**63 - 1),
    lambda source: f"{CANARY}{source.ConsumeUnicodeNoSurrogates(32)}",
    lambda source: source.ConsumeUnicodeNoSurrogates(64),
    lambda source: tuple(source.ConsumeUnicodeNoSurrogates(8) for _ in range(source.ConsumeIntInRange(0, 4))),
    lambda source: date.fromordinal(source.ConsumeIntInRange(1, 3_652_059)),
    lambda source: datetime.fromtimestamp(source.ConsumeIntInRange(-(2**35), 2**37), UTC),
    _identity,
    lambda source: (_identity(source), _identity(source)),
]
