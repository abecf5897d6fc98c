"""What can be wrong with a user flow, JM1500 to JM1509."""

from __future__ import annotations

from typing import Final

from journeyman.diagnostics import Rule, Severity

_FLOWS = "pages.md §13"

UNKNOWN_NAME: Final = Rule(
    code="JM1500",
    severity=Severity.ERROR,
    message="The user flow {flow} names the {kind} {name!r}, which this tenant does not have.",
    help="{remedy}",
    source=_FLOWS,
)
NO_WAY_IN: Final = Rule(
    code="JM1501",
    severity=Severity.ERROR,
    message="The user flow {flow} of the type {type} has no local accounts, and no identity provider can stand in.",
    help='set local_accounts to "email" or "userName", or add an identity provider where the type allows it',
    source=_FLOWS,
)
UNREACHABLE_STEP: Final = Rule(
    code="JM1502",
    severity=Severity.WARNING,
    message="The user flow {flow} of the type {type} never comes to the step {step}: its API connector is not called.",
    help="take the connector out of the flow; postFederationSignup needs an identity provider",
    source="rest-connectors.md §15.2",
)
NOT_COLLECTED: Final = Rule(
    code="JM1503",
    severity=Severity.ERROR,
    message="The user flow {flow} asks for {attribute!r}, which no person can enter.",
    help="take it out of the attributes; it can be one of the claims",
    source=_FLOWS,
)
TWICE: Final = Rule(
    code="JM1504",
    severity=Severity.ERROR,
    message="The user flow {flow} asks for {attribute!r} twice.",
    help="keep one of them",
    source=_FLOWS,
)
INPUT_TYPE: Final = Rule(
    code="JM1505",
    severity=Severity.ERROR,
    message="The user flow {flow} asks for {attribute!r} by {input}, which cannot give a value of the type {type}.",
    help="choose textBox, which becomes what suits the type",
    source=_FLOWS,
)
NO_OPTIONS: Final = Rule(
    code="JM1506",
    severity=Severity.ERROR,
    message="The user flow {flow} lets a person choose {attribute!r} from a list without options.",
    help="add options, or choose another input type",
    source=_FLOWS,
)
WITHOUT_VALUE: Final = Rule(
    code="JM1507",
    severity=Severity.INFO,
    message="The claim {claim!r} never has a value in the user flow {flow}: it is left out.",
    help="take it out of the claims",
    source=_FLOWS,
)
NO_ATTRIBUTES: Final = Rule(
    code="JM1508",
    severity=Severity.ERROR,
    message="AADB2C99021: The user flow {flow} edits profiles and has no attribute to edit.",
    help="add attributes",
    source="rest-connectors.md §15.5",
)
UNKNOWN_PAGE: Final = Rule(
    code="JM1509",
    severity=Severity.WARNING,
    message="The user flow {flow} has no page {page!r}: what is set for it has no effect.",
    help="its pages are: {known}",
    source="pages.md §1.1",
)
