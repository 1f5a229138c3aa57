"""Fixtures of the leak hunt."""
import pathlib
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import topology  # noqa: E402  (the path above makes it findable)


@pytest.fixture
def need():
    """need("mysql-5.6"): skips, saying why, where that server could not be prepared."""
    def check(*names):
        reason = topology.missing(*names)
        if reason:
            pytest.skip(reason)

    return check
