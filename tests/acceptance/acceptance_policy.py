"""Small policies, written as a customer would write them."""

from __future__ import annotations

HANDLER = "Web.TPEngine.Providers.{}, Web.TPEngine, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null"
CLAIMS = {
    "objectId": ("string", ""),
    "tier": ("string", ""),
    "note": ("string", ""),
    "bearerToken": ("string", ""),
    "grant_type": ("string", ""),
    "scope": ("string", ""),
    "email": ("string", "TextBox"),
    "signInName": ("string", "TextBox"),
    "password": ("string", "Password"),
    "newPassword": ("string", "Password"),
    "displayName": ("string", "TextBox"),
    "number": ("string", "TextBox"),
}


def metadata(items: dict[str, str]) -> str:
    """Write the metadata of a profile."""
    rows = "".join(f'<Item Key="{key}">{value}</Item>' for key, value in items.items())
    return f"<Metadata>{rows}</Metadata>"


def claims(kind: str, names: tuple[str, ...]) -> str:
    """Write claims: ``'email PartnerClaimType="mail"'``."""
    rows = ""
    for text in names:
        name, _, attributes = text.partition(" ")
        rows += f'<{kind} ClaimTypeReferenceId="{name}" {attributes}/>'
    return f"<{kind}s>{rows}</{kind}s>" if rows else ""


def profile(id: str, handler: str, items: dict[str, str], inner: str) -> str:
    """Write a technical profile with one of the product's handlers."""
    return (
        f'<TechnicalProfile Id="{id}"><DisplayName>{id}</DisplayName>'
        f'<Protocol Name="Proprietary" Handler="{HANDLER.format(handler)}" />{metadata(items)}{inner}</TechnicalProfile>'
    )


def rest(
    id: str,
    url: str,
    auth: str = "None",
    *,
    keys: dict[str, str] | None = None,
    inputs: tuple[str, ...] = ('note DefaultValue="hello"',),
    outputs: tuple[str, ...] = ("tier",),
    **items: str,
) -> str:
    """Write a RESTful technical profile."""
    known = {"ServiceUrl": url, "AuthenticationType": auth, "SendClaimsIn": "Body"}
    if auth == "None":
        known["AllowInsecureAuthInProduction"] = "true"
    rows = "".join(f'<Key Id="{name}" StorageReferenceId="{key}" />' for name, key in (keys or {}).items())
    found = {name: value for name, value in {**known, **items}.items() if value}
    inner = f"<CryptographicKeys>{rows}</CryptographicKeys>" if rows else ""
    return profile(id, "RestfulProvider", found, inner + claims("InputClaim", inputs) + claims("OutputClaim", outputs))


def step(inner: str, kind: str = "ClaimsExchange", extra: str = "") -> str:
    """Write an orchestration step; its number comes later."""
    return f'<OrchestrationStep Order="?" Type="{kind}" {extra}>{inner}</OrchestrationStep>'


def exchange(profile_id: str, *, unless: str = "") -> str:
    """Write a step that runs one profile, unless a claim exists."""
    guard = (
        f'<Preconditions><Precondition Type="ClaimsExist" ExecuteActionsIf="true"><Value>{unless}</Value>'
        "<Action>SkipThisOrchestrationStep</Action></Precondition></Preconditions>"
        if unless
        else ""
    )
    row = f'<ClaimsExchange Id="X{profile_id}" TechnicalProfileReferenceId="{profile_id}" />'
    return step(f"{guard}<ClaimsExchanges>{row}</ClaimsExchanges>")


ISSUER = (
    '<TechnicalProfile Id="JwtIssuer"><DisplayName>JWT</DisplayName><Protocol Name="OpenIdConnect" />'
    "<OutputTokenFormat>JWT</OutputTokenFormat>"
    '<Metadata><Item Key="issuer_refresh_token_user_identity_claim_type">objectId</Item></Metadata>'
    '<CryptographicKeys><Key Id="issuer_secret" StorageReferenceId="B2C_1A_TokenSigningKeyContainer" />'
    '<Key Id="issuer_refresh_token_key" StorageReferenceId="B2C_1A_TokenEncryptionKeyContainer" />'
    "</CryptographicKeys></TechnicalProfile>"
)
SEND = step("", "SendClaims", 'CpimIssuerTechnicalProfileReferenceId="JwtIssuer"')
PAGES = "".join(
    f'<ContentDefinition Id="{page}"><LoadUri>~/tenant/templates/AzureBlue/{file}.cshtml</LoadUri>'
    "<RecoveryUri>~/common/default_page_error.html</RecoveryUri>"
    f"<DataUri>urn:com:microsoft:aad:b2c:elements:contract:{uri}</DataUri></ContentDefinition>"
    for page, file, uri in (
        ("api.signin", "unified", "unifiedssp:2.1.10"),
        ("api.page", "selfAsserted", "selfasserted:2.1.21"),
    )
)


def policy(
    policy_id: str,
    *profiles: str,
    steps: tuple[str, ...] = (),
    outputs: tuple[str, ...] = (),
    types: str = "",
    attributes: str = "",
) -> str:
    """Write a whole policy: the steps, then the token."""
    schema = "".join(
        f'<ClaimType Id="{name}"><DisplayName>{name}</DisplayName><DataType>{data}</DataType>'
        f"{f'<UserInputType>{control}</UserInputType>' if control else ''}"
        f"{DIGITS if name == 'number' else ''}</ClaimType>"
        for name, (data, control) in CLAIMS.items()
    )
    rows = "".join(one.replace('"?"', f'"{order}"', 1) for order, one in enumerate((*steps, SEND), 1))
    out = claims("OutputClaim", ('objectId PartnerClaimType="sub" DefaultValue="somebody"', *outputs))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" '
        'PolicySchemaVersion="0.3.0.0" TenantId="yourtenant.onmicrosoft.com" '
        f'PolicyId="{policy_id}" PublicPolicyUri="http://yourtenant.onmicrosoft.com/{policy_id}" {attributes}>\n'
        f"<BuildingBlocks><ClaimsSchema>{schema}{types}</ClaimsSchema>"
        f"<ContentDefinitions>{PAGES}</ContentDefinitions></BuildingBlocks>\n"
        "<ClaimsProviders><ClaimsProvider><DisplayName>All</DisplayName>\n<TechnicalProfiles>"
        + "\n".join((ISSUER, *profiles))
        + "</TechnicalProfiles></ClaimsProvider></ClaimsProviders>\n"
        f'<UserJourneys><UserJourney Id="Journey"><OrchestrationSteps>{rows}</OrchestrationSteps></UserJourney>'
        "</UserJourneys>\n"
        '<RelyingParty><DefaultUserJourney ReferenceId="Journey" /><TechnicalProfile Id="PolicyProfile">'
        f'<DisplayName>P</DisplayName><Protocol Name="OpenIdConnect" />{out}'
        '<SubjectNamingInfo ClaimType="sub" /></TechnicalProfile></RelyingParty>\n</TrustFrameworkPolicy>\n'
    )


DIGITS = '<Restriction><Pattern RegularExpression="^[0-9]+$" HelpText="Only digits, please." /></Restriction>'


def call(id: str, url: str, auth: str = "None", **rest_of: object) -> str:
    """Write a policy that makes one REST call, ``REST-<id>``, without any page."""
    name = f"REST-{id}"
    return policy(f"B2C_1A_{id}", rest(name, url, auth, **rest_of), steps=(exchange(name),), outputs=("tier",))


def accounts(id: str, check_url: str, *, verified: bool = False, **rest_of: str) -> str:
    """Write a policy with sign-up, with a REST check of its number, and sign-in."""
    email = 'email Required="true"' + (' PartnerClaimType="Verified.Email"' if verified else "")
    validations = "".join(f'<ValidationTechnicalProfile ReferenceId="{name}" />' for name in ("REST-Check", "Write"))
    form = ("objectId", email, 'newPassword Required="true"', 'displayName Required="true"', 'number Required="true"')
    sign_up = profile(
        "SignUp",
        "SelfAssertedAttributeProvider",
        {"ContentDefinitionReferenceId": "api.page"},
        claims("OutputClaim", (*form, "tier"))
        + f"<ValidationTechnicalProfiles>{validations}</ValidationTechnicalProfiles>",
    )
    sign_in = profile(
        "SignIn",
        "SelfAssertedAttributeProvider",
        {
            "ContentDefinitionReferenceId": "api.signin",
            "SignUpTarget": "SignUpExchange",
            "setting.operatingMode": "Email",
        },
        claims("OutputClaim", ('signInName Required="true"', 'password Required="true"', "objectId"))
        + '<ValidationTechnicalProfiles><ValidationTechnicalProfile ReferenceId="login-NonInteractive" />'
        "</ValidationTechnicalProfiles>",
    )
    names = claims("InputClaim", ('email PartnerClaimType="signInNames.emailAddress" Required="true"',))
    stored = (
        'email PartnerClaimType="signInNames.emailAddress"',
        'newPassword PartnerClaimType="password"',
        "displayName",
    )
    write = profile(
        "Write",
        "AzureActiveDirectoryProvider",
        {"Operation": "Write", "RaiseErrorIfClaimsPrincipalAlreadyExists": "true"},
        names + claims("PersistedClaim", stored) + claims("OutputClaim", ("objectId",)),
    )
    first = step(
        "<ClaimsProviderSelections>"
        '<ClaimsProviderSelection ValidationClaimsExchangeId="Local" /></ClaimsProviderSelections>'
        '<ClaimsExchanges><ClaimsExchange Id="Local" TechnicalProfileReferenceId="SignIn" /></ClaimsExchanges>',
        "CombinedSignInAndSignUp",
        'ContentDefinitionReferenceId="api.signin"',
    )
    second = step(
        '<Preconditions><Precondition Type="ClaimsExist" ExecuteActionsIf="true"><Value>objectId</Value>'
        "<Action>SkipThisOrchestrationStep</Action></Precondition></Preconditions><ClaimsExchanges>"
        '<ClaimsExchange Id="SignUpExchange" TechnicalProfileReferenceId="SignUp" /></ClaimsExchanges>'
    )
    check = rest("REST-Check", check_url, inputs=("number", "email"), **rest_of)
    outputs = ("email", "displayName", "tier")
    return policy(id, LOGIN, sign_in, sign_up, write, check, steps=(first, second), outputs=outputs)


LOGIN = (
    '<TechnicalProfile Id="login-NonInteractive"><DisplayName>Password</DisplayName><Protocol Name="OpenIdConnect" />'
    "<Metadata>"
    '<Item Key="METADATA">https://login.microsoftonline.com/{tenant}/.well-known/openid-configuration</Item>'
    '<Item Key="authorization_endpoint">https://login.microsoftonline.com/{tenant}/oauth2/token</Item></Metadata>'
    '<InputClaims><InputClaim ClaimTypeReferenceId="signInName" PartnerClaimType="username" Required="true" />'
    '<InputClaim ClaimTypeReferenceId="password" Required="true" />'
    '<InputClaim ClaimTypeReferenceId="grant_type" DefaultValue="password" AlwaysUseDefaultValue="true" />'
    '<InputClaim ClaimTypeReferenceId="scope" DefaultValue="openid" AlwaysUseDefaultValue="true" /></InputClaims>'
    '<OutputClaims><OutputClaim ClaimTypeReferenceId="objectId" PartnerClaimType="oid" /></OutputClaims>'
    "</TechnicalProfile>"
)
