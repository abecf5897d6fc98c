"""The commands and where each is implemented; a command's module is imported only when it runs."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Final

import typer

from journeyman import __version__
from journeyman.cli.terminal import errors_in_words, say

HELP: Final = "Run Azure AD B2C policies on your own machine, with every REST call secured."

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Folder = Annotated[Path, typer.Argument(help="The tenant folder.", show_default="here")]
Dir = Annotated[Path, typer.Option("--dir", help="The tenant folder.", show_default="here")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HERE: Final = Path()


def run() -> None:
    """Run the command line."""
    with errors_in_words():
        app()


def _version(asked: bool) -> None:  # noqa: FBT001  # the callback of an option
    if asked:
        say(f"journeyman {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Run Azure AD B2C policies on your own machine, with every REST call secured."""


@app.command()
def up(
    folder: Folder = HERE,
    listen: Annotated[
        str | None, typer.Option(help="HOST:PORT to listen on, in place of the one in journeyman.toml.")
    ] = None,
) -> None:
    """Serve a tenant folder: pages, OpenID Connect, the journeys page. Reloads when a policy changes."""
    import_module("journeyman.cli.up").up(folder, listen)


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="Policy files and folders.")],
    format: Annotated[str, typer.Option("--format", help="text, json, sarif or github.")] = "text",
    mode: Annotated[str, typer.Option("--mode", help="development, or production as the real service checks.")] = "",
) -> None:
    """Compile policies without running them; exit 1 when one has an error."""
    import_module("journeyman.cli.check").check(paths, format, mode)
