"""``journeyman-guard check``: read ``guard.toml`` as the guard would at its start."""

from __future__ import annotations

import argparse

from journeyman_guard.cli.terminal import DONE, WRONG, note, say, say_json
from journeyman_guard.configuration.load import load_file
from journeyman_guard.errors import MisconfiguredError


def run_options(options: argparse.Namespace) -> int:
    """Print the routes; 1 when the file is wrong."""
    try:
        found = load_file(options.file)
    except MisconfiguredError as error:
        if options.json:
            say_json({"ok": False, "error": str(error)})
        else:
            note(f"error: {error}")
        return WRONG
    named = {id(check): name for name, check in found.checks.items()}
    routes = [(route.text, named[id(route.check)]) for route in found.guard.routes.routes]
    if options.json:
        say_json({"ok": True, "routes": dict(routes)})
        return DONE
    width = max(len(text) for text, _ in routes)
    for text, name in routes:
        say(f"{text:<{width}}  {name}")
    return DONE
