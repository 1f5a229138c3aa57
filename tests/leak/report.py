"""What the hunt found, and the table that it prints."""


def slices(passage):
    """{number of a stream: the bytes of the spool from its CREATE DATABASE to the next one's}, of the streams that got there."""
    data = passage.spool_bytes()
    starts = sorted((at, number) for number, stream in enumerate(passage.streams) if (at := data.find(stream.db.encode())) >= 0)
    ends = [at for at, _ in starts[1:]] + [len(data)]
    return {number: data[at:end] for (at, number), end in zip(starts, ends)}


def look_behind_the_open_one(passage, hunt):
    """Counts for each stream what the spool holds; returns what else the search found, by surface."""
    found = {"relay log": {}, "data directory": {}}
    passage.on_relay_log = lambda folder: found["relay log"].update(hunt.in_folder(folder))
    passage.run()
    for number, data in slices(passage).items():
        stream = passage.streams[number]
        here = hunt.in_bytes(data)
        stream.missing = [token for token in stream.texts if token not in here] + [label for label in stream.needles if (stream.way.name, label) not
        in here]
        stream.found_open = stream.planted - len(stream.missing)
    passage.replica.stop()
    found["data directory"] = hunt.in_folder(passage.replica.data_dir)
    found["halts"], found["errors"] = passage.halts, passage.replica_errors
    return found


def look_behind_the_real_one(passage, hunt):
    """Counts what any surface holds; returns what was found in a form that does not tell which token it is."""
    hits = []
    passage.on_relay_log = lambda folder: hits.append(hunt.in_folder(folder))
    passage.run()
    streams, replica = passage.streams, passage.replica
    replica.stop()
    hits += [hunt.in_folder(replica.folder, *[relay.folder for relay in passage.relays]), hunt.in_texts(passage.words)]
    names = set().union(*(stream.names for stream in streams))
    places = {}
    for each in hits:
        for token, found in each.items():
            found = {place for place in found if token not in names or not may_name(place)}
            if found:
                places.setdefault(token, set()).update(found)
    kept = slices(passage)
    for number, stream in enumerate(streams):
        keys = [*stream.texts, *((stream.way.name, label) for label in stream.needles)]
        stream.leaks = [(key, sorted(map(str, places[key]))) for key in keys if key in places]
        stream.found_scrubbed = len(stream.leaks)
        stream.reason = passage.halts.get(number, "")
        stream.outcome = "halted" if stream.reason else outcome(kept.get(number, b""))
    return places.get(hunt.canaries.stem)


def may_name(place):
    """Names of tables and columns may stand in what the relay says to its operator, and in what it works with: the schema history, the audit
    record and where it stands still. A value may stand in none of them."""
    return isinstance(place, str) or place.name in ("relay.log", "schema.history", "audit.log", "halt.json")


def outcome(data):
    """Rows or DDL went on, or nothing did. The slice begins inside an event: its statements are looked for by their words."""
    words = (b"CREATE TABLE", b"ALTER TABLE", b"CREATE INDEX", b"DROP TABLE", b"DROP INDEX", b"RENAME TABLE", b"TRUNCATE")
    return "scrubbed" if any(word in data for word in words) else "dropped"


class Table:
    def __init__(self, server, streams):
        self.server, self.streams = server, streams

    def lines(self):
        lines = [f"{'way':<76} {'server':<13} {'settings':<28} {'tokens':>6} {'open':>5} {'real':>5}  outcome"]
        for stream in self.streams:
            lines.append(f"{stream.way.name:<76} {self.server:<13} {stream.setting:<28} {stream.planted:>6} {stream.found_open:>5} "
                         f"{stream.found_scrubbed:>5}  {stream.outcome}{': ' + stream.reason if stream.reason else ''}")
        return lines + [self.last_line()]

    def append_to(self, path):
        """Adds the table to a file; None: to none."""
        if path:
            with open(path, "a", encoding="utf-8") as file:
                file.write("".join(line + "\n" for line in self.lines()))

    def last_line(self):
        streams = self.streams
        outcomes = {word: sum(stream.outcome == word for stream in streams) for word in ("scrubbed", "dropped", "halted")}
        return (f"{self.server}: {len({stream.way.name for stream in streams})} ways, {len(streams)} runs, {sum(s.planted for s in streams)} tokens "
        f"planted, "
                f"{sum(s.found_open for s in streams)} found without scrubber, {sum(s.found_scrubbed for s in streams)} found behind the relay; "
                + ", ".join(f"{count} runs {word}" for word, count in outcomes.items()))

    def check(self, unscrubbed, stray):
        leaks = [f"{s.way.name} ({s.setting}): {len(s.leaks)} tokens, first {s.leaks[0]}" for s in self.streams if s.leaks]
        blind = [f"{s.way.name} ({s.setting}): {s.planted - s.found_open} of {s.planted}: {s.missing}" for s in self.streams if s.found_open != s.
        planted]
        wrong = [f"{s.way.name} ({s.setting}): expected {s.way.halts_on(self.server)!r}, got {s.outcome} {s.reason}" for s in self.streams
                 if not s.way.may_halt and not as_expected(s, s.way.halts_on(self.server))]
        assert not leaks, "personal data leaked:\n" + "\n".join(leaks)
        assert not stray, f"a token in a form that does not tell which one: {stray}"
        assert not unscrubbed["halts"], f"the relay without scrubber halted: {unscrubbed['halts']}"
        unseen = {token for s in self.streams for token in s.texts} - unscrubbed["relay log"].keys()
        assert not unseen, f"not found in the relay log of the replica without scrubber: {sorted(unseen)[:9]}"
        in_tables = sum(token in unscrubbed["data directory"] for s in self.streams for token in s.texts)
        assert in_tables > len(self.streams), f"only {in_tables} tokens found in the data directory of the replica without scrubber"
        assert not blind, "ways that prove nothing, for without scrubber they show nothing:\n" + "\n".join(blind)
        assert not wrong, "other outcomes than the catalogue says:\n" + "\n".join(wrong)


def as_expected(stream, reason):
    return reason in stream.reason if reason else stream.outcome != "halted"
