"""The catalogue of wrong requests, one file per family: the subject in, cases out."""

from __future__ import annotations

from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.catalogue.api_key import api_key_cases
from journeyman_guard.conformance.catalogue.basic import basic_cases
from journeyman_guard.conformance.catalogue.bearer import bearer_cases
from journeyman_guard.conformance.catalogue.certificate import certificate_cases
from journeyman_guard.conformance.catalogue.message import message_cases
from journeyman_guard.conformance.catalogue.missing import missing_cases
from journeyman_guard.conformance.catalogue.path import path_cases
from journeyman_guard.conformance.catalogue.proxy_header import proxy_header_cases
from journeyman_guard.conformance.catalogue.token import token_cases
from journeyman_guard.conformance.catalogue.token_claims import token_claim_cases
from journeyman_guard.conformance.catalogue.verb import verb_cases
from journeyman_guard.conformance.subject import Subject

_FAMILIES = (
    missing_cases,
    basic_cases,
    api_key_cases,
    bearer_cases,
    token_cases,
    token_claim_cases,
    certificate_cases,
    proxy_header_cases,
    path_cases,
    verb_cases,
    message_cases,
)


def catalogue(subject: Subject) -> tuple[Case, ...]:
    """Return all cases that can be made for a subject. Ids are unique."""
    return tuple(case for family in _FAMILIES for case in family(subject))
