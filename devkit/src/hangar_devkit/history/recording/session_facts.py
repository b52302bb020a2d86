"""The facts behind the digests of a content key: the machine, its environment, the options.

Every variable of the environment counts, except those that differ from session to session without
meaning. Only digests of values are kept, since values may be secret.
"""

import hashlib
import json
import os
import platform
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hangar_devkit.history.recording.environment import interpreter
from hangar_devkit.history.store.journal import facts_path, prepare_directory

_VOLATILE: Final = frozenset({
    "PWD", "OLDPWD", "TMPDIR", "TEMP", "TMP", "HOSTNAME", "SHLVL", "_", "PS1", "PS2", "PROMPT",
    "PROMPT_COMMAND", "LS_COLORS", "LSCOLORS", "EDITOR", "VISUAL", "PAGER", "LESS", "LESSOPEN",
    "LESSCLOSE", "MANPATH", "INFOPATH", "HISTFILE", "MAIL", "WINDOWID", "STY", "INVOCATION_ID",
    "JOURNAL_STREAM", "SECURITYSESSIONID", "SESSION_MANAGER", "DESKTOP_STARTUP_ID", "XAUTHORITY",
    "WAYLAND_SOCKET", "NVIM", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX",
    "PYTHONUNBUFFERED", "PYTHONSTARTUP", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "COLORTERM",
    "BASH_ENV", "FPATH", "CI", "BUILD_ID", "BUILD_NUMBER", "BUILD_TAG", "BUILD_URL", "RUN_ID",
})  # fmt: skip
"""Variables without influence, and those that make one run of a test differ from the next by
intention: a hash seed is a throw of dice, not a configuration."""
_VOLATILE_PREFIXES: Final = (
    "PYTEST_", "SSH_", "XDG_SESSION", "XDG_VTNR", "VSCODE_", "TERM_", "ITERM", "KITTY", "WEZTERM",
    "ALACRITTY", "WT_", "GNOME_TERMINAL", "VTE_", "TMUX", "DBUS_", "GPG_", "SYSTEMD", "GITHUB_",
    "RUNNER_", "ACTIONS_", "CI_", "GITLAB_", "JENKINS", "BUILDKITE", "CIRCLE_", "TRAVIS_", "AGENT_",
    "COV_CORE_", "COVERAGE_", "DEVKIT_HISTORY", "HANGAR_", "UV_", "VIRTUALENV_", "PRE_COMMIT",
    "__", "BASH_FUNC_", "CONDA_PROMPT", "CONDA_SHLVL", "GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE",
)  # fmt: skip
_JOB: Final = ("RUNNER_OS", "RUNNER_ARCH", "ImageOS", "CI_JOB_NAME", "CI_NODE_INDEX",
               "CI_NODE_TOTAL")  # fmt: skip
"""Variables of a CI service that tell the jobs of a matrix apart."""
_CHANGING: Final = re.compile(r"\d{5,}|[0-9a-fA-F-]{16,}")
"""Parts of a value that are an id, a port or a process: they differ from session to session."""
_CONTAINER_NAME: Final = 12
"""Length of the names, of hexadecimal digits, that Docker gives to containers."""
_FLAGS_WITHOUT_INFLUENCE: Final = frozenset({
    "debug", "inspect", "interactive", "dont_write_bytecode", "verbose", "quiet",
    "hash_randomization",
})  # fmt: skip
_SELECTION: Final = frozenset({
    "file_or_dir", "keyword", "markexpr", "deselect", "ignore", "ignore_glob", "maxfail", "lf",
    "failedfirst", "newfirst", "last_failed_no_failures", "stepwise", "stepwise_skip",
    "stepwise_reset", "cacheshow", "cacheclear", "triage_first", "keepduplicates",
    "testmon", "testmon_noselect", "picked", "picked_mode", "pyargs",
    "reruns", "reruns_delay", "only_rerun", "rerun_except", "max_suite_reruns", "fail_on_flaky",
    "force_flaky", "max_runs", "min_passes", "flaky_report", "count", "repeat_scope",
    "flake_finder_enable", "flake_runs", "flake_max_minutes", "random_order_bucket",
    "random_order_seed", "randomly_seed", "random_order_enabled",
    "hypothesis_seed", "maxprocesses", "numprocesses", "tx", "px", "maxworkerrestart",
    "distload", "loadgroup", "maxschedchunk", "testrunuid",
})  # fmt: skip
"""Options that select, order or repeat tests: they do not decide what a test does."""
_DISPLAY: Final = frozenset({
    "verbose", "quiet", "no_header", "no_summary", "fold_skipped", "reportchars",
    "disable_warnings",
    "showlocals", "no_showlocals", "tbstyle", "xfail_tb", "show_capture", "fulltrace", "color",
    "code_highlight", "durations", "durations_min", "xmlpath", "junitprefix", "pastebin",
    "setupshow", "traceconfig", "debug", "basetemp", "confcutdir", "rootdir", "help", "version",
    "collectonly", "usepdb", "usepdb_cls", "log_file", "report_log", "htmlpath", "css",
    "self_contained_html", "json_report", "json_report_file", "json_report_indent", "force_short",
    "cov_report", "cov_fail_under", "cov_append", "no_cov_on_fail", "cov_context", "benchmark_json",
    "benchmark_save", "benchmark_autosave", "benchmark_compare", "benchmark_histogram",
    "plugins", "override_ini", "strict_config", "turn_warnings_off", "itemcollected", "looponfail",
})  # fmt: skip
"""Options that change what is printed or written, and those that are counted in another way."""
_PLAIN: Final = ("python", "platform", "zone", "directory", "env TZ", "env LANG", "env LC_ALL")
"""Facts that are kept as they are: none of them is secret."""
_PLUGINS_WITHOUT_INFLUENCE: Final = ("hangar_", "lfplugin", "nfplugin", "stepwise", "_xml",
                                     "pastebin", "pdb", "terminal", "_cov_contexts")  # fmt: skip


def machine(root: Path, invocation: Mapping[str, str]) -> dict[str, str]:
    """Return what the outcome of any test may depend on, beside code and dependencies.

    Args:
        root: The project's root.
        invocation: What `describe_invocation` returned.

    Returns:
        Facts by name; all but a few values are short digests.
    """
    facts = {**interpreter(), **invocation}
    flags = [
        f"{name}={getattr(sys.flags, name)}"
        for name in dir(sys.flags)
        if name[0] != "_" and not name.startswith("n_") and name not in _FLAGS_WITHOUT_INFLUENCE
        and name not in {"count", "index"}
    ]  # fmt: skip
    facts["interpreter options"] = " ".join([*flags, *sorted(sys._xoptions), *sys.warnoptions])  # noqa: SLF001 - documented
    facts["zone"] = "/".join(time.tzname)
    facts["processors"] = str(os.cpu_count())
    facts["superuser"] = str(hasattr(os, "geteuid") and os.geteuid() == 0)
    facts["host"] = _host()
    for name, value in os.environ.items():
        if _counts(name):
            facts[f"env {name}"] = _stable(name, value)
    for name in os.listdir(root):
        if name.startswith(".env") and (path := root / name).is_file():
            facts[f"file {name}"] = path.read_text(encoding="utf-8", errors="replace")
    return {name: value if name in _PLAIN else _short(value) for name, value in facts.items()}


def _counts(name: str) -> bool:
    if name in _JOB:
        return True
    return name not in _VOLATILE and not name.startswith(_VOLATILE_PREFIXES)


def _stable(name: str, value: str) -> str:
    if name == "PATH":
        entries = dict.fromkeys(value.split(os.pathsep))
        value = os.pathsep.join(entry for entry in entries if not _is_of_the_session(entry))
    return _CHANGING.sub("#", value)


def _is_of_the_session(directory: str) -> bool:
    """Return whether a directory of PATH belongs to a virtual environment or to one shell."""
    return directory.startswith(("/tmp/", "/run/")) or os.path.isfile(  # noqa: S108 - compared only
        os.path.join(os.path.dirname(directory), "pyvenv.cfg")
    )


def _host() -> str:
    """Return the name of this machine; one job of a CI service is one machine."""
    job = os.environ.get("GITHUB_JOB") or os.environ.get("CI_JOB_NAME")
    node = platform.node()
    is_container = len(node) == _CONTAINER_NAME and not node.strip("0123456789abcdef")
    return job or ("container" if is_container else node)


def _short(value: str) -> str:
    """Return a digest that shows a change and is too short to guess a value by."""
    return hashlib.sha256(value.encode(errors="surrogateescape")).hexdigest()[:4]


def describe_invocation(config: Any) -> dict[str, str]:  # noqa: ANN401 - a pytest.Config of any version
    """Return the options and plugins of a session that may decide an outcome, by name.

    Args:
        config: pytest's configuration, after the collection.
    """
    root = str(config.rootpath)
    options = {
        f"option {name}": _value(value, root)
        for name, value in vars(config.option).items()
        if name not in _SELECTION and name not in _DISPLAY and not callable(value)
    }
    # Of workers it counts whether there are any: their number differs between machines.
    options["option numprocesses"] = str(bool(getattr(config.option, "numprocesses", None)))
    options["option override_ini"] = _overrides(config)
    plugins = {
        str(name).replace(root, ".")
        for name, plugin in config.pluginmanager.list_name_plugin()
        if plugin is not None
        and not str(name).isdigit()
        and not str(name).startswith(_PLUGINS_WITHOUT_INFLUENCE)
    }
    directory = os.path.relpath(config.invocation_params.dir, root)
    facts = {"plugins": " ".join(sorted(plugins)), "directory": directory, **options}
    if config.inipath is not None and config.inipath.is_file():
        facts["ini file"] = config.inipath.read_text(encoding="utf-8", errors="replace")
    return facts


def _value(value: object, root: str) -> str:
    if (
        isinstance(value, list | tuple)
        and len(value) > 1
        and all(isinstance(v, str) for v in value)
    ):
        value = list(dict.fromkeys(value))  # plugins add to lists at each start
    return repr(value).replace(root, ".")


def _overrides(config: Any) -> str:  # noqa: ANN401 - as above
    """Return the ini values from the command line, without those of pytest's cache and of ours."""
    given = getattr(config.option, "override_ini", None) or []
    names = ("history", "cache_dir", "console_output_style", "junit_", "log_file", "addopts=")
    return " ".join(each for each in given if not each.startswith(names))


def save_facts(store: Path, digest: str, facts: Mapping[str, str] | Sequence[str]) -> None:
    """Keep the facts behind a digest beside the store; they show later what changed.

    Raises:
        OSError: They cannot be written.
    """
    path = facts_path(store, digest)
    if not path.exists():
        prepare_directory(store)
        path.parent.mkdir(exist_ok=True)
        draft = path.with_name(f".{digest}.{os.getpid()}")
        try:
            draft.write_text(json.dumps(facts), encoding="utf-8")
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
