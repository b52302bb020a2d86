"""Generated pages of a new project, in the template as Jinja."""

import importlib
import sys
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from cookiecutter.main import cookiecutter

# Answers that occur nowhere else, so that they can be replaced in a page.
NAMES = {"project_slug": "zebra-{}-crossing", "package_name": "zebra_{}_crossing"}
# The option that changes these pages.
OPTION = "ml_pipeline"


@cache
def rendering(root: Path, *, value: bool) -> Path:
    """Render a project with the option on or off; its sources can be imported afterwards."""
    # A directory of cruft's: there the hook does not print what to type next.
    folder = Path(tempfile.mkdtemp()) / "local"
    folder.mkdir()
    settings = folder / "settings.yaml"
    settings.write_text("{}\n", encoding="utf-8")
    answers = {name: _answer(name, value=value) for name in NAMES} | {OPTION: value}
    project = cookiecutter(
        str(root),
        no_input=True,
        output_dir=str(folder),
        extra_context=answers,
        config_file=str(settings),
    )
    sys.path.insert(0, str(Path(project) / "src"))
    return Path(project)


def page(maker: str, root: Path) -> str | None:
    """Generate a page with the option off and on, and join both as one Jinja file.

    Args:
        maker: `module:function` that returns the page.
        root: The template's root.

    Returns:
        The page, or None if a project has no such page.
    """
    off, on = (_page(maker, root, value=value) for value in (False, True))
    if off == on or on is None:
        return off
    if off is None:
        return on
    return f"{{%= if cookiecutter.{OPTION} %}}{on}{{%= else %}}{off}{{%= endif %}}"


def _page(maker: str, root: Path, *, value: bool) -> str | None:
    module, _, function = maker.partition(":")
    make: Callable[[Path], str | None] = getattr(importlib.import_module(module), function)
    text = make(rendering(root, value=value))
    if text is None:
        return None
    for name in NAMES:
        answer = _answer(name, value=value)
        text = text.replace(answer, f"{{{{= cookiecutter.{name} }}}}")
    return text


def _answer(name: str, *, value: bool) -> str:
    """Return an answer that differs between renderings, as Python imports a name only once."""
    return NAMES[name].format(str(value).lower())


command_line = partial(page, "hangar_devkit.docs.command_line:page")
contracts = partial(page, "hangar_devkit.docs.contracts:page")
decisions = partial(page, "hangar_devkit.decisions.page:page")
sessions = partial(page, "hangar_devkit.docs.sessions:page")
