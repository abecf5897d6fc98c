"""String claims transformations that build and change text (claims.md B.5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import quote, urlencode

from journeyman.claims import ordinal
from journeyman.claims.transformations.arguments import (
    check_length,
    choice,
    collection_of,
    failure,
    in_order,
    number,
    one_of,
    parameters_in_order,
    required,
    text_of,
    whole_number,
)
from journeyman.claims.transformations.composite_format import FormatError, check_format, format_composite
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.claims.values import MAX_ITEMS, to_text

_EXPRESSION: Final = re.compile(r"\{(RelyingPartyTenantId|TrustFrameworkTenantId|TechnicalProfileId)\}", re.IGNORECASE)
_QUERY: Final = "query."


def _build_uri(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    path = text_of(inputs, "path")
    if path is None:
        return {}
    query = urlencode(list(_query_items(inputs, parameters, surroundings)))
    scheme, host = required(parameters, "scheme"), required(parameters, "host")
    address = f"{scheme}://{host}/{quote(path, safe=':@')}"
    return {"outputclaim": f"{address}?{query}" if query else address}


def _query_items(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    for name, value in in_order(inputs, surroundings):
        if name.lower().startswith(_QUERY) and value is not None:
            yield name[len(_QUERY) :], to_text(value)
    for name, text in parameters_in_order(parameters, surroundings):
        if name.lower().startswith(_QUERY):
            # The documents take the issuer that an authenticator shows from configuration; the tenant's name is ours.
            yield name[len(_QUERY) :], text.replace("{AuthenticatorIssuer}", surroundings.relying_party_tenant_id)


def _change_case(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    to_case = choice(parameters, "tocase", ("lower", "upper"))
    text = text_of(inputs, "inputclaim1")
    if text is None:
        return {}
    return {"outputclaim": ordinal.lower(text) if to_case == "lower" else ordinal.upper(text)}


def _copy_if_predicates_match(inputs: Inputs, _parameters: Parameters, surroundings: Surroundings) -> Outputs:
    text = text_of(inputs, "inputclaim")
    if text is None:
        return {}
    if "outputclaim" not in surroundings.output_claims:
        raise failure("the claim type of the output claim is not known")
    validation = surroundings.output_claims["outputclaim"].predicate_validation
    return {"outputclaim": text} if validation is None or not validation.failures(text) else {}


def _create_string(_inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    return {"createdclaim": _expand(required(parameters, "value"), surroundings)}


def _expand(text: str, surroundings: Surroundings) -> str:
    """Replace the three expressions that parameters of string methods may hold (claims.md A.2)."""
    values = {
        "relyingpartytenantid": surroundings.relying_party_tenant_id,
        "trustframeworktenantid": surroundings.trust_framework_tenant_id,
        "technicalprofileid": surroundings.technical_profile_id,
    }
    return _EXPRESSION.sub(lambda found: values[found[1].lower()], text)


def _format_one(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    return _formatted([text_of(inputs, "inputclaim") or ""], parameters, surroundings)


def _format_two(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    arguments = [text_of(inputs, "inputclaim1") or "", text_of(inputs, "inputclaim2") or ""]
    return _formatted(arguments, parameters, surroundings)


def _formatted(arguments: Sequence[str], parameters: Parameters, surroundings: Surroundings) -> Outputs:
    template = _expand(required(parameters, "stringformat"), surroundings)
    try:
        return {"outputclaim": format_composite(template, arguments)}
    except FormatError as error:
        raise failure(f"input parameter 'stringFormat': {error}") from error


def _format_for(count: int) -> Callable[[str], None]:
    def check(text: str) -> None:
        check_format(_EXPRESSION.sub("", text), count)

    return check


def _parse_domain(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    _, at, domain = (text_of(inputs, "emailaddress") or "").rpartition("@")
    return {"domain": domain if at else ""}


def _substring(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    start, length = number(parameters, "startindex"), number(parameters, "length")
    text = text_of(inputs, "inputclaim")
    if text is None:
        return {}
    # .NET counts UTF-16 code units.
    units = text.encode("utf-16-le")
    if start < 0 or length < 0 or (start + length) * 2 > len(units):
        raise failure("startIndex and length lead out of the text")
    try:
        return {"outputclaim": units[start * 2 : (start + length) * 2].decode("utf-16-le")}
    except UnicodeDecodeError:
        raise failure("startIndex and length cut a character in two") from None


def _replace(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    old, new = required(parameters, "oldvalue"), required(parameters, "newvalue")
    if not old:
        raise failure("the input parameter oldValue is empty")
    text = text_of(inputs, "inputclaim")
    if text is None:
        return {}
    check_length(len(text) + text.count(old) * (len(new) - len(old)))
    return {"outputclaim": text.replace(old, new)}


def _join(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    delimiter, items = required(parameters, "delimiter"), collection_of(inputs, "inputclaim")
    check_length(sum(map(len, items)) + len(delimiter) * len(items))
    return {"outputclaim": delimiter.join(items)}


def _split(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    delimiter, text = required(parameters, "delimiter"), text_of(inputs, "inputclaim")
    if text is None:
        return {}
    if not delimiter:
        return {"outputclaim": (text,)}
    if text.count(delimiter) >= MAX_ITEMS:
        raise failure(f"the result has more than {MAX_ITEMS} items")
    return {"outputclaim": tuple(text.split(delimiter))}


def _not_empty(text: str) -> None:
    if not text:
        raise ValueError("the value is empty")


_ONE: Final = frozenset({"inputclaim"})
_RESULT: Final = frozenset({"outputclaim"})

METHODS: Final = (
    Method(
        "BuildUri",
        _build_uri,
        inputs=None,
        parameters=None,
        required_parameters=frozenset({"scheme", "host"}),
        outputs=_RESULT,
    ),
    Method(
        "ChangeCase",
        _change_case,
        inputs=frozenset({"inputclaim1"}),
        parameters=frozenset({"tocase"}),
        required_parameters=frozenset({"tocase"}),
        outputs=_RESULT,
        checks={"tocase": one_of("lower", "upper")},
    ),
    Method("CopyClaimIfPredicateMatch", _copy_if_predicates_match, inputs=_ONE, outputs=_RESULT),
    Method(
        "CreateStringClaim",
        _create_string,
        parameters=frozenset({"value"}),
        required_parameters=frozenset({"value"}),
        outputs=frozenset({"createdclaim"}),
    ),
    Method(
        "FormatStringClaim",
        _format_one,
        inputs=_ONE,
        parameters=frozenset({"stringformat"}),
        required_parameters=frozenset({"stringformat"}),
        outputs=_RESULT,
        checks={"stringformat": _format_for(1)},
    ),
    Method(
        "FormatStringMultipleClaims",
        _format_two,
        inputs=frozenset({"inputclaim1", "inputclaim2"}),
        parameters=frozenset({"stringformat"}),
        required_parameters=frozenset({"stringformat"}),
        outputs=_RESULT,
        checks={"stringformat": _format_for(2)},
    ),
    Method("ParseDomain", _parse_domain, inputs=frozenset({"emailaddress"}), outputs=frozenset({"domain"})),
    Method(
        "StringSubstring",
        _substring,
        inputs=_ONE,
        parameters=frozenset({"startindex", "length"}),
        required_parameters=frozenset({"startindex", "length"}),
        outputs=_RESULT,
        checks={"startindex": whole_number, "length": whole_number},
    ),
    Method(
        "StringReplace",
        _replace,
        inputs=_ONE,
        parameters=frozenset({"oldvalue", "newvalue"}),
        required_parameters=frozenset({"oldvalue", "newvalue"}),
        outputs=_RESULT,
        checks={"oldvalue": _not_empty},
    ),
    Method(
        "StringJoin",
        _join,
        inputs=_ONE,
        parameters=frozenset({"delimiter"}),
        required_parameters=frozenset({"delimiter"}),
        outputs=_RESULT,
    ),
    Method(
        "StringSplit",
        _split,
        inputs=_ONE,
        parameters=frozenset({"delimiter"}),
        required_parameters=frozenset({"delimiter"}),
        outputs=_RESULT,
    ),
)
