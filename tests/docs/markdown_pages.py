"""Read the Markdown of this project: pages in, their code samples and links out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = (*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md")), *sorted((ROOT / "guard").glob("*.md")))

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
_MARK = re.compile(r"<!-- test: ([^\n]*?) -->\n\s*\Z")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')


@dataclass(frozen=True, slots=True)
class Sample:
    """A fenced block; ``mark`` is what its comment says a test does with it, "" without one."""

    page: Path
    language: str
    mark: str
    text: str

    @property
    def name(self) -> str:
        """Where it stands, for the report of a test."""
        return f"{self.page.relative_to(ROOT)}: {self.text.strip().splitlines()[0][:60]}"

    @property
    def commands(self) -> tuple[str, ...]:
        """The lines that a reader types."""
        return tuple(line.removeprefix("$ ") for line in self.text.splitlines() if line.startswith("$ "))

    @property
    def shown(self) -> tuple[str, ...]:
        """The lines that a reader sees; a line of dots stands for more."""
        lines = (line.strip() for line in self.text.splitlines() if not line.startswith("$ "))
        return tuple(line for line in lines if line and line != "…")


def samples(*pages: Path, language: str = "", mark: str | None = None) -> list[Sample]:
    """Return the samples of pages, of all pages when none is named."""
    found = (sample for page in pages or PAGES for sample in _samples(page))
    return [
        sample
        for sample in found
        if (not language or sample.language == language) and (mark is None or sample.mark == mark)
    ]


def _samples(page: Path) -> Iterator[Sample]:
    text = page.read_text(encoding="utf-8")
    for block in _FENCE.finditer(text):
        mark = _MARK.search(text, 0, block.start())
        yield Sample(page, block["language"], mark[1] if mark else "", block["text"])


def prose(page: Path) -> str:
    """Return a page without its fenced blocks and code spans."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text(encoding="utf-8")))


def links(page: Path) -> list[str]:
    """Return the targets of a page's links and pictures."""
    return _LINK.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """Return what a link into a page may name after the ``#``."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(text)}
    return slugs | set(_ANCHOR.findall(text))
