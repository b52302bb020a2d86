"""Refuse answers that would make a broken project: every problem at once, nothing left behind."""

import json
import keyword
import re
import sys
import unicodedata
from pathlib import Path

ANSWERS = json.loads(r"""{{ cookiecutter|tojson }}""")
# Answers given on the command line are templates to the engine. Plain Cookiecutter also keeps them
# as they were before rendering; cruft does not.
GIVEN = json.loads(r"""{{ (_cookiecutter if _cookiecutter is defined else {})|tojson }}""")
TAGS = ("{{ '{{' }}", "{{ '{%' }}", "{{ '{#' }}")

LONGEST = {
    "project_name": 80,
    "description": 300,
    "project_slug": 50,
    "package_name": 50,
    "author_name": 100,
    "author_email": 254,
    "repository_url": 200,
}
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PACKAGE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*/?")

# Device names that Windows reserves in every directory.
DEVICES = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}
# Names that the project, its tools or nearly every environment already imports.
TAKEN = {
    *("attr", "attrs", "cookiecutter", "coverage", "cruft", "devkit", "docker", "docs", "flask"),
    *("django", "fastapi", "hypothesis", "jinja2", "kedro", "matplotlib", "mkdocs", "mlflow"),
    *("mypy", "noxfile", "nox", "nox_local", "numpy", "packaging", "pandas", "pip", "polars"),
    *("polyfactory", "pre_commit", "pydantic", "pydantic_settings", "pygments", "pytest", "requests"),
    *("rich", "ruff", "scapy", "scipy", "setuptools", "sklearn", "sqlalchemy", "src", "tests"),
    *("tools", "torch", "typer", "uv", "wheel", "yaml"),
}
JOINERS = {"\u200c", "\u200d"}  # Persian and emoji need them


def hidden(character):
    """Say whether a character could not be seen, or not be kept, in a file."""
    if character in JOINERS or 0xE0020 <= ord(character) <= 0xE007F:  # flags of regions
        return False
    kind = unicodedata.category(character)
    return kind in {"Cc", "Cf", "Cs", "Zl", "Zp"} or ord(character) & 0xFFFE == 0xFFFE


def text_problem(name, value):
    """Check what holds for every answer that is free text."""
    found = next((c for c in value if hidden(c)), None)
    if found is not None:
        return f"has a character that cannot be kept (U+{ord(found):04X})"
    if any(tag in value for tag in TAGS):
        return "has a template tag in it"
    if value != value.strip():
        return "begins or ends with a space"
    if not value:
        return "is empty"
    if len(value) > LONGEST[name]:
        return f"is {len(value)} characters long; the most is {LONGEST[name]}"
    return None


def name_problem(value):
    """Check what holds for the name of a package on every platform."""
    if keyword.iskeyword(value) or keyword.issoftkeyword(value):
        return "is a keyword of Python"
    if value in sys.stdlib_module_names or value == "test":
        return "is a module of the standard library"
    if value in TAKEN:
        return "is the name of a well-known package or of a part of the project"
    if value in DEVICES:
        return "is a device on Windows"
    return None


def problem(name, value):
    """Say what is wrong with one answer, or None."""
    wrong = text_problem(name, value)
    if wrong:
        return wrong
    if name == "project_slug":
        if not SLUG.fullmatch(value):
            return "must be a-z and 0-9 in words joined by single dashes, a letter first"
        return name_problem(value.replace("-", "_"))
    if name == "package_name":
        if not PACKAGE.fullmatch(value):
            return "must be a-z and 0-9 in words joined by single underscores, a letter first"
        return name_problem(value)
    if name == "author_email" and not EMAIL.fullmatch(value):
        return "is not an e-mail address"
    if name == "repository_url" and not URL.fullmatch(value):
        return "is not an https address of plain letters, digits, dots and dashes"
    return None


def defaults():
    """Read the template's own defaults, which may hold template tags."""
    repository = ANSWERS.get("_repo_dir")
    if not repository:
        return {}
    return json.loads(Path(repository, "cookiecutter.json").read_text(encoding="utf-8"))


def problems():
    """List what is wrong, one line for an answer."""
    own = defaults()
    for name in LONGEST:
        given = str(GIVEN.get(name, ""))
        if given != own.get(name) and any(tag in given for tag in TAGS):
            yield f"{name} has a template tag in it: {given!a}"
            continue
        wrong = problem(name, ANSWERS[name])
        if wrong:
            yield f"{name} {wrong}: {ANSWERS[name]!a}"


if __name__ == "__main__":
    found = list(problems())
    if found:
        print("Refused, nothing was written:", *found, sep="\n  ", file=sys.stderr)
        sys.exit(1)
