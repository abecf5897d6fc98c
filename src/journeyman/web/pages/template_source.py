"""Where custom page templates come from: a ``LoadUri`` in, the text of the template out.

An address below our own ``/{tenant}/pages/`` is read from the tenant folder. Any other is fetched on
the server, under the rules of all calls that leave, and kept for a while; a template
that was good is used on while its host fails. Source: pages.md §2; the numbers are our choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from multidict import CIMultiDict
from yarl import URL

from journeyman.clock import Clock
from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.client import Answer, RestClient
from journeyman.connector.egress import parse_url
from journeyman.connector.errors import ConnectorError
from journeyman.connector.from_settings import rest_client
from journeyman.connector.limits import CallRules, Limits
from journeyman.connector.request import ApiRequest
from journeyman.errors import ServiceError
from journeyman.settings import Settings
from journeyman.web.page_files import PageFiles
from journeyman.web.pages.template import TemplateError, template_sources
from journeyman.web.turns import Turns

LIMITS: Final = Limits(timeout_s=5.0, retries=0, response_limit_bytes=1_048_576)
KEPT_S: Final = 300.0
KEPT_IN_DEVELOPMENT_S: Final = 60.0
RETRY_AFTER_S: Final = 10.0
"""How long a template that is out of date is used on before its host is asked again."""
MAX_KEPT: Final = 64
BUILT_IN: Final = "~/"

_HEADERS: Final = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate", "User-Agent": "journeyman"}


@dataclass(frozen=True, slots=True)
class CustomTemplate:
    """A template and the origins it loads from."""

    text: str
    sources: tuple[str, ...]


@dataclass(slots=True)
class _Kept:
    template: CustomTemplate
    until_s: float


@dataclass(frozen=True, slots=True)
class Templates:
    """The custom templates of an engine.

    Attributes:
        pages_url: the address of the tenant folder's ``pages/``, with a slash at its end.
    """

    settings: Settings
    clock: Clock
    files: PageFiles
    pages_url: str
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _turns: Turns = field(default_factory=Turns)

    async def of(self, url: str) -> CustomTemplate | None:
        """Return the template at ``url``, None when it names one of ours.

        Raises:
            TemplateError: it cannot be had.
        """
        if not url or url.startswith(BUILT_IN):
            return None
        if url.lower().startswith(self.pages_url.lower()):
            return await self._own(url)
        async with self._turns.of(url):
            return await self._foreign(url)

    async def _own(self, url: str) -> CustomTemplate:
        path = urlsplit(url).path[len(urlsplit(self.pages_url).path) :]
        content = await self.files.read([unquote(part) for part in path.split("/")])
        if content is None:
            raise TemplateError("there is no such file in the folder pages/")
        return _template(content, url)

    async def _foreign(self, url: str) -> CustomTemplate:
        kept, now_s = self._kept.get(url), self.clock.monotonic_s()
        if kept is not None and now_s < kept.until_s:
            return kept.template
        try:
            template = await self._fetch(url)
        except TemplateError:
            if kept is None:
                raise
            kept.until_s = now_s + RETRY_AFTER_S
            return kept.template
        lifetime_s = KEPT_IN_DEVELOPMENT_S if self.settings.development else KEPT_S
        self._kept.pop(url, None)
        if len(self._kept) >= MAX_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[url] = _Kept(template, now_s + lifetime_s)
        return template

    async def _fetch(self, url: str) -> CustomTemplate:
        client = self._client()
        try:
            target = parse_url(url.partition("#")[0])
            answer = await _get(client, target, plain_http=self.settings.development)
        except ConnectorError as error:
            raise TemplateError(error.operator) from error
        finally:
            await client.close()
        if answer.status != 200:
            raise TemplateError(f"the host answered {answer.status} {answer.reason}".rstrip())
        return _template(answer.body, url)

    def _client(self) -> RestClient:
        return rest_client(self.settings, self.clock, token_origin=None, circuit=False)


def template_failure(url: str, error: TemplateError) -> ServiceError:
    """Return what is shown instead of a page whose template cannot be had: the address is for developers only."""
    detail = f"The page template at {url} cannot be used: {error}"
    return ServiceError(detail, service_code="AADB2C90065")


async def _get(client: RestClient, url: URL, *, plain_http: bool) -> Answer:
    request = ApiRequest("GET", url, CIMultiDict(_HEADERS), None, {})
    rules = CallRules(LIMITS, plain_http=plain_http)
    return await client.send(request, CIMultiDict(), NoAuthentication(), rules, client.begin())


def _template(content: bytes, url: str) -> CustomTemplate:
    text = content.decode("utf-8-sig", errors="replace")
    return CustomTemplate(text, template_sources(text, url))
