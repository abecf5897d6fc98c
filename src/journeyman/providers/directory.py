"""The AzureActiveDirectory provider over the embedded directory: read, write and delete accounts.

Source: technical-profiles.md §6.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from journeyman.claims.values import ClaimValue, to_text
from journeyman.clock import Clock
from journeyman.compiler.compiled import TechnicalProfile
from journeyman.compiler.handlers import DIRECTORY
from journeyman.compiler.spec import HandlerSpec, ProfileCheck
from journeyman.diagnostics import Diagnostic, Rule, Severity
from journeyman.directory.attributes import DEFAULT_EXTENSIONS_APP, find_attribute, own_name
from journeyman.directory.errors import AttributeValueError, NotSearchableError, UserChangedError, WeakPasswordError
from journeyman.directory.lookup import find_user
from journeyman.directory.passwords import PasswordHasher, check_strength
from journeyman.directory.persist import check_new, forget, persist
from journeyman.directory.read import read
from journeyman.directory.store import UserStore
from journeyman.directory.user import User
from journeyman.errors import ServiceError, UserExistsError
from journeyman.secret import Secret
from journeyman.technical_profile import Call, Continue, InputClaim, Outcome, Refuse
from journeyman.user_messages import message

EXISTS: Final = "UserMessageIfClaimsPrincipalAlreadyExists"
MISSING: Final = "UserMessageIfClaimsPrincipalDoesNotExist"
WRITE_ATTEMPTS: Final = 3


class Operation(Enum):
    """The ``Operation`` of a directory profile."""

    READ = "read"
    WRITE = "write"
    DELETE_CLAIMS = "deleteclaims"
    DELETE_CLAIMS_PRINCIPAL = "deleteclaimsprincipal"


@dataclass(frozen=True, slots=True)
class Directory:
    """What directory profiles work on."""

    users: UserStore
    passwords: PasswordHasher
    clock: Clock


@dataclass(frozen=True, slots=True)
class DirectoryProvider:
    """One directory profile."""

    directory: Directory
    operation: Operation
    must_exist: bool
    must_be_new: bool
    extensions_app: str

    async def execute(self, call: Call) -> Outcome:
        """Run the operation. Raises ServiceError when a claim does not fit the directory."""
        try:
            for _ in range(WRITE_ATTEMPTS):
                try:
                    return await self._run(call, await self._find(call))
                except UserChangedError:
                    continue
        except UserExistsError:
            return _refuse(call, EXISTS, "AADB2C99001")
        except WeakPasswordError as error:
            return Refuse(error.user_message or str(error), "AADB2C90037", str(error))
        except (AttributeValueError, NotSearchableError) as error:
            detail = f"{call.profile.id}: {error}"
            raise ServiceError(detail, service_code="AADB2C90037") from error
        detail = f"{call.profile.id}: the account was changed {WRITE_ATTEMPTS} times by others meanwhile"
        raise ServiceError(detail, service_code="AADB2C95053")

    async def _find(self, call: Call) -> User | None:
        key = _key(call)
        return await find_user(self.directory.users, key[0].name, key[1]) if key else None

    async def _run(self, call: Call, user: User | None) -> Outcome:
        if user is None and self.must_exist:
            return _refuse(call, MISSING, "AADB2C99002")
        match self.operation:
            case Operation.READ:
                return self._outputs(call, user, created=False)
            case Operation.WRITE:
                return await self._write(call, user)
            case Operation.DELETE_CLAIMS:
                return await self._delete_claims(call, user)
            case Operation.DELETE_CLAIMS_PRINCIPAL:
                if user is not None:
                    await self.directory.users.delete(user.object_id)
                return Continue()

    async def _write(self, call: Call, user: User | None) -> Outcome:
        if user is not None and self.must_be_new:
            return _refuse(call, EXISTS, "AADB2C99001")
        claims = {self._own(mapping.name): value for mapping, value in call.persisted}
        if user is not None:
            changed = await self._with_password(persist(user, claims, extensions_app=self.extensions_app), claims)
            return self._outputs(call, await self.directory.users.update(changed), created=False)
        key = _key(call)
        if key is not None and _lower(key[0].name) not in {_lower(name) for name in claims}:
            claims[key[0].name] = key[1]
        if {"objectid", "userprincipalname"} & {_lower(mapping.name) for mapping, _ in call.inputs}:
            detail = f"{call.profile.id}: an account cannot be created by its object id or principal name"
            raise ServiceError(detail, service_code="AADB2C99002")
        created = await self.directory.users.create(await self._new_user(claims))
        return self._outputs(call, created, created=True)

    async def _new_user(self, claims: Mapping[str, ClaimValue]) -> User:
        users = self.directory.users
        blank = User(object_id="", created_at=self.directory.clock.now())
        user = await self._with_password(persist(blank, claims, extensions_app=self.extensions_app), claims)
        check_new(user)
        return user if user.principal_name else replace(user, principal_name=f"{uuid.uuid4()}@{users.tenant_name}")

    async def _with_password(self, user: User, claims: Mapping[str, ClaimValue]) -> User:
        text = next((to_text(value) for name, value in claims.items() if _lower(name) == "password"), "")
        if not text:
            return user
        password = Secret(text)
        check_strength(password, user.password_policies)
        hashed = await self.directory.passwords.hash(password)
        # Who changes a password wants earlier sign-ins to end.
        since = self.directory.clock.now() if user.password_hash else user.refresh_tokens_valid_from
        return replace(user, password_hash=hashed, refresh_tokens_valid_from=since)

    async def _delete_claims(self, call: Call, user: User | None) -> Outcome:
        if user is not None:
            keys = {_lower(mapping.name) for mapping, _ in call.inputs}
            mappings = [one for one in call.profile.persisted_claims if _lower(one.name) not in keys]
            names = [self._own(mapping.name) for mapping in mappings]
            await self.directory.users.update(forget(user, names, extensions_app=self.extensions_app))
        return Continue()

    def _outputs(self, call: Call, user: User | None, *, created: bool) -> Continue:
        if user is None:
            return Continue()
        values: dict[str, object] = {}
        for mapping in call.profile.output_claims:
            if _lower(mapping.name) == "newclaimsprincipalcreated":
                values[mapping.name] = True if created else None
            else:
                values[mapping.name] = read(user, self._own(mapping.name), extensions_app=self.extensions_app)
        return Continue({name: value for name, value in values.items() if value is not None})

    def _own(self, name: str) -> str:
        return own_name(name, self.directory.users.extensions_app)


def build_directory(profile: TechnicalProfile, directory: Directory) -> DirectoryProvider:
    """Make the provider of a profile, which the compiler has checked."""
    metadata = profile.metadata
    app = (metadata.get("ClientId") or "").strip()
    return DirectoryProvider(
        directory=directory,
        operation=Operation(_lower(metadata.get("Operation") or "read")),
        must_exist=metadata.flag("RaiseErrorIfClaimsPrincipalDoesNotExist"),
        must_be_new=metadata.flag("RaiseErrorIfClaimsPrincipalAlreadyExists"),
        extensions_app=DEFAULT_EXTENSIONS_APP if _same_id(app, directory.users.extensions_app) else app,
    )


def _same_id(app: str, own: str) -> bool:
    """Whether the application of a profile is the tenant's own; a profile that names none means that one."""
    return not app or app.replace("-", "").lower() == own.replace("-", "").lower()


def _key(call: Call) -> InputClaim | None:
    """Return the claim by which the account is found: the first that the profile names, never a later one."""
    first = call.profile.input_claims[:1]
    return next(((mapping, value) for mapping, value in call.inputs if (mapping,) == first), None)


def _refuse(call: Call, message_id: str, service_code: str) -> Refuse:
    return Refuse(message(call.texts, message_id), service_code, f"{call.profile.id}: {message_id}", message_id)


def _lower(name: str) -> str:
    return name.strip().lower()


# --- what the compiler checks ------------------------------------------------------------------

UNKNOWN_OPERATION: Final = Rule(
    code="JM1461",
    severity=Severity.ERROR,
    message="Operation is {value!r}, but must be Read, Write, DeleteClaims or DeleteClaimsPrincipal",
    help='write <Item Key="Operation">Read</Item> or another of these',
    source="active-directory-technical-profile.md, section Metadata",
)
ONE_KEY: Final = Rule(
    code="JM1462",
    severity=Severity.ERROR,
    message="a directory profile has exactly one input claim, its key; this one has {count}{consequence}",
    help="keep the input claim by which the account is found",
    source="active-directory-technical-profile.md, section Input claims",
)
UNKNOWN_ATTRIBUTE: Final = Rule(
    code="JM1463",
    severity=Severity.ERROR,
    message="{kind} Claim '{name}' is not supported in Azure Active Directory Provider technical profile '{profile}'",
    help="name a directory attribute in PartnerClaimType, or prefix the claim with extension_",
    source="errors.md V15",
)
EXTENSION_APP: Final = Rule(
    code="JM1464",
    severity=Severity.WARNING,
    message=(
        'A required Metadata item with key "{key}" was not found in the TechnicalProfile with id "{profile}", which '
        "uses extension attributes"
    ),
    help="add ClientId and ApplicationObjectId of the extensions application, usually to AAD-Common",
    source="errors.md V13; the engine itself uses a default application",
)


def _check(check: ProfileCheck) -> Iterable[Diagnostic]:
    profile = check.profile
    operation = profile.metadata.get("Operation")
    if operation is None and not profile.input_claims:
        return  # a profile that only exists to be included
    if _lower(operation or "") not in {known.value for known in Operation}:
        yield UNKNOWN_OPERATION.at(check.place("Operation"), element=profile.id, value=operation or "")
    if len(profile.input_claims) != 1:
        yield _not_one_key(profile)
    yield from _check_attributes(check)


def _not_one_key(profile: TechnicalProfile) -> Diagnostic:
    """Report no key as an error; of several, which an extension file may add, the first is the key."""
    count = len(profile.input_claims)
    severity = Severity.WARNING if count else Severity.ERROR
    consequence = f": {profile.input_claims[0].claim.id!r} is the key, the others have no effect" if count else ""
    return ONE_KEY.at(profile.location, element=profile.id, severity=severity, count=count, consequence=consequence)


def _check_attributes(check: ProfileCheck) -> Iterable[Diagnostic]:
    profile = check.profile
    mappings = [("Persisted", mapping) for mapping in profile.persisted_claims]
    mappings += [("Output", mapping) for mapping in profile.output_claims if mapping.default is None]
    for kind, mapping in mappings:
        if find_attribute(mapping.name) is None:
            yield UNKNOWN_ATTRIBUTE.at(
                check.place(mapping.claim.id), element=profile.id, kind=kind, name=mapping.name, profile=profile.id
            )
    if any(_lower(mapping.name).startswith("extension_") for _, mapping in mappings):
        for key in ("ClientId", "ApplicationObjectId"):
            if key not in profile.metadata:
                yield EXTENSION_APP.at(profile.location, element=profile.id, key=key, profile=profile.id)


DIRECTORY_SPEC: Final = HandlerSpec(
    handler=DIRECTORY,
    metadata=frozenset(
        {
            "Operation",
            "RaiseErrorIfClaimsPrincipalDoesNotExist",
            "RaiseErrorIfClaimsPrincipalAlreadyExists",
            MISSING,
            EXISTS,
            "ApplicationObjectId",
            "ClientId",
            "IncludeClaimResolvingInClaimsHandling",
        }
    ),
    check=_check,
)
