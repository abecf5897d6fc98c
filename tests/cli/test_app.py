from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer.main

from journeyman.cli.app import app

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"


def commands(group=None, path="journeyman"):
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        elif not command.hidden:
            yield f"{path} {name}", command


ALL = dict(commands())


def section(text, name):
    found = re.search(rf"^### `{re.escape(name)}[^\n]*$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def test_the_page_has_every_command_and_no_other():
    headings = re.findall(r"^### `(journeyman [^`]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert {" ".join(re.findall(r"^[a-z -]+(?= |$)", heading)).strip() for heading in headings} == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_each_option_of_a_command_is_on_the_page(name):
    text = section(PAGE.read_text(encoding="utf-8"), name)
    options = [option for parameter in ALL[name].params for option in parameter.opts if option.startswith("--")]

    assert text
    assert [option for option in options if f"`{option}" not in text and option != "--help"] == []


def test_the_page_names_no_option_that_is_not_there():
    text = PAGE.read_text(encoding="utf-8")
    known = {option for command in ALL.values() for parameter in command.params for option in parameter.opts}

    assert set(re.findall(r"`(--[a-z-]+)", text)) - known - {"--help", "--version"} == set()


@pytest.mark.parametrize("name", ALL)
def test_the_help_of_a_command_has_an_example_of_that_command(name, journeyman):
    ended = journeyman(*name.split()[1:], "--help")

    assert ended.code == 0
    assert f"Example: {name}" in " ".join(ended.out.split())
    assert "\x1b" not in ended.out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nothing"], "error: No such command 'nothing'.; see `journeyman --help`\n"),
        (["keys", "create"], "error: Missing argument 'NAME'.; see `journeyman keys create --help`\n"),
        (["mailbox", "--verbose"], "error: No such option: --verbose; see `journeyman mailbox --help`\n"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(arguments, error, journeyman):
    ended = journeyman(*arguments)

    assert (ended.code, ended.out, ended.err) == (2, "", error)


@pytest.mark.parametrize("arguments", [[], ["keys"], ["apps"]])
def test_a_command_that_is_missing_is_exit_code_2_and_the_help(arguments, journeyman):
    ended = journeyman(*arguments)

    assert ended.code == 2
    assert ended.out.startswith(f"Usage: {' '.join(['journeyman', *arguments])} ")


@pytest.mark.parametrize("command", [["trace"], ["mailbox"], ["up"], ["keys", "list"], ["apps", "list"]])
def test_a_folder_without_settings_is_exit_code_2_and_says_what_to_do(command, journeyman, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = journeyman(*command)

    assert ended.code == 2
    assert ended.err == f"error: {tmp_path} holds no journeyman.toml; run `journeyman init {tmp_path}` to make one\n"


def test_each_problem_of_the_settings_is_a_line_of_its_own(journeyman, tenant):
    (tenant / "journeyman.toml").write_text('[tenant]\nname = "a.onmicrosoft.com"\nnmae = 1\n[sever]\n')
    ended = journeyman("trace", "--dir", tenant)

    assert ended.code == 2
    assert [line.split(":")[:3] for line in ended.err.splitlines()] == [
        ["error", " journeyman.toml", "3"],
        ["error", " journeyman.toml", "4"],
    ]


def test_the_installed_command_prints_its_version_at_once():
    script = Path(sys.executable).with_name("journeyman")
    times = []
    for _ in range(3):
        begin = time.monotonic()
        printed = subprocess.run([script, "--version"], check=True, capture_output=True, text=True).stdout
        times.append(time.monotonic() - begin)

    assert printed == "journeyman 0.1.0\n"
    assert min(times) < 1  # a loose bound for a busy machine; the imports are pinned below


def test_the_help_imports_neither_the_engine_nor_rich():
    code = "import sys, journeyman.cli.app; print([m for m in sys.modules if m.split('.')[0] in sys.argv[1:]])"
    heavy = ("aiohttp", "cryptography", "sqlalchemy", "rich", "starlette", "uvicorn", "asyncio", "regex")
    printed = subprocess.run([sys.executable, "-c", code, *heavy], check=True, capture_output=True, text=True).stdout

    assert printed == "[]\n"


def test_a_reader_that_has_gone_ends_the_command_without_a_traceback(tenant):
    command = f"{sys.executable} -m journeyman apps list --dir '{tenant}' | true"
    ended = subprocess.run(["bash", "-c", command], check=False, capture_output=True, text=True)

    assert ended.stderr == ""
