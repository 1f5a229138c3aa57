"""Fixtures of the end-to-end tests."""
import os
import pathlib
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import process, topology as topologies  # noqa: E402  (the path above makes it findable)
from support.fixtures import figure, need, pytest_configure, pytest_terminal_summary  # noqa: E402, F401
from support.snapshot import grant_snapshot  # noqa: E402

LONG = os.environ.get("BINLOG_RELAY_LONG") == "1"


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("long") and not LONG:
            item.add_marker(pytest.mark.skip(reason="long test: set BINLOG_RELAY_LONG=1 or use scripts/test --long"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.when == "call":
        item.failed_in_call = report.failed


@pytest.fixture
def topology(request):
    """Makes topologies; afterwards each relay must not have crashed, and everything is gone."""
    made = []

    def make(source, replica, rules, **options):
        reason = topologies.missing(source, replica)
        if reason:
            pytest.skip(reason)
        made.append(topologies.Topology(source, replica, rules, **options))
        return made[-1]

    yield make
    try:
        for each in made:
            if each.relay is not None:
                _explain(request, each)
                if not getattr(request.node, "failed_in_call", False):
                    each.relay.stop()
                each.relay.assert_no_crash()
    finally:
        for each in made:
            each.destroy()


@pytest.fixture
def makes_snapshots(topology):
    """make(server name, rules): a topology without a running relay, whose account may make snapshots; and its relay."""
    def make(name, rules, grant=True, **options):
        made = topology(name, name, rules, with_relay=False, **options)
        if grant:
            grant_snapshot(made.source)
        return made, made.make_relay(start=False)

    return make


def _explain(request, each):
    if getattr(request.node, "failed_in_call", False):
        print(f"relay /health: {each.relay.http('/health')}\nrelay log:\n{process.tail(each.relay.log, 60)}")
