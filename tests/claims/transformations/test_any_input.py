"""Every method with any input: values of every type, parameters good and bad, outputs of every type.

The promises are those of fuzz/transformations.py, whose long form is coverage-guided: ``python -m fuzz any_transformation``.
"""

from __future__ import annotations

import tracemalloc
from datetime import UTC

import pytest
from fuzz.transformations import CANARY, NAMES, WORDS, transformation
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.claims.transformations import METHODS
from journeyman.claims.values import DataType, UserIdentity
from journeyman.errors import ClaimsTransformationError

TEXTS = st.text(max_size=20) | st.builds(lambda text: CANARY + text, st.text(max_size=8)) | st.sampled_from(WORDS)
JSON = st.sampled_from(
    ["{}", "[]", "[1]", '{"a":1}', '{"key":"g","value":2}', '[{"key":"g","value":true}]', "<a/>", "+4722334455"]
)
IDENTITIES = st.builds(UserIdentity, st.text(max_size=6), st.text(max_size=6))
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | TEXTS
    | JSON
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.lists(TEXTS | JSON, max_size=4).map(tuple)
    | IDENTITIES
    | st.lists(IDENTITIES, max_size=3).map(tuple)
)
PARAMETERS = st.sampled_from(WORDS) | st.text(max_size=12)


def named(documented, values):
    """Give values to some of the documented names, or to any names where any are taken."""
    names = sorted(documented) if documented is not None else list(NAMES)
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=25, database=None)
@given(data=st.data())
def test_a_transformation_gives_what_fits_or_an_error_that_quotes_nothing(name, data):
    method = METHODS[name]

    transformation(
        name,
        data.draw(named(method.inputs, VALUES)),
        data.draw(named(method.parameters, PARAMETERS)),
        data.draw(named(method.outputs, st.sampled_from(DataType))),
    )


MIB = 1_048_576


@pytest.mark.parametrize(
    ("name", "inputs", "parameters"),
    [
        ("stringreplace", {"inputclaim": "a" * MIB}, {"oldvalue": "a", "newvalue": "b" * 4000}),
        ("stringjoin", {"inputclaim": ("a",) * 10_000}, {"delimiter": "d" * MIB}),
        ("stringsplit", {"inputclaim": "," * MIB}, {"delimiter": ","}),
        ("formatstringclaim", {"inputclaim": "a" * MIB}, {"stringformat": "{0}" * 1300}),
        ("formatstringmultipleclaims", {"inputclaim1": "a"}, {"stringformat": "{0,9999}" * 400}),
        ("changecase", {"inputclaim1": ("\x00" * 100,) * 10_000}, {"tocase": "upper"}),
        ("createjsonarray", {"inputclaim": "\x00" * MIB}, {}),
        ("generatejson", {"a": "a" * MIB, "b": "b" * MIB}, {}),
        ("xmlstringtojsonstring", {"xml": "<a>" * 200_000}, {}),
        ("getclaimfromjson", {"inputjson": "[" * MIB}, {"claimtoextract": "a"}),
        ("builduri", {"path": "ü" * MIB}, {"scheme": "https", "host": "h"}),
    ],
)
def test_a_result_that_would_be_too_long_is_refused_before_it_is_made(name, inputs, parameters, transform):
    tracemalloc.start()
    try:
        with pytest.raises(ClaimsTransformationError):
            transform(METHODS[name].name, inputs, parameters, {"outputClaim": "string", "json": "string"})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 64 * MIB
