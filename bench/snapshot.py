"""Dumps the same tables by `snapshot`, mydumper and a server's own client in turn, and loads them. Run by bench/snapshot."""
import argparse
import contextlib
import os
import pathlib
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
import typing

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support import process, relay as relays, snapshot as snapshots  # noqa: E402
from support.servers import Server  # noqa: E402

# Five columns of each table are scrubbed: two dropped, one null, one constant and one hashed, as the stream's benchmark has them; by pseudonyms and
# other actions that read the value alone; by such actions without a key.
RULES = {"mixed": """
[[table]]
name = "shop.customers"
column_default = "keep"
[table.columns]
name = { action = "hash", key = "person" }
email = { action = "constant", value = "somebody@example.com" }
phone = "null"
address = "drop"
notes = "drop"
[[table]]
name = "shop.orders"
column_default = "keep"
[table.columns]
card = { action = "hash", key = "person" }
ship_to = { action = "constant", value = "Oslo" }
phone = "null"
weight = "drop"
comment = "drop"
""", "keyed": """
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
""", "light": """
[[table]]
name = "shop.customers"
column_default = "keep"
[table.columns]
name = { action = "mask", keep_first = 1 }
email = { action = "constant", value = "somebody@example.com" }
address = "null"
balance = { action = "round", to = 100 }
born = { action = "date", to = "year" }
[[table]]
name = "shop.orders"
column_default = "keep"
[table.columns]
ship_to = { action = "constant", value = "Oslo" }
card = { action = "mask", keep_last = 4 }
price = { action = "round", to = 10 }
comment = "null"
placed = { action = "date", to = "month" }
"""}
ALL_RULES = """
[defaults]
table = "deny"
column = "drop"
[keys]
person = { file = "person.key" }
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
        self.relays = {rules: self.make_relay(RULES[rules]) for rules in options.rules}
        self.client = self.source.kind.folder / "bin/mysql"

    def make_relay(self, rules):
        relay = relays.Relay(self.source, ALL_RULES + rules, start=False, settings={"source.socket": str(self.source.socket), "source.host": None,
                                                                                    "source.port": None})
        (relay.folder / "rules/person.key").write_text("k" * 40)
        (relay.folder / "rules/person.key").chmod(0o600)
        return relay

    def dumps(self):
        threads = str(self.options.threads)
        mydumper = f"mydumper -S {self.source.socket} -u root -B shop -t {threads} -r 200000 -o"
        dump = f"{shutil.which('mariadb-dump')} --single-transaction -S {self.source.socket} -u root shop"
        return {
            **{f"snapshot, {rules} rules": lambda to, relay=relay: [relay.program, "snapshot", "-c", relay.config, "--output", to, "--readers", threads]
               for rules, relay in self.relays.items()},
            "mydumper": lambda to: [*mydumper.split(), to],
            "mydumper, then zstd": lambda to: ["bash", "-c", f"{mydumper} {to} && ls {to}/*.sql | xargs -P {threads} -n 1 zstd -q -1 --rm"],
            "mydumper -c": lambda to: [*mydumper.split(), to, "-c"],
            "mariadb-dump, piped into zstd": lambda to: ["bash", "-c", f"mkdir {to} && {dump} | zstd -q -1 -o {to}/dump.sql.zst"],
        }

    def loads(self):
        threads = str(self.options.threads)
        as_root = ["-S", str(self.target.socket), "-u", "root"]
        url = f"mysql://root@localhost/?socket={self.target.socket}"
        client = f"{self.client} {' '.join(as_root)}"
        rules, relay = next(iter(self.relays.items()))
        return {
            f"snapshot, {rules} rules": ("load", lambda of: [relay.program, "load", of, "-c", relay.config, "--to", url, "--loaders", threads,
                                                            "--no-start"]),
            "mydumper": ("myloader", lambda of: ["myloader", *as_root, "-t", threads, "-d", of, "-o"]),
            "mariadb-dump, piped into zstd": ("zstd, piped into mysql", lambda of: [
                "bash", "-c", f"{client} -e 'CREATE DATABASE shop' && zstd -dcq {of}/dump.sql.zst | {client} shop"]),
        }

    def run(self, arguments, server=None):
        """When it ran, and the seconds that processors were at work for it: its own processes, and the server."""
        own, others = own_processor_seconds(), processor_seconds(server)
        begin = time.monotonic()
        done = subprocess.run([str(part) for part in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        end = time.monotonic()
        if done.returncode != 0:
            raise SystemExit(f"{arguments[0]} failed:\n{done.stdout.decode(errors='replace')[-2000:]}")
        return Run(begin, end, own_processor_seconds() - own, processor_seconds(server) - others)

    def measure(self):
        """The runs of each round, by name: of dumping alone, and of loading."""
        dumped, loaded = {}, {}
        for _ in range(self.options.rounds):
            for name, dump in self.dumps().items():
                to = self.folder / "dump"
                dumped.setdefault(name, []).append(self.run(dump(to), self.source))
                if name in self.loads() and not self.options.no_load:
                    title, load = self.loads()[name]
                    self.target.execute("DROP DATABASE IF EXISTS shop")
                    loaded.setdefault(title, []).append(self.run(load(to), self.target))
                    found = sum(int(self.target.value(f"SELECT COUNT(*) FROM shop.{table}")) for table in ("customers", "orders"))
                    assert found == self.rows, f"{title} loaded {found} of {self.rows} rows"
                shutil.rmtree(to)
        return dumped, loaded

    def beside_load(self):
        """The transactions a second of a load beside dumping, of each round, by name."""
        load = Sysbench(self.source, self.options.threads)
        rates = {}
        for _ in range(self.options.rounds):
            for name in self.dumps():
                load.start(self.folder / "sysbench.log")
                run = self.run(self.dumps()[name](self.folder / "dump"))
                load.stop()
                rates.setdefault(name, []).append(load.rate(run.begin, run.end))
                shutil.rmtree(self.folder / "dump")
        return rates


class Run(typing.NamedTuple):
    begin: float
    end: float
    own: float  # processor seconds of the program and its children
    server: float

    @property
    def seconds(self):
        return self.end - self.begin


def own_processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def processor_seconds(server):
    if server is None:
        return 0
    fields = pathlib.Path(f"/proc/{server.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def processor_name():
    found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def spread(figures):
    return f"{statistics.median(figures):.2f} ({min(figures):.2f} to {max(figures):.2f})"


def print_runs(title, runs, of, rows, megabytes):
    """`runs`: by name, one of each round; ratios are to `of` in the same round."""
    print(f"\n| {title} | s | as fast as {of} | rows/s | MB/s | processor s, own | server's |\n|---|---|---|---|---|---|---|")
    for name, rounds in runs.items():
        seconds = statistics.median(run.seconds for run in rounds)
        ratios = [other.seconds / own.seconds for own, other in zip(rounds, runs[of])]
        print(f"| {name} | {spread([run.seconds for run in rounds])} | {spread(ratios)} | {rows / seconds:,.0f} | {megabytes / seconds:.1f} | "
              f"{statistics.median(run.own for run in rounds):.2f} | {statistics.median(run.server for run in rounds):.2f} |")


def print_rates(rates, of):
    print(f"\n| sysbench beside | transactions a second | as many as beside {of} |\n|---|---|---|")
    for name, rounds in rates.items():
        print(f"| {name} | {spread(rounds)} | {spread([own / other for own, other in zip(rounds, rates[of])])} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="mysql-9.7", help="mysql-9.7 or mariadb-10.11")
    parser.add_argument("--rows", type=int, default=1_000_000, help=f"of each of two tables, in steps of {STEP}")
    parser.add_argument("--threads", type=int, default=2, help="of each program, and of sysbench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rules", nargs="+", choices=sorted(RULES), default=sorted(RULES),
                        help="five scrubbed columns with pseudonyms, or without; what the first ones left is loaded")
    parser.add_argument("--no-load", action="store_true", help="dump alone")
    parser.add_argument("--sysbench", action="store_true", help="also dump beside a load on other tables of the source")
    options = parser.parse_args()
    os.environ.setdefault("TMPDIR", "/var/tmp")
    bench = Bench(options.server, options)
    print(f"{options.server}, {bench.rows} rows, {bench.megabytes:.0f} MB in InnoDB, {options.threads} threads, "
          f"{options.rounds} rounds, {os.cpu_count()} processors, {processor_name()}")
    dumped, loaded = bench.measure()
    print_runs("dumping", dumped, "mydumper", bench.rows, bench.megabytes)
    if loaded:
        print_runs("loading", loaded, "myloader", bench.rows, bench.megabytes)
    if options.sysbench:
        print_rates(bench.beside_load(), "mydumper")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
