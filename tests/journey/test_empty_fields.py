"""``AllowGenerationOfClaimsWithNullValues``: the table of technical-profiles.md §2.5."""

from __future__ import annotations

import pytest


@pytest.fixture
def page(xml, play):
    def make(allow):
        claims = (
            xml.claim("name", control="TextBox"),
            xml.claim("born", "date", control="DateTimeDropdown"),
            xml.claim(
                "terms",
                control="CheckboxMultiSelect",
                inner='<Restriction><Enumeration Text="I agree" Value="v1" /></Restriction>',
            ),
        )
        names = ("name", "born", "terms")
        metadata = {"AllowGenerationOfClaimsWithNullValues": "true"} if allow else {}
        ask = xml.profile("Ask", "page", metadata, inputs=names, outputs=names)
        text = xml.policy(xml.step(Ask="Ask"), claims=claims, profiles=(ask,), outputs=("name",), subject="")
        return play(text)

    return make


async def test_an_emptied_field_keeps_its_old_value(page):
    journey = page(allow=False)
    journey.state.claims.update({"name": "Ada", "terms": "v1"})
    await journey.start()
    await journey.enter(name="", born="", terms="")

    assert dict(journey.claims) == {"name": "Ada", "terms": "v1"}


async def test_an_emptied_field_becomes_empty_where_the_policy_allows_it(page):
    journey = page(allow=True)
    await journey.start()
    await journey.enter(name="Ada", born="1815-12-10", terms="v1")
    assert journey.claims["name"] == "Ada"

    again = page(allow=True)
    again.state.claims.update(journey.claims)
    await again.start()
    tokens = await again.enter(name="", born="")

    assert dict(again.claims) == {"name": "", "terms": ""}
    assert tokens.claims == {}


@pytest.mark.parametrize(("allow", "expected"), [(False, {}), (True, {"name": "", "terms": ""})])
async def test_a_field_that_was_always_empty(page, allow, expected):
    journey = page(allow)
    await journey.start()
    await journey.enter()

    assert dict(journey.claims) == expected
