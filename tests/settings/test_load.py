from __future__ import annotations

from pathlib import Path

import pytest

from journeyman.errors import SettingsError
from journeyman.settings import (
    ApplicationSettings,
    ApplicationType,
    Mode,
    ProfileSettings,
    find_tenant_folder,
    load_settings,
    settings_for_check,
)

DESIGN = """
[tenant]
name = "yourtenant.onmicrosoft.com"
id = "11111111-2222-3333-4444-55555555555A"
[server]
listen = "127.0.0.1:8080"
public_url = "http://127.0.0.1:8080"
mode = "development"
[policies]
paths = ["policies"]
[settings]
Environment = "dev"
[egress]
trust = ["ca.pem"]
allow = ["10.1.2.0/24:443"]
[egress.map]
"https://your-account.azurewebsites.net" = "https://127.0.0.1:7071"
[profiles."REST-GetProfile"]
timeout_s = 10
retries = 1
[[applications]]
client_id = "22222222-2222-3333-4444-555555555555"
name = "Web app"
type = "web"
redirect_uris = ["http://127.0.0.1:5000/callback"]
allow_implicit = true
identifier_uris = ["https://yourtenant.onmicrosoft.com/api"]
scopes = ["read"]
permissions = ["https://yourtenant.onmicrosoft.com/other/read"]
"""


def test_the_example_of_the_design_loads_as_written(load, tmp_path):
    (tmp_path / "ca.pem").write_text("")
    settings = load(DESIGN, tenant="")

    assert settings.folder == tmp_path
    assert settings.tenant_name == "yourtenant.onmicrosoft.com"
    assert settings.tenant_id == "11111111-2222-3333-4444-55555555555a"
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8080)
    assert settings.server.public_url == "http://127.0.0.1:8080"
    assert settings.development is True
    assert settings.policy_paths == (tmp_path / "policies",)
    assert settings.values == {"Environment": "dev"}
    assert settings.egress.trust == (tmp_path / "ca.pem",)
    assert settings.egress.allow == ("10.1.2.0/24:443",)
    assert settings.egress.map == {"https://your-account.azurewebsites.net": "https://127.0.0.1:7071"}
    assert settings.profiles == {"rest-getprofile": ProfileSettings(timeout_s=10, retries=1)}
    assert settings.applications == (
        ApplicationSettings(
            client_id="22222222-2222-3333-4444-555555555555",
            name="Web app",
            type=ApplicationType.WEB,
            redirect_uris=("http://127.0.0.1:5000/callback",),
            allow_implicit=True,
            identifier_uris=("https://yourtenant.onmicrosoft.com/api",),
            scopes=("read",),
            permissions=("https://yourtenant.onmicrosoft.com/other/read",),
        ),
    )


def test_a_name_is_enough(load, tmp_path):
    settings = load()

    assert settings.tenant_id is None
    assert settings.server.public_url == "http://127.0.0.1:8080"
    assert settings.policy_paths == (tmp_path / "policies",)
    assert settings.applications == ()


def test_a_folder_without_the_file_says_how_to_make_one(tmp_path):
    with pytest.raises(SettingsError, match=r"holds no journeyman\.toml; run `journeyman init"):
        load_settings(tmp_path, environment={})


def test_all_problems_are_told_at_once_in_the_order_of_the_file(problems):
    found = problems(
        '[server]\nlisten = "nowhere"\n[egress]\nallow = ["10.1.2.3/24:443"]\n'
        '[[applications]]\nclient_id = "1"\nname = "App"\nredirect_uris = ["https://ok.example/", "ftp://x/y"]\n'
    )

    assert [line.split(": ")[0] for line in found] == [
        "journeyman.toml:4:1",
        "journeyman.toml:6:10",
        "journeyman.toml:8:1",
        "journeyman.toml:10:41",
    ]
    assert "did you mean 10.1.2.0/24?" in found[1]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("[serverr]\n", "3:2", "unknown table 'serverr'; did you mean 'server'?"),
        ('[server]\nlisen = "x"\n', "4:1", "unknown key 'lisen'; did you mean 'listen'?"),
        ("[egress]\ndeny = []\n", "4:1", "unknown key 'deny'; remove it; known here: allow, direct, map, nat64, origins, proxy, trust"),
        ('[profiles."REST-A"]\nretry = 1\n', "4:1", "did you mean 'retries'?"),
        ('x = 1\n', "3:1", "unknown key 'x'"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_an_error_with_its_place_and_a_suggestion(problems, text, place, words):
    found = problems(text)

    assert len(found) == 1
    assert found[0].startswith(f"journeyman.toml:{place}: ")
    assert words in found[0]


def test_a_secret_in_the_file_is_refused_and_not_repeated(problems):
    text = (
        '[[applications]]\nclient_id = "22222222-2222-3333-4444-555555555555"\nname = "a"\nclient_secret = "canary"\n'
    )
    found = problems(text)

    assert len(found) == 1
    assert "secrets do not stand in this file" in found[0]
    assert "canary" not in found[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server]\nlisten = 8080\n", "listen has the wrong type; write a string in quotes"),
        ("server = 1\n", None),
        ('[policies]\npaths = "policies"\n', "an array of strings"),
        ("[policies]\npaths = [1]\n", "an element of paths is not a string"),
        ('[profiles]\n"REST-A" = 1\n', "a table"),
        ('[profiles."REST-A"]\ntimeout_s = "10"\n', "a number from 0.001 to 600"),
        ('[profiles."REST-A"]\nretries = 1.5\n', "a whole number from 0 to 10"),
        ('[profiles."REST-A"]\nretries = true\n', "a whole number from 0 to 10"),
        ('[profiles."REST-A"]\nresponse_limit_bytes = 0\n', "a whole number from 1 to"),
        ("[settings]\nA = [1]\n", "A has the wrong type; write a string in quotes"),
        ("[applications]\nname = 1\n", "an array of tables, [[applications]]"),
    ],
)
def test_a_wrong_type_says_what_to_write(problems, text, words):
    tenant = 'server = 1\n[tenant]\nname = "c"\n' if words is None else '[tenant]\nname = "c"\n'
    found = problems("" if words is None else text, tenant=tenant)

    assert (words or "a table, [server]") in found[0]


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "0"])
def test_a_time_limit_is_a_positive_finite_number(problems, value):
    assert "timeout_s is not valid" in problems(f'[profiles."REST-A"]\ntimeout_s = {value}\n')[0]


def test_a_syntax_error_names_line_and_column(problems):
    assert problems("[server]\nlisten = 127.0.0.1\n")[0].startswith("journeyman.toml:4:15: ")
    assert problems("[server\n")[0].startswith("journeyman.toml:3:8: ")


def test_a_file_that_is_not_utf_8_names_the_line(tmp_path):
    (tmp_path / "journeyman.toml").write_bytes(b'[tenant]\nname = "\xff"\n')
    with pytest.raises(SettingsError, match=r"journeyman\.toml:2:1: the file is not UTF-8"):
        load_settings(tmp_path, environment={})


def test_a_byte_order_mark_is_tolerated(tmp_path):
    (tmp_path / "journeyman.toml").write_bytes(b'\xef\xbb\xbf[tenant]\nname = "contoso"\n')

    assert load_settings(tmp_path, environment={}).tenant_name == "contoso"


@pytest.mark.parametrize("text", ["#" * (1024 * 1024 + 1), "a = " + "[" * 50000 + "]" * 50000])
def test_a_huge_or_deep_file_is_refused(problems, text):
    assert problems(text, tenant="")[0].startswith("journeyman.toml:1:1: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the tenant has no name"),
        ('[tenant]\nname = "a/b"\n', "name is not a tenant name"),
        ('[tenant]\nname = "c"\nid = "1"\n', "id is not a GUID"),
    ],
)
def test_the_tenant_has_a_name_and_a_guid(problems, text, words):
    assert words in problems("", tenant=text)[0]


def test_paths_are_relative_to_the_folder(load, tmp_path):
    settings = load('[policies]\npaths = ["a", "../b/x.xml", "/c"]\n')

    assert settings.policy_paths == (tmp_path / "a", tmp_path.parent / "b" / "x.xml", Path("/c"))


def test_a_trust_file_that_is_not_there_is_an_error(problems):
    assert "trust names no file: 'ca.pem'" in problems('[egress]\ntrust = ["ca.pem"]\n')[0]


def test_settings_values_are_text(load):
    assert load('[settings]\nA = "x"\nB = 7\nC = true\n').values == {"A": "x", "B": "7", "C": "true"}


def test_origins_of_the_egress_map_are_normalised(load):
    text = '[egress.map]\n"HTTPS://Bücher.Example:443" = "http://[::1]:80"\n"http://API.example:8080" = "https://LOCALHOST"\n'

    assert load(text).egress.map == {
        "https://xn--bcher-kva.example": "http://[::1]",
        "http://api.example:8080": "https://localhost",
    }


@pytest.mark.parametrize(
    "key", ["https://a.example/path", "https://a.example/", "a.example", "ftp://a.example", "https://u:canary@a.example", "https://"]
)  # fmt: skip
def test_what_is_no_origin_is_refused_on_either_side_without_repeating_it(problems, key):
    left = problems(f'[egress.map]\n"{key}" = "https://b.example"\n')
    right = problems(f'[egress.map]\n"https://b.example" = "{key}"\n')

    assert [line.split(": ")[0] for line in left + right] == ["journeyman.toml:4:1"] * 2
    assert "canary" not in left[0] + right[0]


def test_an_origin_that_stands_there_twice_is_an_error(problems):
    text = '[egress.map]\n"https://a.example" = "https://b.example"\n"https://A.example:443" = "https://c.example"\n'

    assert problems(text)[0].startswith("journeyman.toml:5:1: an origin of [egress.map] stands there twice")


def test_a_profile_that_stands_there_twice_is_an_error(problems):
    assert "but for case" in problems('[profiles."REST-A"]\n[profiles."rest-a"]\n')[0]


def test_check_outside_a_folder_assumes_development_mode(tmp_path):
    (tmp_path / "a.xml").write_text("")
    settings = settings_for_check([tmp_path / "a.xml"])

    assert settings.development is True
    assert settings.policy_paths == (tmp_path / "a.xml",)
    assert settings.folder == tmp_path
    assert settings.tenant_id is None
    assert settings_for_check([tmp_path], mode=Mode.PRODUCTION).development is False


def test_the_tenant_folder_is_found_from_below(tmp_path):
    (tmp_path / "journeyman.toml").write_text("")
    below = tmp_path / "policies" / "deep"
    below.mkdir(parents=True)

    assert find_tenant_folder(below) == tmp_path
    assert find_tenant_folder(Path(tmp_path.anchor)) is None
