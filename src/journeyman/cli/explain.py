"""``journeyman explain``: the merged policy, every part with the file and line it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from journeyman.cli.merged_policy import merged_policy, nearest
from journeyman.cli.terminal import DONE, end, errors_in_words, say, say_json
from journeyman.errors import SettingsError
from journeyman.policy.explain import Explained, explain
from journeyman.policy.explained import Part
from journeyman.policy.model import Policy
from journeyman.trace.printable import printable


def run_explain(policy_id: str, element: str | None, folder: Path, paths: Sequence[Path], *, as_json: bool) -> None:
    """Print a merged policy, or the elements of it that have the id ``element``."""
    with errors_in_words():
        policy = merged_policy(policy_id, folder, paths)
        found = explain(policy, element)
        if not found:
            raise SettingsError(f"{policy.policy_id} has no element {element!r}{_near(element or '', policy)}")
        if as_json:
            say_json(_object(policy, found))
        else:
            for line in _lines(found):
                say(line)
        end(DONE)


def _near(element: str, policy: Policy) -> str:
    return nearest(element, sorted({each.id for each in explain(policy)}))


# --- how it looks ------------------------------------------------------------------------------


def _lines(found: Sequence[Explained]) -> Iterator[str]:
    """Yield a tree, each line with its place behind it in one column."""
    rows = [row for element in found for row in _rows(element)]
    width = min(100, max(len(text) for text, _ in rows))
    for text, place in rows:
        yield f"{text:<{width}}  {place}".rstrip()


def _rows(element: Explained) -> Iterator[tuple[str, str]]:
    yield f"{element.kind} {printable(element.id)}", str(element.location)
    for part in element.parts:
        yield from _part_rows(part, depth=1)


def _part_rows(part: Part, *, depth: int) -> Iterator[tuple[str, str]]:
    value = " ".join(printable(part.value).split())
    # A section may be put together from several files: its entries say where they are from.
    place = "" if part.parts and not part.value else _place(part)
    yield f"{'  ' * depth}{part.name} {value}".rstrip(), place
    for inner in part.parts:
        yield from _part_rows(inner, depth=depth + 1)


def _place(part: Part) -> str:
    return part.location.path if not part.location.line else str(part.location)


def _object(policy: Policy, found: Sequence[Explained]) -> dict[str, object]:
    elements = [
        {
            "kind": element.kind,
            "id": element.id,
            "path": element.location.path,
            "line": element.location.line,
            "column": element.location.column,
            "parts": [_part_object(part) for part in element.parts],
        }
        for element in found
    ]
    return {"policy": policy.policy_id, "files": list(policy.files), "elements": elements}


def _part_object(part: Part) -> dict[str, object]:
    made: dict[str, object] = {
        "name": part.name,
        "value": part.value,
        "path": part.location.path,
        "line": part.location.line,
        "column": part.location.column,
    }
    if part.parts:
        made["parts"] = [_part_object(inner) for inner in part.parts]
    return made
