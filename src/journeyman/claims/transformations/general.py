"""General claims transformations (claims.md B.3)."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from journeyman.claims.transformations.arguments import failure, required, text_of, value_of
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings


def _copy_claim(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    value = value_of(inputs, "inputclaim")
    return {} if value is None else {"outputclaim": value}


def _does_claim_exist(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return {"outputclaim": value_of(inputs, "inputclaim", "firstdatetime") is not None}


def _null_claim(_inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return {"claim_to_null": None}


def _hash(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    """Hash plaintext, salt and the key's secret, in this order; the service's own order is not documented."""
    plaintext, salt = text_of(inputs, "plaintext"), text_of(inputs, "salt")
    if plaintext is None or salt is None:
        raise failure("the input claims plaintext and salt must have values")
    key_id = required(parameters, "randomizersecret")
    secret = surroundings.key_text(key_id)
    if secret is None:
        raise failure(f"the policy key {key_id!r} has no active key")
    digest = hashlib.sha256((plaintext + salt + secret).encode()).digest()
    return {"hash": base64.b64encode(digest).decode()}


_RESULT: Final = frozenset({"outputclaim"})

METHODS: Final = (
    Method("CopyClaim", _copy_claim, inputs=frozenset({"inputclaim"}), outputs=_RESULT),
    # Old documents name the input firstDateTime.
    Method("DoesClaimExist", _does_claim_exist, inputs=frozenset({"inputclaim", "firstdatetime"}), outputs=_RESULT),
    Method("NullClaim", _null_claim, outputs=frozenset({"claim_to_null"})),
    Method(
        "Hash",
        _hash,
        inputs=frozenset({"plaintext", "salt"}),
        parameters=frozenset({"randomizersecret"}),
        required_parameters=frozenset({"randomizersecret"}),
        outputs=frozenset({"hash"}),
    ),
)
