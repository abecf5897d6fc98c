from __future__ import annotations

from journeyman.compiler import rules
from journeyman.diagnostics import Rule, Severity

CODES = {
    "UNDECLARED_CLAIM_TYPE": "JM1101",
    "UNRESOLVED_REFERENCE": "JM1102",
    "SPELLING": "JM1103",
    "DEPLOYMENT_MODE": "JM1104",
    "DATA_TYPE": "JM1110",
    "USER_INPUT_TYPE": "JM1111",
    "PATTERN": "JM1112",
    "PREDICATE": "JM1113",
    "MASK": "JM1114",
    "MATCH_AT_LEAST": "JM1115",
    "METHOD": "JM1120",
    "PARAMETER_UNKNOWN": "JM1121",
    "TRANSFORMATION_CLAIM_UNKNOWN": "JM1122",
    "PARAMETER_MISSING": "JM1123",
    "PARAMETER_WRONG": "JM1124",
    "DATA_URI_MISSING": "JM1130",
    "DATA_URI": "JM1131",
    "LOAD_URI_MISSING": "JM1132",
    "LOCALIZED_RESOURCES_URL": "JM1133",
    "CONTROL_TYPE": "JM1140",
    "HANDLER_UNKNOWN": "JM1150",
    "HANDLER_NOT_RUN": "JM1151",
    "PROTOCOL_MISSING": "JM1152",
    "DEFAULT_NOT_CONVERTIBLE": "JM1153",
    "RESOLVER_DISABLED": "JM1154",
    "METADATA_MISSING": "JM1155",
    "METADATA_EMPTY": "JM1156",
    "METADATA_UNKNOWN": "JM1157",
    "ENABLEMENT": "JM1158",
    "INTERACTIVE_VALIDATION": "JM1159",
    "RESOLVER_UNKNOWN": "JM1160",
    "KEY_NOT_FOUND": "JM1180",
    "KEY_UNCHECKED": "JM1181",
    "KEY_NOT_ACTIVE": "JM1182",
    "KEY_ENDS_SOON": "JM1183",
    "KEY_PLACEHOLDER": "JM1184",
    "STEP_TYPE": "JM1201",
    "STEP_NOT_RUN": "JM1202",
    "STEP_GAP": "JM1203",
    "SELECTION_SUCCESSOR": "JM1204",
    "MULTIPLE_EXCHANGES": "JM1205",
    "SELECTION_TARGET": "JM1206",
    "VALIDATION_EXCHANGE": "JM1207",
    "NO_SEND_CLAIMS": "JM1209",
    "NO_ISSUER": "JM1210",
    "NO_CONTENT_DEFINITION": "JM1211",
    "NO_EXCHANGE": "JM1212",
    "EXCHANGE_OF_PAGE": "JM1213",
    "NESTED_SUB_JOURNEY": "JM1214",
    "SUB_JOURNEY_CYCLE": "JM1215",
    "SUB_JOURNEY_CANDIDATES": "JM1216",
    "PRECONDITION_TYPE": "JM1217",
    "PRECONDITION_VALUES": "JM1218",
    "PRECONDITION_LITERAL": "JM1219",
    "PRECONDITION_ACTION": "JM1220",
    "SUB_JOURNEY_TYPE": "JM1221",
    "NOT_INVOCABLE": "JM1301",
    "ENDPOINT": "JM1302",
    "OUTPUT_UNPRODUCED": "JM1303",
    "INPUT_UNPRODUCED": "JM1304",
    "SUBJECT": "JM1305",
    "BEHAVIOR_VALUE": "JM1306",
    "BEHAVIOR_UNKNOWN": "JM1307",
    "RELYING_PARTY_PROTOCOL": "JM1308",
    "REFRESH_JOURNEY": "JM1309",
    "KEY_SIGNS_AND_ENCRYPTS": "JM1480",
    "KEY_USE_DIFFERS": "JM1481",
    "KEY_SELF_SIGNED": "JM1482",
}
"""Codes are stable: a published number is never given to another rule."""


def _rules() -> dict[str, Rule]:
    return {name: rule for name, rule in vars(rules).items() if isinstance(rule, Rule)}


def test_every_rule_keeps_its_code():
    assert {name: rule.code for name, rule in _rules().items()} == CODES


def test_no_code_is_used_twice():
    codes = [rule.code for rule in _rules().values()]

    assert len(codes) == len(set(codes))


def test_every_rule_says_what_to_do_and_who_demands_it():
    assert all(rule.help and rule.source for rule in _rules().values())


def test_a_different_spelling_is_never_more_than_information():
    assert rules.SPELLING.severity is Severity.INFO
