"""``[[user_attributes]]``: its tables in, the custom attributes of users out.

Source: graph-api.md §5 (types, ids), technical-profiles.md §6.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from journeyman.settings.identity import AttributeType, UserAttribute
from journeyman.settings.table import Table
from journeyman.settings.values import one_of

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_LABEL: Final = re.compile(r"[^\x00-\x1f\x7f<>]{1,256}")


def read_user_attributes(tables: Iterator[Table], extensions_app: str) -> tuple[UserAttribute, ...]:
    """Read the custom attributes; two of one name are a problem.

    Args:
        extensions_app: the client id of the extensions application; "" when it is not known yet, and the ids
            are then in their short form.
    """
    found: dict[str, UserAttribute] = {}
    prefix = f"extension_{extensions_app.replace('-', '')}_" if extensions_app else "extension_"
    for table in tables:
        attribute = _read(table, prefix)
        table.finish()
        if attribute is None:
            continue
        if attribute.id.casefold() in found:
            table.problem("name", f"the user attribute {table.text('name')} is declared twice; keep one of them")
        found[attribute.id.casefold()] = attribute
    return tuple(found.values())


def label(text: str) -> str:
    """Return a text for a page. Raises ValueError when it could not stand there on one line."""
    if not _LABEL.fullmatch(text):
        raise ValueError("is not valid; write a text of 1 to 256 characters on one line, without < and >")
    return text


def _read(table: Table, prefix: str) -> UserAttribute | None:
    name = table.checked("name", _name)
    if "name" not in table.values:
        table.problem("name", 'a user attribute has no name; add name = "LoyaltyNumber"')
    attribute = UserAttribute(
        id=prefix + (name or ""),
        display_name=table.checked("label", label) or name or "",
        description=table.checked("description", label) or "",
        data_type=table.checked("type", one_of(AttributeType)) or AttributeType.STRING,
    )
    return attribute if name else None


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(
            "is not the name of an attribute; write a letter and up to 99 letters, digits and _, without extension_"
        )
    if text.lower().startswith("extension_"):
        raise ValueError("begins with extension_; leave that out")
    return text
