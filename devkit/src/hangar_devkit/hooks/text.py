"""Checks of text files: whitespace, line endings, conflict markers, size, syntax.

The checks are those of pre-commit-hooks. Each of them is quick, and starting a program for each
takes most of the time: here they share one.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from identify.identify import tags_from_path


@dataclass(frozen=True)
class Check:
    """A check of pre-commit-hooks.

    Attributes:
        module: The module of pre-commit-hooks.
        tags: The file must have all of these tags of identify.
        arguments: Its options.
        skip: A pattern of paths that it leaves out.
    """

    module: str
    tags: frozenset[str]
    arguments: tuple[str, ...] = ()
    skip: str = r"(?!)"


TEXT = frozenset({"text"})
CHECKS = {
    "whitespace": Check("trailing_whitespace_fixer", TEXT, ("--markdown-linebreak-ext=md",)),
    "end-of-file": Check("end_of_file_fixer", TEXT),
    "line-endings": Check("mixed_line_ending", TEXT, ("--fix=lf",)),
    "conflict-markers": Check("check_merge_conflict", TEXT, ("--assume-in-merge",)),
    "case-conflicts": Check("check_case_conflict", frozenset({"file"})),
    "size": Check(
        "check_added_large_files",
        frozenset({"file"}),
        ("--enforce-all", "--maxkb=1024"),
        skip=r"uv\.lock$",
    ),
    "shebangs": Check("check_executables_have_shebangs", TEXT | {"executable"}),
    "toml": Check("check_toml", frozenset({"toml"})),
    "yaml": Check("check_yaml", frozenset({"yaml"}), ("--allow-multiple-documents",)),
    # These files may have comments.
    "json": Check("check_json", frozenset({"json"}), skip=r"\.(devcontainer|vscode)/"),
}


def failed(paths: Iterable[str], names: Iterable[str]) -> list[str]:
    """Run checks on files, and fix what can be fixed.

    Each check prints what it finds.

    Args:
        paths: The files.
        names: The names of the checks, out of `CHECKS`.

    Returns:
        The names of the checks that found something.
    """
    tagged = {path: tags_from_path(path) for path in paths}
    found = []
    for name in names:
        check = CHECKS[name]
        chosen = [
            path
            for path, tags in tagged.items()
            if check.tags <= tags and not re.match(check.skip, path)
        ]
        if not chosen:
            continue
        run: Callable[[list[str]], int] = import_module(f"pre_commit_hooks.{check.module}").main
        if run([*check.arguments, *chosen]):
            found.append(name)
    return found
