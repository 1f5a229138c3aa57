"""Schemas whose names and values were fixed before the word list of `discover` was read. Its words have been mended by what it missed here, so
that these tables now only tell that it does not get worse."""
import ipaddress
import itertools

from . import made_numbers as made

FIRST = ("Åse", "Bjørn", "Kåre", "Ragnhild", "Torbjørg", "Øystein", "Sigrun", "Halvard", "Gunvor", "Eivind", "Marthe", "Stian")
LAST = ("Brekke", "Nygård", "Sæther", "Løvås", "Kvamme", "Tveit", "Ødegård", "Fossum", "Rønning", "Hauge", "Skjelbred", "Myhre")
STREETS = ("Fjellveien", "Kirkegata", "Storgata", "Åsveien", "Bjørkealléen", "Nedre Torggate", "Solbakken", "Industriveien")
TOWNS = ("Hønefoss", "Førde", "Ålesund", "Mosjøen", "Vadsø", "Tynset", "Arendal", "Stjørdal")
TITLES = ("Nattevakten", "Sølvpilen", "Den siste fergen", "Under isen", "Kontoret", "Vinterlys", "Kaptein Storm", "Grensen")
GOODS = ("Regnjakke", "Kaffekvern", "Ullsokker", "Hodelykt", "Stekepanne", "Sovepose", "Termos", "Luer")
SENTENCES = ("Levert på døra", "Sendes i to pakker", "Avtalt ny tid", "Mangler vedlegg", "Purret to ganger", "Ok etter kontroll")
COMPLAINTS = ("Hoste og feber i tre dager", "Kontroll av blodtrykk", "Vondt i kneet etter fall", "Søvnvansker", "Utslett på hendene")


def first(rnd): return rnd.choice(FIRST)
def last(rnd): return rnd.choice(LAST)
def full(rnd): return f"{first(rnd)} {last(rnd)}"
def last_first(rnd): return f"{last(rnd)}, {first(rnd)}"
def street(rnd): return f"{rnd.choice(STREETS)} {rnd.randint(1, 180)}{rnd.choice(['', '', 'B', ' C'])}"
def town(rnd): return rnd.choice(TOWNS)
def zip_code(rnd): return f"{rnd.randint(1, 9990):04d}"


def mail(rnd):
    at = rnd.choice(("eksempel.no", "example.com", "post.example.org"))
    plain = f"{first(rnd)}{rnd.choice('._-')}{last(rnd)}".lower().translate(str.maketrans("åøæ", "aoe"))
    return f"{plain}{rnd.randint(1, 99)}@{at}"


def mobile(rnd): return f"{rnd.choice('49')}{rnd.randrange(10 ** 7):07d}"
def mobile_spaced(rnd): return "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]} {0[5]}{0[6]}{0[7]}".format(mobile(rnd))
def mobile_47(rnd): return rnd.choice(("+47", "+47 ", "0047")) + mobile(rnd)
def landline(rnd): return "{} {} {} {}".format(*(f"{rnd.randint(20, 79)}" for _ in range(4)))
def birth(rnd): return f"{rnd.randint(1931, 2012)}-{rnd.randint(1, 12):02d}-{rnd.randint(1, 28):02d}"
def birth_short(rnd): return f"{rnd.randint(1, 28):02d}{rnd.randint(1, 12):02d}{rnd.randint(31, 99)}"
def birth_dotted(rnd): return f"{rnd.randint(1, 28):02d}.{rnd.randint(1, 12):02d}.{rnd.randint(1931, 2012)}"
def day(rnd): return f"20{rnd.randint(15, 24)}-{rnd.randint(1, 12):02d}-{rnd.randint(1, 28):02d}"
def time(rnd): return f"{day(rnd)} {rnd.randint(0, 23):02d}:{rnd.randint(0, 59):02d}:{rnd.randint(0, 59):02d}"
def mixed_id(rnd): return made.national_id(rnd, rnd.random() < 0.3)
def spaced_id(rnd): return "{} {}".format(*(lambda text: (text[:6], text[6:]))(made.national_id(rnd)))
def dotted_account(rnd): return "{}.{}.{}".format(*(lambda text: (text[:4], text[4:6], text[6:]))(made.account(rnd)))
def spaced_organisation(rnd): return "{} {} {}".format(*(lambda text: (text[:3], text[3:6], text[6:]))(made.organisation(rnd)))
def vat_number(rnd): return f"NO {made.organisation(rnd)} MVA"
def grouped_card(rnd): return "{} {} {} {}".format(*(lambda text: (text[:4], text[4:8], text[8:12], text[12:]))(made.card(rnd)))
def grouped_iban(rnd): return (lambda text: " ".join(text[at:at + 4] for at in range(0, len(text), 4)))(made.iban(rnd))
def ip4(rnd): return f"{rnd.randint(11, 223)}.{rnd.randint(0, 255)}.{rnd.randint(0, 255)}.{rnd.randint(1, 254)}"
def ip6(rnd): return str(ipaddress.IPv6Address((0x20010DB8 << 96) | rnd.getrandbits(64)))
def ip_any(rnd): return ip6(rnd) if rnd.random() < 0.3 else ip4(rnd)
def ip_number(rnd): return rnd.randint(2 ** 27, 2 ** 32 - 2 ** 29)
def digits(count): return lambda rnd: f"{rnd.randint(1, 9)}{rnd.randrange(10 ** (count - 1)):0{count - 1}d}"
def number(low, high): return lambda rnd: rnd.randint(low, high)
def money(rnd): return f"{rnd.randint(10, 9000)}.{rnd.randint(0, 99):02d}"
def pick(*values): return lambda rnd: rnd.choice(values)
def some(of, share=0.6): return lambda rnd: of(rnd) if rnd.random() < share else None
def hexadecimal(count): return lambda rnd: f"{rnd.getrandbits(4 * count):0{count}x}"


def counted():
    """Ascending numbers, of a key that the server does not count."""
    numbers = itertools.count(1)
    return lambda rnd: next(numbers)


def wrong_organisation(rnd):
    right = made.organisation(rnd)
    return right[:-1] + str((int(right[-1]) + rnd.randint(1, 9)) % 10)


def wrong_card(rnd):
    right = made.card(rnd)
    return right[:-1] + str((int(right[-1]) + rnd.randint(1, 9)) % 10)


def wrong_iban(rnd):
    right = made.iban(rnd)
    return f"NO{(int(right[2:4]) - 2 + rnd.randint(1, 90)) % 97 + 2:02d}{right[4:]}"


def note_with_contact(rnd):
    return f"{rnd.choice(SENTENCES)}, ring {mobile_spaced(rnd)} eller {mail(rnd)}"


# What a column holds, in the words of `discover`; None: nothing of a person, or nothing that is one of these.
(NATIONAL, PHONE, EMAIL, IBAN, ACCOUNT, CARD, ORGANISATION, IP) = (
    "national identity number", "telephone number", "e-mail address", "IBAN", "bank account number", "card number", "organisation number",
    "IP address")
(BIRTH, NAME, ADDRESS, POSTCODE, TEXT, HEALTH, SECRET, USER, INCOME, TRAITS, AGE, PICTURE) = (
    "date of birth", "name of a person", "address", "postcode", "free text", "health", "credential", "identifier of a user or device",
    "income or debt", "traits of a person", "age", "picture or signature")
COUNTED = "INT NOT NULL AUTO_INCREMENT PRIMARY KEY"

# table: [(column, type, what it holds or None, maker of values or None for the server's own)]
RENTAL = {
    "tblKunde": [
        ("KundeID", COUNTED, None, None),
        ("ForNavn", "VARCHAR(45)", NAME, first),
        ("EtterNavn", "VARCHAR(45)", NAME, last),
        ("EpostAdr", "VARCHAR(80)", EMAIL, mail),
        ("TlfPriv", "VARCHAR(20)", PHONE, mobile_spaced),
        ("TlfArb", "VARCHAR(20)", PHONE, some(landline)),
        ("FDato", "DATE", BIRTH, birth),
        ("MedlemsNr", "INT", None, number(10000, 99999)),
        ("Aktiv", "TINYINT(1)", None, number(0, 1)),
        ("OpprettetDato", "DATETIME", None, time),
        ("SistEndret", "TIMESTAMP NULL", None, time),
    ],
    "tblAdresse": [
        ("AdresseID", COUNTED, None, None),
        ("GateNavnNr", "VARCHAR(60)", ADDRESS, street),
        ("COAdr", "VARCHAR(60)", ADDRESS, some(lambda rnd: "c/o " + full(rnd), 0.2)),
        ("PostNr", "CHAR(4)", POSTCODE, zip_code),
        ("PostSted", "VARCHAR(40)", ADDRESS, town),
        ("Landkode", "CHAR(2)", None, pick("NO", "SE", "DK")),
    ],
    "film": [
        ("film_id", COUNTED, None, None),
        ("tittel", "VARCHAR(120)", None, pick(*TITLES)),
        ("utgivelsesaar", "SMALLINT", None, number(1950, 2024)),
        ("spilletid_min", "SMALLINT", None, number(60, 200)),
        ("leiepris", "DECIMAL(6,2)", None, money),
        ("ean13", "CHAR(13)", None, made.ean),
        ("aldersgrense", "TINYINT", None, pick(0, 6, 9, 12, 15, 18)),
        ("versjon", "VARCHAR(20)", None, lambda rnd: f"{rnd.randint(1, 9)}.{rnd.randint(0, 20)}.{rnd.randint(0, 9)}.{rnd.randint(0, 9)}"),
    ],
    "utleie": [
        ("utleie_id", COUNTED, None, None),
        ("film_id", "INT", None, number(1, 60)),
        ("utleid_tid", "DATETIME", None, time),
        ("innlevert_tid", "DATETIME", None, some(time)),
        ("gebyr", "DECIMAL(7,2)", None, money),
        ("ordrenr", "CHAR(8)", None, digits(8)),
        ("terminal_adr", "VARCHAR(39)", IP, ip4),
        ("betkort", "VARCHAR(19)", CARD, made.card),
        ("merknad", "VARCHAR(200)", TEXT, some(note_with_contact)),
    ],
    "staff": [
        ("staff_no", COUNTED, None, None),
        ("display_name", "VARCHAR(80)", NAME, full),
        ("contact_email", "VARCHAR(80)", EMAIL, mail),
        ("login", "VARCHAR(30)", USER, lambda rnd: first(rnd).lower()[:3] + str(rnd.randint(10, 99))),
        ("pwd_hash", "CHAR(64)", SECRET, hexadecimal(64)),
        ("nxt_of_kin_mob", "VARCHAR(16)", PHONE, mobile_47),
        ("picture", "BLOB", PICTURE, lambda rnd: rnd.randbytes(40)),
    ],
}

SHOP = {
    "c_customer": [
        ("c_id", COUNTED, None, None),
        ("c_fname", "VARCHAR(40)", NAME, first),
        ("c_lname", "VARCHAR(40)", NAME, last),
        ("c_mail", "VARCHAR(90)", EMAIL, mail),
        ("c_mob", "VARCHAR(15)", PHONE, mobile),
        ("c_dob", "DATE", BIRTH, birth),
        ("c_addr1", "VARCHAR(80)", ADDRESS, street),
        ("c_addr2", "VARCHAR(80)", ADDRESS, some(street, 0.2)),
        ("c_zip", "VARCHAR(10)", POSTCODE, zip_code),
        ("c_city", "VARCHAR(50)", ADDRESS, town),
        ("c_lang", "CHAR(2)", None, pick("nb", "nn", "en")),
        ("c_newsletter", "TINYINT(1)", None, number(0, 1)),
        ("c_ts", "TIMESTAMP NULL", None, time),
        ("c_last_ip", "VARBINARY(16)", IP, lambda rnd: ipaddress.ip_address(ip_any(rnd)).packed),
    ],
    "KUNDEREG": [
        ("KUNDENR", "INT NOT NULL PRIMARY KEY", None, counted()),
        ("FIRMANVN", "VARCHAR(60)", NAME, lambda rnd: f"{last(rnd)} {rnd.choice(('Bygg', 'Rør', 'Regnskap'))} AS"),
        ("FORETNR", "CHAR(9)", ORGANISATION, made.organisation),
        ("MVANR", "VARCHAR(20)", ORGANISATION, vat_number),
        ("KTOPERS", "VARCHAR(60)", NAME, full),
        ("TLFNR", "VARCHAR(12)", PHONE, mobile),
        ("TELEFAX", "VARCHAR(12)", PHONE, landline),
        ("BANKKTO", "CHAR(11)", ACCOUNT, made.account),
        ("PRISGRP", "CHAR(2)", None, pick("A1", "A2", "B1")),
        ("KREDGR", "DECIMAL(9,2)", None, money),
        ("REGDATO", "DATE", None, day),
        ("ARKIVNR", "CHAR(9)", None, wrong_organisation),
    ],
    "ordrehode": [
        ("ordreId", COUNTED, None, None),
        ("ordreDato", "DATETIME", None, time),
        ("leveringsNavn", "VARCHAR(80)", NAME, full),
        ("leveringsAdresse", "VARCHAR(120)", ADDRESS, street),
        ("fakturaEpost", "VARCHAR(90)", EMAIL, mail),
        ("mottakersMobilnummer", "VARCHAR(20)", PHONE, mobile_47),
        ("kidNr", "VARCHAR(25)", None, digits(14)),
        ("sporingsnr", "VARCHAR(35)", None, lambda rnd: f"7{rnd.randrange(10 ** 16):016d}"),
        ("sumInklMva", "DECIMAL(10,2)", None, money),
        ("valuta", "CHAR(3)", None, pick("NOK", "SEK", "EUR")),
        ("status", "ENUM('ny','pakket','sendt','levert')", None, pick("ny", "pakket", "sendt", "levert")),
        ("kundekommentar", "TEXT", TEXT, some(lambda rnd: rnd.choice(SENTENCES))),
        ("klientadresse", "VARCHAR(45)", IP, ip_any),
    ],
    "betaling": [
        ("bet_id", COUNTED, None, None),
        ("ordreId", "INT", None, number(1, 60)),
        ("pan", "VARCHAR(19)", CARD, grouped_card),
        ("kort_utlop", "CHAR(5)", None, lambda rnd: f"{rnd.randint(1, 12):02d}/{rnd.randint(24, 30)}"),
        ("ref_iban", "VARCHAR(42)", IBAN, grouped_iban),
        ("giro", "VARCHAR(13)", ACCOUNT, dotted_account),
        ("belop", "DECIMAL(10,2)", None, money),
        ("beløp_øre", "BIGINT", None, number(1000, 900000)),
        ("transaksjonsref", "CHAR(16)", None, wrong_card),
        ("bilagsref", "VARCHAR(15)", None, wrong_iban),
        ("x7", "VARCHAR(34)", IBAN, made.iban),
    ],
    "vare": [
        ("varenr", "INT NOT NULL PRIMARY KEY", None, counted()),
        ("varenavn", "VARCHAR(80)", None, pick(*GOODS)),
        ("varetekst", "TEXT", TEXT, some(pick(*SENTENCES))),
        ("lagerbeholdning", "INT", None, number(0, 900)),
        ("strekkode", "VARCHAR(14)", None, made.ean),
        ("vekt_g", "INT", None, number(10, 9000)),
        ("hylleplass", "VARCHAR(8)", None, lambda rnd: f"{rnd.choice('ABCD')}{rnd.randint(1, 40)}-{rnd.randint(1, 9)}"),
        ("leverandorOrgnr", "INT", ORGANISATION, made.organisation),
        ("bilde_url", "VARCHAR(120)", None, lambda rnd: f"https://bilder.example/{rnd.getrandbits(48):x}.jpg"),
    ],
    "weblogg": [
        ("id", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", None, None),
        ("tidspunkt", "DATETIME", None, time),
        ("ipadr", "INT UNSIGNED", IP, ip_number),
        ("sti", "VARCHAR(100)", None, pick("/", "/kasse", "/vare/12", "/om-oss")),
        ("nettleser", "VARCHAR(120)", None, pick("Mozilla/5.0 (X11; Linux)", "Mozilla/5.0 (Windows NT 10.0)")),
        ("sesjon", "CHAR(32)", SECRET, hexadecimal(32)),
        ("svarkode", "SMALLINT", None, pick(200, 302, 404, 500)),
        ("x_forwarded_for", "VARCHAR(60)", IP, ip4),
    ],
}

HEALTH_CARE = {
    "pasient": [
        ("pas_id", COUNTED, None, None),
        ("pid", "CHAR(11)", NATIONAL, mixed_id),
        ("pas_fornvn", "VARCHAR(40)", NAME, first),
        ("pas_mellnvn", "VARCHAR(40)", NAME, some(last, 0.2)),
        ("pas_ettnvn", "VARCHAR(40)", NAME, last),
        ("fødselsdato", "DATE", BIRTH, birth),
        ("kjonn", "CHAR(1)", TRAITS, pick("M", "K")),
        ("mobilnr", "INT", PHONE, mobile),
        ("bostedsadr", "VARCHAR(80)", ADDRESS, street),
        ("komnr", "CHAR(4)", ADDRESS, pick("0301", "4601", "5001")),
        ("parorende_navn", "VARCHAR(80)", NAME, full),
        ("parorende_tlf", "VARCHAR(20)", PHONE, mobile_spaced),
        ("fastlege_hpr", "INT", None, number(1000000, 9999999)),
        ("dod_dato", "DATE", TRAITS, some(day, 0.1)),
        ("journalnr", "INT", None, number(100000, 999999)),
    ],
    "PASREG": [
        ("PASNR", "INT NOT NULL PRIMARY KEY", None, counted()),
        ("PERSNR", "CHAR(12)", NATIONAL, spaced_id),
        ("FODT", "CHAR(6)", BIRTH, birth_short),
        ("PNAVN", "VARCHAR(60)", NAME, last_first),
        ("ADR1", "VARCHAR(40)", ADDRESS, street),
        ("PNR", "CHAR(4)", POSTCODE, zip_code),
        ("PSTED", "VARCHAR(30)", ADDRESS, town),
        ("HNR", "CHAR(11)", None, made.no_national_id),
        ("TLFDAG", "CHAR(8)", PHONE, mobile),
        ("SIVST", "CHAR(1)", TRAITS, pick("U", "G", "S", "E")),
    ],
    "konsultasjon": [
        ("kons_id", COUNTED, None, None),
        ("kons_dato", "DATETIME", None, time),
        ("diag_kode", "VARCHAR(8)", HEALTH, pick("R05", "K86", "L15", "P06", "S06")),
        ("kontaktårsak", "VARCHAR(120)", HEALTH, pick(*COMPLAINTS)),
        ("journaltekst", "TEXT", HEALTH, pick(*COMPLAINTS)),
        ("takst", "VARCHAR(5)", None, pick("2ad", "2cd", "11ad")),
        ("egenandel", "DECIMAL(6,2)", None, money),
        ("blodtrykk", "VARCHAR(7)", HEALTH, lambda rnd: f"{rnd.randint(100, 170)}/{rnd.randint(55, 99)}"),
        ("vekt_kg", "DECIMAL(5,1)", HEALTH, lambda rnd: f"{rnd.randint(45, 120)}.{rnd.randint(0, 9)}"),
        ("timeStatus", "TINYINT", None, number(0, 4)),
    ],
    "resept": [
        ("reseptId", "CHAR(36)", None, lambda rnd: "{}-{}-{}-{}-{}".format(*(hexadecimal(c)(rnd) for c in (8, 4, 4, 4, 12)))),
        ("legemiddel", "VARCHAR(60)", HEALTH, pick("Paracet", "Ibux", "Zyrtec")),
        ("dosering", "VARCHAR(60)", HEALTH, pick("1 tablett x 3", "ved behov")),
        ("utstedtDato", "DATE", None, day),
        ("rekvirentEpost", "VARCHAR(80)", EMAIL, mail),
        ("mottakar_fødselsnr", "VARCHAR(11)", NATIONAL, made.national_id),
        ("varenummer", "CHAR(6)", None, digits(6)),
    ],
    "nav_sak": [
        ("sak_id", COUNTED, None, None),
        ("bruker_ident", "BIGINT", NATIONAL, mixed_id),
        ("aktor_id", "CHAR(13)", None, digits(13)),
        ("arbgiver_orgnr", "VARCHAR(11)", ORGANISATION, spaced_organisation),
        ("utbet_konto", "VARCHAR(11)", ACCOUNT, made.account),
        ("utland_kontonr", "VARCHAR(34)", IBAN, made.iban),
        ("sykm_grad", "TINYINT", HEALTH, pick(20, 50, 80, 100)),
        ("inntekt_sist_aar", "DECIMAL(10,2)", INCOME, money),
        ("alder_v_soknad", "TINYINT UNSIGNED", AGE, number(18, 67)),
        ("saksbehandlar", "VARCHAR(60)", NAME, full),
        ("epost_verge", "VARCHAR(80)", EMAIL, some(mail)),
        ("innsendt_fra_ip", "VARCHAR(45)", IP, ip_any),
        ("vedtaksdato", "DATE", None, day),
        ("merknader", "TEXT", TEXT, some(note_with_contact)),
        ("sist_oppdatert", "DATETIME", None, time),
    ],
    "ansatt": [
        ("ANSNR", "INT NOT NULL PRIMARY KEY", None, counted()),
        ("FNR", "DECIMAL(11,0)", NATIONAL, made.national_id),
        ("etternamn", "VARCHAR(40)", NAME, last),
        ("førenamn", "VARCHAR(40)", NAME, first),
        ("heimeadresse", "VARCHAR(80)", ADDRESS, street),
        ("tlf_heime", "VARCHAR(20)", PHONE, landline),
        ("f_dato", "VARCHAR(10)", BIRTH, birth_dotted),
        ("loennskonto", "CHAR(11)", ACCOUNT, made.account),
        ("årslønn", "INT", INCOME, number(400000, 900000)),
        ("stillingspst", "DECIMAL(5,2)", None, pick(50, 80, 100)),
        ("tilsett_dato", "DATE", None, day),
        ("avd_kode", "VARCHAR(6)", None, pick("MED1", "KIR2", "ADM")),
        ("felt_a", "CHAR(11)", NATIONAL, mixed_id),
        ("felt_b", "CHAR(11)", None, made.no_national_id),
        ("felt_c", "VARCHAR(60)", EMAIL, mail),
        ("felt_d", "CHAR(16)", CARD, made.card),
        ("felt_e", "VARCHAR(20)", PHONE, mobile_47),
        ("felt_f", "CHAR(9)", ORGANISATION, made.organisation),
    ],
}

SCHEMAS = {"filmutleie": RENTAL, "nettbutikk": SHOP, "legesenter": HEALTH_CARE}
