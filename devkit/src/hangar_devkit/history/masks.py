"""Masks secrets, which must not be stored, and noise, which differs from run to run.

Everything that is stored passes through here first: node ids, messages, tracebacks, source lines
and compared values. The patterns are checked against the rules of a secret scanner by the tests.
"""

import os
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final

_NAMES: Final = r"""(?:
    pass(?:word|wd|phrase|code) | secret | token | credential | creds | authorization | api[_-]?key
    | (?:access|account|private|signing|encryption|master|shared|client|license|service|auth|deploy
        |app|ssh|root|admin|session|bot|user|project|team|org|live|test|prod)[_-]?key(?:[_-]?id)?
    | (?<![a-z])(?:psw|pwd|pw|jwt|otp|pin[_-]?code|session[_-]?id|sessid|sid|csrf\w*)(?![a-z])
    | [_.-]pass(?![a-z]) | (?<![\w-])(?:pass|auth)(?=["'\\]*[ ]?[:=])
)"""
_OPEN: Final = r"""\\*(?P<quote>["'`])"""
_SECRETS: Final = rf"""
    (?P<scheme>\b[a-z][a-z0-9+.-]*://)(?:[^\s/?\#'"<>]*|[^\s:/@'"]+:[^\s/@'"\d][^\s@'"]*)@
    | (?P<hook>\bhooks\.slack\.com/(?:services|workflows|triggers)/
        |\bdiscord(?:app)?\.com/api/webhooks/|\.webhook\.office\.com/)[^\s'"<>)]+
    | (?P<header>\b(?:proxy-)?(?:authorization|(?:set-)?cookie)["'\\]*\s*[:=]\s*)
      (?:[rbuf]{{0,2}}{_OPEN}.*?\\*(?P=quote)|[^\n"']+)
    | (?P<option>(?<!\S)--?[\w-]*{_NAMES}[\w-]*[ =]+)(?:"[^"\n]*"|'[^'\n]*'|[^\s-]\S*)
    | (?P<user>\bcurl\b[^\n]*?\s(?:-u|--user)[ =]*["']?[^\s:'"]+:)[^\s'"]+
    | (?P<pair>\(\s*[rbuf]{{0,2}}(?P<q1>["'])[\w.-]*(?:{_NAMES}|cookie)[\w.-]*(?P=q1)
        \s*,\s*[rbuf]{{0,2}})
      (?P<q2>["']).*?(?P=q2)
    | (?P<element><[\w:.-]*{_NAMES}[\w:.-]*>)[^<]+
    | (?P<query>[?&](?:sig|signature|code|x-amz-signature|x-goog-signature)=)[^\s&'"]+
    | (?P<name>\b[\w.-]*{_NAMES}[\w.-]*\\*["']?\]?\s*(?:=>|:=|\|\||[:=](?!=))
        \s*(?:bearer\s+|basic\s+)?)
      (?!(?:None|True|False|null|true|false|str|int|bool|bytes|float|dict|list|tuple|object|Any
            |Optional|self|\*\*\*|lambda|SecretStr)\b)
      (?:[\w.]*[\[({{]\s*[rbuf]{{0,2}}\\*(?P<q3>["'])[^\n]*?(?P=q3)
          (?:\s*,\s*[rbuf]{{0,2}}(?P<q4>["'])[^\n]*?(?P=q4))*
        |[\[({{][^\s,;)}}\]"']+
        |[rbuf]{{0,2}}\\*"[^"\n]+"|[rbuf]{{0,2}}\\*'[^'\n]+'|`[^`\n]+`|[^\s,;)}}\]"'&<>\[({{][^\s,;)}}\]"'&<>]*)
    | (?P<auth>\b(?:bearer|basic)\s+)(?=[^\s]*[\d=+/])[A-Za-z0-9+/=_.~-]{{8,}}
    | \b(?:
        gh[pousr]_\w{{20,}} | github_pat_\w{{20,}} | gl[a-z]{{2,6}}-[\w.-]{{16,}}
        | (?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{{16}} | xox[a-z](?:\.xox[a-z])?-[\w-]{{8,}}
        | xapp-[\w-]{{10,}} | sk-[\w-]{{16,}} | pypi-[\w-]{{20,}} | npm_\w{{20,}} | AIza[\w-]{{30,}}
        | (?:sk|rk|pk)_(?:live|test|prod)_\w{{10,}} | hf_\w{{20,}} | api_org_\w{{20,}}
        | LTAI[A-Za-z0-9]{{12,}} | eyJ[\w-]{{8,}}\.[\w/\\-]{{8,}}\.?[\w/\\-]*={{0,2}}
      )
"""
_KEY: Final = r"(?s)-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY.*?(?:-----END[ \w-]*KEY[ A-Z]*-----|\Z)"
_FLAGS: Final = re.VERBOSE | re.IGNORECASE | re.DOTALL

_HINTS: Final = (
    "passw", "passphrase", "passcode", "_pass", ".pass", "-pass", "pass=", "pass:", "pass'",
    'pass"', "pass\\", "secret", "token", "credential", "creds", "authoriz", "auth=", "auth:",
    "auth'", 'auth"', "auth\\", "_key", "-key", "apikey", "accesskey", "accountkey", "privatekey",
    "signingkey", "encryptionkey", "masterkey", "sharedkey", "clientkey", "licensekey",
    "servicekey", "authkey", "deploykey", "appkey", "sshkey", "rootkey", "adminkey", "sessionkey",
    "botkey", "userkey", "projectkey", "teamkey", "orgkey", "livekey", "testkey", "prodkey", "jwt",
    "otp", "psw", "pwd", "pw=", "pw:", "pw'", 'pw"', "pincode", "pin_code", "pin-code",
    "session_id", "session-id", "sessionid", "sessid", "sid=", "sid:", "sid'", 'sid"', "csrf",
    "bearer", "://", "hooks.", "webhook", "cookie", "curl", "sig=", "signature=", "code=", "ghp_",
    "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "glrt-", "gldt-", "glcbt-", "glft-",
    "glimt-", "glptt-", "glsoat-", "glagent-", "gloas-", "glffct-", "akia", "asia", "abia", "acca",
    "a3t", "xox", "xapp-", "sk-", "pypi-", "npm_", "aiza", "sk_", "rk_", "pk_", "hf_", "api_org_",
    "ltai", "eyj", "basic ", "pass =", "pass :", "auth =", "auth :", "pw =", "pw :", "sid =",
    "sid :",
)  # fmt: skip
"""A cheap test: `_SECRETS` matches nothing in a text without any of these."""

_WORD: Final = r"(?<![\w+/.~-])(?=[A-Za-z_.+/=~!:$|%-]*\d)[\w+/.=~!:$|%-]{12,}"
"""A word with a digit that is long enough to be a token."""
_RUN: Final = r"[A-Za-z0-9]{14,}|[A-Za-z0-9+/_-]{22,}"
_PREFIXES: Final = tuple(
    """
    4b1d A3- ABSK AGE-SECRET-KEY-1 AIK_CI_ AIK_CLIENT_ AIK_SECRET_ AKCp AQ.Ab8RN6 ATAT AstraCS:
    BBDC- BSA CCDB1_ CCIPAT_ CLOJARS_ EAA EXO EZAK EZTK FLWPUBK FLWSECK GR1348941 HRKU-AA
    Mid-client- Mid-server- PMAK- SG. SWMKEY-1- SWMTKN-1- ZXlK $aact_ apify_api_ apk_ api_live
    access-development- access-production- access-sandbox- bkaa_ bkua_ cfat_ cfut_ cmVmd cnvca
    cog_ configcat-sdk-1 csa_ csk- dapi dckr_oat_ dckr_pat_ ddp_ doo_v1_ dop_v1_ dor_v1_ dp.pt.
    dt0c01. duffel_ dvc_ essu_ figd_ fio-u- gcntfy- glc_ glsa_ gsk_ hvb. hvs. ico- ion_ lin_api_
    lip_ llx- lsv2_ mdb_sa_ mercury_production_ mergify_application_key_ mlsn. napi_ ntn_ nvapi-
    nyk_ ops_eyJ os_v2_ p8e- pat. pcsk_ pdl_live_ persona_production_ phc_ phx_ pina_ pnu_
    polar_at_ polar_oat_ polar_pat_ pplx- prf_ pscale_ pul- r8_ ramp_id_ ramp_sec_ rdme_ re_ rnd_
    rootly_ rpa_ rubygems_ rzp_ s-s4t2 samsara_api_ sat. sb_secret_ sbp_ sgp_ sha256~ shippo_
    shpat_ shpca_ shppa_ shpss_ sk_ sl. sm_aat_ sm_pat_ sm_sat_ sntrys_ sntryu_ sq0atp- t1. tfp_
    tgp_v1_ tk-us- tskey- tss_ ucat_ unkey_ v1.0- vca_ vci_ vck_ vcp_ vcr_ vtwn_ authress_ scauth_
    waka_ wandb_v1_ wrka xai- xkeysib- xnd_production_ xoxe zpka_ _gitlab_session=
    """.split()  # noqa: SIM905 - a list of strings would be twice as long
)
"""How the tokens of known services begin."""
_SERVICES: Final = tuple(
    """
    abuseipdb adafruit adobe airtable algolia apollo asana assemblyai beamer bitbucket bitrise
    bittrex browserstack contribsys checkout circleci clickup cloudflare codecov cohere coinbase
    confluent contentful coveralls databento datadog deepgram deepseek discord disqus droneci
    dropbox ebay elevenlabs etsy facebook fal_ fastly figma finicity finnhub flickr freshbooks
    fullstory gitea gitter gocardless greptile gumroad heroku highnote honeycomb hubspot hunter
    infomaniak influx instantly intercom jumpcloud kagi klaviyo kraken kucoin larksuite
    launchdarkly linear linkedin looker mailchimp mailgun mapbox mattermost meraki messagebird
    message-bird midtrans mistral moonshot netlify newrelic new_relic new-relic nytimes ngrok okta
    ollama openweather opsgenie pagerduty paypal pinecone plaid plivo postmark rainforest rapidapi
    razorpay retell scaleway scalr scw sendbird sentry sidekiq snowflake snyk sonar squarespace
    sslmate sumo tableau telegr telnyx travis twitch twitter typeform upstage upstash vercel
    virustotal voyage vultr waka wandb weatherstack weightsandbiases wiz workos yandex zendesk
    zoho
    """.split()  # noqa: SIM905 - a list of strings would be twice as long
)
"""Services whose tokens look like a digest: the name before the value shows what it is."""
_ASSIGNED: Final = re.compile(
    r"[\w.-]*[ \t\w.-]{0,20}[\s'\"]{0,3}(?:=|>|:|\||\?=|,)[`'\"\s=]{0,5}\Z"
)

_NAME_OF_SECRET: Final = re.compile(
    r"passw|passphrase|(?<![a-z])secret(?![a-z])|credential|api_?key|access_?key|private_?key"
    r"|(?<![a-z])(?:token|pwd|pass|auth)(?![a-z])",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"""(["'])(?:(?!\1)[^\\\n]|\\.)+\1""")
_PARAMETER: Final = re.compile(r"passw|passphrase|secret|credential|api_?key", re.IGNORECASE)
"""Narrower than the above: the parameter `token` is a word of a language in many tests."""
_ORDINARY: Final = frozenset({"true", "false", "none", "null", "enabled", "disabled", "default"})
_known_values: set[str] = set()


def learn_parameters(names_and_values: Iterable[tuple[str, object]]) -> None:
    """Remember the parameters of tests whose names mean a secret, such as `password`."""
    for name, value in names_and_values:
        if isinstance(value, str) and len(value) >= _MIN_VALUE and _PARAMETER.search(name):
            _known_values.add(value)


def learn_environment(environ: Mapping[str, str]) -> None:
    """Remember the values of environment variables whose names mean a secret, to mask them.

    Args:
        environ: The variables as they are now; a test may have set more.
    """
    for name, value in environ.items():
        if len(value) >= _MIN_VALUE and value not in _known_values and _is_secret(name, value):
            _known_values.add(value)


_MIN_VALUE: Final = 6
"""Shorter values occur by accident in ordinary text."""


@lru_cache(maxsize=1024)
def _is_secret(name: str, value: str) -> bool:
    return (
        _NAME_OF_SECRET.search(name) is not None
        and value.lower() not in _ORDINARY
        and not value.isdigit()
        and not os.path.exists(value)
    )


def mask_secrets(text: str) -> str:
    """Replace text that looks like a credential by `***`.

    These are known token formats, random-looking words, user information in URLs, private keys,
    headers and cookies, values given to names such as `password`, `token` or `api_key`, and the
    values of such environment variables. The rest of the text is kept.
    """
    for value in _known_values:
        text = text.replace(value, "***")
    if "PRIVATE KEY" in text:
        text = re.sub(_KEY, "***", text)
    if "\n" not in text:
        return _mask_line(text)
    lines: list[str] = []
    is_named = about_secret = False
    for line in text.split("\n"):
        masked = _mask_line(line)
        if is_named and line.strip():
            masked = _mask_value(line)
        is_named = line.endswith((":", "=")) and _names_secret(line)
        if line[:1] == ">":
            about_secret = _NAME_OF_SECRET.search(line) is not None
        elif about_secret and line[:1] == "E":
            masked = mask_compared_line(masked)
        lines.append(masked)
    return "\n".join(lines)


@lru_cache(maxsize=4096)
def _mask_line(line: str) -> str:
    """Mask secrets in one line; most lines of tracebacks are the same in many of them."""
    if _has_hint(line):  # patterns are compiled at their first use
        line = re.sub(_SECRETS, _star, line, flags=_FLAGS)
    return re.sub(_WORD, _mask_random, line, flags=re.ASCII)


def _has_hint(line: str) -> bool:
    lowered = line.lower()
    return any(hint in lowered for hint in _HINTS)


@lru_cache(maxsize=1024)
def _names_secret(line: str) -> bool:
    """Return whether a line ends with the name of a secret; `if token:` is a statement."""
    return (
        re.match(r"[>E]?\s*(?:if|elif|while|for|with|def|class|assert)\b", line) is None
        and _mask_line(f"{line}x") != f"{line}x"
    )


def _mask_value(line: str) -> str:
    """Mask a line whose name stands on the line before."""
    start = len(line) - len(line.removeprefix("E").lstrip())
    return f"{line[:start]}***"


_KEPT_BEFORE: Final = (
    "header",
    "hook",
    "option",
    "user",
    "pair",
    "element",
    "query",
    "name",
    "auth",
)


def _star(match: re.Match[str]) -> str:
    if match["scheme"]:
        return f"{match['scheme']}***@"
    before = next((match[name] for name in _KEPT_BEFORE if match[name]), "")
    return f"{before}***"


def _mask_random(match: re.Match[str]) -> str:
    """Mask a word that begins like a token, looks random, or is assigned to a service's name."""
    word = match[0]
    bare = word.strip(".:|=!/%")
    if bare.startswith(_PREFIXES) and len(bare) > _MIN_TOKEN:
        return word.replace(bare, "***")
    runs = [run for run in re.findall(_RUN, word, re.ASCII) if _is_random(run)]
    start = word.index(runs[0]) if runs else 0
    is_digest = all(re.fullmatch("[0-9a-fA-F-]+", run) for run in runs)
    if runs and not (is_digest and not word[:start].endswith(("_", "-", "~"))):
        return "***"
    before = (
        match.string[max(0, match.start() - 60) : match.start()] + word[: len(word) - len(bare)]
    )
    lowered = before.lower()
    if any(service in lowered for service in _SERVICES) and _ASSIGNED.search(before):
        return "***"
    name, sign, value = word.partition("=") if "=" in word[:-2] else word.partition(":")
    if sign and len(value) >= _MIN_TOKEN and any(each in name.lower() for each in _SERVICES):
        return f"{name}{sign}***"
    return word


_MIN_TOKEN: Final = 14


def _is_random(run: str) -> bool:
    """Return whether letters, capitals and digits alternate as they do in no word."""
    types = ["0" if c.isdigit() else "A" if c.isupper() else "a" for c in run if c.isalnum()]
    changes = sum(one != other for one, other in pairwise(types))
    numbers = sum(one != "0" == other for one, other in pairwise(["a", *types]))
    if numbers < 2:
        return changes >= 0.45 * len(types)
    return types.count("0") < len(types) and changes >= 0.3 * len(types)


def mask_nodeid(nodeid: str) -> str:
    """Mask secrets among the parameters of a test, or the description of a subtest.

    `learn_environment` comes first, once for all node ids: it looks at every variable.
    """
    start = min((place for place in (nodeid.find("["), nodeid.find(" ")) if place >= 0), default=-1)
    return nodeid if start < 0 else nodeid[:start] + mask_secrets(nodeid[start:])


def mask_compared(statement: str, message: str) -> str:
    """Mask what a failed statement compared, if it names a secret.

    Args:
        statement: The line of source that failed, such as `assert login.password == expected`.
        message: What the error said about it.
    """
    if statement.startswith("assert") and _NAME_OF_SECRET.search(statement):
        return "\n".join(map(mask_compared_line, message.split("\n")))
    return message


def mask_compared_line(line: str) -> str:
    """Mask the values in a line of what pytest explains about an assertion."""
    difference = re.match(r"(?:E\b)?\s*[-+?] ", line)
    return f"{difference[0]}***" if difference else _QUOTED.sub("***", line)


_NOISE: Final = (
    ("-", r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "<uuid>"),
    ("0x", r"(?i)\b0x[0-9a-f]+\b", "<address>"),
    (
        "-",
        r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",
        "<time>",
    ),
    ("/", r"(?:[A-Za-z]:)?(?:[\\/][\w.+-]+){2,}[\\/]?", "<path>"),
    ("", r"(?i)\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}\b", "<hex>"),
)
"""What a text must contain, in lower case, the pattern, and its name. Compiled at the first use."""


def mask_noise(text: str) -> str:
    """Replace what differs from run to run (addresses, times, paths, ids) by a name."""
    lowered = text.lower().replace("\\", "/")
    for part, pattern, name in _NOISE:
        if part in lowered:
            text = re.sub(pattern, name, text)
    return text
