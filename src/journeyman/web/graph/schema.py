"""JSON schemas of bodies and answers, for the published document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from journeyman.web.graph.route import Schema

TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
INTEGER: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
GUID: Final[Schema] = {"type": "string", "format": "uuid"}
ANY: Final[Schema] = {}


def or_null(schema: Schema) -> Schema:
    """Return the schema of a member that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def array(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def one_of(values: Sequence[str]) -> Schema:
    """Return the schema of a text that is one of these."""
    return {"type": "string", "enum": [*values]}


def entity(required: Sequence[str] = (), /, **members: Schema) -> Schema:
    """Return the schema of an object; other members are allowed, as everywhere in this API."""
    schema: dict[str, object] = {"type": "object", "properties": members}
    if required:
        schema["required"] = [*required]
    return schema


def collection(items: Schema) -> Schema:
    """Return the schema of the answer to a list request."""
    return {
        "type": "object",
        "required": ["value"],
        "properties": {
            "@odata.context": TEXT,
            "@odata.nextLink": TEXT,
            "@odata.count": INTEGER,
            "value": array(items),
        },
    }
