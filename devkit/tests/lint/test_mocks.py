"""TL003: mocks that accept any call, and doubles that do not."""

import pytest

from .conftest import Codes

FROM = "from unittest.mock import MagicMock, Mock, patch\nfrom unittest import mock\n"
BARE = [
    "Mock()",
    "MagicMock(return_value=1)",
    "mock.Mock()",
    "mock.AsyncMock()",
    "patch('a.b')",
    "patch('a.b', return_value=1)",
    "patch.object(a, 'b')",
    "mock.patch('a.b')",
    "mocker.patch('a.b')",
    "mocker.patch.object(a, 'b')",
    "mocker.MagicMock()",
    "patch.multiple(a, b=mock.DEFAULT)",
]
SPECIFIED = [
    "Mock(spec=A)",
    "Mock(A)",
    "MagicMock(spec_set=A)",
    "mock.create_autospec(A)",
    "patch('a.b', autospec=True)",
    "patch('a.b', fake)",
    "patch('a.b', new=fake)",
    "patch('a.b', new_callable=fake)",
    "patch.object(a, 'b', fake)",
    "patch.dict(a, b=1)",
    "patch.multiple(a, b=fake)",
    "mocker.patch('a.b', spec=A)",
    "mocker.spy(a, 'b')",
    "Mock(**options)",
    "other.Mock()",
]


@pytest.mark.parametrize("call", BARE)
def test_bare_mock_is_found(codes: Codes, call: str) -> None:
    assert codes(FROM + call) == ["TL003"]


@pytest.mark.parametrize("call", SPECIFIED)
def test_specified_double_is_fine(codes: Codes, call: str) -> None:
    assert codes(FROM + call) == []


def test_decorator_is_seen(codes: Codes) -> None:
    assert codes(FROM + "@patch('a.b')\ndef test_a(b):\n    assert b") == ["TL003"]


def test_other_name_is_followed(codes: Codes) -> None:
    assert codes("import unittest.mock as m\nm.Mock()") == ["TL003"]
