"""The part of scripts/demo that runs the servers and prints; start scripts/demo, not this."""
import pathlib
import shutil
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))

from support import process, relay as relays  # noqa: E402  (the path above makes it findable)
from support.replication import Replica  # noqa: E402
from support.servers import Server, start_together  # noqa: E402

RULES = """
[defaults]
table  = "deny"      # a table that is not named here does not leave
column = "drop"      # nor does a column that is not named

[[table]]
name = "shop.customers"
[table.columns]
id      = "keep"
name    = "drop"
ssn     = "drop"
email   = { action = "constant", value = "withheld@example.com" }
born    = "drop"
notes   = "null"
country = "keep"
balance = "keep"
"""

SCHEMA = (
    "CREATE DATABASE shop",
    "CREATE TABLE shop.customers (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(60), ssn CHAR(11), email VARCHAR(60), "
    "phone VARCHAR(16), born DATE, notes TEXT, country CHAR(2), balance DECIMAL(10,2)) CHARSET=utf8mb4",
    "CREATE TABLE shop.salaries (id INT PRIMARY KEY, amount INT)",
    # Invented people; the numbers' check digits are wrong on purpose.
    "INSERT INTO shop.customers VALUES "
    "(1, 'Kari Nordmann', '01018000000', 'kari@example.com', '+47 400 00 011', '1980-01-01', 'allergic to nuts', 'NO', 1200.50), "
    "(2, 'Ola Eksempel', '02029100000', 'ola@example.org', '+47 400 00 022', '1991-02-02', 'prefers e-mail', 'NO', 77.00), "
    "(3, 'Siri Oppdiktet', '03037200000', 'siri@example.net', '+47 400 00 033', '1972-03-03', NULL, 'SE', -15.25)",
    "INSERT INTO shop.salaries VALUES (1, 612000)",
)
COLUMNS = ("id", "name", "ssn", "email", "phone", "born", "notes", "country", "balance")
GONE = "···"


class Paint:
    """Colours, where somebody looks on."""

    on = sys.stdout.isatty()

    @classmethod
    def dim(cls, text):
        return f"\033[2m{text}\033[0m" if cls.on else text

    @classmethod
    def bold(cls, text):
        return f"\033[1m{text}\033[0m" if cls.on else text


def title(text):
    print(f"\n{Paint.bold(text)}", flush=True)


def rows(server):
    """id -> {column: text} of the columns that are there."""
    names = [row[0] for row in server.query("SHOW COLUMNS FROM shop.customers")]
    return {row[0]: dict(zip(names, row)) for row in server.query("SELECT * FROM shop.customers ORDER BY id")}


def cell(row, column):
    if row is None or column not in row:
        return GONE
    return "NULL" if row[column] is None else str(row[column])


def shorten(text, width):
    return text if len(text) <= width else text[:width - 1] + "…"


def print_side_by_side(source, replica):
    """A pair of lines for each row: as the source has it, and as the replica got it."""
    lines = [("", *COLUMNS)]
    left, right = rows(source), rows(replica)
    for key in left:
        lines.append(("source", *(cell(left[key], column) for column in COLUMNS)))
        lines.append(("replica", *(cell(right.get(key), column) for column in COLUMNS)))
    limit = 18 if shutil.get_terminal_size().columns >= 150 else 16
    lines = [[shorten(text, limit) for text in line] for line in lines]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    print(rule)
    for number, line in enumerate(lines):
        text = "|" + "|".join(f" {value:<{width}} " for value, width in zip(line, widths)) + "|"
        print(text.replace(GONE, Paint.dim(GONE)))
        if number % 2 == 0:
            print(rule)
    print(f"  {GONE} the replica has no such column: the value never left")


def live_change(source, replica):
    source.execute("UPDATE shop.customers SET balance=balance+100, name='Kari N. Nordmann', phone='+47 400 00 099' WHERE id=1")
    source.execute("INSERT INTO shop.customers VALUES (4, 'Per Dikt', '04045500000', 'kari@example.com', NULL, '1955-04-04', "
                   "'new today', 'DK', 5)")
    begun = time.monotonic()
    process.wait_until(lambda: 4 in rows(replica), 30, "the change on the replica", interval=0.002)
    return time.monotonic() - begun


def run(name, keep):
    source, replica = Server(name, metadata="FULL", start=False), Replica(name, start=False)
    title(f"1  A source and a replica ({name}), both new and empty")
    start_together(source, replica)
    relays.grant_source_account(source)
    source.execute(*SCHEMA)
    print("   shop.customers and shop.salaries are at the source; the replica has nothing.")

    title("2  The rules")
    print("".join(f"   {line}\n" for line in RULES.strip().splitlines()), end="")
    relay = relays.Relay(source, RULES, start=False)

    title("3  binlog-relay check: what would leave, and how")
    code, text = relay.check()
    print(text.rstrip())
    if code != 0:
        sys.exit(f"binlog-relay check failed with exit code {code}")

    title("4  binlog-relay run, and the replica follows it as if it were the source")
    relay.start()
    relays.follow(replica, relay)
    wait_for_rows(replica, 3)
    print_side_by_side(source, replica)
    print("  tables at the replica:", ", ".join(row[0] for row in replica.query("SHOW TABLES FROM shop")),
          "(shop.salaries is named in no rule: it does not leave)")

    title("5  A live change: one row updated, one inserted")
    seconds = live_change(source, replica)
    print_side_by_side(source, replica)
    print(f"  on the replica after {seconds * 1000:.0f} ms")
    replica.assert_no_error()

    title("6  Where to go on")
    print("   README.md        what it is, and how to set it up\n   docs/            configuration, rules, operation\n"
          "   scripts/test     the project's tests")
    if keep:
        wait_for_ctrl_c(source, replica, relay)


def wait_for_rows(replica, count):
    def there():
        replica.assert_no_error()
        found = replica.query("SELECT 1 FROM information_schema.tables WHERE table_schema='shop' AND table_name='customers'")
        return found and len(rows(replica)) == count

    process.wait_until(there, 60, f"{count} rows on the replica")


def wait_for_ctrl_c(source, replica, relay):
    title("Running until Ctrl-C")
    client = source.kind.folder / "bin/mysql"
    print(f"   source   {client} -uroot -S {source.socket} shop\n   replica  {client} -uroot -S {replica.socket} shop\n"
          f"   relay    {relay.config}\n   status   http://127.0.0.1:{relay.admin_port}/status", flush=True)
    signal.pause()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        run(sys.argv[1], "--keep" in sys.argv)
    except KeyboardInterrupt:
        print()
        sys.exit(130)
