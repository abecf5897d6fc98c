from __future__ import annotations

import pytest

from journeyman.policy.user_flow.pages import pages_of
from journeyman.settings.identity import AttributeAssignment, FlowPage, LocalAccounts, UserFlow, UserFlowType

CITY = (AttributeAssignment("city"),)


@pytest.mark.parametrize(
    ("kind", "settings", "names"),
    [
        (
            UserFlowType.SIGN_UP_OR_SIGN_IN,
            {"identity_providers": ("P",), "attributes": CITY},
            ["signuporsignin", "localaccountsignup", "socialccountsignup", "localaccountpasswordreset", "error"],
        ),
        (
            UserFlowType.SIGN_UP_OR_SIGN_IN,
            {"identity_providers": ("P",), "local_accounts": LocalAccounts.NONE},
            ["idpselections", "error"],
        ),
        (UserFlowType.SIGN_UP, {"identity_providers": ("P",)}, ["idpselections.signup", "localaccountsignup", "error"]),
        (UserFlowType.SIGN_IN, {"self_service_password_reset": False}, ["signuporsignin", "error"]),
        (
            UserFlowType.PROFILE_UPDATE,
            {"attributes": CITY},
            ["signuporsignin", "selfasserted.profileupdate", "localaccountpasswordreset", "error"],
        ),
        (UserFlowType.PASSWORD_RESET, {}, ["localaccountpasswordreset", "error"]),
        (UserFlowType.RESOURCE_OWNER, {}, []),
    ],
)
def test_a_kind_of_flow_has_the_pages_that_it_shows(kind, settings, names):
    assert [page.name for page in pages_of(UserFlow("B2C_1_x", kind, **settings))] == names


@pytest.mark.parametrize(
    ("template", "uri"),
    [
        ("oceanBlue", "~/tenant/templates/AzureBlue/unified.cshtml"),
        ("slateGray", "~/tenant/templates/MSA/unified.cshtml"),
        ("classic", "~/tenant/default/unified.cshtml"),
    ],
)
def test_the_template_is_one_of_three(template, uri):
    assert pages_of(UserFlow("B2C_1_x", UserFlowType.SIGN_IN, template=template))[0].load_uri == uri


def test_a_page_of_ones_own_has_its_address_and_its_layout():
    page = FlowPage("https://cdn.contoso.example/in.html", "2.1.5")

    (found, *_) = pages_of(UserFlow("B2C_1_x", UserFlowType.SIGN_IN, pages={"SignUpOrSignIn": page}))

    assert found.load_uri == "https://cdn.contoso.example/in.html"
    assert found.data_uri == "urn:com:microsoft:aad:b2c:elements:contract:unifiedssp:2.1.5"
