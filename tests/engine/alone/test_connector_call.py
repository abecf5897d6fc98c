"""An API connector is tried with a sample, whether a user flow calls it or not."""

from __future__ import annotations

import pytest
from tests.user_flows.connected_api import CODE, GO, PASSWORD, start

from journeyman.clock import SystemClock
from journeyman.engine.alone.connector_call import call_connector, sample_attributes
from journeyman.errors import SettingsError
from journeyman.settings import load_settings
from journeyman.settings.identity import ConnectorStep
from journeyman.trace.records import Verdict

APP = "extension_11112222333344445555666677778888_"


@pytest.fixture
async def api(tmp_path):
    made, runner = await start(tmp_path)
    yield made
    await runner.cleanup()


@pytest.fixture
def call(api, tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "B2C_1A_Check.txt").write_text(PASSWORD, encoding="utf-8")
    text = '[tenant]\nname = "contoso.onmicrosoft.com"\n' + api.settings
    (tmp_path / "journeyman.toml").write_text(text, encoding="utf-8")
    settings = load_settings(tmp_path, environment={})
    (connector,) = settings.identity.api_connectors

    async def run(step, attributes=None):
        return await call_connector(
            settings, connector, step, SystemClock(), attributes=attributes, actor="admin@contoso.example"
        )

    return run


@pytest.mark.parametrize("step", ConnectorStep)
async def test_a_sample_of_each_step_is_sent_and_its_answer_shown(call, api, step):
    api.answer = {**GO, "city": "Jena", "objectId": "evil"}

    called = await call(step)

    (body,) = api.received
    assert body["step"].casefold() == step.value.casefold()
    assert body["email"] == "ada.example@contoso.example"
    assert ("objectId" in body) is (step is ConnectorStep.PRE_TOKEN_ISSUANCE)
    assert body["identities"][0]["signInType"] in {"federated", "emailAddress"}
    assert called.record.verdict is Verdict.OK
    assert called.record.claims_in == {"city": "Jena"}
    assert called.failure is None
    shown = str(called)
    assert '"email": "ada.example@contoso.example"' in called.record.exchange.request_body
    assert PASSWORD not in shown
    assert CODE not in shown


async def test_attributes_of_ones_own_have_their_types(call, api):
    names = {f"{APP}Code": "x", f"{APP}Vip": True, f"{APP}Visits": 7}
    api.answer = {**GO, "extension_Visits": 8}

    called = await call(ConnectorStep.POST_ATTRIBUTE_COLLECTION, names)

    assert {name: api.received[0][name] for name in names} == names
    assert called.record.claims_in == {f"{APP}Visits": "8"}


async def test_each_kind_of_end_is_told(call, api):
    api.says("ShowBlockPage", "Not you.")
    blocked = await call(ConnectorStep.POST_FEDERATION_SIGNUP)
    api.says("ValidationError", "Not this.", status=400)
    refused = await call(ConnectorStep.POST_ATTRIBUTE_COLLECTION)
    api.status = 500
    failed = await call(ConnectorStep.PRE_TOKEN_ISSUANCE)

    assert blocked.blocked == "Not you."
    assert refused.refusal.user_message == "Not this."
    assert "PreSendClaimsRestful" in str(failed.failure)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("password", "a password is never sent"),
        ("objectId", "there is no user yet"),
        ("step", "the engine sends it by itself"),
        ("extension_Code", "write extension_<client id"),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_the_call(call, api, name, reason):
    with pytest.raises(SettingsError, match=reason):
        await call(ConnectorStep.POST_ATTRIBUTE_COLLECTION, {name: "x"})

    assert api.received == []


def test_a_sample_is_of_nobody_in_particular():
    assert all("example" in sample_attributes(step)["email"] for step in ConnectorStep)
