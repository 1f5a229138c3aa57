"""Fixtures of the tests that bring up docker-compose.yml."""
import os
import pathlib
import signal
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.compose import Compose, no_engine  # noqa: E402  (the path above makes it findable)

PROFILES = (os.environ.get("BINLOG_RELAY_PROFILES") or "mysql mariadb tls mariadb-tls").split()


def pytest_configure(config):
    # A run that is told to end cleans up as one that failed.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to end", returncode=143))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed and "countries" in getattr(item, "funcargs", {}):
        report.sections.append(("containers", item.funcargs["countries"].describe()))


@pytest.fixture(scope="module", params=PROFILES)
def countries(request):
    """Both countries of one profile, from nothing; taken away with all that they wrote."""
    reason = no_engine()
    if reason:
        pytest.skip(reason)
    made = Compose(request.param, {"MAX_LAG": "5", "BURST_CONNECTIONS": "20"})
    try:
        made.up()
        yield made
    finally:
        made.down()


@pytest.fixture
def figure(record_property):
    """figure(name, value): something measured; the end of the run lists all of them, and so does its JUnit file."""
    return lambda name, value: record_property(name, str(value))


def pytest_terminal_summary(terminalreporter):
    measured = [report for reports in terminalreporter.stats.values() for report in reports
                if getattr(report, "when", None) == "call" and report.user_properties]
    if measured:
        terminalreporter.section("figures")
    for report in measured:
        figures = "; ".join(f"{name} {value}" for name, value in report.user_properties)
        terminalreporter.write_line(f"{report.nodeid.split('::')[-1]} ({report.outcome}, {report.duration:.0f} s): {figures}")
