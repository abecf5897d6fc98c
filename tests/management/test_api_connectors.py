from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from journeyman.configuration.codec import encode
from journeyman.configuration.store import Kind
from journeyman.diagnostics import PolicyError
from journeyman.management.api_connectors import ApiConnectors, ConnectorChange
from journeyman.management.caller import caller_of
from journeyman.management.errors import (
    ChangedError,
    ConflictingError,
    ForbiddenError,
    InvalidError,
    ManagementError,
    NotFoundError,
)
from journeyman.management.new_credentials import (
    NewApiKey,
    NewBasic,
    NewCertificate,
    NewManagedBearer,
    NewStaticBearer,
)
from journeyman.secret import Secret
from journeyman.settings.bearer_model import BearerSettings, ClientAuthentication
from journeyman.settings.identity import (
    ApiConnector,
    ApiKeyCredentials,
    BasicCredentials,
    CertificateCredentials,
    ConnectorStep,
    ManagedBearerCredentials,
    StaticBearerCredentials,
    UserFlow,
    UserFlowType,
)

BASIC = NewBasic("user", Secret("pass word"))
URL = "https://api.example/hook?code=1"


@pytest.fixture
def connectors(tenant):
    return ApiConnectors(tenant.context)


async def made(connectors, admin, credentials=BASIC):
    held = await connectors.create(admin, display_name="Loyalty", target_url=URL, credentials=credentials)
    return held.value


async def secret_of(tenant, key_id):
    return (await tenant.context.keys.get(key_id)).keys[0].secret.reveal()


async def test_a_connector_names_its_password_and_the_store_of_policy_keys_holds_it(tenant, connectors, admin):
    connector = await made(connectors, admin)

    key_id = f"B2C_1A_ApiConnector-{connector.id.replace('-', '')}-password"
    assert connector == ApiConnector(connector.id, "Loyalty", URL, BasicCredentials("user", key_id))
    assert await secret_of(tenant, key_id) == "pass word"
    assert (await connectors.get(admin, connector.id.upper())).value == connector
    assert [held.value for held in await connectors.list(admin)] == [connector]
    assert tenant.taken_over == ["once"]
    assert await tenant.audit() == [("Create policy key", "ann"), ("Create apiConnector", "ann")]


@pytest.mark.parametrize(
    ("credentials", "suffix", "expected"),
    [
        (NewStaticBearer(Secret("t")), "token", StaticBearerCredentials),
        (NewApiKey("x-functions-key", Secret("k")), "key", lambda key: ApiKeyCredentials("x-functions-key", key)),
        (
            NewManagedBearer("https://sts.example/token", "id", Secret("s"), scope="a b"),
            "secret",
            lambda key: ManagedBearerCredentials(BearerSettings("https://sts.example/token", "id", key, scope="a b")),
        ),
    ],
)
async def test_a_connector_is_made_with_every_kind_of_secret(tenant, connectors, admin, credentials, suffix, expected):
    connector = await made(connectors, admin, credentials)

    key_id = f"B2C_1A_ApiConnector-{connector.id.replace('-', '')}-{suffix}"
    assert connector.credentials == expected(key_id)
    assert await tenant.key_sets() == [key_id]


async def test_of_the_certificates_the_newest_upload_that_is_valid_now_is_active(connectors, admin, pfx, clock):
    connector = await made(connectors, admin, NewCertificate(pfx("old", days=30)[0], Secret("")))
    for name, begins in (("new", -1), ("next", 10)):
        data, _ = pfx(name, begins=begins, days=365, password=b"secret")
        await connectors.upload_certificate(admin, connector.id, NewCertificate(data, Secret("secret")))

    now = await connectors.certificates(connector)
    clock.turn(days=11)
    later = await connectors.certificates(connector)

    assert isinstance(connector.credentials, CertificateCredentials)
    assert [each.active for each in now] == [False, True, False]
    assert [each.active for each in later] == [False, False, True]
    assert all(re.fullmatch("[0-9A-F]{40}", each.thumbprint) for each in now)
    assert (now[2].not_before - now[1].not_before).days == 11


async def test_an_upload_gives_the_connector_another_etag(connectors, admin, pfx):
    held = await connectors.create(
        admin, display_name="a", target_url=URL, credentials=NewCertificate(pfx("a")[0], Secret(""))
    )

    after = await connectors.upload_certificate(admin, held.value.id, NewCertificate(pfx("b")[0], Secret("")))

    assert after.value == held.value
    assert after.etag != held.etag


async def test_new_credentials_replace_the_old_ones_and_their_key(tenant, connectors, admin):
    connector = await made(connectors, admin)

    change = ConnectorChange(credentials=NewBasic("other", Secret("new")))
    changed = (await connectors.update(admin, connector.id, change)).value

    (key_id,) = await tenant.key_sets_later()
    assert changed == replace(connector, credentials=BasicCredentials("other", key_id))
    assert re.fullmatch(r"B2C_1A_ApiConnector-[0-9a-f]{32}-password-[0-9a-f]{6}", key_id)
    assert await secret_of(tenant, key_id) == "new"


async def test_the_old_key_stays_until_no_process_can_use_it_any_more(tenant, connectors, admin):
    connector = await made(connectors, admin)

    await connectors.update(admin, connector.id, ConnectorChange(credentials=NewBasic("other", Secret("new"))))

    assert connector.credentials.password_key in await tenant.key_sets()
    assert connector.credentials.password_key not in await tenant.key_sets_later()


async def test_a_change_that_cannot_be_served_yet_is_stored_with_its_key(tenant, admin, caplog):
    async def broken():
        raise PolicyError("2 error(s) in the policies")

    connectors = ApiConnectors(replace(tenant.context, take_over=broken))

    connector = await made(connectors, admin)
    changed = await connectors.update(admin, connector.id, ConnectorChange(credentials=NewBasic("u", Secret("new"))))

    assert await secret_of(tenant, changed.value.credentials.password_key) == "new"
    assert caplog.messages == ["a change is stored and not served yet: JM1001: 2 error(s) in the policies"] * 2


async def test_another_kind_of_credentials_replaces_the_old_one(tenant, connectors, admin, pfx):
    connector = await made(connectors, admin)

    change = ConnectorChange(credentials=NewCertificate(pfx("a")[0], Secret("")))
    changed = (await connectors.update(admin, connector.id, change)).value

    (key_id,) = await tenant.key_sets_later()
    assert changed.credentials == CertificateCredentials(key_id)


async def test_a_password_that_is_not_sent_stays(tenant, connectors, admin):
    connector = await made(connectors, admin)

    change = ConnectorChange("Renamed", "https://api.example/v2", NewBasic("other", None))
    changed = (await connectors.update(admin, connector.id, change)).value

    key_id = connector.credentials.password_key
    assert changed == ApiConnector(connector.id, "Renamed", "https://api.example/v2", BasicCredentials("other", key_id))
    assert await secret_of(tenant, key_id) == "pass word"


@pytest.mark.parametrize("credentials", [NewStaticBearer(None), NewApiKey("x", None), NewBasic("user", None)])
async def test_a_secret_cannot_be_kept_where_none_is_stored(connectors, admin, credentials, pfx):
    connector = await made(connectors, admin, NewCertificate(pfx("a")[0], Secret("")))

    with pytest.raises(InvalidError, match="there is no stored one to keep"):
        await connectors.update(admin, connector.id, ConnectorChange(credentials=credentials))


async def test_a_client_secret_stays_while_the_scope_changes(tenant, connectors, admin):
    bearer = NewManagedBearer("https://sts.example/token", "id", Secret("s"))
    connector = await made(connectors, admin, bearer)

    change = ConnectorChange(credentials=replace(bearer, credential=None, scope="read", audience="api"))
    changed = (await connectors.update(admin, connector.id, change)).value

    assert (changed.credentials.bearer.scope, changed.credentials.bearer.audience) == ("read", "api")
    assert await tenant.key_sets() == [connector.credentials.bearer.key]


async def test_a_managed_bearer_proves_itself_by_a_certificate_where_its_method_wants_one(connectors, admin, pfx):
    method = ClientAuthentication.PRIVATE_KEY_JWT
    bearer = NewManagedBearer("https://sts.example/t", "id", NewCertificate(pfx("a")[0], Secret("")), method)
    connector = await made(connectors, admin, bearer)

    assert connector.credentials.bearer.key.endswith("-certificate")
    with pytest.raises(InvalidError, match="authenticationConfiguration/pkcs12Value is missing"):
        await made(connectors, admin, replace(bearer, credential=Secret("s")))
    basic = replace(bearer, credential=None, client_authentication=ClientAuthentication.CLIENT_SECRET_POST)
    with pytest.raises(InvalidError, match="authenticationConfiguration/clientSecret is missing"):
        await connectors.update(admin, connector.id, ConnectorChange(credentials=basic))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://api.example/", "must begin with https://"),
        ("ftp://api.example/", "is no absolute https URL"),
        ("https://user:hunter2@api.example/", "holds a user name or password"),
        ("https://api.example/#part", "holds a fragment"),
        ("https://api.example/{Settings:Key}", "holds a brace"),
        ("https://api.example/a b", "is not a URL"),
        ("https://api.example/\r\nHost: x", "is not a URL"),
        ("https://0x7f000001/", "cannot be called"),
        ("https:///nowhere", "is no absolute https URL"),
        ("/relative", "is no absolute https URL"),
        ("javascript:alert(1)", "is no absolute https URL"),
        ("https://api.example/" + "a" * 3000, "is not a URL"),
        ("", "is no absolute https URL"),
    ],
)
async def test_a_url_that_may_not_be_called_is_refused_without_being_repeated(tenant, connectors, admin, url, told):
    with pytest.raises(InvalidError) as refused:
        await connectors.create(admin, display_name="a", target_url=url, credentials=BASIC)

    assert told in str(refused.value)
    assert refused.value.member == "targetUrl"
    assert "hunter2" not in str(refused.value)
    assert await tenant.key_sets() == []


async def test_plain_http_is_taken_where_the_settings_allow_it(connectors, admin):
    held = await connectors.create(admin, display_name="a", target_url="http://127.0.0.1:7071/hook", credentials=BASIC)

    assert held.value.target_url == "http://127.0.0.1:7071/hook"


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\x00", "\ud800", "a" * 257, "a\u202eb", "\u2028"])
async def test_a_display_name_that_no_page_can_show_is_refused(connectors, admin, name):
    with pytest.raises(InvalidError, match="displayName") as refused:
        await connectors.create(admin, display_name=name, target_url=URL, credentials=BASIC)
    assert refused.value.member == "displayName"


@pytest.mark.parametrize(
    ("credentials", "member"),
    [
        (NewBasic("a:b", Secret("x")), "username"),
        (NewBasic("", Secret("x")), "username"),
        (NewBasic("a\r\nX: y", Secret("x")), "username"),
        (NewBasic("a", Secret("")), "password"),
        (NewBasic("a", Secret("x" * 70_000)), "password"),
        (NewBasic("a", None), "password"),
        (NewStaticBearer(Secret("")), "token"),
        (NewApiKey("Host", Secret("x")), "header"),
        (NewApiKey("x y", Secret("x")), "header"),
        (NewApiKey("", Secret("x")), "header"),
        (NewApiKey("x\r\ny", Secret("x")), "header"),
        (NewManagedBearer("http://sts.example", "id", Secret("x")), "tokenUrl"),
        (NewManagedBearer("https://sts.example", "", Secret("x")), "clientId"),
        (NewManagedBearer("https://sts.example", "id", Secret("x"), scope="a\n"), "scope"),
        (NewManagedBearer("https://sts.example", "id", None), "clientSecret"),
        (NewCertificate(b"no PFX", Secret("")), "pkcs12Value"),
    ],
)
async def test_wrong_credentials_are_refused_by_the_name_of_the_member(tenant, connectors, admin, credentials, member):
    with pytest.raises(InvalidError) as refused:
        await connectors.create(admin, display_name="a", target_url=URL, credentials=credentials)

    assert refused.value.member == f"authenticationConfiguration/{member}"
    assert await tenant.key_sets() == []


async def test_a_wrong_password_of_a_pfx_file_has_the_code_of_the_service(connectors, admin, pfx):
    data, _ = pfx("a", password=b"right")

    with pytest.raises(InvalidError) as refused:
        await made(connectors, admin, NewCertificate(data, Secret("wrong")))

    assert str(refused.value) == "The certificate password provided in request is incorrect."
    assert refused.value.service_code == "AADB2C90213"
    assert refused.value.member == "authenticationConfiguration/password"


async def test_a_certificate_that_has_expired_is_refused(connectors, admin, pfx):
    with pytest.raises(InvalidError) as refused:
        await made(connectors, admin, NewCertificate(pfx("a", begins=-40, days=30)[0], Secret("")))
    assert refused.value.service_code == "AADB2C90214"


async def test_a_certificate_is_uploaded_once_and_only_where_one_is_used(connectors, admin, pfx):
    data, _ = pfx("a")
    basic = await made(connectors, admin)
    certified = await made(connectors, admin, NewCertificate(data, Secret("")))

    with pytest.raises(InvalidError, match="proves itself by no client certificate"):
        await connectors.upload_certificate(admin, basic.id, NewCertificate(data, Secret("")))
    with pytest.raises(ManagementError) as refused:
        await connectors.upload_certificate(admin, certified.id, NewCertificate(data, Secret("")))
    assert refused.value.service_code == "AADB2C90180"
    assert len(await connectors.certificates(certified)) == 1


async def test_a_connector_takes_a_limited_number_of_certificates(connectors, admin, pfx, monkeypatch):
    monkeypatch.setattr("journeyman.management.api_connectors.CERTIFICATE_LIMIT", 1)
    connector = await made(connectors, admin, NewCertificate(pfx("a")[0], Secret("")))

    with pytest.raises(ConflictingError, match="at most 1 certificates"):
        await connectors.upload_certificate(admin, connector.id, NewCertificate(pfx("b")[0], Secret("")))


async def test_a_deleted_connector_takes_its_keys_along(tenant, connectors, admin):
    kept, gone = await made(connectors, admin), await made(connectors, admin)
    await tenant.context.keys.create(f"B2C_1A_ApiConnector-{gone.id.replace('-', '')}-password-abcdef")

    await connectors.delete(admin, gone.id)

    assert await tenant.key_sets() == [kept.credentials.password_key]
    with pytest.raises(NotFoundError):
        await connectors.get(admin, gone.id)
    with pytest.raises(NotFoundError):
        await connectors.delete(admin, gone.id)


async def test_a_connector_that_a_flow_calls_is_not_deleted(tenant, connectors, admin):
    connector = await made(connectors, admin)
    flow = UserFlow("B2C_1_a", UserFlowType.SIGN_UP, connectors={ConnectorStep.PRE_TOKEN_ISSUANCE: connector.id})
    await tenant.context.configuration.create(Kind.USER_FLOW, flow.id, encode(flow))

    with pytest.raises(ConflictingError, match="B2C_1_a"):
        await connectors.delete(admin, connector.id)
    assert await tenant.key_sets() == [connector.credentials.password_key]


async def test_a_declared_connector_is_read_and_not_changed(tenant, admin):
    declared = ApiConnector("c1", "Declared", URL, BasicCredentials("user", "B2C_1A_Mine"))
    connectors = ApiConnectors(tenant.declaring(api_connectors=(declared,)))

    assert (await connectors.get(admin, "C1")).value == declared
    assert [held.declared for held in await connectors.list(admin)] == [True]
    for change in (
        connectors.update(admin, "C1", ConnectorChange(display_name="x")),
        connectors.delete(admin, "c1"),
        connectors.upload_certificate(admin, "c1", NewCertificate(b"", Secret(""))),
    ):
        with pytest.raises(ConflictingError, match=r"journeyman\.toml"):
            await change


async def test_a_change_of_what_somebody_else_has_changed_is_refused(tenant, connectors, admin):
    read = await connectors.create(admin, display_name="a", target_url=URL, credentials=BASIC)
    await connectors.update(admin, read.value.id, ConnectorChange(display_name="b"))
    stale = {"if_match": read.etag}

    with pytest.raises(ChangedError):
        await connectors.update(admin, read.value.id, ConnectorChange(credentials=BASIC), **stale)
    with pytest.raises(ChangedError):
        await connectors.delete(admin, read.value.id, **stale)
    assert await tenant.key_sets() == [read.value.credentials.password_key]
    current = await connectors.get(admin, read.value.id)
    await connectors.update(admin, read.value.id, ConnectorChange(display_name="c"), if_match=f'"x", {current.etag}')
    await connectors.delete(admin, read.value.id, if_match="*")


async def test_of_writers_at_the_same_time_each_leaves_a_connector_with_its_key(tenant, connectors, admin):
    connector = await made(connectors, admin)

    changes = [ConnectorChange(credentials=NewBasic(f"u{n}", Secret(f"p{n}"))) for n in range(8)]
    results = await asyncio.gather(
        *(connectors.update(admin, connector.id, change) for change in changes), return_exceptions=True
    )

    refused = [each for each in results if isinstance(each, BaseException)]
    assert all(isinstance(each, ConflictingError) for each in refused)
    assert len(refused) < 8
    left = (await connectors.get(admin, connector.id)).value.credentials
    assert await tenant.key_sets_later() == [left.password_key]
    assert await secret_of(tenant, left.password_key) == left.username.replace("u", "p")


async def test_renames_at_the_same_time_all_succeed(connectors, admin):
    connector = await made(connectors, admin)

    await asyncio.gather(
        *(connectors.update(admin, connector.id, ConnectorChange(display_name=f"n{n}")) for n in range(5))
    )

    assert (await connectors.get(admin, connector.id)).value.display_name.startswith("n")


async def test_a_damaged_connector_is_left_out_and_can_be_deleted(tenant, connectors, admin):
    await tenant.context.configuration.create(Kind.API_CONNECTOR, "bad", {"id": "bad"})

    assert await connectors.list(admin) == ()
    with pytest.raises(NotFoundError, match="is damaged"):
        await connectors.get(admin, "bad")
    await connectors.delete(admin, "bad")


async def test_rights_are_asked_first(connectors, admin):
    connector = await made(connectors, admin)
    reader = caller_of("eve", frozenset({"APIConnectors.Read.All"}))
    nobody = caller_of("eve", frozenset({"IdentityUserFlow.ReadWrite.All"}))

    assert await connectors.get(reader, connector.id)
    for refused in (
        connectors.get(nobody, "missing"),
        connectors.list(nobody),
        connectors.create(reader, display_name="", target_url="", credentials=BASIC),
        connectors.update(reader, "missing", ConnectorChange(display_name="")),
        connectors.upload_certificate(reader, connector.id, NewCertificate(b"", Secret(""))),
        connectors.delete(reader, "missing"),
    ):
        with pytest.raises(ForbiddenError):
            await refused
