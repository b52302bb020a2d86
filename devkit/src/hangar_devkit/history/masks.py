"""Masks secrets, which must not be stored, and noise, which differs from run to run."""

import re

_SECRETS = r"""
    (?P<key>
        -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)
    )
    | (?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s:/@'"]*:[^\s/@'"]+@
    | (?P<name>["']?\b[\w.-]*
        (?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|credential|authorization)
        [\w.-]*["']?\s*(?:=>|[:=])\s*(?:bearer\s+|basic\s+)?)
      (?:"[^"\n]{3,}"|'[^'\n]{3,}'|[^\s,;)}\]"']{4,})
    | \b(?:
        gh[pousr]_[A-Za-z0-9]{20,} | github_pat_\w{20,} | glpat-[\w-]{16,}
        | (?:AKIA|ASIA)[A-Z0-9]{16} | xox[abprs]-[\w-]{10,} | sk-[\w-]{20,} | pypi-[\w-]{20,}
        | npm_[A-Za-z0-9]{20,} | AIza[\w-]{30,} | (?:sk|rk|pk)_(?:live|test)_\w{10,}
        | eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*
      )
    | (?P<auth>\b(?:bearer|basic)\s+)[A-Za-z0-9+/=_.~-]{12,}
"""
_FLAGS = re.VERBOSE | re.IGNORECASE | re.DOTALL

_HINTS = (
    "passw", "passphrase", "secret", "token", "key", "credential", "author", "bearer", "basic",
    "://", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "_pat_", "glpat", "akia", "asia", "xox", "sk-",
    "pypi-", "npm_", "aiza", "sk_", "rk_", "pk_", "eyj",
)  # fmt: skip
"""A cheap test: `_SECRETS` matches nothing in a text without any of these."""

_NOISE = (
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE), "<uuid>"),
    (re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE), "<address>"),
    (
        re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"),
        "<time>",
    ),
    (re.compile(r"(?:[A-Za-z]:)?(?:[\\/][\w.+-]+){2,}[\\/]?"), "<path>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}\b", re.IGNORECASE), "<hex>"),
)


def mask_secrets(text: str) -> str:
    """Replace text that looks like a credential by `***`.

    Known token formats, passwords in URLs, private keys, and values given to names such as
    `password`, `token` or `api_key` are replaced; the rest of the text is kept.
    """
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return text
    return re.sub(_SECRETS, _star, text, flags=_FLAGS)  # compiled at its first use, which is rare


def _star(match: re.Match[str]) -> str:
    scheme = match["scheme"]
    if scheme:
        return f"{scheme}***@"
    return f"{match['name'] or match['auth'] or ''}***"


def mask_noise(text: str) -> str:
    """Replace what differs from run to run (addresses, times, paths, ids) by a name."""
    for pattern, name in _NOISE:
        text = pattern.sub(name, text)
    return text
