"""The rules of the first day report what is wrong, and leave ordinary code alone."""

import json
import re
from pathlib import Path

import pytest

from tests.support.render import run

pytestmark = pytest.mark.slow

# Each defect is one statement or function; the last line of its report must be within it.
DEFECTS = {
    "mutable default": "def f01(x=[]):\n    return x",
    "late binding": "F02 = [lambda: i for i in range(3)]",
    "swallowed error": "try:\n    open('x')\nexcept:\n    pass",
    "bare assert on a tuple": "assert (1, 'always true')",
    "comparison with None": "def f05(x):\n    return x == None",
    "is with a literal": "F06 = f05(1) is 'x'",
    "unused variable": "def f07():\n    unused = 1",
    "undefined name": "def f08():\n    return missing_name",
    "format of missing key": "F09 = '{a}'.format(b=1)",
    "percent with too few values": "F10 = '%s %s' % ('one',)",
    "raise without from": "try:\n    f08()\nexcept ValueError:\n    raise KeyError('x')",
    "return in finally": "def f12():\n    try:\n        return 1\n    finally:\n        return 2",
    "loop variable in closure": "def f13():\n    for i in range(3):\n        yield lambda: i",
    "duplicate key": "F14 = {'a': 1, 'a': 2}",
    "redefined function": "def f01(y):\n    return y",
    "useless comparison": "F06 == 1",
    "time without zone": "F17 = datetime.datetime.now()",
    "eval": "def f18(text):\n    return eval(text)",
    "shell": "def f19(text):\n    return subprocess.run(text, shell=True)",
    "pickle": "def f20(data):\n    return pickle.loads(data)",
    "request without check of the certificate": "F21 = ssl._create_unverified_context()",
    "weak hash": "F22 = hashlib.md5(b'x').hexdigest()",
    "temporary file by name": "F23 = tempfile.mktemp()",
    "password in the source": "PASSWORD = 'hunter2 is a bad one'",
    "SQL from a text": "def f25(name):\n    return f\"SELECT * FROM users WHERE name = '{name}'\"",
    "unused import": "import colorsys",
    "wrong attribute": "F27 = datetime.datetme",
    "wrong argument": "F28: int = len(3)",
    "wrong return": "def f29() -> int:\n    return 'text'",
    "missing await": "async def f30() -> int:\n    return 1\n\n\nf31: int = f30()",
}
MODULES = ("datetime", "hashlib", "pickle", "ssl", "subprocess", "tempfile")
HEAD = '"""Defects."""\n\n' + "".join(f"import {name}\n" for name in MODULES) + "\n\n"


@pytest.fixture(scope="module")
def reported(ready: Path) -> set[int]:
    """The lines of a module full of defects that lint or the type checker reports."""
    source = ready / "src/my_project/defects.py"
    source.write_text(HEAD + "\n\n\n".join(DEFECTS.values()) + "\n", encoding="utf-8")
    try:
        check = ("ruff", "check", "--no-fix", "--output-format=json", source)
        lint = run("uv", "run", "--frozen", "--no-sync", *check, cwd=ready)
        types = run("uv", "run", "--frozen", "--no-sync", "mypy", source, cwd=ready)
    finally:
        source.unlink()
    # What asks for a docstring or for a format would be reported for good code too.
    taste = re.compile(r"D\d|I\d|RUF100")
    lines = {
        int(each["location"]["row"])
        for each in json.loads(lint.out)
        if not taste.match(each["code"])
    }
    return lines | {int(line) for line in re.findall(r"defects\.py:(\d+): error", types.out)}


@pytest.mark.parametrize("name", DEFECTS)
def test_defect_is_reported(reported: set[int], name: str) -> None:
    before = list(DEFECTS.values())[: list(DEFECTS).index(name)]
    first = (HEAD + "".join(f"{each}\n\n\n" for each in before)).count("\n") + 1
    last = first + DEFECTS[name].count("\n")
    assert reported & set(range(first, last + 1)) != set()
