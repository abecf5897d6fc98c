"""What was compiled before: a policy whose files and keys are what they were is not compiled again.

A tenant may have hundreds of policies and user flows, and a change touches a few of them.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from journeyman.compiler.compiled import CompiledPolicy
from journeyman.compiler.spec import KeyInfo
from journeyman.diagnostics import Diagnostic

Keys = Mapping[str, KeyInfo]


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a policy.

    Attributes:
        sources: ``LoadedPolicies.made_of`` it.
        asked: the policy keys that were looked up, each with what was known of it; None for an unknown one.
        policy: None when it has errors.
    """

    sources: tuple[object, ...]
    asked: Mapping[str, KeyInfo | None]
    policy: CompiledPolicy | None
    diagnostics: tuple[Diagnostic, ...]

    def fits(self, sources: tuple[object, ...], keys: Keys) -> bool:
        """Whether the compiler would make the same again."""
        return self.sources == sources and all(keys.get(name) == known for name, known in self.asked.items())


class AskedKeys(Keys):
    """Policy keys that remember which of them were looked up."""

    def __init__(self, keys: Keys) -> None:
        self.asked: dict[str, KeyInfo | None] = {}
        self._keys = keys

    def __getitem__(self, name: str) -> KeyInfo:
        self.asked[name] = self._keys.get(name)
        return self._keys[name]

    def __iter__(self) -> Iterator[str]:
        # Whoever looks at all of them depends on each.
        self.asked.update(self._keys)
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class CompiledBefore:
    """The results of the last compilation of one engine: the same specs and the same mode every time."""

    def __init__(self) -> None:
        self._made: dict[str, Made] = {}

    def find(self, name: str, sources: tuple[object, ...], keys: Keys) -> Made | None:
        """Return what was made of the same policy; None when it has to be compiled."""
        found = self._made.get(name)
        return found if found is not None and found.fits(sources, keys) else None

    def keep(self, name: str, made: Made) -> None:
        """Remember what became of a policy."""
        self._made[name] = made

    def forget_others(self, names: Container[str]) -> None:
        """Forget policies that are not there any more."""
        self._made = {name: made for name, made in self._made.items() if name in names}
