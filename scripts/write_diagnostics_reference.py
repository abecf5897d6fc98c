"""Write docs/reference/diagnostics.md from the rules and the error classes of the code.

python scripts/write_diagnostics_reference.py            writes the page
python scripts/write_diagnostics_reference.py --check    exit 1 when the page is not current
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

import journeyman
from journeyman.diagnostics import Rule
from journeyman.errors import JourneymanError

PAGE: Final = Path(__file__).parent.parent / "docs" / "reference" / "diagnostics.md"
DEFINITION: Final = re.compile(r'\bcode\b[^\n]*= ?"JM[0-9]{4}"')

INTRODUCTION: Final = """# Diagnostics and errors

<!-- Written by scripts/write_diagnostics_reference.py. Do not edit: change the rule or the error class, then run the script. -->

Every code is `JM` and four digits. A code is stable and is never used again for something else.

A **diagnostic** is found when a policy is loaded, before the first request. `journeyman check` and `journeyman up`
print it as `file:line:column: severity code [element] message`, followed by the remedy. Where the real service has a
code for the same mistake, the message begins with it (`AADB2C90023: …`).

* An **error** keeps the policy from being served. In production mode it keeps the whole release from being served.
* A **warning** names something that works here and may not do what its author wants.
* **info** is a note: `check` prints it, `up` does not.

Some rules are an error in production mode and a warning in development mode; the table shows the default. Words in
braces stand for parts of your policy.

An **error class** is raised while the engine runs. Its code stands in the log and on the terminal. What the person at
the page and the application see is the text and the `AADB2C` code of the real service.
"""

SECTIONS: Final = (
    ("JM10", "Policy files, XML, schema, inheritance"),
    ("JM11", "References, claims, technical profiles, policy keys"),
    ("JM12", "User journeys"),
    ("JM13", "Relying party and the flow of claims"),
    ("JM14", "Handlers: REST, token issuer, directory"),
    ("JM15", "User flows, API connectors, identity providers, advice about REST calls"),
)
"""The first four characters of the codes, and the heading of their table."""


def main(arguments: Sequence[str]) -> int:
    """Write or check the page; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__,
    )
    parser.add_argument("--check", action="store_true", help="do not write; exit 1 when the page is not current")
    text = page()
    if not parser.parse_args(arguments).check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print("docs/reference/diagnostics.md is not current; run python scripts/write_diagnostics_reference.py")
    return 1


def page() -> str:
    """Return the text of the page."""
    modules = tuple(all_modules())
    found = rules(modules)
    groups: dict[str, list[Rule]] = {}
    for rule in found:
        groups.setdefault(rule.code[:4], []).append(rule)
    titles = dict(SECTIONS)
    parts = [INTRODUCTION]
    for prefix, group in sorted(groups.items()):
        parts.append(f"## {titles.get(prefix, 'Other rules')} ({prefix}…)\n\n{rule_table(group)}")
    parts.append(f"## Errors while the engine runs\n\n{error_table(modules)}")
    return "\n".join(parts)


def all_modules() -> Iterator[ModuleType]:
    """Import every module whose text defines a code."""
    root = Path(journeyman.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if DEFINITION.search(path.read_text(encoding="utf-8")):
            parts = path.relative_to(root.parent).with_suffix("").parts
            yield importlib.import_module(".".join(parts).removesuffix(".__init__"))


def rules(modules: Sequence[ModuleType]) -> list[Rule]:
    """Return every rule once, by code. Raises ValueError when two rules have the same code."""
    found: dict[str, Rule] = {}
    for rule in (value for module in modules for value in vars(module).values() if isinstance(value, Rule)):
        if found.setdefault(rule.code, rule) != rule:
            message = f"two rules have the code {rule.code}; give the newer one another"
            raise ValueError(message)
    return [found[code] for code in sorted(found)]


def errors(modules: Sequence[ModuleType]) -> list[type[JourneymanError]]:
    """Return the error class that owns each code: the first of its line that has it."""
    owners: dict[str, type[JourneymanError]] = {}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, JourneymanError) and "code" in vars(value):
                owners[value.code] = value
    return [owners[code] for code in sorted(owners)]


def rule_table(group: Sequence[Rule]) -> str:
    """Return the table of some rules."""
    rows = ["| code | severity | message | what to do |", "|---|---|---|---|"]
    rows += [
        f'| <a id="{rule.code.lower()}"></a>`{rule.code}` | {rule.severity.value} | {cell(rule.message)} | {cell(rule.help)} |'
        for rule in group
    ]
    return "\n".join(rows) + "\n"


def error_table(modules: Sequence[ModuleType]) -> str:
    """Return the table of the error classes."""
    rows = ["| code | class | meaning |", "|---|---|---|"]
    for error in errors(modules):
        meaning = (error.__doc__ or "").strip().partition("\n\n")[0]
        place = f'<a id="{error.code.lower()}"></a>`{error.code}`'
        rows.append(f"| {place} | `{error.__name__}` | {cell(' '.join(meaning.split()))} |")
    return "\n".join(rows) + "\n"


def cell(text: str) -> str:
    """Return a text that stands in a table: no bars, no tags, no double braces."""
    text = text.replace("{{", "{").replace("}}", "}").replace("``", "`").replace("|", "\\|")
    text = re.sub(r"\{(\w+)![rs]\}", r"{\1}", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
