from __future__ import annotations

from journeyman.diagnostics import Rule
from journeyman.policy import rules

PINNED = {
    "UNREADABLE": "JM1002",
    "FILE_TOO_LARGE": "JM1003",
    "ENCODING": "JM1004",
    "NOT_WELL_FORMED": "JM1005",
    "DOCTYPE": "JM1006",
    "XML_LIMIT": "JM1007",
    "UNRESOLVED_SETTING": "JM1008",
    "NOT_A_POLICY": "JM1009",
    "ROOT_NAMESPACE": "JM1010",
    "FOREIGN_ELEMENT": "JM1011",
    "STRAY_TEXT": "JM1012",
    "TOO_MANY_PROBLEMS": "JM1013",
    "UNKNOWN_ELEMENT": "JM1020",
    "UNKNOWN_ATTRIBUTE": "JM1021",
    "MISSING_ATTRIBUTE": "JM1022",
    "MISSING_ELEMENT": "JM1023",
    "REPEATED_ELEMENT": "JM1024",
    "DUPLICATE_KEY": "JM1025",
    "BOOLEAN": "JM1026",
    "INTEGER": "JM1027",
    "SCHEMA_VERSION": "JM1028",
    "CHOICE": "JM1029",
    "NOT_SUPPORTED": "JM1030",
    "MERGE_BEHAVIOR": "JM1031",
    "POLICY_ID": "JM1032",
    "POLICY_ID_PREFIX": "JM1033",
    "TENANT_ID": "JM1034",
    "PUBLIC_POLICY_URI": "JM1035",
    "DUPLICATE_LOCALIZED_STRING": "JM1036",
    "MISSING_BASE": "JM1040",
    "BASE_CYCLE": "JM1041",
    "BASE_TENANT": "JM1042",
    "CHAIN_LENGTH": "JM1043",
    "DUPLICATE_POLICY": "JM1044",
    "TENANT_MISMATCH": "JM1045",
    "DATA_TYPE_CHANGED": "JM1046",
    "PRECONDITIONS_REPLACED": "JM1047",
    "POLICY_NOT_FOUND": "JM1048",
    "MISSING_INCLUDE": "JM1050",
    "INCLUDE_CYCLE": "JM1051",
    "INCLUDE_LIMIT": "JM1052",
    "SHADOWED": "JM1089",
}


def test_every_rule_keeps_its_number():
    found = {name: rule.code for name, rule in vars(rules).items() if isinstance(rule, Rule)}

    assert found == PINNED


def test_the_number_of_the_exception_for_a_broken_policy_is_not_used_by_a_rule():
    assert "JM1001" not in PINNED.values()
