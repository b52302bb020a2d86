"""The command `hangar`: its help, its exit codes, mistakes in its use, and completion."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import hangar_devkit
from hangar_devkit.cli import COMMANDS, RENAMED, main

SOURCES = Path(hangar_devkit.__file__).parents[1]
RUN = "import sys; from hangar_devkit.cli import main; sys.exit(main())"
IMPORTED = "import sys; from hangar_devkit.cli import main; main(['--help']); print(*sys.modules)"


def hangar(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environ},
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str], name: str) -> None:
    main(["--help"])
    assert f"\n  {name} " in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]], ids=str)
def test_help_is_success(arguments: list[str]) -> None:
    assert main(arguments) == 0


def test_the_help_documents_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    assert "Exit codes: 0 success, 1 findings, 2 " in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_of_its_own(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with suppress(SystemExit):
        main([name, "--help"])
    assert capsys.readouterr().out.startswith("usage: ")


@pytest.mark.parametrize("name", ["argparse", "re", "typing", "hangar_devkit.preflight"])
def test_the_help_imports_little(name: str) -> None:
    code = f"import sys; sys.path[:0] = [{str(SOURCES)!r}]; {IMPORTED}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert name not in done.stdout.splitlines()[-1].split()


def test_an_unknown_command_is_exit_code_2() -> None:
    assert main(["nonsense"]) == 2


def test_a_typo_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    main(["prefligth"])
    assert capsys.readouterr().err == (
        "hangar: unknown command 'prefligth'. Did you mean: hangar preflight\n"
    )


def test_a_name_like_no_other_gets_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    main(["zzz"])
    assert "(choose from preflight, contracts, " in capsys.readouterr().err


@pytest.mark.parametrize("name", RENAMED)
def test_an_old_name_is_exit_code_2(name: str) -> None:
    assert main([name, "--check"]) == 2


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_an_old_name_is_answered_with_the_new_one(
    capsys: pytest.CaptureFixture[str], old: str, new: str
) -> None:
    main([old])
    assert capsys.readouterr().err == f"hangar: {old} is now: hangar {new}\n"


@pytest.mark.parametrize("name", RENAMED.values())
def test_the_new_name_of_an_old_command_exists(name: str) -> None:
    with pytest.raises(SystemExit, match=r"^0$"):
        main([*name.split(), "--help"])


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subcommand that the user interrupts."""

    def interrupt(_arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("hangar_devkit.completion.main", interrupt)


@pytest.mark.usefixtures("interrupted")
def test_an_interrupted_command_is_exit_code_130() -> None:
    assert main(["completion"]) == 130


@pytest.mark.usefixtures("interrupted")
def test_an_interrupted_command_prints_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion"])
    assert capsys.readouterr().err == "hangar: interrupted\n"


def closed_output(*arguments: str) -> tuple[int, str]:
    """Run the command with nobody at the other end of its output; return its code and errors."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    return done.returncode, done.stderr


def test_a_closed_output_is_exit_code_141() -> None:
    assert closed_output("--help")[0] == 141


@pytest.mark.parametrize("arguments", [["--help"], ["docs", "--help"]], ids=" ".join)
def test_a_closed_output_leaves_no_traceback(arguments: list[str]) -> None:
    assert not closed_output(*arguments)[1]


def test_an_old_python_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    main(["adr"])
    assert capsys.readouterr().err.startswith(
        "hangar adr: needs Python 3.11 or later, this is 3.10"
    )


def completions(line: str, folder: Path) -> list[str]:
    """Return what the command answers to a shell whose cursor is at the end of a line."""
    answers = folder / "answers"
    hangar(
        _ARGCOMPLETE="1",
        _ARGCOMPLETE_IFS="\n",
        _ARGCOMPLETE_SUPPRESS_SPACE="1",
        _ARGCOMPLETE_STDOUT_FILENAME=str(answers),
        COMP_LINE=line,
        COMP_POINT=str(len(line.encode())),
    )
    return answers.read_text().split("\n")


LINES = {
    "hangar pre": ["preflight"],
    "hangar completion ": ["-h", "--help", "bash", "zsh", "fish"],
    "hangar docs p": ["pages"],
    "hangar docs pages --ch": ["--check"],
    "hangar preflight --explain": ["--explain"],
    "hangar preflight --scope c": ["container", "ci"],
}


@pytest.mark.parametrize(("line", "answers"), LINES.items())
def test_the_shell_gets_completions(tmp_path: Path, line: str, answers: list[str]) -> None:
    assert completions(line, tmp_path) == answers


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    main(["completion", shell])
    assert "_ARGCOMPLETE" in capsys.readouterr().out


BASH = """
eval "$(hangar completion bash)"
COMP_LINE="hangar preflight --sc" COMP_POINT=21 COMP_TYPE=9
_python_argcomplete hangar
echo "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_bash_completes_an_option() -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", BASH],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    assert done.stdout.strip() == "--scope"


def test_without_argcomplete_completion_is_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argcomplete", None)
    assert main(["completion", "bash"]) == 2


def test_without_argcomplete_its_install_command_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "argcomplete", None)
    main(["completion", "bash"])
    assert "Run: uv add --dev argcomplete" in capsys.readouterr().err


@pytest.fixture
def incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that imports what is not installed."""
    (tmp_path / "incomplete.py").write_text("import no_such_module.part\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(COMMANDS, "incomplete", ("incomplete:main", ""))


@pytest.mark.usefixtures("incomplete")
def test_a_missing_module_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    main(["incomplete"])
    assert "needs the module no_such_module, which is not" in capsys.readouterr().err


@pytest.mark.usefixtures("incomplete")
def test_a_missing_module_is_exit_code_2() -> None:
    assert main(["incomplete"]) == 2
