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
DATED_FILES = ("pyproject.toml", "uv.lock", ".git/index", ".git/HEAD")


def proxies(machine: Machine) -> dict[str, str]:
    """Return the proxy variables that are set, in both spellings."""
    names = [spelt for name in PROXIES for spelt in (name, name.upper())]
    return {name: machine.environ[name] for name in names if machine.environ.get(name)}


def missing_certificates(machine: Machine) -> dict[str, str]:
    """Return the variables that point to a missing certificate file or directory."""
    named = {name: machine.environ.get(name, "") for name in CERTIFICATES}
    return {name: path for name, path in named.items() if path and not os.path.exists(path)}


def locale(machine: Machine) -> str:
    """Return the locale that sets the text encoding, such as `C.UTF-8`; empty when unset."""
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if machine.environ.get(name):
            return machine.environ[name]
    return ""


def utf8_mode(machine: Machine) -> bool:
    """Return whether Python uses UTF-8 whatever the locale."""
    return machine.environ.get("PYTHONUTF8") == "1" or machine.python >= (3, 15)


def seconds_behind(machine: Machine) -> int:
    """Return how far the clock is behind the newest file of the project, or 0."""
    paths = [machine.inside(*name.split("/")) for name in DATED_FILES]
    newest = max((os.stat(path).st_mtime for path in paths if os.path.exists(path)), default=0.0)
    return max(0, int(newest - machine.now))
