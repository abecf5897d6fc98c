from __future__ import annotations

import pytest

from journeyman_guard.conformance.catalogue import catalogue

KINDS = ("basic", "api-key", "bearer", "jwt", "client-certificate")


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_credential_is_attacked_with_at_least_150_wrong_ones(make_scene, kind):
    cases = catalogue(make_scene(kind).subject)

    assert len(cases) >= 280
    assert len({case.id for case in cases}) == len(cases)
    assert all(case.meaning and case.title for case in cases)


@pytest.mark.parametrize("kind", KINDS)
async def test_no_wrong_request_is_the_right_one(make_scene, kind):
    subject = make_scene(kind).subject
    right = subject.right()

    assert [case.id for case in catalogue(subject) if case.probe == right] == []
