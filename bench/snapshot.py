"""Dumps the same tables by `snapshot`, mydumper and a server's own client in turn, and loads them. Run by bench/snapshot."""
import argparse
import contextlib
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support import process, relay as relays, snapshot as snapshots  # noqa: E402
from support.servers import Server  # noqa: E402

# Five columns of each table are scrubbed.
RULES = """
[defaults]
table = "deny"
column = "drop"
[keys]
person = { file = "person.key" }
[[table]]
name = "shop.customers"
column_default = "keep"
[table.columns]
name = { action = "hash", key = "person" }
email = { action = "email", key = "person" }
phone = { action = "mask", keep_last = 2 }
born = { action = "date", to = "year" }
notes = { action = "truncate", length = 20 }
[[table]]
name = "shop.orders"
column_default = "keep"
[table.columns]
ship_to = { action = "hash", key = "person" }
card = { action = "digits", key = "person" }
price = { action = "round", to = 10 }
comment = "null"
phone = { action = "mask", keep_last = 2 }
"""
TABLES = [
    "CREATE TABLE shop.customers (id BIGINT PRIMARY KEY, name VARCHAR(80) NOT NULL, email VARCHAR(120) NOT NULL, phone VARCHAR(24), "
    "address VARCHAR(200), notes TEXT, balance DECIMAL(12,2) NOT NULL, born DATE, created DATETIME(6) NOT NULL, KEY (balance)) ENGINE=InnoDB",
    "CREATE TABLE shop.orders (id BIGINT UNSIGNED PRIMARY KEY, customer_id BIGINT NOT NULL, sku VARCHAR(32) NOT NULL, qty INT NOT NULL, "
    "price DECIMAL(10,2) NOT NULL, status ENUM('new','paid','sent','done') NOT NULL, placed TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), "
    "ship_to VARCHAR(200), card CHAR(19), phone VARCHAR(24), weight DOUBLE, comment VARCHAR(100), KEY (customer_id), KEY (sku, placed)) ENGINE=InnoDB",
]
FILLS = [
    "INSERT INTO shop.customers SELECT {n}, CONCAT('Person ', {n} * 37), CONCAT('user', {n}, '@mail', {n} % 50, '.example.com'), "
    "CONCAT('+47 ', 40000000 + {n} * 7 % 9999999), CONCAT({n} % 199, ' Storgata, Oslo'), REPEAT('called about the late parcel; ', 2 + {n} % 6), "
    "{n} * 37 % 1000000 / 100, DATE_ADD('1950-01-01', INTERVAL {n} % 20000 DAY), DATE_ADD('2024-01-01', INTERVAL {n} MICROSECOND)",
    "INSERT INTO shop.orders SELECT {n}, {n} * 7 % 100000, CONCAT('SKU-', {n} * 31 % 9999), 1 + {n} % 9, {n} * 13 % 90000 / 100, 1 + {n} % 4, "
    "DATE_ADD('2024-01-01', INTERVAL {n} SECOND), CONCAT({n} % 199, ' Kirkegata, Bergen'), LPAD({n} * 7919 % 9999999999, 16, '4'), "
    "CONCAT('+47 ', 90000000 + {n} * 3 % 9999999), {n} / 7, REPEAT('x', {n} % 60)",
]
DIGIT = "(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)"
STEP = 100000  # rows of a statement


def fill(server, rows):
    server.execute("CREATE DATABASE shop", *TABLES)
    numbers = " FROM " + ", ".join(f"{DIGIT} {name}" for name in "abcde")
    for first in range(0, rows, STEP):
        number = f"({first} + a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d)"
        for text in FILLS:
            server.execute(text.format(n=number) + numbers)
    server.execute("ANALYZE TABLE shop.customers, shop.orders")
    return sum(int(server.value(f"SELECT COUNT(*) FROM shop.{table}")) for table in ("customers", "orders"))


class Sysbench:
    """Load on the source's other tables; rate() is of the seconds between two moments."""

    COMMAND = ("sysbench", "oltp_read_write", "--db-driver=mysql", "--mysql-user=root", "--mysql-db=sbtest", "--tables=2", "--table-size=50000")

    def __init__(self, server, threads):
        self.options = [f"--mysql-socket={server.socket}", f"--threads={threads}"]
        server.execute("CREATE DATABASE sbtest")
        subprocess.run([*self.COMMAND, *self.options, "prepare"], check=True, stdout=subprocess.DEVNULL)
        self.child = None

    def start(self, log):
        self.child = process.spawn([*self.COMMAND, *self.options, "--time=0", "--report-interval=1", "run"], stdout=open(log, "wb"))
        self.log, self.begun = log, time.monotonic()
        time.sleep(3)

    def rate(self, begin, end):
        """Of the whole seconds that sysbench told between the two, which are at least three apart."""
        seconds = [float(tps) for at, tps in re.findall(r"\[ (\d+)s \].* tps: ([\d.]+)", self.log.read_text())
                   if begin - self.begun + 1 < int(at) <= end - self.begun]
        if not seconds:
            raise SystemExit("a dump is too short to see what it costs the source: give more --rows")
        return statistics.mean(seconds)

    def stop(self):
        self.child.terminate()
        self.child.wait()


class Bench:
    def __init__(self, name, options):
        self.options = options
        self.folder = process.temp_folder("bench", on_disk=True)
        extra = ["--innodb-buffer-pool-size=1G", "--max-allowed-packet=64M"]
        self.source = Server(name, on_disk=True, extra=extra)
        self.target = Server(name, on_disk=True, extra=extra)
        self.rows = fill(self.source, options.rows)
        self.megabytes = int(self.source.value("SELECT SUM(data_length) FROM information_schema.tables WHERE table_schema='shop'")) / 1e6
        self.source.create_account(relays.SOURCE_USER, relays.SOURCE_PASSWORD, relays.SOURCE_GRANTS)
        snapshots.grant_snapshot(self.source)
        self.relay = relays.Relay(self.source, RULES, start=False, settings={"source.socket": str(self.source.socket), "source.host": None,
                                                                             "source.port": None})
        (self.relay.folder / "rules/person.key").write_text("k" * 40)
        (self.relay.folder / "rules/person.key").chmod(0o600)
        self.client = self.source.kind.folder / "bin/mysql"

    def dumps(self):
        threads = str(self.options.threads)
        as_root = ["-S", self.source.socket, "-u", "root"]
        dump = shutil.which("mariadb-dump")
        return {
            "snapshot": lambda to: [self.relay.program, "snapshot", "-c", self.relay.config, "--output", to, "--readers", threads],
            "mydumper": lambda to: ["mydumper", *as_root, "-B", "shop", "-t", threads, "-r", "200000", "-o", to],
            "mydumper -c": lambda to: ["mydumper", *as_root, "-B", "shop", "-t", threads, "-r", "200000", "-c", "-o", to],
            "mariadb-dump | zstd": lambda to: ["bash", "-c", f"mkdir {to} && {dump} --single-transaction -S {self.source.socket} -u root shop "
                                               f"| zstd -q -1 -o {to}/dump.sql.zst"],
        }

    def loads(self):
        threads = str(self.options.threads)
        as_root = ["-S", str(self.target.socket), "-u", "root"]
        url = f"mysql://root@localhost/?socket={self.target.socket}"
        client = f"{self.client} {' '.join(as_root)}"
        return {
            "snapshot": ("load", lambda of: [self.relay.program, "load", of, "-c", self.relay.config, "--to", url, "--loaders", threads, "--no-start"]),
            "mydumper": ("myloader", lambda of: ["myloader", *as_root, "-t", threads, "-d", of, "-o"]),
            "mariadb-dump | zstd": ("zstd | mysql", lambda of: ["bash", "-c", f"{client} -e 'CREATE DATABASE shop' && zstd -dcq {of}/dump.sql.zst | {client} shop"]),
        }

    def run(self, arguments):
        begin = time.monotonic()
        done = subprocess.run([str(part) for part in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{arguments[0]} failed:\n{done.stdout.decode(errors='replace')[-2000:]}")
        return begin, time.monotonic()

    def measure(self):
        """Seconds by name, of each round: of dumping alone, of loading, and the transactions a second of a load beside dumping."""
        dumped, loaded, rates = {}, {}, {}
        for _ in range(self.options.rounds):
            for name, dump in self.dumps().items():
                to = self.folder / "dump"
                begin, end = self.run(dump(to))
                dumped.setdefault(name, []).append(end - begin)
                if name in self.loads() and not self.options.no_load:
                    title, load = self.loads()[name]
                    self.target.execute("DROP DATABASE IF EXISTS shop")
                    begin, end = self.run(load(to))
                    loaded.setdefault(title, []).append(end - begin)
                    found = sum(int(self.target.value(f"SELECT COUNT(*) FROM shop.{table}")) for table in ("customers", "orders"))
                    assert found == self.rows, f"{title} loaded {found} of {self.rows} rows"
                shutil.rmtree(to)
        if self.options.sysbench:
            rates = self.beside_load()
        return dumped, loaded, rates

    def beside_load(self):
        load = Sysbench(self.source, self.options.threads)
        rates = {}
        for _ in range(self.options.rounds):
            for name in ("snapshot", "mydumper", "mydumper -c"):
                load.start(self.folder / "sysbench.log")
                begin, end = self.run(self.dumps()[name](self.folder / "dump"))
                load.stop()
                rates.setdefault(name, []).append(load.rate(begin, end))
                shutil.rmtree(self.folder / "dump")
        return rates


def print_table(title, unit, values, of, better):
    """`values`: name to a figure for each round, of which `of` is the one to compare with; `better`: larger or smaller figures are."""
    print(f"\n| {title} | {unit} | ratio to {of}, pair by pair |\n|---|---|---|")
    for name, rounds in values.items():
        ratios = [(other / own if better == "smaller" else own / other) for own, other in zip(rounds, values[of])]
        print(f"| {name} | {statistics.median(rounds):.2f} ({min(rounds):.2f} to {max(rounds):.2f}) | "
              f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="mysql-9.7", help="mysql-9.7 or mariadb-10.11")
    parser.add_argument("--rows", type=int, default=1_000_000, help=f"of each of two tables, in steps of {STEP}")
    parser.add_argument("--threads", type=int, default=2, help="of each program, and of sysbench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-load", action="store_true", help="dump alone")
    parser.add_argument("--sysbench", action="store_true", help="also dump beside a load on other tables of the source")
    options = parser.parse_args()
    os.environ.setdefault("TMPDIR", "/var/tmp")
    bench = Bench(options.server, options)
    print(f"{options.server}, {bench.rows} rows, {bench.megabytes:.0f} MB in InnoDB, {options.threads} threads, {options.rounds} rounds, "
          f"{os.cpu_count()} processors, {platform.processor() or platform.machine()}")
    dumped, loaded, rates = bench.measure()
    print_table("dumping", "s", dumped, "mydumper", "smaller")
    for name, seconds in dumped.items():
        print(f"{name}: {bench.rows / statistics.median(seconds):,.0f} rows/s, {bench.megabytes / statistics.median(seconds):.1f} MB/s")
    if loaded:
        print_table("loading", "s", loaded, "myloader", "smaller")
        for name, seconds in loaded.items():
            print(f"{name}: {bench.rows / statistics.median(seconds):,.0f} rows/s, {bench.megabytes / statistics.median(seconds):.1f} MB/s")
    if rates:
        print_table("sysbench beside dumping", "transactions a second", rates, "mydumper", "larger")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
