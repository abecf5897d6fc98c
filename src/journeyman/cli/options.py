"""What the declarations of commands share: the look of the help, and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

HERE: Final = Path()
DEMO: Final = Path("journeyman-demo")

Folder = Annotated[Path, typer.Argument(metavar="[DIR]", help="The tenant folder.", show_default="here")]
Dir = Annotated[Path, typer.Option("--dir", metavar="DIR", help="The tenant folder.", show_default="here")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def command_group(help: str) -> typer.Typer:
    """Return an empty group of commands, whose help is plain text."""
    return typer.Typer(
        help=help,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        # Plain text starts in half the time and can be searched.
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
