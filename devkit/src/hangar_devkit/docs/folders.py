"""An index page for each folder of pages that has none, so that its address leads somewhere."""

import re
from pathlib import PurePosixPath
from typing import Any

from mkdocs.utils import meta

TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def indexes(files: Any) -> dict[str, str]:  # noqa: ANN401 - MkDocs' or ProperDocs' own class
    """Write the index pages that are missing.

    Args:
        files: All files of the site.

    Returns:
        Path within the docs directory and Markdown, with a link to each page and folder.
    """
    pages = {PurePosixPath(file.src_uri): file for file in files.documentation_pages()}
    folders = {folder for path in pages for folder in path.parents if folder.name}
    written = {path.parent: path for path, file in pages.items() if file.name == "index"}
    paths = {folder: written.get(folder, folder / "index.md") for folder in folders}
    return {
        f"{folder}/index.md": _index(folder, pages, paths)
        for folder in sorted(folders - set(written))
    }


def _index(
    folder: PurePosixPath,
    pages: dict[PurePosixPath, Any],
    indexes: dict[PurePosixPath, PurePosixPath],
) -> str:
    inside = {path: _title(file) for path, file in pages.items() if path.parent == folder}
    for each, index in indexes.items():
        if each.parent == folder:
            inside[index] = _title(pages[index]) if index in pages else _words(each.name)
    links = [f"- [{title}]({path.relative_to(folder)})\n" for path, title in sorted(inside.items())]
    return f"# {_words(folder.name)}\n\n{''.join(links)}"


def _title(file: Any) -> str:  # noqa: ANN401
    """Return the title of a page, as it is or as its first heading has it."""
    text, data = meta.get_data(file.content_string)
    heading = TITLE.search(text)
    return str(data.get("title") or (heading[1] if heading else _words(file.name)))


def _words(name: str) -> str:
    """Return the name of a file or folder as MkDocs shows it."""
    return name.replace("-", " ").replace("_", " ").capitalize()
