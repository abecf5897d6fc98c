from __future__ import annotations

import pytest

from journeyman.connector.json_path import compile_path

BODY = {
    "name": "Jo",
    "contacts": [{"person": {"emails": [{"email": "a@x"}, {"email": "b@x"}]}}],
    "data": [{"to": [{"email": "c@x"}]}],
    "elements": [{"handle~": {"emailAddress": "d@x"}}],
    "@odata.context": "ctx",
    "na.me": "dotted",
    "0": "zero",
    "größe": 7,
    "$id": "dollar",
    "no": None,
    "value": [],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Jo"),
        ("$.name", "Jo"),
        ("$['name']", "Jo"),
        ("contacts[0].person.emails[1].email", "b@x"),
        ("contacts.0.person.emails.0.email", "a@x"),
        ("data.0.to.0.email", "c@x"),
        ("elements[0].handle~.emailAddress", "d@x"),
        ("['@odata.context']", "ctx"),
        ('["na.me"]', "dotted"),
        ("na.me", None),
        ("0", "zero"),
        ("größe", 7),
        ("$id", "dollar"),
        ("no", None),
        ("value[0].displayName", None),
        ("contacts[9].person", None),
        ("contacts.x", None),
        ("name.first", None),
        ("name[0]", None),
        ("Name", None),
        ("missing.deeper[3]", None),
    ],
)
def test_a_path_finds_its_value_or_nothing(path, value):
    assert compile_path(path).find(BODY) == value


def test_the_root_may_be_an_array():
    assert compile_path("[0].x").find([{"x": 1}]) == 1
    assert compile_path("0.x").find([{"x": 1}]) == 1


def test_a_dollar_alone_is_the_whole_answer():
    assert compile_path("$").find([1]) == [1]


@pytest.mark.parametrize("path", ["", "a..b", "a.", "a[", "a[x]", "a]b", "[", "a[1", "a['x", "[0]x", "a[-1]"])
def test_what_is_no_path_is_none(path):
    assert compile_path(path) is None
