"""The short form of the fuzz targets: inputs made by their structure. The long form is coverage-guided: ``python -m fuzz``."""

from __future__ import annotations

import json

import pytest
from fuzz.targets import NAMES, SEEDS, STATUS, TARGETS, TYPES
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import promises
from journeyman.claims.values import DataType

EXAMPLES = settings(max_examples=40, database=None)
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)
SEGMENTS = ANY_TEXT | st.sampled_from([".", "..", "%2e", "a/../b", "?", "#", "&a=b"])
HOSTS = ANY_TEXT | st.sampled_from(["", "api.example.com", "user", "127.1", "[::1]", "é.example"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
NAMED = st.dictionaries(st.sampled_from([one.value for one in DataType] + ["a", "userMessage"]), DOCUMENTS, max_size=8)
NAMES_IN_PATHS = st.from_regex(r"[A-Za-z_@:-][A-Za-z0-9_@: -]{0,7}", fullmatch=True)
QUOTED_NAMES = st.text(st.characters(exclude_characters="'"), max_size=8)


# Numbered, because some seeds are made anew by every process and workers must agree on the names of tests.
SEEDED = [pytest.param(name, seed, id=f"{name}-{n}") for name, seeds in SEEDS.items() for n, seed in enumerate(seeds)]


@pytest.mark.parametrize(("target", "seed"), SEEDED)
def test_the_promises_are_kept_for_the_seeds(target, seed):
    TARGETS[target](seed)


@pytest.mark.parametrize("target", TARGETS)
@EXAMPLES
@given(data=st.binary(max_size=400))
def test_the_promises_are_kept_for_any_bytes(target, data):
    TARGETS[target](data)


@EXAMPLES
@given(status=st.sampled_from(STATUS), kind=st.sampled_from(TYPES), body=NAMED | DOCUMENTS)
def test_an_answer_of_any_shape_is_mapped_or_refused(status, kind, body):
    promises.response_mapping(status, kind, json.dumps(body).encode())


@EXAMPLES
@given(body=DOCUMENTS, secret=st.sampled_from(["", promises.CANARY]))
def test_a_record_of_any_body_holds_no_secret(body, secret):
    promises.redaction(
        json.dumps({"string": secret, "x": [body, secret + " and more than forty characters of it"]}).encode(), NAMES
    )


@EXAMPLES
@given(text=ANY_TEXT | st.text("$.[]'\"019ab", max_size=20), document=DOCUMENTS)
def test_any_path_finds_a_part_of_the_document_or_nothing(text, document):
    promises.json_path(text, document)


@EXAMPLES
@given(
    steps=st.lists(NAMES_IN_PATHS | st.integers(0, 5), min_size=1, max_size=6),
    value=st.integers() | st.text(max_size=5),
)
def test_a_value_is_found_by_its_path_in_every_spelling(steps, value):
    brackets = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    for spelling in (brackets.removeprefix("."), f"${brackets}", ".".join(map(str, steps))):
        promises.path_to(steps, spelling, value)


@EXAMPLES
@given(steps=st.lists(QUOTED_NAMES | st.integers(0, 5), min_size=1, max_size=6), value=st.integers())
def test_a_value_is_found_by_names_in_quotes(steps, value):
    spelling = "".join(f"[{step}]" if isinstance(step, int) else f"['{step}']" for step in steps)
    promises.path_to(steps, f"${spelling}", value)


@EXAMPLES
@given(host=HOSTS, rest=HOSTS, scheme=st.sampled_from(["https://", "http://", "https:", "HTTPS://", "//"]))
def test_any_url_is_refused_or_read_alike_by_two_parsers(host, rest, scheme):
    for text in (
        f"{scheme}{host}",
        f"{scheme}{host}/{rest}",
        f"{scheme}api.example.com{rest}",
        f"{scheme}{host}@{rest}",
    ):
        promises.service_url(text)


@EXAMPLES
@given(first=SEGMENTS, second=SEGMENTS, third=SEGMENTS)
def test_claims_stay_in_their_place_of_the_url(first, second, third):
    promises.url_templating(first, second, third)


@EXAMPLES
@given(
    name=st.sampled_from(["X-Claim", "accept"]) | st.text("abcXYZ-_.!:\r\n ", max_size=12) | ANY_TEXT,
    value=ANY_TEXT | st.text("ab \t\r\n\x00é€", max_size=20),
)
def test_a_claim_is_one_header_line_or_refused(name, value):
    promises.header_values(name, value)


@EXAMPLES
@given(values=st.dictionaries(ANY_TEXT, ANY_TEXT.filter(bool), min_size=1, max_size=4))
def test_bodies_forms_and_queries_give_back_the_claims(values):
    promises.bodies(values)


def test_a_broken_promise_is_an_assertion_error():
    with pytest.raises(AssertionError, match="finds what stands there"):
        promises.path_to(["a"], "b", 1)
