"""What reading policies promises for any input: a policy and places that exist, or an error in words.

Each promise is judged by something else than the code that keeps it: the XML parser of the standard
library, the text that went in, or the same input in another order.
"""

from __future__ import annotations

import contextlib
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import permutations
from typing import Final

from atheris import FuzzedDataProvider

from journeyman.claims.dotnet_regex import compile_regex
from journeyman.claims.resolvers import Resolution, Resolver, compile_template
from journeyman.claims.values import ConversionError
from journeyman.diagnostics import Diagnostic
from journeyman.policy.element import POLICY_NAMESPACE
from journeyman.policy.explain import explain
from journeyman.policy.explained import Part
from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import Policy, key
from journeyman.policy.parse import parse_policy
from journeyman.policy.source import parse_source
from journeyman.policy.substitution import Substitutions

NOW: Final = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
SUBSTITUTIONS: Final = Substitutions({"Name": "value"}, "contoso.onmicrosoft.com")
LONGEST_S: Final = 1.0
SPECIAL: Final = frozenset(r"\*+?|{}[]()^$.# ")
RESOLUTION: Final = Resolution(
    policy_id="B2C_1A_Fuzz",
    relying_party_tenant_id="contoso.onmicrosoft.com",
    trust_framework_tenant_id="contoso.onmicrosoft.com",
    tenant_object_id="t",
    correlation_id="c",
    deployment_mode="Production",
    culture="en-US",
    host_name="login.example",
    ip_address="203.0.113.9",
    kmsi=False,
    now=NOW,
    build_number="1.0.0.0",
    parameters={"nonce": "n", "client_id": "a"},
    claims={"email": "ada@contoso.com"},
)


def policy_file(data: bytes) -> None:
    """The bytes are a policy file."""
    started = time.process_time()
    root, diagnostics = parse_source(data, "p.xml", SUBSTITUTIONS)
    policy, found = parse_policy(root, "p.xml") if root is not None else (None, ())
    took_s = time.process_time() - started
    every = (*diagnostics, *found)
    assert policy is not None or every, "what is refused is refused in words"
    assert took_s < LONGEST_S, "a file is read or refused at once"
    _places_exist(every, data)
    if root is not None:
        # The standard library takes entities and depth that are refused here, but nothing the other way round.
        ET.fromstring(data.replace(b"\0", b""))  # it judges, and the input was accepted


def _places_exist(diagnostics: Sequence[Diagnostic], data: bytes) -> None:
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.count("\n") + 1
    for diagnostic in diagnostics:
        place = diagnostic.location
        assert place.path == "p.xml", "a place names its file"
        assert 0 <= place.line <= lines, "the line exists"
        assert str(diagnostic).isprintable() or "\n" not in str(diagnostic), "a diagnostic is one line"


# --- merge -------------------------------------------------------------------------------------

_NAMES: Final = ("A", "a", "B", "C")
_TEXTS: Final = ("1", "2", "", "{Policy}")
_BEHAVIORS: Final = ("", ' MergeBehavior="Append"', ' MergeBehavior="Prepend"', ' MergeBehavior="ReplaceAll"')


def policy_merge(data: bytes) -> None:
    """The bytes choose what stands in three files that derive from one another."""
    source = FuzzedDataProvider(data)
    files = [policy for number in range(3) if (policy := _parsed(_file(source, number), number)) is not None]
    outcomes = [_merged(order) for order in permutations(files)]
    assert all(outcome == outcomes[0] for outcome in outcomes), "a merge does not depend on the order of files"
    policy, _ = outcomes[0]
    if policy is not None:
        _parts_are_of(policy, policy.files)


def _parsed(text: str, number: int) -> Policy | None:
    root, _ = parse_source(text.encode("utf-8", "replace"), f"{number}.xml", SUBSTITUTIONS)
    policy, _ = parse_policy(root, f"{number}.xml") if root is not None else (None, ())
    return policy


def _merged(files: Sequence[Policy]) -> tuple[Policy | None, list[Diagnostic]]:
    return LoadedPolicies({key(policy.policy_id): policy for policy in files}, ()).merged("B2C_1A_2")


def _parts_are_of(policy: Policy, files: Sequence[str]) -> None:
    waiting: list[Part] = [part for element in explain(policy) for part in element.parts]
    while waiting:
        part = waiting.pop()
        assert part.location.path in files, "every part comes from one of the files"
        waiting += part.parts


def _file(source: FuzzedDataProvider, number: int) -> str:
    def pick(options: Sequence[str]) -> str:
        return options[source.ConsumeIntInRange(0, len(options) - 1)]

    def some(make: Callable[[], str]) -> str:
        return "".join(make() for _ in range(source.ConsumeIntInRange(0, 3)))

    def claim() -> str:
        options = some(lambda: f'<Enumeration Text="{pick(_TEXTS)}" Value="{pick(_NAMES)}" />')
        restriction = f"<Restriction{pick(_BEHAVIORS)}>{options}</Restriction>"
        return f'<ClaimType Id="{pick(_NAMES)}"><DisplayName>{pick(_TEXTS)}</DisplayName>{restriction}</ClaimType>'

    def profile() -> str:
        items = some(lambda: f'<Item Key="{pick(_NAMES)}">{pick(_TEXTS)}</Item>')
        outputs = some(lambda: f'<OutputClaim ClaimTypeReferenceId="{pick(_NAMES)}" DefaultValue="{pick(_TEXTS)}" />')
        include = some(lambda: f'<IncludeTechnicalProfile ReferenceId="{pick(_NAMES)}" />')
        inner = f"<Metadata>{items}</Metadata><OutputClaims>{outputs}</OutputClaims>{include}"
        return f'<TechnicalProfile Id="{pick(_NAMES)}">{inner}</TechnicalProfile>'

    def step() -> str:
        exchange = f'<ClaimsExchange Id="{pick(_NAMES)}" TechnicalProfileReferenceId="{pick(_NAMES)}" />'
        order = source.ConsumeIntInRange(1, 3)
        exchanges = f"<ClaimsExchanges>{exchange}</ClaimsExchanges>"
        return f'<OrchestrationStep Order="{order}" Type="ClaimsExchange">{exchanges}</OrchestrationStep>'

    tenant, base = "contoso.onmicrosoft.com", f"B2C_1A_{number - 1}"
    parent = f"<BasePolicy><TenantId>{tenant}</TenantId><PolicyId>{base}</PolicyId></BasePolicy>" if number else ""
    return (
        f'<TrustFrameworkPolicy xmlns="{POLICY_NAMESPACE}" PolicySchemaVersion="0.3.0.0" TenantId="{tenant}" '
        f'PolicyId="B2C_1A_{number}" PublicPolicyUri="http://{tenant}/B2C_1A_{number}">{parent}'
        f"<BuildingBlocks><ClaimsSchema>{some(claim)}</ClaimsSchema></BuildingBlocks><ClaimsProviders><ClaimsProvider>"
        f"<TechnicalProfiles>{some(profile)}</TechnicalProfiles></ClaimsProvider></ClaimsProviders><UserJourneys>"
        f'<UserJourney Id="J"><OrchestrationSteps>{some(step)}</OrchestrationSteps></UserJourney></UserJourneys>'
        "</TrustFrameworkPolicy>"
    )


# --- resolvers and expressions -------------------------------------------------------------------


def claim_resolvers(data: bytes) -> None:
    """The bytes are a text with resolvers."""
    text = data.decode("utf-8", "replace")
    template = compile_template(text, resolve=True)
    assert template.text == text, "a template is its text"
    assert compile_template(text, resolve=False).resolve(RESOLUTION) == text, "without resolving a text stays"
    resolved = template.resolve(RESOLUTION)
    unknown = [part.text for part in template.parts if isinstance(part, Resolver) and not part.known]
    assert resolved is None or all(part in resolved for part in unknown), "an unknown resolver stays as written"
    if "{" not in text:
        assert resolved == text, "a text without braces stays"


def regex_conversion(data: bytes) -> None:
    """An expression and, after a line break, a value; the value is also searched for itself."""
    expression, _, value = data.decode("utf-8", "replace").partition("\n")
    started = time.process_time()
    with contextlib.suppress(ValueError):
        compile_regex(expression).found_in(value[:200])
    assert time.process_time() - started < LONGEST_S, "an expression ends"
    if value and len(value) < 100:
        literal = "".join(f"\\{letter}" if letter in SPECIAL else letter for letter in value)
        with contextlib.suppress(ValueError, ConversionError):
            assert compile_regex(literal).found_in(value), "a literal finds itself"


TARGETS: Final = (policy_file, policy_merge, claim_resolvers, regex_conversion)
SEEDS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "policy_file": (
        b"",
        f'<TrustFrameworkPolicy xmlns="{POLICY_NAMESPACE}" PolicySchemaVersion="0.3.0.0" TenantId="a.onmicrosoft.com" '
        'PolicyId="B2C_1A_X" PublicPolicyUri="http://a/B2C_1A_X"><BuildingBlocks><ClaimsSchema><ClaimType Id="a">'
        "<DataType>string</DataType></ClaimType></ClaimsSchema></BuildingBlocks></TrustFrameworkPolicy>".encode(),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"\xef\xbb\xbf<a>{Settings:Name}</a>",
        b"<a>\r\n<b>\r</a>",
    ),
    "policy_merge": (b"\x03\x01\x02" * 40, b"\xff" * 90, b"\x00" * 30),
    "claim_resolvers": (
        b"{OIDC:ClientId}/{Claim:email}",
        b"{Policy:PolicyId}{unknown:x}",
        b"{Context:DateTimeInUtc",
        b"{{}}",
    ),
    "regex_conversion": (
        b"^(?<name>[a-z-[aeiou]]+)$\nxyz",
        b"(a+)+$\naaaaaaaaaaaaaaaaaaaaaaaa!",
        b"\\p{IsGreek}(?#x)\n\xce\xb1",
    ),
}
