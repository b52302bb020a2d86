"""The scheduled job's last step, word for word, on a git server that requires credentials."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from hangar_devkit.update import cli
from scripts.foreign.update_cases import build_template, commit, git, render_first
from scripts.foreign.updates import in_process
from tests.support.git_server import GitServer

pytestmark = pytest.mark.slow

BRANCH = "template-update"
TOKEN = "WRITETOKEN"  # noqa: S105 - made up
TEMPLATE = Path(__file__).parents[2] / "{{=cookiecutter.__project}}"
# `gh` as the job uses it: git asks it for credentials, and pull requests are recorded.
GH = """\
#!/bin/sh
case "$1 $2" in
  "auth setup-git") git config credential.helper '!gh auth git-credential' ;;
  "auth git-credential") echo username=x-access-token; echo "password=$GH_TOKEN" ;;
  "pr list") cat "$LOG.open" ;;
  *) echo "$@" >>"$LOG" ;;
esac
"""
RECORD_OPTIONS = '#!/bin/sh\nenv | grep "^GIT_PUSH_OPTION_[0-9]" | sort >>"$LOG"\nexit 0\n'


def github_step() -> str:
    """Return the commands of the GitHub job that opens the request."""
    text = (TEMPLATE / ".github/workflows/update.yml").read_text(encoding="utf-8")
    return str(yaml.safe_load(text)["jobs"]["propose"]["steps"][-1]["run"])


def gitlab_step() -> str:
    """Return the commands of the GitLab job that opens the request."""
    text = (TEMPLATE / ".gitlab-ci.yml").read_text(encoding="utf-8")
    job = text[text.index("\npropose-update:") :].split("\n{%")[0]
    return "\n".join(yaml.safe_load(job)["propose-update"]["script"])


@dataclass(frozen=True)
class Job:
    """A repository on a server, and its clone in a job, with an update to offer."""

    server: GitServer
    remote: Path
    clone: Path
    log: Path

    def run(self, forge: str, token: str = TOKEN) -> "subprocess.CompletedProcess[str]":
        """Run the step of a forge."""
        step = {"github": github_step, "gitlab": gitlab_step}[forge]()
        names = {"GH_TOKEN": token, "TEMPLATE_UPDATE_TOKEN": token, "CI_DEFAULT_BRANCH": "main"}
        if forge == "gitlab":
            names["UPDATE_REMOTE"] = f"{self.server.url}/project.git"
        return subprocess.run(
            ["sh", "-e", "-c", step],
            cwd=self.clone,
            env={
                **os.environ,
                **names,
                "GIT_TERMINAL_PROMPT": "0",
                "LOG": str(self.log),
                "PATH": f"{self.log.parent}{os.pathsep}{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def recorded(self) -> str:
        """Return what the forge was asked for."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project, and a bundle with the branch of its update."""
    directory = tmp_path_factory.mktemp("job")
    with in_process(), pytest.MonkeyPatch.context() as patch:
        template = build_template(directory / "template", migration=False)
        shutil.copytree(render_first(template, directory), directory / "project", symlinks=True)
        script = directory / "project/tools/ci/propose-update"
        script.parent.mkdir(parents=True)
        shutil.copy2(TEMPLATE / "tools/ci/propose-update", script)
        git(directory / "project", "init", "--quiet", "--initial-branch=main")
        commit(directory / "project", "Start")
        patch.chdir(directory / "project")
        assert cli.main(["--no-checks", "--branch", BRANCH]) == cli.DONE
        git(directory / "project", "bundle", "create", "../update.bundle", f"HEAD..{BRANCH}")
        yield directory


@pytest.fixture
def job(prepared: Path, tmp_path: Path) -> Iterator[Job]:
    remote, clone, log = (tmp_path / name for name in ("server/project.git", "clone", "log"))
    remote.parent.mkdir()
    branch = ("--bare", "--single-branch", "--branch=main")
    git(tmp_path, "clone", "--quiet", *branch, str(prepared / "project"), str(remote))
    git(remote, "config", "http.receivepack", "true")
    git(remote, "config", "receive.advertisePushOptions", "true")
    git(tmp_path, "clone", "--quiet", "--depth=1", remote.as_uri(), str(clone))
    shutil.copy2(prepared / "update.bundle", clone)
    (tmp_path / "log.open").touch()
    for script, text in ((remote / "hooks/pre-receive", RECORD_OPTIONS), (tmp_path / "gh", GH)):
        script.write_text(text, encoding="utf-8")
        script.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch, GitServer(remote.parent, password=TOKEN) as server:
        patch.setenv("LOG", str(log))  # for the hook, which the server runs
        git(clone, "remote", "set-url", "origin", f"{server.url}/project.git")
        yield Job(server, remote, clone, log)


ASKED = {
    "github": f"pr create --head {BRANCH} --title Update to v2.0.0 of the template",
    "gitlab": "merge_request.title=Update to v2.0.0 of the template",
}


@pytest.mark.parametrize("forge", ASKED)
def test_a_request_is_made_with_the_token(job: Job, forge: str) -> None:
    done = job.run(forge)
    assert ASKED[forge] in job.recorded(), done.stderr


@pytest.mark.parametrize("forge", ASKED)
def test_the_branch_is_pushed_with_the_token(job: Job, forge: str) -> None:
    job.run(forge)
    assert git(job.remote, "log", "-1", "--format=%(trailers:key=Template-Release)", BRANCH).strip()


@pytest.mark.parametrize("forge", ASKED)
def test_a_wrong_token_fails_the_job(job: Job, forge: str) -> None:
    assert job.run(forge, "WRONGTOKEN").returncode != 0


@pytest.mark.parametrize("forge", ASKED)
def test_no_token_is_printed(job: Job, forge: str) -> None:
    runs = job.run(forge, "WRONGTOKEN"), job.run(forge)
    printed = "".join(done.stdout + done.stderr for done in runs)
    assert "TOKEN" not in printed
