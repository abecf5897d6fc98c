"""The answer to a journey that an API has ended: the message in, a page out, whatever becomes of a custom template."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from starlette.responses import HTMLResponse, Response

from journeyman.compiler.compiled import ContentDefinition, PageType
from journeyman.engine import ServedPolicy
from journeyman.journey.messages import localized_texts
from journeyman.journey.state import JourneyState
from journeyman.journey.visit import Visit
from journeyman.web.pages.block import TEXTS, render_block
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers
from journeyman.web.pages.template import TemplateError
from journeyman.web.pages.template_source import CustomTemplate, Templates

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BlockPages:
    """Answer with block pages; the policy's page for exceptions gives its template and its texts."""

    templates: Templates

    async def answer(
        self, served: ServedPolicy, state: JourneyState, visit: Visit, message: str, *, brand: str
    ) -> Response:
        """Return the page."""
        content = _content(served)
        url = "" if content is None else _template_url(served, state, visit, content)
        nonce = new_nonce()

        def draw(template: CustomTemplate | None) -> Response:
            html = render_block(
                message,
                language=state.language,
                texts=_texts(served, state, content),
                correlation_id=state.correlation_id,
                template_url=url,
                nonce=nonce,
                brand=brand,
                template=template.text if template else None,
            )
            return HTMLResponse(html, headers=page_headers(_security(served, nonce, template)))

        try:
            return draw(await self.templates.of(url))
        except TemplateError as error:
            # What the API has to say reaches the person all the same.
            _LOG.error("the block page is shown without its template: %s", error)
            return draw(None)


def _content(served: ServedPolicy) -> ContentDefinition | None:
    pages = served.policy.content_definitions.values()
    return next((page for page in pages if page.page_type is PageType.GLOBAL_EXCEPTION), None)


def _template_url(served: ServedPolicy, state: JourneyState, visit: Visit, content: ContentDefinition) -> str:
    resolution = served.runner.places.resolution(state, visit, state.claims)
    return content.load_uri.resolve_url(resolution) or ""


def _texts(served: ServedPolicy, state: JourneyState, content: ContentDefinition | None) -> dict[str, str]:
    strings = localized_texts(content, state.language, default=served.policy.languages.default).strings
    return {name: strings["uxelement", "", name] for name in TEXTS if ("uxelement", "", name) in strings}


def _security(served: ServedPolicy, nonce: str, template: CustomTemplate | None) -> PageSecurity:
    return PageSecurity(
        nonce,
        framing_sources=served.relying_party.framing_sources,
        custom_template=template is not None,
        template_sources=template.sources if template else (),
    )
