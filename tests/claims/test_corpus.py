"""What the public policies ask of this package: every expression, predicate and transformation method."""

import os
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from journeyman.claims.dotnet_regex import compile_regex
from journeyman.claims.predicates import compile_predicate
from journeyman.claims.transformations import METHODS, problems

NAMESPACE = "{http://schemas.microsoft.com/online/cpim/schemas/2013/06}"

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def corpus() -> Path:
    """Return the folder of public policies."""
    folder = Path(os.environ.get("JOURNEYMAN_CORPUS") or Path(__file__).parents[2].parent / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip(f"the public policies are not at {folder}; set JOURNEYMAN_CORPUS")
    return folder


def elements(corpus: Path, name: str) -> Iterator[ET.Element]:
    for path in sorted(corpus.rglob("*.xml")):
        try:
            root = ET.parse(path).getroot()
        except ET.ParseError:
            continue
        yield from root.iter(f"{NAMESPACE}{name}")


def test_every_pattern_and_mask_compiles(corpus):
    patterns = {element.get("RegularExpression") or "" for element in elements(corpus, "Pattern")}
    masks = {element.get("Regex") or "" for element in elements(corpus, "Mask")}

    compiled = [compile_regex(expression) for expression in patterns | masks]
    assert len(compiled) >= 10


def test_every_predicate_compiles(corpus):
    found = list(elements(corpus, "Predicate"))

    for element in found:
        parameters = {item.get("Id") or "": item.text or "" for item in element.iter(f"{NAMESPACE}Parameter")}
        compile_predicate(element.get("Id") or "", element.get("Method") or "", parameters, "")
    assert len(found) >= 10


def test_every_transformation_has_a_method_and_good_parameters(corpus):
    wrong: dict[str, tuple[str, ...]] = {}
    for element in elements(corpus, "ClaimsTransformation"):
        name = (element.get("TransformationMethod") or "").lower()
        parameters = {
            (item.get("Id") or "").lower(): item.get("Value") or ""
            for item in element.iter(f"{NAMESPACE}InputParameter")
        }
        if name:
            found = problems(METHODS[name], parameters)
            wrong |= {element.get("Id") or "": found} if found else {}

    assert wrong == {}
