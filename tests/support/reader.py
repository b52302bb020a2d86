"""A reader of the docs, who types what they show into a shell."""

import re
import textwrap
from pathlib import Path

from tests.support.render import Run, by_cruft_api, run
from tests.support.template import Answers

HOST = "https://example.com"
HERE = "cookiecutter-hangar"
ADDRESS = f"{HOST}/{HERE}"
HELPERS = "shared-helpers"

FENCE = re.compile(r"^(?P<indent> *)```sh\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`((?:uvx |nox |uv |git |docker |npx |pip )[^`\n]*|nox)`(?!`)")
CONTAINER = re.compile(r"^(docker|npx)|-s container\b")


def commands(document: Path, *, prose: bool = True) -> list[str]:
    """List the commands of a document's blocks, and of its prose too, in order, each once."""
    text = document.read_text(encoding="utf-8")
    blocks = [(m.start(), textwrap.dedent(m["text"]).strip()) for m in FENCE.finditer(text)]
    rest = re.sub(
        r"^ *(`{3,}).*?^ *\1", lambda m: " " * len(m[0]), text, flags=re.MULTILINE | re.DOTALL
    )
    spans = [(m.start(), m[1].strip()) for m in SPAN.finditer(rest)] if prose else []
    lines = [line for _, block in sorted(blocks + spans) for line in block.splitlines()]
    return list(dict.fromkeys(lines))


def script(typed: list[str], instead: dict[str, str]) -> str:
    """Join commands, so that one that fails ends the script and is the last one shown."""
    lines = ["set -euo pipefail", "exec 2>&1"]
    for line in typed:
        if CONTAINER.search(line):
            continue
        put = line
        for words, other in instead.items():
            put = other if line == words else put.replace(f"&& {words}", f"&& {other}")
        lines += [f"printf '%s\\n' {_quoted('>>> ' + put)}", put]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


class Reader:
    """Types commands into one shell."""

    def __init__(self, template: Path) -> None:
        self.template = template
        self.environment: dict[str, str | None] = {
            "CI": None,
            "PYTEST_CURRENT_TEST": None,
            "UV_PROJECT_ENVIRONMENT": None,
            "VIRTUAL_ENV": None,
        }

    def types(self, text: str, where: Path) -> int:
        """Run a script and return its exit code.

        Raises:
            AssertionError: A command failed; the message ends with what it showed.
        """
        return self._run(text, where).code

    def sees(self, text: str, where: Path) -> str:
        """Run a script and return what it showed.

        Raises:
            AssertionError: A command failed; the message ends with what it showed.
        """
        return self._run(text, where).out

    def _run(self, text: str, where: Path) -> Run:
        file = where.parent / "typed.sh"
        file.write_text(text, encoding="utf-8")
        # Where the addresses are answered: here.
        here = {ADDRESS: self.template, f"{HOST}/{HELPERS}": where.parent / HELPERS}
        git: dict[str, str | None] = {"GIT_CONFIG_COUNT": str(len(here))}
        for number, (address, place) in enumerate(here.items()):
            git[f"GIT_CONFIG_KEY_{number}"] = f"url.file://{place}.insteadOf"
            git[f"GIT_CONFIG_VALUE_{number}"] = address
        done = run("bash", file, cwd=where, env=self.environment | git)
        if done.code:
            raise AssertionError(done.out[-4000:] + done.err)
        return done


def ready(reader: Reader, place: Path, answers: Answers) -> Path:
    """Make a project from the template's address, set it up and commit it."""
    root = by_cruft_api(reader.template, place, answers)
    link = root / ".cruft.json"
    link.write_text(
        link.read_text(encoding="utf-8").replace(str(reader.template), ADDRESS), encoding="utf-8"
    )
    typed = "uvx nox -s setup\ngit add --all\ngit commit --quiet --no-verify --message=Start\n"
    reader.sees(f"set -e\n{typed}", root)
    return root
