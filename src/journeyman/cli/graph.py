"""``journeyman graph``: the journeys of a policy as a diagram."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from journeyman.cli.graph_text import LINES, json_object
from journeyman.cli.merged_policy import merged_policy
from journeyman.cli.terminal import DONE, WRONG, end, errors_in_words, note, say, say_json
from journeyman.compiler.journey_graph import journey_graph
from journeyman.errors import SettingsError


def graph(policy_id: str, folder: Path, paths: Sequence[Path], *, format: str) -> None:
    """Print the diagram of a policy; a policy that no application can ask for has none."""
    with errors_in_words():
        if format not in {*LINES, "json"}:
            raise SettingsError(f"--format {format[:20]!r} is unknown; write mermaid, dot or json")
        policy = merged_policy(policy_id, folder, paths)
        found = journey_graph(policy)
        if not found.journeys:
            note(f"{policy.policy_id} has no relying party with a journey; name a policy that applications ask for")
            end(WRONG)
        if format == "json":
            say_json(json_object(found))
        else:
            for line in LINES[format](found):
                say(line)
        end(DONE)
