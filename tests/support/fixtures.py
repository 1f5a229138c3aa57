"""What the conftest.py of several folders have in common; each imports by name what its tests need."""
import signal
import threading

import pytest

from . import topology


def pytest_configure(config):
    # A run that is told to end cleans up as one that failed. Now and then a worker of pytest-xdist gets another thread than the main one, which
    # alone may say so; that one ends with the run that it belongs to.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to end", returncode=143))


@pytest.fixture
def figure(record_property):
    """figure(name, value): something measured; the end of the run lists all of them, and so does its JUnit file."""
    return lambda name, value: record_property(name, str(value))


def pytest_terminal_summary(terminalreporter):
    measured = [report for reports in terminalreporter.stats.values() for report in reports
                if getattr(report, "when", None) == "call" and report.user_properties]
    if measured:
        terminalreporter.section("figures")
    for report in sorted(measured, key=lambda report: report.nodeid):
        figures = "; ".join(f"{name} {value}" for name, value in report.user_properties)
        terminalreporter.write_line(f"{report.nodeid.split('::')[-1]} ({report.outcome}, {report.duration:.0f} s): {figures}")


@pytest.fixture
def need():
    """need("mysql-5.6"): skips, saying why, where that server could not be prepared."""
    def check(*names):
        reason = topology.missing(*names)
        if reason:
            pytest.skip(reason)

    return check
