"""Draw the pages of the portal: records in, HTML out. Every value is escaped and made visible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from markupsafe import Markup, escape

from journeyman.mail.mailbox import Delivered
from journeyman.trace.records import Entry, JourneySummary
from journeyman.web.pages.jinja import render
from journeyman.web.portal.timeline import head, timeline
from journeyman.web.portal.wording import OUTCOMES, PHASES, body_text, milliseconds, visible


def journeys_page(
    summaries: Sequence[JourneySummary],
    *,
    nonce: str,
    version: str = "",
    applications: Mapping[str, str] | None = None,
    mailbox: bool = False,
) -> str:
    """Return the list of journeys, as given: newest first.

    Args:
        version: the version of the list, by which the page's script sees that it changed.
        applications: client id -> name.
        mailbox: whether there is a mailbox to link to.
    """
    values = {
        **shared("Journeys", "/portal/api/journeys", nonce=nonce, version=version, mailbox=mailbox),
        "journeys": summaries,
        "applications": applications or {},
    }
    return draw("journeys.html", values)


def journey_page(
    entries: Sequence[Entry],
    *,
    nonce: str,
    version: str = "",
    applications: Mapping[str, str] | None = None,
    mailbox: bool = False,
) -> str:
    """Return the timeline of one journey; ``entries`` are in the order in which they happened, at least one."""
    top = head(entries)
    poll = f"/portal/api/journeys/{entries[0].journey_id}"
    values = {
        **shared(top.policy_id, poll, nonce=nonce, version=version, mailbox=mailbox),
        "head": top,
        "items": timeline(entries),
        "applications": applications or {},
    }
    return draw("journey.html", values)


def mailbox_page(messages: Sequence[Delivered], *, nonce: str, version: str = "") -> str:
    """Return the messages that the engine would have sent, as given: newest first."""
    values = {
        **shared("Mailbox", "/portal/api/mailbox", nonce=nonce, version=version, mailbox=True),
        "messages": messages,
    }
    return draw("mailbox.html", values)


def shared(title: str, poll: str, *, nonce: str, version: str, mailbox: bool) -> dict[str, object]:
    """Return what every page of the portal is drawn with; a page with an empty ``poll`` stays as it is."""
    return {
        "page_title": title,
        "poll": poll,
        "nonce": nonce,
        "version": version,
        "has_mailbox": mailbox,
        "outcomes": OUTCOMES,
        "show": visible,
        "body_text": body_text,
        "milliseconds": milliseconds,
        "phase_names": PHASES,
        "moment": moment,
    }


def draw(name: str, values: Mapping[str, object]) -> str:
    """Draw a template of the portal."""
    return render(name, values, Path(__file__).parent / "templates")


def moment(at: datetime) -> Markup:
    """Return a time element; the page's script rewrites its text in the person's time zone."""
    utc = at.astimezone(UTC)
    text = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}">{}</time>').format(escape(utc.isoformat()), escape(text))
