"""Rows that are written all the time."""
import threading

import pymysql


class Writer:
    """Writes rows at the source of a topology until it is stopped. `insert` makes the statement for a row's number, from 1 on; it has one
    place, for a canary."""

    def __init__(self, top, insert, pause):
        self.top, self.insert, self.rows, self.failure = top, insert, 0, None
        self.pause = pause  # seconds between rows
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)  # a test that fails does not stop it
        self._thread.start()

    def _run(self):
        try:
            with self.top.source.connect() as connection, connection.cursor() as cursor:
                while not self._end.wait(self.pause):
                    cursor.execute(self.insert(self.rows + 1), (self.top.canaries.text(),))
                    self.rows += 1
        except pymysql.MySQLError as error:
            self.failure = error

    def stop(self):
        self._end.set()
        self._thread.join()
        assert self.failure is None, self.failure
