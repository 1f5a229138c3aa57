"""A source with tables that `discover` proposes rules for, and how well it does: what it finds, and whether it prints any value."""
import pathlib
import re

from . import relay as relays
from .personal_schemas import ROWS
from .servers import Server

LINE = re.compile(r'^("(?:[^"\\]|\\.)*"|[A-Za-z0-9_-]+) = (.*?)  # ([^(:]+?)(?: \((\w+)\))?: (.*)$')
SEED = pathlib.Path(__file__).resolve().parents[2] / "relay" / "seed"
# What of it `discover` is made of: words of the other commands are none of its.
DISCOVER = {"data_kind", "kind_finder", "name_words", "proposal", "rule_merge", "rule_text", "schema_survey", "settling", "table_draft",
            "table_sampler", "value_tally", "word_list"}
# How many: the only numbers that are printed and stand neither in the program nor in the schema.
COUNTS = re.compile(r"\b\d+(?: of \d+)? (?:sampled values|rows? sampled|of them D-numbers|columns?|hold or may|are unknown|are kept|tables?)\b")


def words_of(text):
    text = text.lower()
    return set(re.findall(r"\w+", text.replace("_", " "))) | set(re.findall(r"\w+", text))


def words_of_program():
    literals = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
    sources = [source for source in SEED.iterdir() if source.stem in DISCOVER]
    assert {source.stem for source in sources} == DISCOVER
    return {word for source in sources for literal in literals.findall(source.read_text()) for word in words_of(literal)}


class Values:
    """What stands in the tables, to be sought in what is printed; no word of the program or the schema is told from a value."""

    def __init__(self):
        self.known, self.whole, self.words = words_of_program(), set(), set()

    def name(self, *texts):
        self.known.update(word for text in texts for word in words_of(text))

    def remember(self, row):
        for value in (each.hex() if isinstance(each, bytes) else str(each) for each in row if each is not None):
            self.words |= words_of(value)
            if not value.isalnum() and len(value) > 2:
                self.whole.add(value.lower())

    def found_in(self, text, shortest=1):
        text = COUNTS.sub("", text).lower()
        found = (words_of(text) & self.words) | {value for value in self.whole if value in text}
        return {value for value in found if len(value) >= shortest and not words_of(value) <= self.known}


class Discovery:
    """A source, and a relay's folder beside it."""

    def __init__(self, name):
        self.source = Server(name, metadata=None if name == "mysql-5.6" else "MINIMAL")
        relays.grant_source_account(self.source)
        self.relay = relays.Relay(self.source, "", start=False)
        self.relay.write_secret("rules/person.key", "0123456789abcdef0123456789abcdef")
        self.values = Values()

    def fill(self, database, tables, rnd, rows=ROWS):
        self.values.name(database)
        self.source.execute(f"CREATE DATABASE {database} DEFAULT CHARACTER SET utf8mb4")
        for table, columns in tables.items():
            self.values.name(table, *(text for column in columns for text in column[:2]))
            self.source.execute(f"CREATE TABLE {database}.`{table}` (" + ", ".join(f"`{column}` {kind}" for column, kind, *_ in columns) + ") ENGINE=InnoDB")
            made = [column for column in columns if column[3]]
            insert = (f"INSERT INTO {database}.`{table}` ({', '.join(f'`{column}`' for column, *_ in made)}) "
                      f"VALUES ({', '.join(['%s'] * len(made))})")
            for _ in range(rows if made else 0):
                row = [make(rnd) for *_, make in made]
                self.values.remember(row)
                with self.source.connection.cursor() as cursor:
                    cursor.execute(insert, row)

    def discover(self, *arguments, code=0):
        got, text = self.relay.command("discover", *arguments, seconds=300)
        assert got == code, text
        self.assert_no_value(text)
        return text

    def assert_no_value(self, text, shortest=1):
        found = self.values.found_in(text, shortest)
        assert not found, f"sampled values are printed: {sorted(found)}"

    def assert_check_passes(self):
        code, text = self.relay.check()
        assert code == 0, f"check refuses what was proposed:\n{text}\n{self.relay.rules_file.read_text()}"
        return text

    def destroy(self):
        self.relay.destroy()
        self.source.destroy()


def proposals(text):
    """{(table, column): (action, kind, confidence, evidence)} of a rule file's text."""
    found, table = {}, None
    for line in text.splitlines():
        if line.startswith("["):
            table = table if line == "[table.columns]" else None
        elif table is None and line.startswith("name = "):  # later on it is a column's
            table = line[len('name = "'):-1]
        match = LINE.match(line)
        if match and table:
            found[table, match.group(1).strip('"')] = match.groups()[1:]
    return found


def expected_kinds(schemas):
    return {(f"{database}.{table}", column): kind for database, tables in schemas.items() for table, columns in tables.items()
            for column, _, kind, _ in columns}


class Score:
    """What was claimed of columns against what they hold; only of `kinds`."""

    def __init__(self, found, expected, kinds):
        self.kinds = sorted(kinds)
        self.claimed = {place: kind for place, (_, kind, _, _) in found.items() if kind in kinds}
        self.true = {place: kind for place, kind in expected.items() if kind in kinds}
        self.wrong = {place: (kind, expected[place], found[place][3]) for place, kind in self.claimed.items() if expected[place] != kind}
        self.missed = {place: (kind, *found[place][1:]) for place, kind in self.true.items() if self.claimed.get(place) != kind}

    def of(self, *kinds):
        """How many of the kinds there are, were claimed, and were claimed rightly."""
        true = {place for place, kind in self.true.items() if kind in kinds}
        claimed = {place for place, kind in self.claimed.items() if kind in kinds}
        return len(true), len(claimed), len([place for place in true & claimed if self.true[place] == self.claimed[place]])

    def text(self, *kinds):
        true, claimed, right = self.of(*(kinds or self.kinds))
        return f"precision {right / max(claimed, 1):.3f} ({right} of {claimed}), recall {right / max(true, 1):.3f} ({right} of {true})"

    def assert_at_least(self, share, lower):
        """Of every kind; `lower`: the recall of kinds of which less is found. Of all kinds together it is no less."""
        for kinds in [self.kinds, *([kind] for kind in self.kinds)]:
            kind = ", ".join(kinds)
            true, claimed, right = self.of(*kinds)
            assert right >= lower.get(kind, share) * true, f"recall of {kind}: {self.text(*kinds)}; missed {self.missed}"
            assert right >= share * claimed, f"precision of {kind}: {self.text(*kinds)}; wrong {self.wrong}"
