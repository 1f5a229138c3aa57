"""The servers' own test suites as a workload: what their plain-SQL files do at a source arrives, or the stream halts for a reviewed reason."""
import collections

import pytest

from e2e import server_suite
from support import topology as topologies

pytestmark = pytest.mark.long
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("flavour", ["mysql-9.7", "mariadb-10.11"])
def test_suite_files_arrive_or_halt(flavour, part, record_property):
    reason = topologies.missing(flavour)
    if reason or not server_suite.suites_root(flavour).exists():
        pytest.skip(reason or f"the test suites of {flavour} are not prepared on this machine")
    site = server_suite.Site(flavour)
    outcomes, lines = collections.Counter(), []
    try:
        for path in server_suite.files(flavour)[part::PARTS]:
            outcome = site.run(path)
            outcomes[outcome.kind] += 1
            lines.append(f"{flavour}\t{path.parent.parent.name}.{path.stem}\t{outcome.kind}\t{outcome.statements}\t{outcome.dropped_columns}\t{outcome.detail}")
            print(lines[-1], flush=True)
    finally:
        site.destroy()
    record_property("files", ", ".join(f"{count} {kind}" for kind, count in sorted(outcomes.items())))
    bad = [line for line in lines if line.split("\t")[2] in ("wrong", "leaked")]
    assert not bad, "\n".join(bad)
    assert outcomes["equal"], "no file was run to the end: this proved nothing"
