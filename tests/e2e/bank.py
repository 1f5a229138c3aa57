"""Money that moves between tables, so that any moment but one shows a wrong sum; for the tests of snapshots."""
import contextlib
import random
import threading

import pymysql

KEEP_ALL = '[[table]]\nname = "{}.*"\ncolumn_default = "keep"\n'
BANK_RULES = KEEP_ALL.format("bank") + '[[table]]\nname = "bank.owners"\n[table.columns]\nid = "keep"\nbalance = "keep"\n'
ACCOUNTS, BALANCE = 400, 1000


DEADLOCK = 1213


def lost_a_deadlock(error):
    """Whether that is the error, or what it was raised from."""
    server = error if isinstance(error, pymysql.err.OperationalError) else error.__cause__
    return isinstance(server, pymysql.err.OperationalError) and server.args[0] == DEADLOCK


@contextlib.contextmanager
def in_background(source, *writers):
    """Runs functions of a connection, each in a thread, again and again until the end of the block; their errors are the test's."""
    stop, errors = threading.Event(), []

    def run(write):
        try:
            with contextlib.closing(source.connect(autocommit=False)) as connection:
                while not stop.is_set():
                    try:
                        write(connection)
                    except Exception as error:  # pylint: disable=broad-except
                        if not lost_a_deadlock(error):  # who locks several tables may be in the way of who writes several
                            raise
        except Exception as error:  # pylint: disable=broad-except
            errors.append(error)

    threads = [threading.Thread(target=run, args=(write,)) for write in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not errors, errors


# No such column or table any more, or there already: of a change that was not made. Lock wait over, deadlock.
NOT_MADE = (1050, 1051, 1060, 1091, 1205, 1213)


def retried(connection, *statements):
    """A transaction; one that loses a deadlock is as good as not begun."""
    try:
        with connection.cursor() as cursor:
            for sql in statements:
                cursor.execute(sql)
        connection.commit()
    except pymysql.err.MySQLError as error:
        if error.args[0] not in NOT_MADE:
            raise
        connection.rollback()


def make_bank(source):
    source.execute("CREATE DATABASE bank", "CREATE TABLE bank.accounts (id INT PRIMARY KEY, balance INT NOT NULL) ENGINE=InnoDB",
                   "CREATE TABLE bank.owners (id INT PRIMARY KEY, name VARCHAR(40), balance INT NOT NULL) ENGINE=InnoDB",
                   "CREATE TABLE bank.others (id INT AUTO_INCREMENT PRIMARY KEY, n INT) ENGINE=InnoDB")
    for table, columns, more in (("accounts", "id, balance", ""), ("owners", "id, balance, name", ", 'secret'")):
        source.execute(f"INSERT INTO bank.{table} ({columns}) VALUES " + ", ".join(f"({i}, {BALANCE}{more})" for i in range(ACCOUNTS)))


def transfer(seed):
    rnd = random.Random(seed)

    def write(connection):
        tables = [rnd.choice(("accounts", "owners")) for _ in range(2)]
        amount = rnd.randrange(1, 500)
        retried(connection, f"UPDATE bank.{tables[0]} SET balance=balance-{amount} WHERE id={rnd.randrange(ACCOUNTS)}",
                f"INSERT INTO bank.others (n) VALUES ({amount})",
                f"UPDATE bank.{tables[1]} SET balance=balance+{amount} WHERE id={rnd.randrange(ACCOUNTS)}")

    return write


def total(server):
    return int(server.value("SELECT (SELECT SUM(balance) FROM bank.accounts) + (SELECT SUM(balance) FROM bank.owners)"))
