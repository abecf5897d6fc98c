"""The pages of claims transformations and claim resolvers hold what the code has, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from journeyman.claims.resolvers import BY_NAME, CATALOGUE
from journeyman.claims.transformations import METHODS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def rows_of(page):
    """Return the cells of every row of a table whose first cell is a name in backticks."""
    lines = (REFERENCE / page).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if line.startswith("| `")]


ROWS = {row[0].strip("`"): row for row in rows_of("claims-transformations.md")}


def names_in(cell):
    """Return the names of a cell in lower case, None where any are taken."""
    return None if cell.startswith("any") else {name.lower() for name in re.findall(r"`([^`]+)`", cell)}


def test_every_method_has_its_row_in_its_documented_spelling():
    assert set(ROWS) == {method.name for method in METHODS.values()}


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_a_row_names_what_the_method_takes_and_gives(method):
    _, inputs, parameters, outputs, _ = ROWS[method.name]

    assert names_in(inputs) == method.inputs
    assert names_in(parameters) == method.parameters
    assert names_in(outputs) == method.outputs
    starred = {name.lower() for name in re.findall(r"`([^`]+)`\*", parameters)}
    assert starred == method.required_parameters


def test_every_resolver_has_its_row():
    named = {row[0].strip("`") for row in rows_of("claim-resolvers.md")}

    catalogue = {f"{{{namespace}:{name}}}" for namespace, name in CATALOGUE} | {
        f"{{{space}:<name>}}" for space in BY_NAME
    }
    assert {name.casefold() for name in named if ":" in name} == catalogue
