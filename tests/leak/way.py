"""A way: one manner in which a value can get into a binary log. A stream: one run of a way under one setting, with its tokens."""
import dataclasses
import re

ALL = ("mysql-9.7", "mysql-5.6", "mariadb-10.5", "mariadb-10.11", "mariadb-11.8")
MYSQL = ("mysql-9.7", "mysql-5.6")
NEW = ("mysql-9.7",)
OLD = ("mysql-5.6",)
MARIADB = ("mariadb-10.5", "mariadb-10.11", "mariadb-11.8")
MODERN = ("mysql-9.7", *MARIADB)
LATE_MARIADB = ("mariadb-10.11", "mariadb-11.8")

# What every way's tables are subject to; tables of the databases hid_* are named by no rule.
RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "leak_*.*"
optional = true
column_default = "drop"
[table.columns]
id = { action = "keep", optional = true }
kept = { action = "keep", optional = true }
kept2 = { action = "keep", optional = true }
nulled = { action = "null", optional = true }
fixed = { action = "constant", value = "000", optional = true }
[[table]]
name = "leak_*.open*"
optional = true
column_default = "keep"
[table.columns]
secret = { action = "drop", optional = true }
"""


@dataclasses.dataclass(frozen=True)
class Way:
    """`statements` are SQL with {db}: a database with rules, {hid}: one without, {c}: a fresh token that is a value, {n}: a fresh token that
    is a name (which may stand in the relay's own messages, and nowhere else), {hex}: one in hexadecimal, {t}: the last token again, {file}: a path
    that the server may read,

    {1}, {2} ...: the first, second ... token of the stream again.

    settings: "rows" runs it under every pair of settings of the rows, "text" under those that concern statements, "big" under two.
    halts: what the reason must say where the stream is to halt; a dict of them where servers differ. may_halt: halting is right, and so is
    knowing better, in this or another version.
    plant: instead of statements, a function of the stream for tokens that are not text.
    clean: statements that put the server right again, not logged.
    """
    name: str
    statements: tuple = ()
    on: tuple = ALL
    settings: str = "rows"
    halts: object = None
    may_halt: bool = False
    session: tuple = ()
    plant: object = None
    clean: tuple = ()
    big: bool = False

    def halts_on(self, server):
        return self.halts.get(server) if isinstance(self.halts, dict) else self.halts


def rows(name, *statements, **options):
    return Way(name, statements, **{"settings": "rows", **options})


def text(name, *statements, **options):
    return Way(name, statements, **{"settings": "text", **options})


class Stream:
    """Tokens are byte strings by label; text tokens are labelled by their text."""

    def __init__(self, way, setting, number, canaries, server):
        self.way, self.setting, self.number, self.server = way, setting, number, server
        self.db, self.hid = f"leak_{number:04d}", f"hid_{number:04d}"
        self.canaries, self.folder = canaries, server.folder / "tmp"
        self.texts, self.names, self.needles = [], set(), {}
        self.start = self.end = None
        self.outcome, self.reason = None, ""
        self.found_open = self.found_scrubbed = 0
        self.leaks = []
        self._session = None

    def value(self):
        self.texts.append(self.canaries.text())
        return self.texts[-1]

    def name(self):
        token = self.value()
        self.names.add(token)
        return token

    def needle(self, label, *forms):
        """A token that is not text: the byte strings that stand for it in a log, in a table's file, in words."""
        assert all(len(form) >= 6 for form in forms), "too short to be unique"
        self.needles[label] = forms

    @property
    def planted(self):
        return len(self.texts) + len(self.needles)

    def run(self, cursor, *statements):
        for template in statements:
            sql = self.fill(template)
            try:
                cursor.execute(sql)
                cursor.fetchall()
                while cursor.nextset():
                    pass
            except Exception as error:
                raise AssertionError(f"way '{self.way.name}' under {self.setting}: the source refused: {sql[:300]}\n{error}") from error

    def fill(self, template):
        fixed = {"db": self.db, "hid": self.hid, "file": str(self.folder / f"{self.db}.txt"), "folder": str(self.folder)}
        made = {"c": self.value, "n": self.name, "t": lambda: self.texts[-1], "hex": lambda: self.value().encode().hex()}

        def word(mark):
            if mark.isdigit():
                return self.texts[int(mark) - 1]
            return fixed[mark] if mark in fixed else made[mark]()

        return re.sub(r"\{(c|n|t|hex|db|hid|file|folder|\d+)\}", lambda found: word(found.group(1)), template)

    def write_file(self, content):
        """A file for LOAD DATA; its content may hold tokens."""
        path = self.folder / f"{self.db}.txt"
        path.write_text(self.fill(content))
        return path
