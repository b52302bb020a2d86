"""A trainer on PyTorch in an image, by the guide: `nox -s foreign -- trainer INDEX`.

PyTorch for the CPU is about 200 MB. INDEX is the address of PyTorch's index for the CPU, or a
directory of wheels for a machine that does not reach it.
"""

import functools
import re
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.container import command, succeed
from tests.support.guide import Step, steps
from tests.support.render import by_api
from tests.support.servers import Quiet, serving
from tests.support.template import snapshot

PAGE = Path("docs/reference/foreign/trainer.md")
PLACEHOLDER = "https://example.com/whl/cpu"  # as the page of the guide has it
IMAGE = "trainer"  # as the page of the guide names it
PYTHON = "3.11"
# As it is shipped: no network, no rights, no place to write but its results.
RUN = (
    *("docker", "run", "--rm", "--network=none", "--read-only", "--cap-drop=ALL"),
    *("--security-opt=no-new-privileges", "--tmpfs=/tmp", "--tmpfs=/workspace/runs:uid=10001"),
)
HEAD = f"""\
# A trainer on PyTorch

`nox -s foreign -- trainer` writes this page. It follows *Training pipeline* of the guide in a
project with the pipeline and Python {PYTHON}: PyTorch for the CPU is locked from an index of its
own, and the image gets it as an extra. The image then trains the same network by scikit-learn and
by PyTorch, without a network, as a user without rights.

| What | Result |
| --- | --- |
"""


def main(arguments: Sequence[str]) -> int:
    """Write the page; return 0 if PyTorch trains as scikit-learn does."""
    if not arguments:
        print("trainer: name PyTorch's index for the CPU, or a directory of its wheels")
        return 2
    with tempfile.TemporaryDirectory() as name, index(arguments[0]) as address:
        project = edited(Path(name), address)
        try:
            results = dict(trained(project))
        finally:
            command("docker", "image", "rm", "--force", IMAGE)
        lock = tomllib.loads((project / "uv.lock").read_text(encoding="utf-8"))
    packages = {each["name"]: each.get("version", "") for each in lock["package"]}
    results["version of PyTorch in the lock"] = packages["torch"]
    results["packages of CUDA in the lock"] = str(sum("nvidia" in each for each in packages))
    rows = "".join(f"| {what} | {result} |\n" for what, result in results.items())
    print(rows, end="")
    PAGE.write_text(HEAD + rows, encoding="utf-8")
    return int(results[name_of("mlp_autoencoder")] != results[name_of("torch_autoencoder")])


@contextmanager
def index(place: str) -> Iterator[str]:
    """Yield the address of an index that has PyTorch for the CPU."""
    if place.startswith("https://"):
        yield place
        return
    with tempfile.TemporaryDirectory() as name:
        page = Path(name, "torch")
        page.mkdir()
        for wheel in Path(place).glob("torch-*+cpu-*.whl"):
            (page / wheel.name).symlink_to(wheel.resolve())
        # The page of a directory is what PEP 503 asks for: a link to each file.
        with serving(functools.partial(Quiet, directory=name)) as address:
            yield address.rstrip("/")


def edited(directory: Path, address: str) -> Path:
    """Render a project, and follow the steps of the guide in it up to the lock."""
    template = directory / "template"
    template.mkdir()
    answers = {"ml_pipeline": True, "python_version": PYTHON}
    project = by_api(snapshot(template), directory, answers)
    for step in steps("pipeline.md"):
        if step.title.startswith("pyproject.toml"):
            Step(step.text.replace(PLACEHOLDER, address), step.title).edit(project)
    succeed("uv", "lock", "--quiet", cwd=project)
    return project


def trained(project: Path) -> Iterator[tuple[str, str]]:
    """Build the image, and yield what training in it shows."""
    (build,) = (each.text for each in steps("pipeline.md") if each.text.startswith("docker build"))
    # The index of the wheels may be on this machine.
    succeed("sh", "-c", build.replace("docker build", "docker build --network=host"), cwd=project)
    mounts = [f"--volume={project / name}:/workspace/{name}:ro,z" for name in ("conf", "data")]
    for model in ("mlp_autoencoder", "torch_autoencoder"):
        output = succeed(*RUN, *mounts, IMAGE, "train", "--set", f"training.model.type={model}")
        found = re.search(r"^roc_auc (\S+)", output, re.MULTILINE)
        yield name_of(model), found[1] if found else "none"


def name_of(model: str) -> str:
    """Name the figure of a model."""
    return f"`{model}`: roc_auc"
