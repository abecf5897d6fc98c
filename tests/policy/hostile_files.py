"""Policy files that somebody wrote to hurt: each is made in a folder, with what must be said of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

NAMESPACE = "http://schemas.microsoft.com/online/cpim/schemas/2013/06"
TENANT = "contoso.onmicrosoft.com"
PROFILE = (
    '<ClaimsProviders><ClaimsProvider><TechnicalProfiles><TechnicalProfile Id="P"><Protocol Name="Proprietary" '
    'Handler="Web.TPEngine.Providers.ClaimsTransformationProtocolProvider" /><OutputClaims>'
    '<OutputClaim ClaimTypeReferenceId="c" /></OutputClaims></TechnicalProfile></TechnicalProfiles>'
    "</ClaimsProvider></ClaimsProviders>"
)
CLAIM = '<BuildingBlocks><ClaimsSchema><ClaimType Id="c"><DataType>string</DataType>{}</ClaimType></ClaimsSchema></BuildingBlocks>'
PARTY = (
    '<RelyingParty><DefaultUserJourney ReferenceId="J" /><TechnicalProfile Id="PolicyProfile">'
    '<Protocol Name="None" /></TechnicalProfile></RelyingParty>'
)


def hostile_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Write each file or folder and yield it with a code that must be among the diagnostics, "" for none."""
    for name, text, code in (*_syntax(), *_sizes(), *_graphs()):
        path = folder / f"{name}.xml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        yield path, code
    huge = folder / "100 MB.xml"
    with huge.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    yield huge, "JM1003"
    yield _chain(folder / "circle", 300, closed=True), "JM1041"
    yield _chain(folder / "long chain", 300, closed=False), "JM1040"


def _syntax() -> Iterator[tuple[str, str | bytes, str]]:
    entities = "".join(_entity(level) for level in range(1, 30))
    yield "entity bomb", f'<!DOCTYPE p [<!ENTITY e0 "ha">{entities}]>{_policy("&e29;")}', "JM1006"
    yield "external entity", f'<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/passwd">]>{_policy("&e;")}', "JM1006"
    yield "external DTD", f'<!DOCTYPE p SYSTEM "http://127.0.0.1:1/p.dtd">{_policy("")}', "JM1006"
    yield "depth of 100,000", _policy("<a>" * 100_000 + "</a>" * 100_000), "JM1007"
    yield "300,000 attributes", _policy(_attributes(300_000)), "JM1007"
    yield "a million attributes", _policy(_attributes(1_000_000)), "JM1003"
    yield "UTF-16", _policy("").encode("utf-16"), "JM1004"
    yield "not UTF-8", _policy("").encode().replace(b"P_X", b"P\xff", 1), "JM1004"
    yield "NUL", _policy("").encode() + b"\0", "JM1004"
    yield "cut off", _policy("")[:-5], "JM1005"
    yield "nothing", b"", "JM1005"


def _sizes() -> Iterator[tuple[str, str, str]]:
    options = "".join(f'<Enumeration Text="{n}" Value="{n}" />' for n in range(100_000))
    yield "100,000 options", _policy(CLAIM.format(f"<Restriction>{options}</Restriction>")), "JM1007"
    fewer = "".join(f'<Enumeration Text="{n}" Value="{n}" />' for n in range(49_000))
    yield "49,000 options", _policy(CLAIM.format(f"<Restriction>{fewer}</Restriction>")), ""
    yield "10,000 patterns", _policy(_patterns(10_000, "^[a-z]{{{}}}x$")), "JM1195"
    yield "900 patterns", _policy(_patterns(900, "^(a|aa)+{}$")), "JM1190"
    yield "3 large patterns", _policy(_patterns(3, "(a|b|c|{}){{99999}}")), "JM1195"
    noops = "".join(f'<OrchestrationStep Order="{n}" Type="Noop" />' for n in range(1, 10_001))
    yield "10,000 steps", _policy(_journey(noops) + PARTY), "JM1209"
    pairs = "".join(_selection(2 * n + 1) for n in range(5_000))
    yield "10,000 choices", _policy(CLAIM.format("") + PROFILE + _journey(pairs) + PARTY), "JM1211"


def _graphs() -> Iterator[tuple[str, str, str]]:
    profiles = "".join(
        f'<TechnicalProfile Id="P{n}"><IncludeTechnicalProfile ReferenceId="P{n + 1}" /><Metadata>'
        f'<Item Key="k{n}">v</Item></Metadata></TechnicalProfile>'
        for n in range(9_000)
    )
    yield "9,000 includes", _policy(_providers(profiles)), "JM1052"
    yield "a flow through 4,000 claims", _policy(_flow(4_000)), ""
    yield (
        "3,000 nested sub journeys",
        _policy(_journey(_invoke(1, "S0")) + _nested(3_000, 2, last="S0") + PARTY),
        "JM1215",
    )
    # Whoever follows each invocation anew has 40 to the power of 40 to follow.
    yield "40 sub journeys of 40 invocations", _policy(_journey(_invoke(1, "S0")) + _nested(40, 40) + PARTY), "JM1214"
    yield (
        "40 levels of 40 validations",
        _policy(CLAIM.format("") + _validations(40) + _journey(_exchange()) + PARTY),
        "JM1209",
    )
    validated = "".join(_validating(n, (n + 1,)) for n in range(4_000))
    yield (
        "4,000 validations in a row",
        _policy(CLAIM.format("") + _providers(validated) + _journey(_exchange()) + PARTY),
        "JM1102",
    )


def _entity(level: int) -> str:
    before = f"&e{level - 1};" * 10
    return f'<!ENTITY e{level} "{before}">'


def _attributes(count: int) -> str:
    return "<a " + " ".join(f'a{number}=""' for number in range(count)) + " />"


def _policy(body: str, id: str = "B2C_1A_P_X", base: str = "") -> str:
    parent = f"<BasePolicy><TenantId>{TENANT}</TenantId><PolicyId>{base}</PolicyId></BasePolicy>" if base else ""
    return (
        f'<TrustFrameworkPolicy xmlns="{NAMESPACE}" PolicySchemaVersion="0.3.0.0" TenantId="{TENANT}" PolicyId="{id}" '
        f'PublicPolicyUri="http://{TENANT}/{id}">{parent}{body}</TrustFrameworkPolicy>'
    )


def _patterns(count: int, expression: str) -> str:
    rows = "".join(
        f'<ClaimType Id="c{number}"><DataType>string</DataType><Restriction>'
        f'<Pattern RegularExpression="{expression.format(number)}" /></Restriction></ClaimType>'
        for number in range(count)
    )
    return f"<BuildingBlocks><ClaimsSchema>{rows}</ClaimsSchema></BuildingBlocks>"


def _providers(profiles: str) -> str:
    return f"<ClaimsProviders><ClaimsProvider><TechnicalProfiles>{profiles}</TechnicalProfiles></ClaimsProvider></ClaimsProviders>"


def _journey(steps: str) -> str:
    return f'<UserJourneys><UserJourney Id="J"><OrchestrationSteps>{steps}</OrchestrationSteps></UserJourney></UserJourneys>'


def _selection(order: int) -> str:
    return (
        f'<OrchestrationStep Order="{order}" Type="ClaimsProviderSelection"><ClaimsProviderSelections>'
        f'<ClaimsProviderSelection TargetClaimsExchangeId="E{order}" /></ClaimsProviderSelections></OrchestrationStep>'
        f'<OrchestrationStep Order="{order + 1}" Type="ClaimsExchange"><ClaimsExchanges>'
        f'<ClaimsExchange Id="E{order}" TechnicalProfileReferenceId="P" /></ClaimsExchanges></OrchestrationStep>'
    )


def _exchange() -> str:
    return (
        '<OrchestrationStep Order="1" Type="ClaimsExchange"><ClaimsExchanges>'
        '<ClaimsExchange Id="E" TechnicalProfileReferenceId="P0" /></ClaimsExchanges></OrchestrationStep>'
    )


def _invoke(order: int, sub_journey: str) -> str:
    return (
        f'<OrchestrationStep Order="{order}" Type="InvokeSubJourney"><JourneyList>'
        f'<Candidate SubJourneyReferenceId="{sub_journey}" /></JourneyList></OrchestrationStep>'
    )


def _nested(count: int, width: int, last: str = "") -> str:
    """Write sub journeys each of which invokes the next ``width`` times; the last one ``last``."""
    rows = ""
    for number in range(count):
        following = f"S{number + 1}" if number + 1 < count else last
        steps = "".join(_invoke(order, following) for order in range(1, width + 1)) if following else ""
        rows += f'<SubJourney Id="S{number}" Type="Call"><OrchestrationSteps>{steps}</OrchestrationSteps></SubJourney>'
    return f"<SubJourneys>{rows}</SubJourneys>"


def _flow(length: int) -> str:
    claims = "".join(f'<ClaimType Id="c{n}"><DataType>string</DataType></ClaimType>' for n in range(length))
    secret = f'<ClaimType Id="c{length}"><DataType>string</DataType><UserInputType>Password</UserInputType></ClaimType>'
    rows = "".join(
        f'<ClaimsTransformation Id="T{n}" TransformationMethod="CopyClaim"><InputClaims><InputClaim '
        f'ClaimTypeReferenceId="c{n + 1}" TransformationClaimType="inputClaim" /></InputClaims><OutputClaims><OutputClaim '
        f'ClaimTypeReferenceId="c{n}" TransformationClaimType="outputClaim" /></OutputClaims></ClaimsTransformation>'
        for n in range(length)
    )
    schema = f"<ClaimsSchema>{claims}{secret}</ClaimsSchema><ClaimsTransformations>{rows}</ClaimsTransformations>"
    return f"<BuildingBlocks>{schema}</BuildingBlocks>"


def _validations(levels: int) -> str:
    """Write levels of profiles each of which is validated by all profiles of the next level."""
    rows = ""
    for level in range(levels):
        width = 1 if level == 0 else 20
        following = tuple(range(1 + level * 20, 21 + level * 20)) if level + 1 < levels else ()
        first = 0 if level == 0 else 1 + (level - 1) * 20
        rows += "".join(_validating(first + number, following) for number in range(width))
    return _providers(rows)


def _validating(number: int, following: tuple[int, ...]) -> str:
    validations = "".join(f'<ValidationTechnicalProfile ReferenceId="P{each}" />' for each in following)
    return (
        f'<TechnicalProfile Id="P{number}"><Protocol Name="None" /><OutputClaims><OutputClaim '
        f'ClaimTypeReferenceId="c" /></OutputClaims><ValidationTechnicalProfiles>{validations}'
        "</ValidationTechnicalProfiles></TechnicalProfile>"
    )


def _chain(folder: Path, length: int, *, closed: bool) -> Path:
    folder.mkdir()
    for number in range(length):
        base = "B2C_1A_P0" if closed and number + 1 == length else f"B2C_1A_P{number + 1}"
        (folder / f"{number}.xml").write_text(_policy("", f"B2C_1A_P{number}", base), encoding="utf-8")
    return folder
