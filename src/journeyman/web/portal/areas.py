"""Every area of the portal, in the order of the navigation."""

from __future__ import annotations

from collections.abc import Mapping

from journeyman.engine import Engine
from journeyman.management.key_sets import KeySets
from journeyman.management.users import Users
from journeyman.web.portal.applications import applications_area
from journeyman.web.portal.area import Area
from journeyman.web.portal.attributes import attributes_area
from journeyman.web.portal.audit import audit_area
from journeyman.web.portal.connectors import connectors_area
from journeyman.web.portal.flows import flows_area
from journeyman.web.portal.journeys import journeys_area
from journeyman.web.portal.key_changes import key_change_pages
from journeyman.web.portal.keys import KeyPages, keys_area
from journeyman.web.portal.mailbox import mailbox_area
from journeyman.web.portal.overview import overview_area
from journeyman.web.portal.policies import policies_area
from journeyman.web.portal.providers import providers_area
from journeyman.web.portal.releases import releases_area
from journeyman.web.portal.settings import settings_area
from journeyman.web.portal.users import UserPages, users_area


def portal_areas(engine: Engine) -> tuple[Area, ...]:
    """Return the areas of an engine's portal. The navigation groups them; within a group this order counts."""

    async def names() -> Mapping[str, str]:
        return {one.client_id: one.name for one in await engine.applications.all()}

    return (
        overview_area(engine),
        # Build
        flows_area(engine),
        connectors_area(engine),
        attributes_area(engine),
        providers_area(engine),
        policies_area(engine),
        releases_area(engine),
        # Watch
        journeys_area(engine.traces, names),
        *([mailbox_area(engine.mailbox)] if engine.mailbox is not None else []),
        audit_area(engine),
        # Manage
        users_area(
            UserPages(
                Users(engine.users, engine.passwords, engine.clock), engine.tenant.name, engine.tenant.extensions_app
            )
        ),
        applications_area(engine),
        keys_area(_keys(engine), key_change_pages(engine)),
        settings_area(engine),
    )


def _keys(engine: Engine) -> KeyPages:
    return KeyPages(
        store=engine.key_store,
        keys=engine.keys,
        applications=engine.applications,
        settings=engine.settings,
        clock=engine.clock,
        uses=engine.key_uses,
        key_sets=KeySets(engine),
    )
