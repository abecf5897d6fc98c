"""Every rule of reading and merging policy files: the file, its XML, its schema, its inheritance.

A message begins with the text that the real service prints at upload, where errors.md §3 has one.
"""

from __future__ import annotations

from typing import Final

from journeyman.diagnostics import Rule, Severity

_LANGUAGE = "policy-language.md"
_UPLOAD = "errors.md §3"
_LINT = "errors.md §5.5"

# --- the file and its XML ----------------------------------------------------------------------

UNREADABLE: Final = Rule(
    code="JM1002",
    severity=Severity.ERROR,
    message="The file cannot be read: {reason}.",
    help="correct the path or the permissions",
    source=f"{_LANGUAGE} §0.1",
)
FILE_TOO_LARGE: Final = Rule(
    code="JM1003",
    severity=Severity.ERROR,
    message="The file is larger than {limit} MiB.",
    help="split the policy into a base and extensions",
    source=f"{_UPLOAD} V27",
)
ENCODING: Final = Rule(
    code="JM1004",
    severity=Severity.ERROR,
    message="The file contains invalid XML: {reason}.",
    help="save the file as UTF-8",
    source=f"{_UPLOAD} V01",
)
NOT_WELL_FORMED: Final = Rule(
    code="JM1005",
    severity=Severity.ERROR,
    message="The file contains invalid XML: {reason}.",
    help="look at this place: < and & in text are written &lt; and &amp;, and every tag is closed",
    source=f"{_UPLOAD} V01",
)
DOCTYPE: Final = Rule(
    code="JM1006",
    severity=Severity.ERROR,
    message="The file contains a document type declaration, which is refused.",
    help="remove <!DOCTYPE …> and every entity that it declares",
    source=f"{_LINT} POL009",
)
XML_LIMIT: Final = Rule(
    code="JM1007",
    severity=Severity.ERROR,
    message="The file is refused: {reason}.",
    help="split the policy, or remove what is not part of the policy language",
    source=f"{_LINT} POL010",
)
UNRESOLVED_SETTING: Final = Rule(
    code="JM1008",
    severity=Severity.WARNING,
    message="The placeholder {placeholder} has no value: it stays in the policy as it stands.",
    help='add {name} = "…" under [settings] in journeyman.toml',
    source=f"{_LANGUAGE} §0.1 and {_LINT} POL003",
)
NOT_A_POLICY: Final = Rule(
    code="JM1009",
    severity=Severity.WARNING,
    message="The file is not a policy, its root element is <{name}>: it is skipped.",
    help="move the file out of the policy folder",
    source=f"{_LANGUAGE} §0",
)
ROOT_NAMESPACE: Final = Rule(
    code="JM1010",
    severity=Severity.ERROR,
    message="The root element is not of the namespace of the policy language.",
    help='write <TrustFrameworkPolicy xmlns="{namespace}" …>',
    source=f"{_LANGUAGE} §0",
)
FOREIGN_ELEMENT: Final = Rule(
    code="JM1011",
    severity=Severity.WARNING,
    message="The element <{name}> is not of the namespace of the policy language: it is ignored.",
    help="remove it, or remove its xmlns attribute or prefix",
    source=f"{_LANGUAGE} §0.1",
)
STRAY_TEXT: Final = Rule(
    code="JM1012",
    severity=Severity.WARNING,
    message="Text stands between the elements of <{name}>: it is ignored.",
    help="remove the text, or put it into a comment",
    source=f"{_LANGUAGE} §0.1",
)
TOO_MANY_PROBLEMS: Final = Rule(
    code="JM1013",
    severity=Severity.ERROR,
    message="The file has more than {limit} problems: the others are not shown.",
    help="correct these first",
    source="this project",
)

# --- the schema --------------------------------------------------------------------------------

UNKNOWN_ELEMENT: Final = Rule(
    code="JM1020",
    severity=Severity.WARNING,
    message="Schema validation error found: the element '{parent}' has invalid child element '{name}': it is ignored.",
    help="remove it, or write one of: {known}",
    source=f"{_UPLOAD} V02",
)
UNKNOWN_ATTRIBUTE: Final = Rule(
    code="JM1021",
    severity=Severity.WARNING,
    message="Schema validation error found: the '{name}' attribute is not declared for '{parent}': it is ignored.",
    help="remove it, or write one of: {known}",
    source=f"{_UPLOAD} V02",
)
MISSING_ATTRIBUTE: Final = Rule(
    code="JM1022",
    severity=Severity.ERROR,
    message="Schema validation error found: the required attribute '{name}' of '{parent}' is missing or empty.",
    help='add {name}="…"',
    source=f"{_UPLOAD} V02",
)
MISSING_ELEMENT: Final = Rule(
    code="JM1023",
    severity=Severity.ERROR,
    message="Schema validation error found: the element '{parent}' has no '{name}', or an empty one.",
    help="add <{name}> to <{parent}>",
    source=f"{_UPLOAD} V02",
)
REPEATED_ELEMENT: Final = Rule(
    code="JM1024",
    severity=Severity.ERROR,
    message="Schema validation error found: the element '{parent}' has invalid child element '{name}': "
    "it stands there a second time.",
    help="keep one <{name}> in <{parent}>",
    source=f"{_UPLOAD} V02",
)
DUPLICATE_KEY: Final = Rule(
    code="JM1025",
    severity=Severity.ERROR,
    message="There is a duplicate key sequence '{id}' among the {kind} elements: the first stands in line {line}.",
    help="give it another key, or remove one of the two",
    source=f"{_UPLOAD} V03",
)
BOOLEAN: Final = Rule(
    code="JM1026",
    severity=Severity.ERROR,
    message="Schema validation error found: '{value}' of {name} is not a Boolean value.",
    help="write true or false",
    source=f"{_LANGUAGE} §0.1",
)
INTEGER: Final = Rule(
    code="JM1027",
    severity=Severity.ERROR,
    message="Schema validation error found: '{value}' of {name} is not a whole number.",
    help="write a whole number of at most 9 digits",
    source=f"{_LANGUAGE} §0.2",
)
SCHEMA_VERSION: Final = Rule(
    code="JM1028",
    severity=Severity.ERROR,
    message="Schema validation error found: PolicySchemaVersion is '{value}'.",
    help='write PolicySchemaVersion="0.3.0.0"',
    source=f"{_LANGUAGE} §1.1",
)
CHOICE: Final = Rule(
    code="JM1029",
    severity=Severity.ERROR,
    message="Schema validation error found: '{parent}' takes either {first} or {second}.",
    help="keep exactly one of the two",
    source=f"{_LANGUAGE} §3.1.3, §4.1 and §5.4",
)
NOT_SUPPORTED: Final = Rule(
    code="JM1030",
    severity=Severity.WARNING,
    message="{name} of '{parent}' is not supported: it has no effect.",
    help="do not rely on it; no published policy does",
    source=f"{_LINT} POL011",
)
MERGE_BEHAVIOR: Final = Rule(
    code="JM1031",
    severity=Severity.ERROR,
    message="Schema validation error found: MergeBehavior '{value}' does not exist.",
    help="write Append, Prepend or ReplaceAll",
    source=f"{_LANGUAGE} §0.2",
)
POLICY_ID: Final = Rule(
    code="JM1032",
    severity=Severity.ERROR,
    message="Schema validation error found: '{value}' is not a PolicyId.",
    help="use letters, digits, underscores, hyphens and dots, and no dot at the end",
    source=f"{_LANGUAGE} §0.2",
)
POLICY_ID_PREFIX: Final = Rule(
    code="JM1033",
    severity=Severity.WARNING,
    message="The PolicyId '{value}' does not begin with B2C_1A_: the real service adds this prefix.",
    help='write PolicyId="B2C_1A_{value}"',
    source=f"{_UPLOAD} V26",
)
TENANT_ID: Final = Rule(
    code="JM1034",
    severity=Severity.WARNING,
    message="'{value}' is not the name of a tenant.",
    help="write the name of the tenant, such as contoso.onmicrosoft.com",
    source=f"{_LANGUAGE} §0.2",
)
PUBLIC_POLICY_URI: Final = Rule(
    code="JM1035",
    severity=Severity.INFO,
    message="PublicPolicyUri '{value}' does not end in the PolicyId.",
    help='write PublicPolicyUri="{expected}"',
    source=f"{_LINT} POL004",
)
DUPLICATE_LOCALIZED_STRING: Final = Rule(
    code="JM1036",
    severity=Severity.INFO,
    message="The text of {id} is given a second time: the last one is used.",
    help="remove one of the two",
    source=f"{_LANGUAGE} §3.6",
)

# --- inheritance -------------------------------------------------------------------------------

MISSING_BASE: Final = Rule(
    code="JM1040",
    severity=Severity.ERROR,
    message="Policy with 'policyId': {base} cannot be found; it is the base policy of {child}.",
    help="add the file of the base policy to the policy paths, or correct <BasePolicy>",
    source=f"{_UPLOAD} V09",
)
BASE_CYCLE: Final = Rule(
    code="JM1041",
    severity=Severity.ERROR,
    message="The base policies go round in a circle: {path}.",
    help="correct <BasePolicy> of one of them",
    source=f"{_UPLOAD} V27",
)
BASE_TENANT: Final = Rule(
    code="JM1042",
    severity=Severity.WARNING,
    message="The base policy {base} is wanted from tenant '{wanted}' and was taken from tenant '{found}'.",
    help="write the same TenantId in all files of the chain",
    source=f"{_LINT} POL002",
)
CHAIN_LENGTH: Final = Rule(
    code="JM1043",
    severity=Severity.WARNING,
    message="The policy {id} has a chain of {length} files; the real service takes 10.",
    help="join some of the base policies",
    source=f"{_UPLOAD} V27",
)
DUPLICATE_POLICY: Final = Rule(
    code="JM1044",
    severity=Severity.ERROR,
    message="Another policy with the same id cannot be stored: {id} is in {first} already.",
    help="give one of the two files another PolicyId, or take it out of the policy paths",
    source=f"{_UPLOAD} V21",
)
SHADOWED: Final = Rule(
    code="JM1089",
    severity=Severity.WARNING,
    message="This file is not used: the policy {id} is served as it was uploaded or made, {first}.",
    help="take the file out of the policy paths, or delete the uploaded policy",
    source="decided here: what was uploaded last is what is served",
)
TENANT_MISMATCH: Final = Rule(
    code="JM1045",
    severity=Severity.WARNING,
    message="TenantId in the policy xml '{found}' is not same as the one in login tenant '{expected}'.",
    help="write the tenant name of journeyman.toml, or yourtenant.onmicrosoft.com, which is replaced by it",
    source=f"{_UPLOAD} V10",
)
DATA_TYPE_CHANGED: Final = Rule(
    code="JM1046",
    severity=Severity.WARNING,
    message='The DataType of claim type "{id}" is "{base}" in a base policy and "{child}" here.',
    help="declare the claim type with one DataType",
    source=f"{_UPLOAD} V28",
)
PRECONDITIONS_REPLACED: Final = Rule(
    code="JM1047",
    severity=Severity.INFO,
    message="The preconditions of step {order} of user journey '{journey}' replace those of the base policy.",
    help="repeat the preconditions of the base policy here if they must hold too",
    source=f"{_LANGUAGE} §2.3.2",
)
POLICY_NOT_FOUND: Final = Rule(
    code="JM1048",
    severity=Severity.ERROR,
    message="Policy with 'policyId': {id} cannot be found.",
    help="correct the id, or add the file to the policy paths",
    source=f"{_UPLOAD} V09",
)

# --- included technical profiles ---------------------------------------------------------------

MISSING_INCLUDE: Final = Rule(
    code="JM1050",
    severity=Severity.ERROR,
    message='The policy makes a reference to TechnicalProfile with id "{id}" but neither the policy nor any of its '
    "base policies contain such an element.",
    help="correct the reference, or define the technical profile that is to be included",
    source=f"{_UPLOAD} V08",
)
INCLUDE_CYCLE: Final = Rule(
    code="JM1051",
    severity=Severity.ERROR,
    message="Technical profiles include each other in a circle: {path}.",
    help="remove one of the includes",
    source=f"{_LANGUAGE} §2.3.1",
)
INCLUDE_LIMIT: Final = Rule(
    code="JM1052",
    severity=Severity.ERROR,
    message="The includes of technical profiles add up to more than {limit} claims and settings.",
    help="include fewer or smaller technical profiles",
    source="this project",
)
