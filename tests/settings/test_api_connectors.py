from __future__ import annotations

import pytest

from journeyman.settings.api_connectors import connector_id
from journeyman.settings.bearer_model import BearerSettings, ClientAuthentication
from journeyman.settings.identity import (
    ApiConnector,
    ApiKeyCredentials,
    BasicCredentials,
    CertificateCredentials,
    ManagedBearerCredentials,
    StaticBearerCredentials,
)

BASIC = '{ type = "basic", username = "journeyman", password_key = "B2C_1A_Password" }'
MANAGED = (
    '{ type = "managed", token_url = "https://login.example/token", client_id = "app", key = "B2C_1A_Client", '
    'client_authentication = "private_key_jwt", scope = "read", audience = "api" }'
)


def connector(
    authentication=BASIC, name='"Check the invitation"', url='"https://api.contoso.example/signup?code=1"', more=""
):
    return f"[[api_connectors]]\nname = {name}\nurl = {url}\nauthentication = {authentication}\n{more}\n"


def test_a_connector_has_a_name_an_address_and_a_credential_and_an_id_that_stays(load):
    (first,), (second,) = (load(connector()).identity.api_connectors for _ in range(2))

    assert first == ApiConnector(
        "6d7deb97-1be0-5071-8060-910a80b38354",
        "Check the invitation",
        "https://api.contoso.example/signup?code=1",
        BasicCredentials("journeyman", "B2C_1A_Password"),
    )
    assert second.id == first.id == connector_id(" CHECK the invitation")


@pytest.mark.parametrize(
    ("authentication", "credentials"),
    [
        ('{ type = "certificate", key = "B2C_1A_Cert" }', CertificateCredentials("B2C_1A_Cert")),
        ('{ type = "bearer", key = "B2C_1A_Token" }', StaticBearerCredentials("B2C_1A_Token")),
        (
            '{ type = "api_key", header = "x-api-key", key = "B2C_1A_Key" }',
            ApiKeyCredentials("x-api-key", "B2C_1A_Key"),
        ),
        (
            MANAGED,
            ManagedBearerCredentials(
                BearerSettings(
                    "https://login.example/token",
                    "app",
                    "B2C_1A_Client",
                    ClientAuthentication.PRIVATE_KEY_JWT,
                    "read",
                    "api",
                )
            ),
        ),
    ],
)
def test_a_credential_names_policy_keys(load, authentication, credentials):
    (found,) = load(connector(authentication)).identity.api_connectors

    assert found.credentials == credentials


def test_an_id_may_be_written(load):
    text = connector(more='id = "11111111-2222-3333-4444-55555555555A"')
    (found,) = load(text).identity.api_connectors

    assert found.id == "11111111-2222-3333-4444-55555555555a"


def test_a_user_flow_may_name_a_connector_by_its_name(load):
    flow = '[[user_flows]]\nid = "B2C_1_a"\ntype = "signUp"\nconnectors = { postAttributeCollection = "check THE invitation" }\n'
    (found,) = load(connector() + flow).identity.user_flows

    assert list(found.connectors.values()) == ["6d7deb97-1be0-5071-8060-910a80b38354"]


@pytest.mark.parametrize(
    ("arguments", "where", "what"),
    [
        ({"name": '"a<b"'}, "4:1", "name is not valid; write a text of 1 to 128 characters without < and >"),
        ({"url": '"ftp://a.example"'}, "5:1", "url is not a URL that can be called"),
        ({"url": '"http://a.example/x"'}, "5:1", "url is not https; to try an API on this machine, map"),
        ({"url": '"https://u:p@a.example"'}, "5:1", "url holds a user name or password"),
        ({"url": '"https://a.example/#x"'}, "5:1", "url holds a fragment"),
        ({"url": '"https://a.example/{x}"'}, "5:1", "url holds a brace"),
        ({"authentication": "{}"}, "6:1", 'authentication has no type; add type = "basic", or another of'),
        ({"authentication": '{ type = "none" }'}, "6:20", "write one of 'basic', 'certificate', 'bearer', 'managed'"),
        ({"authentication": '{ username = "u" }'}, "6:1", 'authentication has no type; add type = "basic"'),
        ({"authentication": '{ type = "basic" }'}, "6:1", "authentication has no username; add it"),
        (
            {"authentication": '{ type = "basic", username = "a:b", password_key = "B2C_1A_P" }'},
            "6:36",
            "username is not valid; write a text of 1 to 256 characters without a colon",
        ),
        (
            {"authentication": '{ type = "bearer", key = "hunter2!" }'},
            "6:37",
            "key is not the name of a policy key; write one like",
        ),
        ({"authentication": '{ type = "certificate" }'}, "6:1", "authentication has no key; add the name of a policy"),
        (
            {"authentication": '{ type = "api_key", header = "x y", key = "B2C_1A_K" }'},
            "6:38",
            "header is not valid; write the name of a header, x-api-key for one",
        ),
        ({"authentication": '{ type = "managed", key = "B2C_1A_K" }'}, "6:1", "the managed bearer has no token_url"),
        (
            {"authentication": '{ type = "bearer", key = "B2C_1A_K", password = "hunter2" }'},
            "6:55",
            "unknown key 'password'; secrets do not stand in this file",
        ),
        ({"more": "timeout = 3"}, "7:1", "unknown key 'timeout'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_without_a_secret(problems, arguments, where, what):
    message = "\n".join(problems(connector(**arguments)))

    assert f"journeyman.toml:{where}: " in message
    assert what in message
    assert "hunter2" not in message


def test_a_table_that_lacks_everything_says_so(problems):
    message = "\n".join(problems("[[api_connectors]]\n"))

    assert message.count("an API connector has no ") == 3


def test_two_of_one_name_or_id_are_refused(problems):
    assert "two API connectors have the name" in "".join(
        problems(connector() + connector(name='"CHECK the invitation"'))
    )
    same = 'id = "6d7deb97-1be0-5071-8060-910a80b38354"'
    assert "two API connectors have the id" in "".join(problems(connector() + connector(name='"B"', more=same)))


def test_plain_http_is_for_origins_that_the_egress_map_sends_elsewhere(load):
    text = connector(url='"http://api.example/x"') + '[egress.map]\n"http://api.example" = "http://127.0.0.1:7071"\n'

    assert load(text).identity.api_connectors[0].target_url == "http://api.example/x"
