"""The statements of gh-ost, as its documentation describes them, without the program: its working tables, the copy in chunks, the
changes that it reads from the binary log and applies, and the atomic cut-over with its place holder."""
import queue
import threading

import pymysql

from . import process

_PAUSE = 0.02  # seconds between two rounds of writing
_ER_LOCK_DEADLOCK = 1213


class Load:
    """Writes to a table from a connection of its own until stopped, and says what it has written, in order."""

    def __init__(self, server, statements):
        """`statements(round)` gives the SQL of one round and what it changes: pairs of key and values, None for a row that goes."""
        self.statements = statements
        self.connection = server.connect()
        self.id = self.connection.thread_id()
        self.touched = queue.Queue()
        self.rounds = 0
        self.error = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            with self.connection.cursor() as cursor:
                while not self._end.is_set():
                    sql, changes = self.statements(self.rounds)
                    self._execute(cursor, sql)
                    for change in changes:
                        self.touched.put(change)
                    self.rounds += 1
                    self._end.wait(_PAUSE)
        except Exception as error:  # pylint: disable=broad-except  (told to the test by stop())
            self.error = error

    def _execute(self, cursor, sql):
        """As an application does: the victim of a deadlock (with a chunk that a tool copies) was rolled back whole and tries again."""
        while True:
            try:
                cursor.execute(sql)
                return
            except pymysql.err.OperationalError as error:
                if error.args[0] != _ER_LOCK_DEADLOCK or self._end.is_set():
                    raise

    def wait_rounds(self, more, seconds=60):
        goal = self.rounds + more
        process.wait_until(lambda: self.error or self.rounds >= goal, seconds, lambda: f"{more} rounds more: {self.rounds} of {goal}")
        assert self.error is None, f"the load failed: {self.error}"

    def stop(self):
        self._end.set()
        self._thread.join(60)
        self.connection.close()
        assert self.error is None, f"the load failed: {self.error}"


class Migration:
    """One run of gh-ost on a table with an integer primary key `id`; call the steps in their order."""

    def __init__(self, server, database, table, alter, columns):
        """`columns`: those that the old and the new table share."""
        self.server, self.alter_clauses, self.columns = server, alter, columns
        self.original = f"`{database}`.`{table}`"
        self.ghost, self.changelog, self.old = (f"`{database}`.`_{table}_{suffix}`" for suffix in ("gho", "ghc", "del"))
        self.copied = self.last = 0

    def begin(self):
        run = self.server.execute
        run(f"drop /* gh-ost */ table if exists {self.ghost}", f"drop /* gh-ost */ table if exists {self.old}",
            f"drop /* gh-ost */ table if exists {self.changelog}")
        run(f"""create /* gh-ost */ table {self.changelog} (
            id bigint unsigned auto_increment,
            last_update timestamp not null DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
            hint varchar(64) charset ascii not null,
            value varchar(4096) charset ascii not null,
            primary key(id),
            unique key hint_uidx(hint)
        ) auto_increment=256 comment='gh-ost changelog'""")
        run(f"create /* gh-ost */ table {self.ghost} like {self.original}")
        run(f"alter /* gh-ost */ table {self.ghost} {self.alter_clauses}")
        self.note("state", "GhostTableMigrated")
        self.last = self.server.value(f"select /* gh-ost */ max(id) from {self.original}") or 0

    def note(self, hint, value):
        key = {"heartbeat": 1, "state": 2}.get(hint, 0)
        self.server.execute(f"insert /* gh-ost */ into {self.changelog} (id, hint, value) values (NULLIF({key}, 0), '{hint}', '{value}') "
                            "on duplicate key update last_update=NOW(), value=VALUES(value)")

    def copy_chunk(self, size):
        """Copies the rows of the next `size` keys; False behind the last that was there at the beginning."""
        if self.copied >= self.last:
            return False
        end = min(self.copied + size, self.last)
        names = ", ".join(f"`{name}`" for name in self.columns)
        self.server.execute("START TRANSACTION", f"""insert /* gh-ost */ ignore into {self.ghost} ({names})
            (select {names} from {self.original} force index (`PRIMARY`)
              where ((`id` > {self.copied}) and (`id` < {end}) or (`id` = {end})) lock in share mode)""", "COMMIT")
        self.copied = end
        self.note("heartbeat", f"copied to {end}")
        return True

    def apply(self, touched):
        """What the load has changed since the last call, as gh-ost applies it: in transactions of up to ten changes."""
        left = touched.qsize()  # the load goes on meanwhile, and may be the faster
        while left:
            batch = min(left, 10)
            self.server.execute("START TRANSACTION")
            for _ in range(batch):
                self._apply_one(*touched.get())
            self.server.execute("COMMIT")
            left -= batch

    def _apply_one(self, key, values):
        if values is None:
            self.server.execute(f"delete /* gh-ost `{self.ghost}` */ from {self.ghost} where ((`id` = {key}))")
            return
        names = ", ".join(f"`{name}`" for name in self.columns)
        texts = ", ".join("NULL" if value is None else f"'{value}'" for value in values)
        self.server.execute(f"replace /* gh-ost `{self.ghost}` */ into {self.ghost} ({names}) values ({texts})")

    def cut_over(self, load):
        """The atomic cut-over: a session locks the table and the place holder, a second one waits with the RENAME."""
        self.server.execute(f"create /* gh-ost */ table {self.old} (id int auto_increment primary key) engine=InnoDB "
                            "comment='ghost-cut-over-sentry'")
        locking, renaming = self.server.connect(), self.server.connect()
        with locking.cursor() as lock:
            lock.execute(f"lock /* gh-ost */ tables {self.original} write, {self.old} write")
            self._wait_for_lock(load.id)
            self.apply(load.touched)
            thread = threading.Thread(target=self._rename, args=(renaming,), daemon=True)
            thread.start()
            self._wait_for_lock(renaming.thread_id())
            lock.execute(f"drop /* gh-ost */ table if exists {self.old}")
            lock.execute("unlock tables")
        thread.join(60)
        assert not thread.is_alive(), "the RENAME did not come to its end"
        locking.close()
        renaming.close()

    def _rename(self, connection):
        with connection.cursor() as cursor:
            cursor.execute(f"rename /* gh-ost */ table {self.original} to {self.old}, {self.ghost} to {self.original}")

    def _wait_for_lock(self, thread_id):
        process.wait_until(
            lambda: self.server.query("select 1 from information_schema.processlist where "
                                      f"id = {thread_id} and state like '%metadata lock%'"), 60,
            lambda: f"session {thread_id} waits for a lock")

    def clean_up(self):
        self.server.execute(f"drop /* gh-ost */ table if exists {self.changelog}")
