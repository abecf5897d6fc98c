"""Text from anywhere in, text that is safe on a terminal and in a log out."""

from __future__ import annotations


def printable(text: str, *, limit: int = 1024) -> str:
    """Return the text in one line: control characters escaped, so that none moves the cursor, and cut at ``limit``."""
    cut = text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
    if cut.isprintable():
        return cut
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in cut
    )
