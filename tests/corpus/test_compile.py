"""Every chain of the collection of public policies through the whole compiler.

``expected_errors.toml`` was written by hand: what a file deserves by the specification, and why.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from journeyman.compiler.passes import compile_policy
from journeyman.compiler.report import distinct
from journeyman.diagnostics import Diagnostic, Severity
from journeyman.engine.registry import SPECS
from journeyman.policy.inheritance import index_policies, resolve_chain
from journeyman.policy.load import load_file
from journeyman.policy.merge import merge_chain
from journeyman.policy.substitution import Substitutions

pytestmark = pytest.mark.corpus

HERE = Path(__file__).parent
TENANT = Substitutions({}, "contoso.onmicrosoft.com")
Record = Mapping[str, Any]


@pytest.fixture(scope="module")
def corpus() -> Path:
    folder = Path(os.environ.get("JOURNEYMAN_CORPUS", HERE.parents[2] / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"the collection of public policies is not at {folder}; set JOURNEYMAN_CORPUS")
    return folder


@pytest.fixture(scope="module")
def index(corpus: Path) -> list[Record]:
    return json.loads((corpus / "index.json").read_text(encoding="utf-8"))["policies"]


@pytest.fixture(scope="module")
def found(corpus: Path, index: list[Record]) -> dict[str, list[str]]:
    """Path -> the errors of the chain that ends there; of chains without an error nothing."""
    files = {record["path"]: load_file(corpus / record["path"], record["path"], TENANT) for record in index}
    every = {record["path"]: [brief(error) for error in errors_of(record, files)] for record in index}
    return {path: errors for path, errors in every.items() if errors}


@pytest.fixture(scope="module")
def expected() -> Mapping[str, Any]:
    return tomllib.loads((HERE / "expected_errors.toml").read_text(encoding="utf-8"))


def errors_of(record: Record, files) -> list[Diagnostic]:
    """Compile one chain as ``check`` does: an error in a file ends it before the compiler begins."""
    chain = [files[link["path"]] for link in reversed(record["chain"])]
    diagnostics = [each for _, of_file in chain for each in of_file]
    if any(policy is None for policy, _ in chain):
        return only_errors(diagnostics)
    policies = [policy for policy, _ in chain]
    if not record["chain_complete"]:
        return only_errors([*diagnostics, *resolve_chain(policies[-1], index_policies(policies))[1]])
    merged, of_merge = merge_chain(policies)
    before = only_errors([*diagnostics, *of_merge])
    return before or only_errors(compile_policy(merged, specs=SPECS, keys=None, engine_production=False)[1])


def only_errors(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    return [each for each in distinct(diagnostics) if each.severity is Severity.ERROR]


def brief(error: Diagnostic) -> str:
    place = error.location
    quoted = error.message.split('"')[1::2]
    return f"{Path(place.path).name}:{place.line}:{place.column} {error.code} {' '.join(quoted[:1])}".rstrip()


def whole(record: Record) -> bool:
    return record["wellformed"] and record["chain_complete"] and not record["dangling_refs"]


def test_every_chain_gets_exactly_the_errors_that_it_deserves(found, expected):
    assert found == expected["errors"]


def test_every_expected_error_is_defended_by_a_line_of_the_specification(expected):
    codes = {error.split()[1] for errors in expected["errors"].values() for error in errors}

    assert codes == set(expected["defence"])


def test_whole_chains_compile_but_for_those_that_the_real_service_refuses_as_well(index, found, expected):
    refused = [record["path"] for record in index if whole(record) and record["path"] in found]

    assert len([record for record in index if whole(record)]) == 326
    assert refused == sorted(expected["refused_by_the_service"]["paths"])


def test_every_chain_with_a_dangling_reference_a_missing_base_or_malformed_xml_has_an_error(index, found):
    silent = [record["path"] for record in index if not whole(record) and record["path"] not in found]

    assert silent == []
