"""Schemas as they are met in the field, with what each column holds; `discover` is tried on them. All values are invented."""
import base64
import uuid

from . import made_numbers as numbers

ROWS = 60
VALIDATED = {"national identity number", "D-number", "organisation number", "telephone number", "e-mail address", "IBAN",
             "bank account number", "card number", "IP address"}
FNR, DNR, ORG, PHONE, EMAIL, IBAN, ACCOUNT, CARD, IP = (
    "national identity number", "D-number", "organisation number", "telephone number", "e-mail address", "IBAN", "bank account number",
    "card number", "IP address")


def word(rnd, length=9):
    return "q" + "".join(rnd.choice("bcdfghjklmnprstvz") + rnd.choice("aeiou") for _ in range(length // 2))


def name(rnd):
    return word(rnd).capitalize()


def email(rnd):
    return f"{word(rnd)}.{word(rnd)}@{word(rnd)}.no"


def phone(rnd):
    return rnd.choice("49") + f"{rnd.randrange(10 ** 7):07d}"


def written_phone(rnd):
    digits = phone(rnd)
    return rnd.choice([f"+47{digits}", f"+47 {digits}", f"{digits[:3]} {digits[3:5]} {digits[5:]}", f"0047{digits}"])


def address(rnd):
    return rnd.choice([f"{rnd.randint(80, 223)}.{rnd.randrange(256)}.{rnd.randrange(256)}.{rnd.randrange(256)}",
                       f"2001:db8:{rnd.randrange(16 ** 4):x}::{rnd.randrange(16 ** 4):x}"])


def version(rnd):
    return ".".join(str(rnd.randrange(20)) for _ in range(4))


def sentence(rnd):
    return " ".join(word(rnd) for _ in range(rnd.randint(4, 12)))


def line(rnd):
    return " ".join(word(rnd) for _ in range(3))


def random_base64(rnd):
    return base64.b64encode(rnd.randbytes(30)).decode()


def sometimes_wrong(make, wrong):
    """Real columns have typing errors."""
    return lambda rnd: wrong(rnd) if rnd.random() < 0.08 else make(rnd)


def d_number(rnd):
    return numbers.national_id(rnd, d_number=True)


def spaced_id(rnd):
    digits = numbers.national_id(rnd)
    return digits[:6] + " " + digits[6:]


COUNTED = "INT NOT NULL AUTO_INCREMENT PRIMARY KEY"
# table: [(column, type, what it holds or None, maker of values or None for the server's own)]
SAKILA = {
    "actor": [("actor_id", "SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY", None, None), ("first_name", "VARCHAR(45)", None, name),
              ("last_name", "VARCHAR(45)", None, name), ("last_update", "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", None, None)],
    "address": [("address_id", COUNTED, None, None), ("address", "VARCHAR(50)", None, line), ("district", "VARCHAR(20)", None, name),
                ("postal_code", "VARCHAR(10)", None, lambda rnd: f"{rnd.randrange(10 ** 4):04d}"),
                ("phone", "VARCHAR(20)", PHONE, lambda rnd: f"{rnd.randrange(10 ** 11, 10 ** 12)}")],
    "customer": [("customer_id", COUNTED, None, None), ("first_name", "VARCHAR(45)", None, name), ("email", "VARCHAR(80)", EMAIL, email),
                 ("address_id", "INT", None, None), ("active", "TINYINT(1)", None, lambda rnd: rnd.randrange(2)),
                 ("create_date", "DATETIME", None, None)],
    "film": [("film_id", COUNTED, None, None), ("title", "VARCHAR(128)", None, line), ("description", "TEXT", None, sentence),
             ("rental_rate", "DECIMAL(4,2)", None, lambda rnd: f"{rnd.randrange(10)}.99"), ("length", "SMALLINT UNSIGNED", None, lambda rnd: rnd.randint(40, 200)),
             ("rating", "ENUM('G','PG','R')", None, lambda rnd: rnd.choice("GR"))],
    "payment": [("payment_id", COUNTED, None, None), ("customer_id", "INT", None, lambda rnd: rnd.randint(1, ROWS)),
                ("amount", "DECIMAL(5,2)", None, lambda rnd: f"{rnd.randrange(100)}.50"), ("card_no", "VARCHAR(19)", CARD, numbers.card)],
    "staff": [("staff_id", COUNTED, None, None), ("username", "VARCHAR(16)", None, lambda rnd: word(rnd, 7)), ("password", "VARCHAR(40)", None, random_base64),
              ("picture", "BLOB", None, None), ("last_login_ip", "VARCHAR(45)", IP, address)],
}
SHOP = {
    "kunde": [("id", COUNTED, None, None), ("kundenavn", "VARCHAR(60)", None, name), ("fødselsnummer", "CHAR(11)", FNR, sometimes_wrong(numbers.national_id, numbers.no_national_id)),
              ("e_post", "VARCHAR(80) CHARACTER SET latin1", EMAIL, email), ("mobilnr", "VARCHAR(20)", PHONE, phone), ("telefonPrivat", "VARCHAR(20)", PHONE, written_phone),
              ("kontonr", "CHAR(11)", ACCOUNT, numbers.account), ("iban", "VARCHAR(34)", IBAN, numbers.iban), ("kortnummer", "CHAR(16)", CARD, numbers.card),
              ("orgnr", "CHAR(9)", ORG, numbers.organisation), ("gateadresse", "VARCHAR(80)", None, line), ("postnr", "CHAR(4)", None, lambda rnd: f"{rnd.randrange(10 ** 4):04d}"),
              ("fodselsdato", "DATE", None, lambda rnd: f"19{rnd.randint(30, 99)}-0{rnd.randint(1, 9)}-1{rnd.randint(0, 9)}"), ("kommentar", "TEXT", None, sentence),
              ("sist_ip", "VARCHAR(45)", IP, address), ("opprettet", "DATETIME", None, None), ("landkode", "CHAR(2)", None, lambda rnd: rnd.choice(["NO", "SE"]))],
    "ordre": [("id", COUNTED, None, None), ("kunde_id", "INT", None, lambda rnd: rnd.randint(1, ROWS)), ("ordrenr", "CHAR(8)", None, phone),
              ("sporingsnr", "CHAR(11)", None, numbers.no_national_id), ("ean", "CHAR(13)", None, numbers.ean), ("referanse", "CHAR(36)", None, lambda rnd: str(uuid.UUID(int=rnd.getrandbits(128)))),
              ("vedlegg", "VARCHAR(80)", None, random_base64), ("programversjon", "VARCHAR(20)", None, version), ("bygg", "VARCHAR(20)", None, version),
              ("saksnr", "INT", None, lambda rnd: rnd.randrange(10 ** 8, 10 ** 9)), ("phone_model", "VARCHAR(20)", None, lambda rnd: word(rnd)),
              ("mail_sent", "TINYINT(1)", None, lambda rnd: rnd.randrange(2)), ("totalbeløp", "DECIMAL(10,2)", None, lambda rnd: f"{rnd.randrange(10 ** 6)}.00"),
              ("status", "ENUM('ny','sendt')", None, lambda rnd: rnd.choice(["ny", "sendt"])), ("teller", "BIGINT", None, lambda rnd: rnd.randrange(10 ** 10, 10 ** 11))],
    # Columns whose names tell nothing.
    "import": [("rad", COUNTED, None, None), ("felt1", "VARCHAR(20)", FNR, sometimes_wrong(spaced_id, lambda rnd: "")), ("felt2", "VARCHAR(80)", EMAIL, email), ("felt3", "VARCHAR(34)", IBAN, numbers.iban),
               ("felt4", "VARCHAR(19)", CARD, numbers.card), ("felt5", "BIGINT", FNR, numbers.national_id), ("felt6", "CHAR(11)", ACCOUNT, numbers.account), ("felt7", "CHAR(11)", DNR, d_number),
               ("felt8", "VARCHAR(45)", IP, address), ("felt9", "VARCHAR(20)", PHONE, written_phone), ("felt10", "INT UNSIGNED", ORG, numbers.organisation),
               ("felt11", "TEXT", None, lambda rnd: f"{word(rnd)} {email(rnd)} {word(rnd)}"), ("felt12", "VARCHAR(40) CHARACTER SET utf16", EMAIL, lambda rnd: f"{word(rnd)}@{word(rnd)}.no"),
               ("felt13", "VARBINARY(40)", FNR, numbers.national_id), ("felt14", "DECIMAL(11,0)", FNR, numbers.national_id)],
}
HEALTH = {
    "pasient": [("pasient_id", COUNTED, None, None), ("fnr", "CHAR(11) NOT NULL UNIQUE", FNR, numbers.national_id), ("dnummer", "CHAR(11)", DNR, d_number),
                ("fornavn", "VARCHAR(40)", None, name), ("etternavn", "VARCHAR(40)", None, name), ("kjønn", "ENUM('M','K')", None, lambda rnd: rnd.choice("MK")),
                ("tlf", "VARCHAR(12)", PHONE, phone), ("pårørende_tlf", "VARCHAR(12)", PHONE, phone), ("epostadresse", "VARCHAR(80)", EMAIL, email), ("fastlege", "VARCHAR(60)", None, name)],
    "konsultasjon": [("id", COUNTED, None, None), ("pasient", "INT", None, lambda rnd: rnd.randint(1, ROWS)), ("pasient_fnr", "CHAR(11)", FNR, None), ("diagnosekode", "VARCHAR(8)", None, lambda rnd: word(rnd, 5)),
                     ("journalnotat", "MEDIUMTEXT", None, sentence), ("icd10", "CHAR(5)", None, lambda rnd: word(rnd, 4)), ("opprettet_tidspunkt", "DATETIME", None, None),
                     ("henvisende_orgnr", "CHAR(9)", ORG, numbers.organisation), ("refusjon_konto_nr", "CHAR(11)", ACCOUNT, numbers.account)],
    "resept": [("resept_id", COUNTED, None, None), ("legemiddel", "VARCHAR(60)", None, word), ("dose", "VARCHAR(20)", None, word), ("klient_ip", "VARCHAR(45)", IP, address)],
}
SCHEMAS = {"sakila": SAKILA, "butikk": SHOP, "helse": HEALTH}
