from __future__ import annotations

import pytest

import journeyman.engine
from journeyman.engine.engine import Tenant


def test_every_public_name_is_there():
    assert {getattr(journeyman.engine, name).__name__ for name in journeyman.engine.__all__} == set(
        journeyman.engine.__all__
    )
    assert journeyman.engine.Tenant is Tenant


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Motor'"):
        journeyman.engine.Motor  # noqa: B018  # the access is what is tested
