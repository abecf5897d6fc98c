from __future__ import annotations

import pytest

from journeyman.settings import Mode

PRODUCTION = '[server]\nmode = "production"\n'


@pytest.mark.parametrize(
    ("listen", "host", "port", "public_url"),
    [
        ("127.0.0.1:9000", "127.0.0.1", 9000, "http://127.0.0.1:9000"),
        ("[::1]:9000", "::1", 9000, "http://[::1]:9000"),
        ("localhost:80", "localhost", 80, "http://localhost"),
        ("0.0.0.0:9000", "0.0.0.0", 9000, "http://127.0.0.1:9000"),
    ],
)
def test_the_public_url_follows_the_listen_address(load, listen, host, port, public_url):
    server = load(f'[server]\nlisten = "{listen}"\n').server

    assert (server.host, server.port, server.public_url) == (host, port, public_url)


@pytest.mark.parametrize(
    "listen", ["", "8080", ":8080", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "::1:80", "[x]:80", "a b:80"]
)
def test_a_bad_listen_address_says_what_to_write(problems, listen):
    found = problems(f'[server]\nlisten = "{listen}"\n')

    assert found[0].startswith("journeyman.toml:4:1: listen is not HOST:PORT")


def test_the_argument_wins_over_the_environment_and_that_over_the_file(load):
    text = '[server]\nlisten = "127.0.0.1:1"\nmode = "production"\n'
    environment = {
        "JOURNEYMAN_LISTEN": "127.0.0.1:2",
        "JOURNEYMAN_MODE": "development",
        "JOURNEYMAN_PUBLIC_URL": "https://id.example",
    }

    assert load(text).server.port == 1
    assert load(text, environment=environment).server.port == 2
    assert load(text, environment=environment).server.mode is Mode.DEVELOPMENT
    assert load(text, environment=environment).server.public_url == "https://id.example"
    assert load(text, environment=environment, listen="127.0.0.1:3").server.port == 3


def test_a_bad_argument_or_variable_is_named(problems):
    found = problems(listen="nowhere", environment={"JOURNEYMAN_MODE": "fast"})

    assert found[0].startswith("--listen: the value is not HOST:PORT")
    assert found[1].startswith("JOURNEYMAN_MODE: the value 'fast' is not known")


def test_an_unknown_mode_lists_the_modes(problems):
    assert '"development" or "production"' in problems('[server]\nmode = "prod"\n')[0]


def test_the_public_url_is_an_origin_without_a_final_slash(load, problems):
    assert load('[server]\npublic_url = "HTTPS://ID.example:443/"\n').server.public_url == "https://id.example"
    assert "public_url is not an origin" in problems('[server]\npublic_url = "https://id.example/tenant"\n')[0]


def test_production_mode_starts_on_plain_http_on_loopback(load):
    assert load(PRODUCTION).server.mode is Mode.PRODUCTION
    assert load(PRODUCTION + 'listen = "[::1]:8080"\n').server.host == "::1"


def test_production_mode_refuses_a_public_address_without_tls_and_without_a_proxy(problems):
    found = problems(PRODUCTION + 'listen = "10.0.0.1:80"\npublic_url = "https://id.example"\n')

    assert len(found) == 1
    assert found[0].startswith("journeyman.toml:5:1: production mode does not serve plain HTTP on 10.0.0.1; add tls_")


def test_the_listen_argument_cannot_open_what_the_file_may_not(problems):
    assert "does not serve plain HTTP on 10.0.0.1" in problems(PRODUCTION, listen="10.0.0.1:80")[0]


def test_production_mode_serves_publicly_behind_a_trusted_proxy_or_with_tls(load, tmp_path):
    (tmp_path / "c.pem").write_text("")
    public = PRODUCTION + 'listen = "0.0.0.0:80"\npublic_url = "https://id.example"\n'
    behind = load(public + 'trusted_proxies = ["10.0.0.0/8", "192.0.2.1"]\n').server
    with_tls = load(public + 'tls_certificate = "c.pem"\ntls_key = "c.pem"\n').server

    assert behind.trusted_proxies == ("10.0.0.0/8", "192.0.2.1/32")
    assert with_tls.tls_certificate == tmp_path / "c.pem"


def test_production_mode_refuses_an_http_public_url_of_another_host(problems, load):
    assert "public_url is http in production mode" in problems(PRODUCTION + 'public_url = "http://id.example"\n')[0]
    assert load(PRODUCTION + 'public_url = "http://localhost:9"\n').server.public_url == "http://localhost:9"
    assert load('[server]\npublic_url = "http://id.example"\n').server.public_url == "http://id.example"


def test_all_interfaces_in_production_mode_need_a_public_url(problems):
    found = problems(PRODUCTION + 'listen = "0.0.0.0:80"\ntrusted_proxies = ["10.0.0.0/8"]\n')

    assert "0.0.0.0 has no name of its own" in found[0]


def test_certificate_and_key_belong_together(problems, tmp_path):
    (tmp_path / "c.pem").write_text("")

    assert "belong together" in problems('[server]\ntls_certificate = "c.pem"\n')[0]
    assert "tls_certificate names no file" in problems('[server]\ntls_certificate = "x.pem"\ntls_key = "c.pem"\n')[0]


def test_a_bad_proxy_network_names_the_nearest_good_one(problems):
    assert "did you mean 10.0.0.0/8?" in problems('[server]\ntrusted_proxies = ["10.0.0.1/8"]\n')[0]


def test_tls_makes_the_public_url_https(load, tmp_path):
    (tmp_path / "c.pem").write_text("")

    assert (
        load('[server]\ntls_certificate = "c.pem"\ntls_key = "c.pem"\n').server.public_url == "https://127.0.0.1:8080"
    )


@pytest.mark.parametrize("word", ["off", "recorded", "required"])
def test_calls_are_audited_as_the_settings_say(load, word):
    assert load(f'[server]\naudit = "{word}"').server.audit.value == word


def test_calls_are_recorded_when_the_settings_say_nothing(load):
    assert load("").server.audit.value == "recorded"


def test_another_word_for_the_audit_is_refused(problems):
    (found,) = problems('[server]\naudit = "always"')

    assert found == ('journeyman.toml:4:1: audit \'always\' is not known; write "off", "recorded" or "required"')
