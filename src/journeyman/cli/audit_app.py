"""``journeyman audit``: its commands and options; ``audit.py`` does what they say."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from journeyman.cli.options import HERE, AsJson, Dir, command_group
from journeyman.cli.terminal import USAGE, say

app = command_group("The audit trail of a tenant folder.")


@app.callback()
def audit(context: typer.Context) -> None:
    """Show the audit trail of a tenant folder, also while `journeyman up` serves it.

    Changes of policy keys, their use for signing, and REST calls.
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(USAGE)


@app.command("list", epilog="Example: journeyman audit list --limit 20")
def list_(
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, metavar="N", help="At most N entries.")] = 100,
    target: Annotated[
        str | None,
        typer.Option(
            "--target", metavar="ID", help="Only of this policy key or technical profile.", show_default="every one"
        ),
    ] = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """List the entries, newest first."""
    import_module("journeyman.cli.audit").list_entries(folder, limit=limit, target=target, as_json=as_json)


@app.command(epilog="Example: journeyman audit verify")
def verify(
    *,
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar="HEAD",
            help="What an earlier verify printed as head: entries that were cut off since are found.",
            show_default=False,
        ),
    ] = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Check that no entry was changed, inserted, moved or removed.

    Exit code 1 when one was; the first is named. Keep the head elsewhere: it shows entries that are cut off at the end.
    """
    import_module("journeyman.cli.audit").verify_entries(folder, head, as_json=as_json)
