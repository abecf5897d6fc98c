"""``[[user_flows]]``: its tables in, checked user flows out.

What a flow names (attributes, identity providers, API connectors) may be in the store, and is checked when the
flow becomes a policy. Source: pages.md §13.2, graph-api.md §4 for names of values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from journeyman.settings.identity import (
    USER_FLOW_PREFIX,
    ApiConnector,
    AttributeAssignment,
    AttributeOption,
    ConnectorStep,
    FlowPage,
    FlowSession,
    InputType,
    LocalAccounts,
    PasswordComplexity,
    PasswordRules,
    TokenLifetimes,
    UserFlow,
    UserFlowType,
)
from journeyman.settings.table import Table
from journeyman.settings.user_attributes import label
from journeyman.settings.values import one_of, printable_text, split_url

TEMPLATES: Final = ("oceanBlue", "slateGray", "classic")
SCOPES: Final = ("Tenant", "Application", "Policy", "Suppressed")

_ID: Final = re.compile(r"B2C_1_[A-Za-z0-9_-]{1,64}", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
_LAYOUT: Final = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")
_MAX_TEXT: Final = 4000


def read_user_flows(tables: Iterator[Table], connectors: Iterable[ApiConnector] = ()) -> tuple[UserFlow, ...]:
    """Read the user flows; two of one id are a problem.

    Args:
        connectors: those that the file declares; a flow may name them by their display name.
    """
    by_name = {each.display_name.casefold(): each.id for each in connectors}
    found: dict[str, UserFlow] = {}
    for table in tables:
        flow = _read(table, by_name)
        table.finish()
        if flow is None:
            continue
        if flow.id.casefold() in found:
            table.problem("id", f"the user flow {flow.id} is declared twice; give one another id")
        found[flow.id.casefold()] = flow
    return tuple(found.values())


def _read(table: Table, connectors: Mapping[str, str]) -> UserFlow | None:
    flow_id, kind = table.checked("id", flow_id_of), table.checked("type", one_of(UserFlowType))
    for name, remedy in (("id", 'id = "B2C_1_signup_signin"'), ("type", 'type = "signUpOrSignIn"')):
        if name not in table.values:
            table.problem(name, f"a user flow has no {name}; add {remedy}")
    languages = table.all_checked("languages", language)
    defaults = UserFlow("", UserFlowType.SIGN_IN)
    complexity = table.checked("password_complexity", one_of(PasswordComplexity))
    flow = UserFlow(
        id=flow_id or "",
        type=kind or UserFlowType.SIGN_UP_OR_SIGN_IN,
        local_accounts=table.checked("local_accounts", one_of(LocalAccounts)) or LocalAccounts.EMAIL,
        attributes=tuple(_attributes(table)),
        claims=table.all_checked("claims", printable_text),
        identity_providers=table.all_checked("identity_providers", printable_text),
        connectors=_connectors(table.table("connectors"), connectors),
        tokens=_tokens(table.table("tokens")),
        session=_session(table.table("session")),
        password_complexity=complexity or PasswordComplexity.STRONG,
        password_rules=_password_rules(table, complexity),
        self_service_password_reset=_flag(table, "self_service_password_reset", default=True),
        email_verification=_flag(table, "email_verification", default=True),
        javascript=_flag(table, "javascript", default=False),
        template=table.checked("template", _one_of(TEMPLATES)) or defaults.template,
        pages={name: _page(page) for name, page in table.table("pages").subtables()},
        language_customization=bool(languages),
        default_language=table.checked("default_language", language) or defaults.default_language,
        languages=languages,
        texts=dict(_texts(table.table("texts"))),
        legacy_policy_claim=_flag(table, "legacy_policy_claim", default=False),
    )
    return flow if flow_id and kind else None


def flow_id_of(text: str) -> str:
    """Return the id of a user flow with its prefix in capitals. Raises ValueError when it is none."""
    if not _ID.fullmatch(text):
        raise ValueError("is not the id of a user flow; write B2C_1_ and up to 64 letters, digits, _ and -")
    return USER_FLOW_PREFIX + text[len(USER_FLOW_PREFIX) :]


def language(text: str) -> str:
    """Return a language tag. Raises ValueError when it is none."""
    if not _LANGUAGE.fullmatch(text):
        raise ValueError("is not a language tag; write one like en or pt-BR")
    return text


def _attributes(table: Table) -> Iterator[AttributeAssignment]:
    for each in table.tables("attributes"):
        name = each.checked("id", printable_text)
        if "id" not in each.values:
            each.problem("id", 'an attribute has no id; add id = "city", or "extension_Name" for one of your own')
        assignment = AttributeAssignment(
            attribute=name or "",
            display_name=each.checked("label", label) or "",
            optional=_flag(each, "optional", default=False),
            requires_verification=_flag(each, "requires_verification", default=False),
            input_type=each.checked("input", one_of(InputType)) or InputType.TEXT_BOX,
            options=tuple(_options(each)),
        )
        each.finish()
        if name:
            yield assignment


def _options(table: Table) -> Iterator[AttributeOption]:
    seen: set[str] = set()
    for each in table.tables("options"):
        value, name = each.checked("value", label), each.checked("label", label)
        if "value" not in each.values:
            each.problem("value", 'an option has no value; write { value = "gold", label = "Gold" }')
        default = _flag(each, "default", default=False)
        each.finish()
        if value is None:
            continue
        if value in seen or "," in value:
            each.problem("value", "value stands twice or holds a comma; give every option a value of its own")
        seen.add(value)
        yield AttributeOption(name or value, value, default)


def _connectors(table: Table, known: Mapping[str, str]) -> Mapping[ConnectorStep, str]:
    found = {step: table.checked(step.value, printable_text) for step in ConnectorStep}
    table.finish()
    return {step: known.get(name.casefold(), name) for step, name in found.items() if name is not None}


def _tokens(table: Table) -> TokenLifetimes:
    defaults = TokenLifetimes()
    ends = _flag(table, "sliding_window_ends", default=True)
    window = _whole(table, "sliding_window_days", defaults.sliding_window_days or 0, 1, 365)
    lifetimes = TokenLifetimes(
        access_token_minutes=_whole(table, "access_token_minutes", defaults.access_token_minutes, 5, 1440),
        id_token_minutes=_whole(table, "id_token_minutes", defaults.id_token_minutes, 5, 1440),
        refresh_token_days=_whole(table, "refresh_token_days", defaults.refresh_token_days, 1, 90),
        sliding_window_days=window if ends else None,
    )
    if not ends and "sliding_window_days" in table.values:
        table.problem(
            "sliding_window_days", "sliding_window_days has no effect: the window never ends; keep one of both"
        )
    table.finish()
    return lifetimes


def _session(table: Table) -> FlowSession:
    defaults = FlowSession()
    session = FlowSession(
        lifetime_minutes=_whole(table, "lifetime_minutes", defaults.lifetime_minutes, 15, 1440),
        absolute=_flag(table, "absolute", default=False),
        scope=table.checked("scope", _one_of(SCOPES)) or defaults.scope,
        keep_signed_in_days=_whole(table, "keep_signed_in_days", 0, 0, 90),
    )
    table.finish()
    return session


def _password_rules(flow: Table, complexity: PasswordComplexity | None) -> PasswordRules:
    table, defaults = flow.table("password_rules"), PasswordRules()
    rules = PasswordRules(
        min_length=_whole(table, "min_length", defaults.min_length, 4, 64),
        max_length=_whole(table, "max_length", defaults.max_length, 4, 256),
        character_classes=_whole(table, "character_classes", defaults.character_classes, 0, 4),
    )
    table.finish()
    if rules.max_length < rules.min_length:
        table.problem("max_length", "max_length is below min_length; no password would do")
    if table.values and complexity is not PasswordComplexity.CUSTOM:
        flow.problem("password_rules", 'password_rules has no effect; set password_complexity = "custom"')
    return rules


def _page(table: Table) -> FlowPage:
    page = FlowPage(uri=table.checked("uri", page_uri) or "", layout=table.checked("layout", _layout) or "")
    table.finish()
    return page


def page_uri(text: str) -> str:
    """Return the address of a page template. Raises ValueError when it is none."""
    # What claims resolvers stand for is not known here; the rest must be a URL.
    plain = re.sub(r"\{[A-Za-z:0-9-]{1,64}\}", "x", text)
    parts = split_url(plain)
    if parts.scheme not in {"https", "http"} or not parts.hostname or "@" in parts.netloc or "#" in text:
        raise ValueError("is not the address of a template; write one like https://cdn.contoso.example/signin.html")
    return text


def _texts(table: Table) -> Iterator[tuple[str, Mapping[str, str]]]:
    for tag, texts in table.subtables():
        try:
            language(tag)
        except ValueError as error:
            table.problem(tag, f"{tag} {error}")
        yield tag, {key: text for key in texts.values if (text := texts.checked(key, _text)) is not None}


def _text(text: str) -> str:
    if len(text) > _MAX_TEXT:
        raise ValueError(f"is longer than {_MAX_TEXT} characters; shorten it")
    return text


def _layout(text: str) -> str:
    if not _LAYOUT.fullmatch(text):
        raise ValueError("is not the version of a page layout; write one like 2.1.29")
    return text


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"is not known; write one of {', '.join(map(repr, known))}")
        return text

    return read


def _flag(table: Table, key: str, *, default: bool) -> bool:
    value = table.flag(key)
    return default if value is None else value


def _whole(table: Table, key: str, default: int, at_least: int, at_most: int) -> int:
    value = table.number(key, at_least=at_least, at_most=at_most, whole=True)
    return default if value is None else int(value)
