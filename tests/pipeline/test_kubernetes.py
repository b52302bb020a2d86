"""The manifests of the guide satisfy the schema of Kubernetes, and start what they should."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipeline.conftest import Project
from tests.support.container import UV
from tests.support.render import run
from tests.support.template import ROOT

pytestmark = pytest.mark.slow

GUIDE = ROOT / "devkit" / "src" / "hangar_devkit" / "docs" / "guide" / "scale.md"


@pytest.fixture(scope="module")
def objects() -> dict[str, Any]:
    """The objects of the manifest by type and name."""
    text = GUIDE.read_text(encoding="utf-8")
    pattern = re.compile(r'^```yaml title="kubernetes.yaml"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
    (fence,) = pattern.findall(text)
    items = yaml.safe_load(fence)["items"]
    return {f"{each['kind']} {each['metadata']['name']}": each for each in items}


def test_objects_satisfy_their_schema(objects: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(objects.values()), encoding="utf-8")
    validate = (UV, "run", "--quiet", "--no-project", "--with=kubernetes-validate")
    done = run(*validate, "kubernetes-validate", "--strict", "all.yaml", cwd=tmp_path)
    assert (done.code, done.out.count("passed")) == (0, len(objects)), done.out + done.err


def test_labels_select_their_pods(objects: dict[str, Any]) -> None:
    deployments = [each["spec"] for each in objects.values() if each["kind"] == "Deployment"]
    wrong = [
        each
        for each in deployments
        if each["selector"]["matchLabels"].items() - each["template"]["metadata"]["labels"].items()
    ]
    assert (len(deployments), wrong) == (2, [])


def test_command_of_the_job_is_valid(objects: dict[str, Any], installed: Project) -> None:
    container = objects["Job train"]["spec"]["template"]["spec"]["containers"][0]
    words: list[str] = [*container["command"], *container["args"]]
    done = installed.runs(*words[1:], "--check")
    assert (words[0], done.out) == ("my-project", "The configuration is valid.\n"), done.err
