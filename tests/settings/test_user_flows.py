from __future__ import annotations

import pytest

from journeyman.settings.identity import (
    ApiConnector,
    AttributeAssignment,
    AttributeOption,
    BasicCredentials,
    ConnectorStep,
    FlowPage,
    FlowSession,
    InputType,
    LocalAccounts,
    PasswordComplexity,
    PasswordRules,
    TokenLifetimes,
    UserFlow,
    UserFlowType,
)
from journeyman.settings.table import Problems, Table
from journeyman.settings.user_flows import read_user_flows

EVERYTHING = """
[[user_flows]]
id = "b2c_1_Susi"
type = "signUpOrSignIn"
local_accounts = "userName"
identity_providers = ["Google-OAUTH"]
claims = ["displayName", "extension_Tier"]
connectors = { preTokenIssuance = "11111111-2222-3333-4444-555555555555" }
tokens = { access_token_minutes = 5, id_token_minutes = 10, refresh_token_days = 1, sliding_window_ends = false }
session = { lifetime_minutes = 15, absolute = true, scope = "Policy", keep_signed_in_days = 30 }
password_complexity = "custom"
password_rules = { min_length = 12, max_length = 128, character_classes = 4 }
self_service_password_reset = false
email_verification = false
javascript = true
template = "slateGray"
pages = { signuporsignin = { uri = "https://cdn.contoso.example/{Culture:LanguageName}/in.html", layout = "2.1.5" } }
default_language = "de"
languages = ["de", "pt-BR"]
legacy_policy_claim = true

[user_flows.texts.de]
heading = "Anmelden"

[[user_flows.attributes]]
id = "extension_Tier"
label = "Tier"
optional = true
input = "radioSingleSelect"
options = [{ value = "gold", label = "Gold", default = true }, { value = "silver" }]

[[user_flows.attributes]]
id = "email"
requires_verification = true
"""


def test_every_key_of_a_flow_is_read(load):
    (flow,) = load(EVERYTHING).identity.user_flows

    assert flow == UserFlow(
        id="B2C_1_Susi",
        type=UserFlowType.SIGN_UP_OR_SIGN_IN,
        local_accounts=LocalAccounts.USER_NAME,
        attributes=(
            AttributeAssignment(
                "extension_Tier",
                "Tier",
                optional=True,
                input_type=InputType.RADIO_SINGLE_SELECT,
                options=(AttributeOption("Gold", "gold", is_default=True), AttributeOption("silver", "silver")),
            ),
            AttributeAssignment("email", requires_verification=True),
        ),
        claims=("displayName", "extension_Tier"),
        identity_providers=("Google-OAUTH",),
        connectors={ConnectorStep.PRE_TOKEN_ISSUANCE: "11111111-2222-3333-4444-555555555555"},
        tokens=TokenLifetimes(5, 10, 1, None),
        session=FlowSession(15, absolute=True, scope="Policy", keep_signed_in_days=30),
        password_complexity=PasswordComplexity.CUSTOM,
        password_rules=PasswordRules(12, 128, 4),
        self_service_password_reset=False,
        email_verification=False,
        javascript=True,
        template="slateGray",
        pages={"signuporsignin": FlowPage("https://cdn.contoso.example/{Culture:LanguageName}/in.html", "2.1.5")},
        language_customization=True,
        default_language="de",
        languages=("de", "pt-BR"),
        texts={"de": {"heading": "Anmelden"}},
        legacy_policy_claim=True,
    )


def test_id_and_type_are_enough(load):
    (flow,) = load('[[user_flows]]\nid = "B2C_1_in"\ntype = "signIn"\n').identity.user_flows

    assert flow == UserFlow("B2C_1_in", UserFlowType.SIGN_IN)


def test_a_connector_may_be_named_by_its_display_name():
    connector = ApiConnector("11111111-2222-3333-4444-555555555555", "Check", "https://x", BasicCredentials("a", "b"))
    values = {"id": "B2C_1_in", "type": "signIn", "connectors": {"preTokenIssuance": "check"}}
    table = Table(values, ("user_flows", 0), Problems("journeyman.toml"))

    (flow,) = read_user_flows(iter([table]), [connector])

    assert flow.connectors == {ConnectorStep.PRE_TOKEN_ISSUANCE: "11111111-2222-3333-4444-555555555555"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('id = "B2C_1A_x"', "5:1: id is not the id of a user flow; write B2C_1_ and up to 64 letters, digits, _ and -"),
        ('template = "ocean"', "5:1: template is not known; write one of 'oceanBlue', 'slateGray', 'classic'"),
        ('languages = ["deutsch "]', "5:14: an element of languages is not a language tag; write one like en or pt-BR"),
        ("session = { lifetime_minutes = 5 }", "5:13: lifetime_minutes is not valid; write a whole number from 15 to 1440"),
        (
            "tokens = { sliding_window_ends = false, sliding_window_days = 30 }",
            "5:41: sliding_window_days has no effect: the window never ends; keep one of both",
        ),
        (
            "password_rules = { min_length = 12 }",
            '5:1: password_rules has no effect; set password_complexity = "custom"',
        ),
        (
            'password_complexity = "custom"\npassword_rules = { min_length = 12, max_length = 8 }',
            "6:37: max_length is below min_length; no password would do",
        ),
        ('attributes = [{ label = "City" }]', '5:15: an attribute has no id; add id = "city", or "extension_Name" for one of your own'),
        (
            'attributes = [{ id = "city", options = [{ label = "A" }] }]',
            '5:41: an option has no value; write { value = "gold", label = "Gold" }',
        ),
        (
            'attributes = [{ id = "city", options = [{ value = "a" }, { value = "a" }] }]',
            "5:60: value stands twice or holds a comma; give every option a value of its own",
        ),
        (
            'pages = { error = { uri = "javascript:alert(1)" } }',
            "5:21: uri is not the address of a template; write one like https://cdn.contoso.example/signin.html",
        ),
        ('pages = { error = { layout = "2" } }', "5:21: layout is not the version of a page layout; write one like 2.1.29"),
        ('texts = { "a b" = { heading = "x" } }', "5:11: a b is not a language tag; write one like en or pt-BR"),
        ("texts = { de = { heading = 1 } }", "5:18: heading has the wrong type; write a string in quotes"),
        ('connectors = { preTokenIssuence = "x" }', "5:16: unknown key 'preTokenIssuence'; did you mean 'preTokenIssuance'?"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_remedy(problems, text, problem):
    head, tail = ('type = "signIn"', "") if text.startswith("id") else ('id = "B2C_1_x"', 'type = "signIn"')
    written = f"[[user_flows]]\n{head}\n{text}\n{tail}\n"

    assert problems(written) == [f"journeyman.toml:{problem}"]


def test_a_flow_without_id_and_type_says_both(problems):
    assert problems("[[user_flows]]\n") == [
        'journeyman.toml:3:3: a user flow has no id; add id = "B2C_1_signup_signin"',
        'journeyman.toml:3:3: a user flow has no type; add type = "signUpOrSignIn"',
    ]


def test_two_of_one_id_are_a_mistake(problems):
    text = '[[user_flows]]\nid = "B2C_1_x"\ntype = "signIn"\n[[user_flows]]\nid = "B2C_1_X"\ntype = "signUp"\n'

    assert problems(text) == ["journeyman.toml:7:1: the user flow B2C_1_X is declared twice; give one another id"]


def test_a_text_that_is_too_long_is_refused(problems):
    text = f'[[user_flows]]\nid = "B2C_1_x"\ntype = "signIn"\ntexts = {{ de = {{ heading = "{"x" * 4001}" }} }}\n'

    assert problems(text) == ["journeyman.toml:6:18: heading is longer than 4000 characters; shorten it"]
