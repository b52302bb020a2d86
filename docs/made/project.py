"""The made pages that a new project begins with, kept in the template as Jinja."""

import importlib
import sys
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from cookiecutter.main import cookiecutter

# Answers that occur nowhere else, so that they can be found again in a page.
NAMES = {"project_slug": "zebra-{}-crossing", "package_name": "zebra_{}_crossing"}
# The option that changes what such a page says.
OPTION = "ml_pipeline"


@cache
def rendering(root: Path, *, value: bool) -> Path:
    """Render a project with the option on or off; its sources can be imported afterwards."""
    place = Path(tempfile.mkdtemp())
    settings = place / "settings.yaml"
    settings.write_text("{}\n", encoding="utf-8")
    answers = {name: _answer(name, value=value) for name in NAMES} | {OPTION: value}
    project = cookiecutter(
        str(root),
        no_input=True,
        output_dir=str(place),
        extra_context=answers,
        config_file=str(settings),
    )
    sys.path.insert(0, str(Path(project) / "src"))
    return Path(project)


def in_project(name: str, root: Path, *, value: bool = False) -> str:
    """Read a page as it is in a project named `my-project`, with the option off or on."""
    text = (rendering(root, value=value) / name).read_text(encoding="utf-8")
    for answer, plain in (("project_slug", "my-project"), ("package_name", "my_project")):
        text = text.replace(_answer(answer, value=value), plain)
    return text


def page(maker: str, root: Path) -> str | None:
    """Make a page with the option off and on, and write both as one Jinja file.

    Args:
        maker: `module:function` of the page.
        root: The template's root.

    Returns:
        The page; None where a project has nothing to say.
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
    """Make an answer that differs between renderings, as Python imports a name only once."""
    return NAMES[name].format(str(value).lower())


command_line = partial(page, "hangar_devkit.docs.command_line:page")
contracts = partial(page, "hangar_devkit.docs.contracts:page")
decisions = partial(page, "hangar_devkit.decisions.page:page")
preflight = partial(page, "hangar_devkit.preflight.pages:page")
sessions = partial(page, "hangar_devkit.docs.sessions:page")
