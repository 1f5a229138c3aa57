"""Tables that resemble those of systems in use, with their names of columns: registers and cases of the public sector, a school, insurers,
telephone companies, a shop, members. No word of `discover` was written for them. The values are invented; the numbers among them have right
control digits."""
from . import made_numbers as made
from .held_out_schemas import (
    ACCOUNT, ADDRESS, AGE, BIRTH, COUNTED, EMAIL, IBAN, IP, NAME, NATIONAL, ORGANISATION, PHONE, POSTCODE, SECRET, TEXT, TRAITS, USER, birth, counted, day,
    digits, first, full, hexadecimal, ip4, ip_any, last, mail, mixed_id, mobile, mobile_47, mobile_spaced, money, note_with_contact, number, pick,
    some, street, time, town, vat_number, zip_code)

DOCUMENT, LOCATION = "number of a document or vehicle", "place"


def msisdn(rnd): return "47" + mobile(rnd)
def plate(rnd): return f"{rnd.choice(('DN', 'EK', 'PR', 'VH'))}{rnd.randint(10000, 99999)}"
def unix_time(rnd): return rnd.randint(1600000000, 1700000000)
def login(rnd): return first(rnd).lower()[:4] + str(rnd.randint(10, 99))


REGISTER = {
    "samhandlere": [
        ("id", COUNTED, None, None), ("ident", "VARCHAR(20)", NATIONAL, mixed_id), ("navn", "VARCHAR(120)", NAME, full),
        ("offentlig_id", "VARCHAR(20)", ORGANISATION, made.organisation), ("offentlig_id_type", "VARCHAR(20)", None, pick("ORG", "UTOR")),
        ("norskkontonr", "VARCHAR(20)", ACCOUNT, made.account), ("iban", "VARCHAR(40)", IBAN, made.iban), ("swift", "VARCHAR(11)", None, pick("DNBANOKK", "NDEANOKK")),
        ("banknavn", "VARCHAR(60)", None, pick("Sparebanken", "Landkreditt")), ("banklandkode", "CHAR(2)", None, pick("NO", "SE")),
        ("valutakode", "CHAR(3)", None, pick("NOK", "EUR")), ("bankcode", "VARCHAR(10)", None, digits(4)), ("adresselinje1", "VARCHAR(80)", ADDRESS, street),
        ("adresselinje2", "VARCHAR(80)", ADDRESS, some(street, 0.3)), ("postnr", "VARCHAR(10)", POSTCODE, zip_code), ("poststed", "VARCHAR(60)", ADDRESS, town),
        ("land", "VARCHAR(3)", None, pick("NOR", "SWE")), ("endret_tidspunkt", "DATETIME", None, time), ("opprettet_tidspunkt", "DATETIME", None, time)],
    "verksemd": [
        ("id", COUNTED, None, None), ("namn", "VARCHAR(120)", None, pick("Fjordbruk", "Heimdal", "Vestbygg")), ("orgnummer", "VARCHAR(9)", ORGANISATION, made.organisation),
        ("institusjonell_sektorkode", "VARCHAR(10)", None, digits(4)), ("naeringskode", "VARCHAR(10)", None, digits(5)),
        ("kommunenummer", "VARCHAR(4)", ADDRESS, pick("0301", "4601")), ("kommune", "VARCHAR(40)", ADDRESS, town), ("postnummer", "VARCHAR(4)", POSTCODE, zip_code),
        ("poststad", "VARCHAR(40)", ADDRESS, town), ("tal_tilsette", "INT", None, number(1, 900)), ("aktiv", "TINYINT(1)", None, number(0, 1)),
        ("tidspunkt", "DATETIME", None, time)],
    "V1_INFOTRYGD_DATA": [
        ("SOKNADS_ID", "CHAR(36)", None, hexadecimal(32)), ("FNR_BRUKER", "CHAR(11)", NATIONAL, mixed_id), ("TRYGDEKONTORNR", "CHAR(4)", None, digits(4)),
        ("SAKSBLOKK", "CHAR(1)", None, pick("A", "B")), ("SAKSNR", "CHAR(2)", None, digits(2)), ("RESULTAT", "VARCHAR(10)", None, pick("I", "A")),
        ("VEDTAKSDATO", "DATETIME", None, time), ("created", "TIMESTAMP NULL", None, time)],
    "barn": [
        ("sak", "CHAR(36)", None, hexadecimal(32)), ("navn", "VARCHAR(120)", NAME, full), ("fodselsnummer", "VARCHAR(11)", NATIONAL, made.national_id),
        ("fodselsdato", "DATE", BIRTH, birth), ("har_Samme_Adresse", "TINYINT(1)", None, number(0, 1)), ("forelder2_navn", "VARCHAR(120)", NAME, full),
        ("forelder2_fodselsnummer", "VARCHAR(11)", NATIONAL, mixed_id), ("forelder2_bosatt_Norge", "TINYINT(1)", None, number(0, 1)),
        ("forelder2_adresse", "VARCHAR(120)", ADDRESS, street), ("forelder2_postnummer", "VARCHAR(10)", POSTCODE, zip_code),
        ("forelder2_poststedsnavn", "VARCHAR(60)", ADDRESS, town), ("forelder2_land", "VARCHAR(40)", None, pick("Norge", "Sverige"))],
    "behandling": [
        ("id", "CHAR(36)", None, hexadecimal(32)), ("sak_id", "BIGINT", None, number(1, 900)), ("soekand_mottatt_dato", "DATE", None, day),
        ("innsender", "VARCHAR(40)", NATIONAL, made.national_id), ("soeker", "VARCHAR(40)", NATIONAL, made.national_id),
        ("gjenlevende", "VARCHAR(40)", NATIONAL, mixed_id), ("avdoed", "VARCHAR(40)", NATIONAL, mixed_id), ("status", "VARCHAR(30)", None, pick("avbrutt", "attestert")),
        ("sist_endret", "DATETIME", None, time)],
    "delbestilling": [
        ("saksnummer", COUNTED, None, None), ("brukers_kommunenr", "VARCHAR(4)", ADDRESS, pick("0301", "4601")), ("fnr_bruker", "VARCHAR(11)", NATIONAL, made.national_id),
        ("fnr_bestiller", "VARCHAR(11)", NATIONAL, made.national_id), ("opprettet_dato", "DATETIME", None, time)],
    "Motorvognregister": [
        ("personnr", "VARCHAR(100)", NATIONAL, made.national_id), ("navn", "VARCHAR(100)", NAME, full), ("adresse", "VARCHAR(100)", ADDRESS, street),
        ("kjennetegn", "VARCHAR(100)", DOCUMENT, plate), ("merke", "VARCHAR(100)", None, pick("Volvo", "Saab")), ("type", "VARCHAR(100)", None, pick("stasjonsvogn", "varebil"))],
}

SCHOOL = {
    "mdl_user": [
        ("id", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", None, None), ("auth", "VARCHAR(20)", None, pick("manual", "feide")), ("confirmed", "TINYINT(1)", None, number(0, 1)),
        ("policyagreed", "TINYINT(1)", None, number(0, 1)), ("suspended", "TINYINT(1)", None, number(0, 1)), ("mnethostid", "BIGINT", None, number(1, 3)),
        ("username", "VARCHAR(100)", USER, login), ("password", "VARCHAR(255)", SECRET, hexadecimal(60)), ("idnumber", "VARCHAR(255)", NATIONAL, made.national_id),
        ("firstname", "VARCHAR(100)", NAME, first), ("lastname", "VARCHAR(100)", NAME, last), ("email", "VARCHAR(100)", EMAIL, mail), ("phone1", "VARCHAR(20)", PHONE, mobile),
        ("phone2", "VARCHAR(20)", PHONE, some(mobile_spaced)), ("institution", "VARCHAR(255)", None, pick("Lia skole", "Vik skule")), ("department", "VARCHAR(255)", None, pick("8A", "9B")),
        ("address", "VARCHAR(255)", ADDRESS, street), ("city", "VARCHAR(120)", ADDRESS, town), ("lang", "VARCHAR(30)", None, pick("no", "nn")),
        ("timezone", "VARCHAR(100)", None, pick("Europe/Oslo", "99")), ("lastaccess", "BIGINT", None, unix_time), ("lastip", "VARCHAR(45)", IP, ip_any),
        ("secret", "VARCHAR(15)", SECRET, hexadecimal(15)), ("description", "LONGTEXT", TEXT, some(note_with_contact)), ("timemodified", "BIGINT", None, unix_time)],
    "skjema": [
        ("id", COUNTED, None, None), ("fornavn", "VARCHAR(50)", NAME, first), ("etternavn", "VARCHAR(50)", NAME, last), ("epost", "VARCHAR(50)", EMAIL, mail),
        ("tlf", "VARCHAR(8)", PHONE, mobile), ("fødselsdato", "DATE", BIRTH, birth), ("timestamp", "DATETIME", None, time)],
    "wp_users": [
        ("ID", COUNTED, None, None), ("user_login", "VARCHAR(60)", USER, login), ("user_pass", "VARCHAR(255)", SECRET, hexadecimal(34)), ("user_nicename", "VARCHAR(50)", USER, login),
        ("user_email", "VARCHAR(100)", EMAIL, mail), ("user_url", "VARCHAR(100)", None, some(lambda rnd: f"https://{login(rnd)}.example", 0.3)),
        ("user_registered", "DATETIME", None, time), ("user_activation_key", "VARCHAR(255)", SECRET, hexadecimal(20)), ("user_status", "INT", None, number(0, 1)),
        ("display_name", "VARCHAR(250)", NAME, full)],
    "wp_comments": [
        ("comment_ID", COUNTED, None, None), ("comment_post_ID", "BIGINT", None, number(1, 90)), ("comment_author", "TINYTEXT", NAME, full),
        ("comment_author_email", "VARCHAR(100)", EMAIL, mail), ("comment_author_url", "VARCHAR(200)", None, some(lambda rnd: f"https://{login(rnd)}.example", 0.3)),
        ("comment_author_IP", "VARCHAR(100)", IP, ip4), ("comment_date", "DATETIME", None, time), ("comment_content", "TEXT", TEXT, note_with_contact),
        ("comment_karma", "INT", None, number(0, 3)), ("comment_approved", "VARCHAR(20)", None, pick("0", "1", "spam"))],
}

INSURANCE = {
    "Party": [
        ("PartyID", COUNTED, None, None), ("IsACompany", "BIT(1)", None, pick(b"\0", b"\1")), ("DriverYearNr", "INT", None, number(1970, 2020)),
        ("DriverLicenseNumber", "VARCHAR(40)", DOCUMENT, digits(11)), ("DriverLicenseType", "VARCHAR(10)", None, pick("B", "BE", "A1")),
        ("PersonAddressStreet", "VARCHAR(256)", ADDRESS, street), ("PersonAddressCity", "VARCHAR(60)", ADDRESS, town), ("PersonAddressPostcode", "VARCHAR(10)", POSTCODE, zip_code),
        ("PersonMobilePhoneNr", "VARCHAR(20)", PHONE, mobile_47), ("PersonHomePhoneNr", "VARCHAR(20)", PHONE, mobile), ("PersonBusinessPhoneNr", "VARCHAR(20)", PHONE, mobile_spaced),
        ("PersonEmail", "VARCHAR(90)", EMAIL, mail), ("PersonPreferredContactMethod", "CHAR(1)", None, pick("E", "P")), ("PersonBirthDate", "DATETIME", BIRTH, birth),
        ("PersonGivenName", "VARCHAR(256)", NAME, first), ("PersonFamilyName", "VARCHAR(256)", NAME, last)],
    "tblInsuree": [
        ("InsureeID", COUNTED, None, None), ("FamilyID", "INT", None, number(1, 900)), ("CHFID", "VARCHAR(12)", None, digits(9)), ("LastName", "VARCHAR(100)", NAME, last),
        ("OtherNames", "VARCHAR(100)", NAME, first), ("DOB", "DATE", BIRTH, birth), ("Gender", "CHAR(1)", TRAITS, pick("M", "F")), ("Marital", "CHAR(1)", TRAITS, pick("M", "S")),
        ("IsHead", "TINYINT(1)", None, number(0, 1)), ("passport", "VARCHAR(25)", DOCUMENT, digits(8)), ("Phone", "VARCHAR(50)", PHONE, mobile_spaced), ("Email", "VARCHAR(100)", EMAIL, mail),
        ("CurrentAddress", "VARCHAR(200)", ADDRESS, street), ("GeoLocation", "VARCHAR(250)", LOCATION, lambda rnd: f"{rnd.uniform(58, 70):.5f};{rnd.uniform(5, 30):.5f}"),
        ("ValidityFrom", "DATETIME", None, time), ("HFID", "INT", None, number(1, 90))],
    "claims": [
        ("claim_id", COUNTED, None, None), ("months_as_customer", "INT", None, number(1, 300)), ("age", "INT", AGE, number(18, 90)), ("policy_number", "INT", None, number(10 ** 5, 10 ** 6)),
        ("policy_annual_premium", "FLOAT", None, money), ("insured_zip", "INT", POSTCODE, zip_code), ("insured_sex", "VARCHAR(6)", TRAITS, pick("MALE", "FEMALE")),
        ("insured_education_level", "VARCHAR(20)", None, pick("MD", "PhD", "Masters")), ("incident_date", "DATETIME", None, time), ("total_claim_amount", "DECIMAL(10,2)", None, money)],
    "ps_customer": [
        ("id_customer", COUNTED, None, None), ("id_gender", "INT", TRAITS, number(1, 2)), ("company", "VARCHAR(255)", None, some(pick("Vestbygg", "Fjordbruk"), 0.3)),
        ("firstname", "VARCHAR(255)", NAME, first), ("lastname", "VARCHAR(255)", NAME, last), ("email", "VARCHAR(255)", EMAIL, mail), ("passwd", "VARCHAR(255)", SECRET, hexadecimal(60)),
        ("last_passwd_gen", "TIMESTAMP NULL", None, time), ("birthday", "DATE", BIRTH, birth), ("newsletter", "TINYINT(1)", None, number(0, 1)),
        ("ip_registration_newsletter", "VARCHAR(15)", IP, some(ip4)), ("secure_key", "VARCHAR(32)", SECRET, hexadecimal(32)), ("note", "TEXT", TEXT, some(note_with_contact)),
        ("active", "TINYINT(1)", None, number(0, 1)), ("date_add", "DATETIME", None, time)],
    "ps_address": [
        ("id_address", COUNTED, None, None), ("alias", "VARCHAR(32)", None, pick("Hjemme", "Hytta")), ("vat_number", "VARCHAR(32)", ORGANISATION, some(vat_number)),
        ("address1", "VARCHAR(128)", ADDRESS, street), ("address2", "VARCHAR(128)", ADDRESS, some(street, 0.2)), ("postcode", "VARCHAR(12)", POSTCODE, zip_code),
        ("city", "VARCHAR(64)", ADDRESS, town), ("other", "TEXT", TEXT, some(note_with_contact)), ("phone", "VARCHAR(32)", PHONE, mobile),
        ("phone_mobile", "VARCHAR(32)", PHONE, mobile_47), ("deleted", "TINYINT(1)", None, number(0, 1))],
}

TELEPHONY = {
    "cdr_data_details": [
        ("ID", COUNTED, None, None), ("SERVED_IMSI", "VARCHAR(20)", USER, digits(15)), ("SERVED_MSISDN", "VARCHAR(20)", PHONE, msisdn), ("RECORD_OPENING_TIME", "DATETIME", None, time),
        ("DURATION_SEC", "INT", None, number(1, 9000)), ("SERVING_NODE_IPADDR", "VARCHAR(200)", IP, ip4), ("RAT_TYPE", "INT", None, number(1, 6)), ("PGW_ADDRESS", "VARCHAR(50)", IP, ip4),
        ("SERVED_PDP_ADDRESS", "VARCHAR(50)", IP, ip_any), ("DOWNLINK_BYTES", "BIGINT", None, number(1, 10 ** 9)), ("CHARGING_ID", "BIGINT", None, number(1, 10 ** 9))],
    "cdr_voice_incompleted": [
        ("ID", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", None, None), ("CALLID", "VARCHAR(50)", None, hexadecimal(12)), ("IAMRECDAT", "DATETIME", None, time),
        ("CALLEDNUMBER", "VARCHAR(256)", PHONE, msisdn), ("CALLINGNUMBER", "VARCHAR(256)", PHONE, msisdn), ("CELLID", "VARCHAR(256)", LOCATION, hexadecimal(8)),
        ("CALLDURATION", "BIGINT", None, number(1, 9000)), ("MOCALL", "INT", None, number(0, 1))],
    "MobilisCDR": [
        ("Id", COUNTED, None, None), ("RecordType", "VARCHAR(5)", None, pick("MOC", "MTC")), ("ANumber", "VARCHAR(25)", PHONE, mobile), ("BNumber", "VARCHAR(25)", PHONE, mobile),
        ("RedirectingNumber", "VARCHAR(25)", PHONE, some(mobile, 0.3)), ("DateForStartCharging", "DATE", None, day), ("ChargeableDuration", "INT", None, number(1, 9000)),
        ("OutgoingRoute", "VARCHAR(10)", None, pick("OSL1O", "BGO2O")), ("FileName", "VARCHAR(255)", None, lambda rnd: f"MOB{rnd.randint(10, 99)}.dat")],
    "cdr": [
        ("id", COUNTED, None, None), ("callid", "VARCHAR(32)", None, hexadecimal(10)), ("calldate", "DATETIME", None, time), ("srcname", "VARCHAR(80)", NAME, full),
        ("src", "VARCHAR(80)", PHONE, mobile), ("dst", "VARCHAR(80)", PHONE, mobile), ("dstname", "VARCHAR(80)", NAME, full), ("duration", "INT", None, number(0, 900)),
        ("billsec", "INT", None, number(0, 900)), ("caller_id_name", "VARCHAR(80)", NAME, full), ("caller_id_number", "VARCHAR(80)", PHONE, mobile),
        ("destination_number", "VARCHAR(80)", PHONE, mobile), ("hangup_cause", "VARCHAR(45)", None, pick("NORMAL_CLEARING", "NO_ANSWER")), ("accountcode", "VARCHAR(20)", None, digits(5))],
    "subscriber": [
        ("id", COUNTED, None, None), ("imsi", "VARCHAR(15)", USER, digits(15)), ("msisdn", "VARCHAR(15)", PHONE, msisdn), ("imeisv", "VARCHAR(20)", USER, digits(16)),
        ("vlr_number", "VARCHAR(15)", None, digits(11)), ("sgsn_number", "VARCHAR(15)", None, digits(11)), ("last_lu_seen", "DATETIME", None, time)],
}

NEIGHBOURS = {
    "person": [
        ("id", COUNTED, None, None), ("person_number", "VARCHAR(12)", NATIONAL, made.swedish_id), ("first_name", "VARCHAR(100)", NAME, first), ("last_name", "VARCHAR(100)", NAME, last),
        ("email", "VARCHAR(100)", EMAIL, mail), ("street_name", "VARCHAR(100)", ADDRESS, street), ("zip_code", "VARCHAR(100)", POSTCODE, digits(5)),
        ("city_name", "VARCHAR(100)", ADDRESS, town), ("gender", "VARCHAR(100)", TRAITS, pick("man", "kvinna"))],
    "tb_medlemsregister": [
        ("Förnamn", "TEXT", NAME, first), ("Efternamn", "TEXT", NAME, last), ("Telefonnummer", "INT", PHONE, lambda rnd: f"72{rnd.randrange(10 ** 7):07d}")],
    "kunder": [
        ("id", COUNTED, None, None), ("navn", "VARCHAR(35)", NAME, full), ("adr", "VARCHAR(50)", ADDRESS, street), ("regNr", "VARCHAR(8)", DOCUMENT, plate),
        ("Mærke", "VARCHAR(10)", None, pick("Volvo", "Saab")), ("årgang", "INT", None, number(1990, 2020)), ("KM", "INT", None, number(10, 300000)), ("dato", "DATETIME", None, time)],
    "persons": [
        ("id", COUNTED, None, None), ("name", "TEXT", NAME, first), ("surname", "TEXT", NAME, last), ("gender", "TEXT", TRAITS, pick("male", "female")),
        ("cpr", "VARCHAR(11)", NATIONAL, lambda rnd: "{}-{}".format(*(lambda text: (text[:6], text[6:]))(made.danish_id(rnd)))), ("phone", "VARCHAR(20)", PHONE, mobile),
        ("birthdate", "INT", BIRTH, number(10 ** 8, 10 ** 9))],
    "members": [
        ("member_id", COUNTED, None, None), ("street", "VARCHAR(60)", ADDRESS, street), ("post_code", "VARCHAR(10)", POSTCODE, zip_code), ("gsm", "VARCHAR(20)", PHONE, mobile_spaced),
        ("birth_date", "VARCHAR(10)", BIRTH, birth), ("tongue", "VARCHAR(5)", TRAITS, pick("no", "se")), ("license", "VARCHAR(20)", DOCUMENT, digits(6))],
}

SCHEMAS = {"register": REGISTER, "skole": SCHOOL, "forsikring": INSURANCE, "tele": TELEPHONY, "naboland": NEIGHBOURS}
