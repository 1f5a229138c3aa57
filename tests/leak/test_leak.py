"""The leak hunt: unique tokens through every way into a binary log, then a search for them in everything that the relay and its replica wrote or
said. Behind the relay without a scrubber each must be found, behind the real one none."""
import os

import pytest

from support import leak, relay as relays, servers

from . import arena, plant, report, traces
from .way import ALL


@pytest.mark.parametrize("name", ALL)
def test_no_token_leaves_and_without_scrubber_every_one_does(name, need, record_property):
    need(name)
    source, open_replica, replica = servers.start_together(arena.make_source(name, start=False), arena.make_replica(name),
                                                           arena.make_replica(name))
    passages = []
    try:
        relays.grant_source_account(source)
        planter = plant.Planter(source)
        streams = planter.plant_all()
        hunt = leak.Hunt(planter.canaries, {(stream.way.name, label): forms for stream in streams for label, forms in stream.needles.items()})
        passages.append(arena.Passage(source, open_replica, streams, arena.unscrubbed_program()))
        unscrubbed = report.look_behind_the_open_one(passages[-1], hunt)
        passages.append(arena.Passage(source, replica, streams))
        stray = report.look_behind_the_real_one(passages[-1], hunt)
        traces.assert_no_checksum(source, passages[-1])
        traces.assert_definitions_stay(source)
        table = report.Table(name, streams)
        record_property("leak hunt", table.last_line())
        table.append_to(os.environ.get("BINLOG_RELAY_LEAK_TABLE"))
        table.check(unscrubbed, stray)
    finally:
        for passage in passages:
            passage.destroy()
        for server in (source, open_replica, replica):
            server.destroy()
