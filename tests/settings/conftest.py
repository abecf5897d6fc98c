from __future__ import annotations

import pytest

from journeyman.errors import SettingsError
from journeyman.settings import load_settings

TENANT = '[tenant]\nname = "contoso.onmicrosoft.com"\n'


@pytest.fixture
def load(tmp_path):
    """Load settings whose file is the given text after a good [tenant] table."""

    def load(text="", *, environment=None, listen=None, tenant=TENANT):
        (tmp_path / "journeyman.toml").write_text(tenant + text, encoding="utf-8")
        return load_settings(tmp_path, environment=environment or {}, listen=listen)

    return load


@pytest.fixture
def problems(load):
    """Return the lines of the error that the text causes."""

    def problems(text="", **arguments):
        with pytest.raises(SettingsError) as caught:
            load(text, **arguments)
        return str(caught.value).splitlines()

    return problems
