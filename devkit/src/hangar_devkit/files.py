"""Writing of files."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path


def write_atomically(path: Path, text: str | Iterable[str]) -> None:
    """Write a text file as a whole: a reader sees the old content or the new, never a part.

    The permissions of an existing file are kept, and a symbolic link still points to its file.
    Where writing fails, the old file is unchanged and nothing is left beside it.

    Args:
        path: The file, in a directory that exists.
        text: Its content, whole or in parts, written as UTF-8 with the line ends that it has.

    Raises:
        OSError: The file cannot be written.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.writelines([text] if isinstance(text, str) else text)
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
