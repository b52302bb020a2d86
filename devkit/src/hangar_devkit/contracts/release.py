"""The contracts of the newest release, as git has them."""

import json
from pathlib import Path

from hangar_devkit import releases
from hangar_devkit.contracts.export import DIRECTORY, SUFFIX, file_name
from hangar_devkit.contracts.project import ContractsError
from hangar_devkit.contracts.schema_reader import Schema
from hangar_devkit.releases import Release


def schemas(root: Path, release: Release) -> dict[str, Schema]:
    """Return the schemas that a release has, by the name of the contract.

    Raises:
        ContractsError: One of them is not JSON.
        ReleaseError: Git fails.
    """
    listed = releases.git(root, "ls-tree", "--name-only", release.tag, f"{DIRECTORY}/") or ""
    documents = {}
    for path in listed.splitlines():
        if path.endswith(SUFFIX):
            text = releases.git(root, "show", f"{release.tag}:./{path}") or ""
            try:
                document = json.loads(text)
            except ValueError as error:
                raise ContractsError(
                    f"could not compare with {release.tag}: {path} is not JSON there: {error}"
                ) from error
            # By the title: an earlier release may have named the file differently.
            title = str(document.get("title", "")) if isinstance(document, dict) else ""
            name = file_name(title) if title else Path(path).name
            documents[name.removesuffix(SUFFIX)] = document
    return documents
