from __future__ import annotations

import pytest

from journeyman.errors import SettingsError
from journeyman.settings import load_settings
from journeyman.settings.extensions_app import extensions_app_of

TENANT_ID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def folder(tmp_path):
    def write(lines: str = ""):
        (tmp_path / "journeyman.toml").write_text(f'[tenant]\nname = "contoso.onmicrosoft.com"\n{lines}\n')
        return load_settings(tmp_path, environment={})

    return write


def test_the_settings_name_the_extensions_application(folder):
    settings = folder('extensions_app = "AAAABBBB-0000-cccc-1111-dddd2222eeee"')

    assert extensions_app_of(settings, TENANT_ID) == "aaaabbbb-0000-cccc-1111-dddd2222eeee"


def test_without_a_setting_it_belongs_to_the_tenant_for_good(folder):
    settings = folder()

    assert extensions_app_of(settings, TENANT_ID) == "0e5bcb8b-96ce-5512-b76f-e834ba8197b2"
    assert extensions_app_of(settings, "11111111-2222-3333-4444-555555555556") != extensions_app_of(settings, TENANT_ID)


def test_what_is_no_guid_is_refused(folder):
    with pytest.raises(SettingsError, match="extensions_app"):
        folder('extensions_app = "b2c"')
