"""What an area offers: method, path, the right it needs, the function that answers; and what its document says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import Response

from journeyman.management.caller import Right
from journeyman.web.graph.request import GraphRequest

Handler = Callable[[GraphRequest], Awaitable[Response]]
Schema = Mapping[str, object]
"""A JSON schema, as the published document has it; ``schema.py`` makes them."""

BODY_LIMIT_BYTES: Final = 256 * 1024
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class GraphRoute:
    """One operation.

    Attributes:
        pattern: ``identity/apiConnectors/{id}/uploadClientCertificate``, ``applications(appId='{appId}')``,
            ``trustFramework/keySets/{id}/getActiveKey()``; below ``/v1.0`` and ``/beta`` alike. Words are matched
            without regard to case.
        right: what the caller must be allowed; checked before the body is read and before anything is looked up.
        handler: answers; it hands ``request.caller`` to the service, which checks the right once more.
        summary: one line for the published document.
        takes: the schema of the body, None when it takes none.
        takes_type: the media type of the body in the document; bodies are never refused for their media type.
        gives: status -> the schema of the answer, None for no body.
        gives_type: the media type of the answer.
        options: the query options that mean something here, like ``$top``.
        body_limit_bytes: a longer body is answered 413.
    """

    method: str
    pattern: str
    right: Right
    handler: Handler
    summary: str
    takes: Schema | None = None
    takes_type: str = JSON
    gives: Mapping[int, Schema | None] = field(default_factory=lambda: {204: None})
    gives_type: str = JSON
    options: tuple[str, ...] = ()
    body_limit_bytes: int = BODY_LIMIT_BYTES
