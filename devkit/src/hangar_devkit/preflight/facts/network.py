"""Probes of proxies, certificates, locale and clock."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.machine import Machine

PROXIES = ("http_proxy", "https_proxy", "no_proxy")
CERTIFICATES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PIP_CERT",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
)
CLOCKED = ("pyproject.toml", "uv.lock", ".git/index", ".git/HEAD")


def proxies(machine: Machine) -> dict[str, str]:
    """The proxy variables that are set, in both spellings."""
    names = [spelt for name in PROXIES for spelt in (name, name.upper())]
    return {name: machine.environ[name] for name in names if machine.environ.get(name)}


def missing_certificates(machine: Machine) -> dict[str, str]:
    """Variables that name a certificate file or folder which is not there."""
    named = {name: machine.environ.get(name, "") for name in CERTIFICATES}
    return {name: path for name, path in named.items() if path and not os.path.exists(path)}


def locale(machine: Machine) -> str:
    """The locale that decides how text is encoded, such as `C.UTF-8`; empty when none is set."""
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if machine.environ.get(name):
            return machine.environ[name]
    return ""


def utf8_mode(machine: Machine) -> bool:
    """Whether Python is told to use UTF-8 whatever the locale says."""
    return machine.environ.get("PYTHONUTF8") == "1" or machine.python >= (3, 15)


def seconds_behind(machine: Machine) -> int:
    """How far the clock is behind the newest of the project's files; 0 when it is not."""
    paths = [machine.inside(*name.split("/")) for name in CLOCKED]
    newest = max((os.stat(path).st_mtime for path in paths if os.path.exists(path)), default=0.0)
    return max(0, int(newest - machine.now))
