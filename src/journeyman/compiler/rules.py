"""Every rule of the compiler, by the part of the policy that it looks at.

A message begins with the AADB2C code where the real service has one for the mistake. The texts that
the service prints at upload are kept; they name neither policy nor tenant, because one mistake in a
shared base is one diagnostic, however many policies derive from it.
"""

from __future__ import annotations

from typing import Final

from journeyman.diagnostics import Rule, Severity

_LANGUAGE = "policy-language.md"
_PROFILES = "technical-profiles.md"
_UPLOAD = "errors.md §3"

# --- references --------------------------------------------------------------------------------

UNDECLARED_CLAIM_TYPE: Final = Rule(
    code="JM1101",
    severity=Severity.ERROR,
    message='The policy makes a reference to ClaimType with id "{id}" but neither the policy nor any of its base '
    "policies contain such an element.",
    help='declare <ClaimType Id="{id}"> in <ClaimsSchema>, or correct the id',
    source=f"{_UPLOAD} V07",
)
UNRESOLVED_REFERENCE: Final = Rule(
    code="JM1102",
    severity=Severity.ERROR,
    message='The policy makes a reference to {kind} with id "{id}" but neither the policy nor any of its base '
    "policies contain such an element.",
    help='define a {kind} with the id "{id}", or correct the reference',
    source=f"{_UPLOAD} V08",
)
SPELLING: Final = Rule(
    code="JM1103",
    severity=Severity.INFO,
    message='{kind} is declared as "{declared}" and written here as "{id}".',
    help='write "{declared}": references are found without regard to case, other tools may not do so',
    source=f"{_LANGUAGE} §0.1",
)
DEPLOYMENT_MODE: Final = Rule(
    code="JM1104",
    severity=Severity.ERROR,
    message='DeploymentMode "{value}" does not exist.',
    help="write Production or Development",
    source=f"{_LANGUAGE} §1.3",
)

# --- claim types -------------------------------------------------------------------------------

DATA_TYPE: Final = Rule(
    code="JM1110",
    severity=Severity.ERROR,
    message='DataType "{value}" does not exist.',
    help="write one of {known}",
    source=f"{_LANGUAGE} §3.1.1",
)
USER_INPUT_TYPE: Final = Rule(
    code="JM1111",
    severity=Severity.ERROR,
    message='UserInputType "{value}" does not exist.',
    help="write one of {known}",
    source=f"{_LANGUAGE} §3.1.2",
)
PATTERN: Final = Rule(
    code="JM1112",
    severity=Severity.ERROR,
    message="The regular expression of the Pattern cannot be used: {reason}.",
    help="correct RegularExpression",
    source=f"{_LANGUAGE} §3.1.3",
)
PREDICATE: Final = Rule(
    code="JM1113",
    severity=Severity.ERROR,
    message='The predicate "{id}" cannot be used: {reason}.',
    help="correct the method or its parameters",
    source=f"{_LANGUAGE} §3.2",
)
MASK: Final = Rule(
    code="JM1114",
    severity=Severity.ERROR,
    message="The Mask cannot be used: {reason}.",
    help='write Type="Simple", or Type="Regex" with a valid Regex attribute',
    source=f"{_LANGUAGE} §3.1.4",
)
MATCH_AT_LEAST: Final = Rule(
    code="JM1115",
    severity=Severity.WARNING,
    message='The predicate group "{id}" wants {wanted} predicates to match and holds {held}: no value can pass.',
    help="lower MatchAtLeast or add predicates",
    source=f"{_LANGUAGE} §3.2",
)

# --- claims transformations --------------------------------------------------------------------

METHOD: Final = Rule(
    code="JM1120",
    severity=Severity.ERROR,
    message='TransformationMethod "{method}" does not exist.',
    help="correct the name of the method{similar}",
    source=f"{_LANGUAGE} §8",
)
PARAMETER_UNKNOWN: Final = Rule(
    code="JM1121",
    severity=Severity.WARNING,
    message='The method {method} has no input parameter "{id}": it is ignored.',
    help="remove the parameter or correct its Id",
    source=f"{_LANGUAGE} §8",
)
TRANSFORMATION_CLAIM_UNKNOWN: Final = Rule(
    code="JM1122",
    severity=Severity.WARNING,
    message='The method {method} has no {direction} claim "{id}": it is ignored.',
    help="remove the claim or correct its TransformationClaimType",
    source=f"{_LANGUAGE} §8",
)
PARAMETER_MISSING: Final = Rule(
    code="JM1123",
    severity=Severity.ERROR,
    message='The method {method} cannot run without the input parameter "{id}".',
    help='add <InputParameter Id="{id}" DataType="…" Value="…" />',
    source="claims.md part B",
)

PARAMETER_WRONG: Final = Rule(
    code="JM1124",
    severity=Severity.ERROR,
    message='The input parameter "{id}" of the method {method} is wrong: {reason}.',
    help="correct the Value of the parameter",
    source="claims.md part B",
)

# --- content definitions and display controls --------------------------------------------------

DATA_URI_MISSING: Final = Rule(
    code="JM1130",
    severity=Severity.ERROR,
    message="The content definition has no DataUri.",
    help="add <DataUri>urn:com:microsoft:aad:b2c:elements:contract:selfasserted:2.1.7</DataUri>, or another page",
    source=f"{_UPLOAD} V23",
)
DATA_URI: Final = Rule(
    code="JM1131",
    severity=Severity.ERROR,
    message='DataUri "{value}" names no page.',
    help="write urn:com:microsoft:aad:b2c:elements:contract:<page>:<major>.<minor>.<patch>",
    source="pages.md §1.2",
)
LOAD_URI_MISSING: Final = Rule(
    code="JM1132",
    severity=Severity.ERROR,
    message="The content definition has no LoadUri.",
    help="add <LoadUri>, for example ~/tenant/templates/AzureBlue/selfAsserted.cshtml",
    source="pages.md §1.1",
)
LOCALIZED_RESOURCES_URL: Final = Rule(
    code="JM1133",
    severity=Severity.WARNING,
    message="The texts for the language {language} stand at a Url, which this engine does not read.",
    help="put them into <LocalizedResources> and name them with LocalizedResourcesReferenceId",
    source=f"{_LANGUAGE} §3.5",
)
CONTROL_TYPE: Final = Rule(
    code="JM1140",
    severity=Severity.WARNING,
    message='UserInterfaceControlType "{value}" is not known.',
    help="write VerificationControl, QrCodeControl, AuthenticatorInfoControl or AuthenticatorAppIconControl",
    source=f"{_LANGUAGE} §3.7",
)

# --- technical profiles ------------------------------------------------------------------------

HANDLER_UNKNOWN: Final = Rule(
    code="JM1150",
    severity=Severity.ERROR,
    message='The technical profile "{profile}" needs the handler "{handler}", which this engine does not know.',
    help="correct Protocol and Handler, or take the technical profile out of the journey",
    source=f"{_UPLOAD} V25",
)
HANDLER_NOT_RUN: Final = Rule(
    code="JM1151",
    severity=Severity.WARNING,
    message='The handler "{handler}" of the technical profile "{profile}" does not run yet: {reason}.',
    help="a journey that reaches the technical profile ends with this text",
    source=f"{_PROFILES} §1.4",
)
PROTOCOL_MISSING: Final = Rule(
    code="JM1152",
    severity=Severity.ERROR,
    message='The technical profile "{profile}" has no Protocol, neither itself nor by inheritance or inclusion.',
    help="add <Protocol>, or include a technical profile that has one",
    source=f"{_LANGUAGE} §2.3.1",
)
DEFAULT_NOT_CONVERTIBLE: Final = Rule(
    code="JM1153",
    severity=Severity.ERROR,
    message='Input string was not in a correct format: the DefaultValue "{value}" of the claim "{claim}" is not of '
    "the data type {data_type}.",
    help="write a default of the data type {data_type}",
    source=f"{_UPLOAD} V20",
)
RESOLVER_DISABLED: Final = Rule(
    code="JM1154",
    severity=Severity.WARNING,
    message='The DefaultValue of the claim "{claim}" holds {resolver}, which stays literal text here.',
    help='add <Item Key="IncludeClaimResolvingInClaimsHandling">true</Item> to the metadata',
    source="claims.md §A.3",
)
RESOLVER_UNKNOWN: Final = Rule(
    code="JM1160",
    severity=Severity.WARNING,
    message="AADB2C90044: {resolver} is not a claim resolver; it stays in the text as written.",
    help="correct the name of the claim resolver",
    source="claims.md §A.2",
)
METADATA_MISSING: Final = Rule(
    code="JM1155",
    severity=Severity.ERROR,
    message='AADB2C90023: Profile "{profile}" does not contain the required metadata key "{item}".',
    help='add <Item Key="{item}">…</Item> to <Metadata>',
    source="errors.md §2.4",
)
METADATA_EMPTY: Final = Rule(
    code="JM1156",
    severity=Severity.ERROR,
    message='AADB2C99011: The metadata value "{item}" has not been specified in the technical profile "{profile}".',
    help="give the item a value",
    source="errors.md §2.4",
)
METADATA_UNKNOWN: Final = Rule(
    code="JM1157",
    severity=Severity.INFO,
    message="Metadata without effect: {items}.",
    help="remove what the handler does not read, or correct the keys",
    source=f"{_PROFILES} §1.2",
)
ENABLEMENT: Final = Rule(
    code="JM1158",
    severity=Severity.ERROR,
    message='EnabledForUserJourneys "{value}" does not exist.',
    help="write true, false, OnClaimsExistence, OnItemExistenceInStringCollectionClaim or "
    "OnItemAbsenceInStringCollectionClaim",
    source=f"{_LANGUAGE} §4.5",
)
INTERACTIVE_VALIDATION: Final = Rule(
    code="JM1159",
    severity=Severity.ERROR,
    message='The technical profile "{profile}" shows a page, so it cannot be a validation technical profile.',
    help="run it as a claims exchange of an orchestration step",
    source=f"{_PROFILES} §2",
)

# --- policy keys -------------------------------------------------------------------------------

KEY_NOT_FOUND: Final = Rule(
    code="JM1180",
    severity=Severity.ERROR,
    message='Tenant "{tenant}" does not have CryptographicKey referenced by storageReferenceId "{id}".',
    help="create it with: journeyman keys create {id} (or generate, or upload)",
    source=f"{_UPLOAD} V11",
)
KEY_UNCHECKED: Final = Rule(
    code="JM1181",
    severity=Severity.INFO,
    message='The policy key "{id}" must exist; no tenant is known here, so this was not checked.',
    help="run the check inside the tenant folder",
    source=f"{_UPLOAD} V11",
)
KEY_NOT_ACTIVE: Final = Rule(
    code="JM1182",
    severity=Severity.WARNING,
    message='AADB2C90019: The key container with id "{id}" has no valid key: all are expired, disabled or not '
    "active yet.",
    help="add a key with: journeyman keys create {id}",
    source="policy-keys.md §4",
)

KEY_ENDS_SOON: Final = Rule(
    code="JM1183",
    severity=Severity.WARNING,
    message='The active key of the policy key "{id}" ends at {at}, and no other key follows it.',
    help="replace it in time with: journeyman keys rotate {id}",
    source="errors.md §5.2, KEY004",
)
KEY_PLACEHOLDER: Final = Rule(
    code="JM1184",
    severity=Severity.WARNING,
    message='The secret of the policy key "{id}" is a placeholder: everybody would guess it.',
    help="store the real one with: journeyman keys create {id} --add --secret-file FILE",
    source="errors.md §5.2, KEY011",
)
KEY_SIGNS_AND_ENCRYPTS: Final = Rule(
    code="JM1480",
    severity=Severity.WARNING,
    message='The policy key "{id}" both signs tokens and encrypts refresh tokens.',
    help="give issuer_refresh_token_key a policy key of its own",
    source="errors.md §5.2, KEY009",
)
KEY_USE_DIFFERS: Final = Rule(
    code="JM1481",
    severity=Severity.WARNING,
    message='The policy key "{id}" has the use {use}, and {key} needs {expected}.',
    help="make one with: journeyman keys generate NAME --type rsa --use {expected}",
    source="errors.md §5.2, KEY007",
)
KEY_SELF_SIGNED: Final = Rule(
    code="JM1482",
    severity=Severity.INFO,
    message='The client certificate in the policy key "{id}" is its own issuer.',
    help="let an authority issue it, so that the API can trust the authority: journeyman certs issue",
    source="errors.md §5.2, KEY010",
)

# --- journeys ----------------------------------------------------------------------------------

STEP_TYPE: Final = Rule(
    code="JM1201",
    severity=Severity.ERROR,
    message='Step {step} of "{journey}" has the type "{value}", which does not exist.',
    help="write one of {known}",
    source=f"{_LANGUAGE} §5.2",
)
STEP_NOT_RUN: Final = Rule(
    code="JM1202",
    severity=Severity.WARNING,
    message='Step {step} of "{journey}" has the type {type}, which this engine does not execute yet.',
    help="a journey that reaches the step ends with this text",
    source=f"{_LANGUAGE} §5.2",
)
STEP_GAP: Final = Rule(
    code="JM1203",
    severity=Severity.WARNING,
    message='"{journey}" was expected to have step with order "{step}" but it was not found.',
    help="number the steps from 1 without gaps; the real service may refuse gaps",
    source=f"{_UPLOAD} V04",
)
SELECTION_SUCCESSOR: Final = Rule(
    code="JM1204",
    severity=Severity.ERROR,
    message='Step {step} of "{journey}" follows a claims provider selection and must be a claims exchange but is of '
    "type {type}.",
    help="put a step of type ClaimsExchange after the selection",
    source=f"{_UPLOAD} V05",
)
MULTIPLE_EXCHANGES: Final = Rule(
    code="JM1205",
    severity=Severity.ERROR,
    message='User journey "{journey}" has step {step} with {count} claims exchanges. It must be preceded by a claims '
    "provider selection in order to determine which claims exchange can be used.",
    help="split the step, or put a selection before it; steps of one order are merged along the inheritance chain",
    source=f"{_UPLOAD} V06",
)
SELECTION_TARGET: Final = Rule(
    code="JM1206",
    severity=Severity.ERROR,
    message='The claims exchange "{id}" that step {step} of "{journey}" offers is not in the next step.',
    help='add <ClaimsExchange Id="{id}" …> to the next step, or correct TargetClaimsExchangeId',
    source="errors.md §5.4 JRN005",
)
VALIDATION_EXCHANGE: Final = Rule(
    code="JM1207",
    severity=Severity.ERROR,
    message='The claims exchange "{id}" that step {step} of "{journey}" validates is not in this step.',
    help='add <ClaimsExchange Id="{id}" …> to the step, or correct ValidationClaimsExchangeId',
    source="errors.md §5.4 JRN005",
)
NO_SEND_CLAIMS: Final = Rule(
    code="JM1209",
    severity=Severity.ERROR,
    message="AADB2C90040: User journey '{journey}' does not contain a send claims step.",
    help="end the journey with a step of type SendClaims",
    source=f"{_UPLOAD} V19",
)
NO_ISSUER: Final = Rule(
    code="JM1210",
    severity=Severity.ERROR,
    message='AADB2C90108: The orchestration step "{step}" of "{journey}" does not specify a '
    "CpimIssuerTechnicalProfileReferenceId when one was expected.",
    help='add CpimIssuerTechnicalProfileReferenceId="JwtIssuer" to the step',
    source="errors.md §5.4 JRN007",
)
NO_CONTENT_DEFINITION: Final = Rule(
    code="JM1211",
    severity=Severity.ERROR,
    message='AADB2C90277: The orchestration step "{step}" of the user journey "{journey}" does not specify a content '
    "definition reference.",
    help='add ContentDefinitionReferenceId="api.signuporsignin" to the step',
    source="errors.md §5.4 JRN012",
)
NO_EXCHANGE: Final = Rule(
    code="JM1212",
    severity=Severity.ERROR,
    message='Step {step} of "{journey}" is of type ClaimsExchange and has no claims exchange.',
    help="add <ClaimsExchanges>, or make the step a Noop",
    source=f"{_LANGUAGE} §5.2",
)
EXCHANGE_OF_PAGE: Final = Rule(
    code="JM1213",
    severity=Severity.WARNING,
    message='{item} of the technical profile "{profile}" names the claims exchange "{id}", which is not in the step '
    'after step {step} of "{journey}".',
    help='add <ClaimsExchange Id="{id}" …> to the next step, or correct {item}; whoever follows the link gets an error',
    source=f"{_PROFILES} §2.2",
)
NESTED_SUB_JOURNEY: Final = Rule(
    code="JM1214",
    severity=Severity.WARNING,
    message='The sub journey "{journey}" invokes a sub journey, which the real service does not allow.',
    help="invoke it from the user journey",
    source=f"{_LANGUAGE} §5.6",
)
SUB_JOURNEY_CYCLE: Final = Rule(
    code="JM1215",
    severity=Severity.ERROR,
    message='The sub journey "{journey}" invokes itself: {path}.',
    help="break the circle",
    source="errors.md §5.4 JRN016",
)
SUB_JOURNEY_CANDIDATES: Final = Rule(
    code="JM1216",
    severity=Severity.ERROR,
    message='Step {step} of "{journey}" names {count} sub journeys instead of one.',
    help="write exactly one <Candidate SubJourneyReferenceId=…>; of several the first is invoked",
    source=f"{_LANGUAGE} §5.6",
)
PRECONDITION_TYPE: Final = Rule(
    code="JM1217",
    severity=Severity.ERROR,
    message='Precondition type "{value}" does not exist.',
    help="write ClaimsExist or ClaimEquals",
    source=f"{_LANGUAGE} §5.3",
)
PRECONDITION_VALUES: Final = Rule(
    code="JM1218",
    severity=Severity.ERROR,
    message="The precondition {type} has {count} values; it needs {needed}.",
    help="write the claim type id in the first <Value>, for ClaimEquals the text in the second",
    source=f"{_LANGUAGE} §5.3",
)
PRECONDITION_LITERAL: Final = Rule(
    code="JM1219",
    severity=Severity.WARNING,
    message='The claim "{claim}" of type {data_type} never equals the text "{value}".',
    help="compare a boolean with True or False; a collection cannot be compared",
    source=f"{_LANGUAGE} §5.3",
)
PRECONDITION_ACTION: Final = Rule(
    code="JM1220",
    severity=Severity.WARNING,
    message='The action "{value}" does not belong here; the precondition skips all the same.',
    help="write {expected}",
    source=f"{_LANGUAGE} §5.3",
)
SUB_JOURNEY_TYPE: Final = Rule(
    code="JM1221",
    severity=Severity.ERROR,
    message='The sub journey "{journey}" has the type "{value}", which does not exist.',
    help="write Call or Transfer",
    source=f"{_LANGUAGE} §5.6",
)

# --- relying party -----------------------------------------------------------------------------

NOT_INVOCABLE: Final = Rule(
    code="JM1301",
    severity=Severity.ERROR,
    message="AADB2C90031: The relying party has no {missing}, so the policy cannot be run.",
    help="add <{missing}> to <RelyingParty>",
    source=f"{_LANGUAGE} §6",
)
ENDPOINT: Final = Rule(
    code="JM1302",
    severity=Severity.WARNING,
    message='Endpoint "{id}" does not exist.',
    help="write Token or UserInfo",
    source=f"{_LANGUAGE} §6.1",
)
OUTPUT_UNPRODUCED: Final = Rule(
    code="JM1303",
    severity=Severity.ERROR,
    message='Claim type "{claim}" is the output claim of the relying party\'s technical profile, but it is not an '
    'output claim in any of the steps of user journey "{journey}".',
    help="let a technical profile of the journey output it, or give it a DefaultValue",
    source=f"{_UPLOAD} V16",
)
INPUT_UNPRODUCED: Final = Rule(
    code="JM1304",
    severity=Severity.ERROR,
    message='Claim type "{claim}" is the input claim of technical profile "{profile}" in step "{step}" of user '
    'journey "{journey}" but it is not an output claim in any of the previous steps.',
    help="let an earlier step output it, give it a DefaultValue, or do not require it",
    source=f"{_UPLOAD} V17",
)
SUBJECT: Final = Rule(
    code="JM1305",
    severity=Severity.ERROR,
    message='SubjectNamingInfo names "{name}", which is not the PartnerClaimType of an output claim of the relying '
    "party.",
    help='write for example <OutputClaim ClaimTypeReferenceId="objectId" PartnerClaimType="{name}" />',
    source="errors.md §5.3 RP002",
)
BEHAVIOR_VALUE: Final = Rule(
    code="JM1306",
    severity=Severity.ERROR,
    message='{name} has the value "{value}", which cannot be used.',
    help="write {expected}",
    source=f"{_LANGUAGE} §6.2",
)
BEHAVIOR_UNKNOWN: Final = Rule(
    code="JM1307",
    severity=Severity.WARNING,
    message="The behavior {name} has no effect in this engine.",
    help="remove it, or correct its name",
    source=f"{_LANGUAGE} §6.2",
)
RELYING_PARTY_PROTOCOL: Final = Rule(
    code="JM1308",
    severity=Severity.ERROR,
    message='The protocol "{value}" of the relying party cannot be used.',
    help='write <Protocol Name="OpenIdConnect" />',
    source=f"{_LANGUAGE} §6.3",
)
REFRESH_JOURNEY: Final = Rule(
    code="JM1309",
    severity=Severity.ERROR,
    message='AADB2C90288: The user journey "{journey}" that the technical profile "{profile}" names for the '
    "redemption of refresh tokens does not exist.",
    help="correct the metadata item RefreshTokenUserJourneyId",
    source="errors.md §2.2",
)
