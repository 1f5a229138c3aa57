"""Fixtures of the leak hunt, and its count lines at the end of a run."""
import os
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


def pytest_terminal_summary(terminalreporter):
    """The table goes to the file BINLOG_RELAY_LEAK_TABLE, if that is set; its last lines are shown."""
    tables = [value for reports in terminalreporter.stats.values() for each in reports
              for name, value in getattr(each, "user_properties", []) if name == "leak_table"]
    if path := os.environ.get("BINLOG_RELAY_LEAK_TABLE"):
        pathlib.Path(path).write_text("".join(line + "\n" for table in tables for line in table))
    for table in tables:
        terminalreporter.write_line("leak hunt, " + table[-1])
