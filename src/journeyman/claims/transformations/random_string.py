"""Claims transformations that make random text (claims.md B.3 and B.5)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid
from typing import Final

from journeyman.claims.transformations.arguments import (
    boolean,
    choice,
    failure,
    flag,
    number,
    one_of,
    whole_number,
)
from journeyman.claims.transformations.composite_format import FormatError, check_format, format_composite
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings

_GENERATORS: Final = ("guid", "integer")
_OTP_SECRET_BYTES: Final = 10
_DEFAULT_MAXIMUM: Final = 2**31 - 1


def _create_otp_secret(_inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    """Make a secret of 16 characters in base32, lower case as in the documents."""
    return {"outputclaim": base64.b32encode(secrets.token_bytes(_OTP_SECRET_BYTES)).decode().lower()}


def _create_random_string(_inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    generator = choice(parameters, "randomgeneratortype", _GENERATORS)
    value: str | int = str(uuid.uuid4()) if generator == "guid" else _integer(parameters)
    try:
        text = format_composite(parameters.get("stringformat") or "{0}", [value])
    except FormatError as error:
        raise failure(f"input parameter 'stringFormat': {error}") from error
    encoded = base64.b64encode(text.encode()).decode() if flag(parameters, "base64") else text
    return {"outputclaim": encoded}


def _integer(parameters: Parameters) -> int:
    maximum = number(parameters, "maximumnumber", _DEFAULT_MAXIMUM)
    if maximum < 1:
        raise failure("the input parameter maximumNumber is less than 1")
    if not parameters.get("seed", "").strip():
        return secrets.randbelow(maximum)
    # The sequence of .NET's seeded generator is not reproduced; the same seed gives the same number.
    digest = hashlib.sha256(f"{number(parameters, 'seed')}".encode()).digest()
    return int.from_bytes(digest) % maximum


def _format(text: str) -> None:
    check_format(text, 1)


_RESULT: Final = frozenset({"outputclaim"})


def _random_string(name: str) -> Method:
    return Method(
        name,
        _create_random_string,
        parameters=frozenset({"randomgeneratortype", "stringformat", "base64", "maximumnumber", "seed"}),
        required_parameters=frozenset({"randomgeneratortype"}),
        outputs=_RESULT,
        checks={
            "randomgeneratortype": one_of(*_GENERATORS),
            "stringformat": _format,
            "base64": boolean,
            "maximumnumber": whole_number,
            "seed": whole_number,
        },
    )


METHODS: Final = (
    Method("CreateOtpSecret", _create_otp_secret, outputs=_RESULT),
    _random_string("CreateRandomString"),
    # An undocumented name that public samples use.
    _random_string("GuidAndRandomGenerator"),
)
