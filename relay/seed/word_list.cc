#include "relay/seed/word_list.h"

#include <array>

namespace relay::seed {

namespace {

constexpr std::uint8_t E = kEnglish;
constexpr std::uint8_t N = kNorwegian;
constexpr std::uint8_t D = kDanish;
constexpr std::uint8_t S = kSwedish;
using K = DataKind;

// clang-format off
constexpr auto kWords = std::to_array<ListedWord>({
  {"fødselsnummer", K::national_id, N}, {"fødselsnr", K::national_id, N}, {"fødselnr", K::national_id, N}, {"fødselnummer", K::national_id, N},
  {"fnr", K::national_id, N}, {"personnummer", K::national_id, N | S | D}, {"personnr", K::national_id, N | S | D}, {"persnr", K::national_id, N | S},
  {"pnr", K::national_id, N | S}, {"personidentifikator", K::national_id, N}, {"identitetsnummer", K::national_id, N | S}, {"folkeregisternummer", K::national_id, N},
  {"ssn", K::national_id, E}, {"socialsecuritynumber", K::national_id, E}, {"socialsecurityno", K::national_id, E}, {"nationalid", K::national_id, E},
  {"nationalidnumber", K::national_id, E}, {"nationalidentitynumber", K::national_id, E}, {"nin", K::national_id, E}, {"taxid", K::national_id, E},
  {"cpr", K::national_id, D}, {"cprnr", K::national_id, D}, {"cprnummer", K::national_id, D}, {"samordningsnummer", K::national_id, S},
  {"dnummer", K::d_number, N}, {"dnr", K::d_number, N}, {"dnumber", K::d_number, E},

  {"organisasjonsnummer", K::organisation, N}, {"organisasjonsnr", K::organisation, N}, {"orgnr", K::organisation, N | S}, {"orgnummer", K::organisation, N | S},
  {"orgno", K::organisation, E}, {"organisationsnummer", K::organisation, S}, {"organisationsnr", K::organisation, S}, {"organisationnumber", K::organisation, E},
  {"organizationnumber", K::organisation, E}, {"foretaksnummer", K::organisation, N}, {"virksomhetsnummer", K::organisation, N}, {"companynumber", K::organisation, E},
  {"cvr", K::organisation, D}, {"cvrnr", K::organisation, D}, {"cvrnummer", K::organisation, D},

  {"phone", K::phone, E}, {"phonenumber", K::phone, E}, {"phoneno", K::phone, E}, {"telephone", K::phone, E}, {"telephonenumber", K::phone, E}, {"mobile", K::phone, E},
  {"mobilenumber", K::phone, E}, {"mobileno", K::phone, E}, {"cellphone", K::phone, E}, {"cell", K::phone, E}, {"msisdn", K::phone, E}, {"fax", K::phone, E | D | S},
  {"telefon", K::phone, N | D | S}, {"telefonnummer", K::phone, N | D | S}, {"telefonnr", K::phone, N | D | S}, {"tlf", K::phone, N | D}, {"tlfnr", K::phone, N | D},
  {"tel", K::phone, E | N | S}, {"telnr", K::phone, N | S}, {"mobil", K::phone, N | D | S}, {"mobilnummer", K::phone, N | D | S}, {"mobilnr", K::phone, N | D | S},
  {"mobiltelefon", K::phone, N | D | S}, {"mob", K::phone, N}, {"faks", K::phone, N}, {"telefaks", K::phone, N}, {"telefax", K::phone, E | S}, {"smsnummer", K::phone, N},

  {"email", K::email, E}, {"emailaddress", K::email, E}, {"mail", K::email, E | D | S}, {"mailaddress", K::email, E}, {"mailadresse", K::email, N | D},
  {"epost", K::email, N | S}, {"epostadresse", K::email, N}, {"epostadress", K::email, S}, {"emailadresse", K::email, N | D},

  {"iban", K::iban, E}, {"ibannr", K::iban, N}, {"ibannumber", K::iban, E},
  {"kontonummer", K::account, N | D | S}, {"kontonr", K::account, N | D | S}, {"bankkonto", K::account, N | D | S}, {"bankkontonummer", K::account, N | D},
  {"bankkontonr", K::account, N | D}, {"accountnumber", K::account, E}, {"accountno", K::account, E}, {"bankaccount", K::account, E},
  {"bankaccountnumber", K::account, E}, {"bban", K::account, E}, {"utbetalingskonto", K::account, N},
  {"cardnumber", K::card, E}, {"cardno", K::card, E}, {"creditcard", K::card, E}, {"creditcardnumber", K::card, E}, {"ccnumber", K::card, E}, {"ccno", K::card, E},
  {"ccnum", K::card, E}, {"pan", K::card, E}, {"kortnummer", K::card, N | D | S}, {"kortnr", K::card, N | D | S}, {"kredittkort", K::card, N},
  {"kredittkortnummer", K::card, N}, {"kreditkort", K::card, D | S}, {"betalingskort", K::card, N | D},
  {"ip", K::ip, E}, {"ipaddress", K::ip, E}, {"ipaddr", K::ip, E}, {"ipadresse", K::ip, N | D}, {"ipadress", K::ip, S}, {"ipv4", K::ip, E}, {"ipv6", K::ip, E},
  {"clientip", K::ip, E}, {"remoteip", K::ip, E}, {"remoteaddr", K::ip, E}, {"remoteaddress", K::ip, E},

  {"name", K::person_name, E}, {"navn", K::person_name, N | D}, {"namn", K::person_name, S}, {"firstname", K::person_name, E}, {"lastname", K::person_name, E},
  {"surname", K::person_name, E}, {"fullname", K::person_name, E}, {"givenname", K::person_name, E}, {"familyname", K::person_name, E}, {"middlename", K::person_name, E},
  {"maidenname", K::person_name, E}, {"nickname", K::person_name, E}, {"fname", K::person_name, E}, {"lname", K::person_name, E}, {"initials", K::person_name, E},
  {"customername", K::person_name, E}, {"contactname", K::person_name, E}, {"contactperson", K::person_name, E}, {"contact", K::person_name, E},
  {"fornavn", K::person_name, N | D}, {"etternavn", K::person_name, N}, {"efternavn", K::person_name, D}, {"mellomnavn", K::person_name, N}, {"mellemnavn", K::person_name, D},
  {"fulltnavn", K::person_name, N}, {"slektsnavn", K::person_name, N}, {"pikenavn", K::person_name, N}, {"kallenavn", K::person_name, N}, {"kundenavn", K::person_name, N | D},
  {"kontaktperson", K::person_name, N | D | S}, {"kontakt", K::person_name, N | D | S}, {"initialer", K::person_name, N | D | S}, {"pårørende", K::person_name, N | D},
  {"förnamn", K::person_name, S}, {"efternamn", K::person_name, S}, {"mellannamn", K::person_name, S}, {"kundnamn", K::person_name, S}, {"anhörig", K::person_name, S},
  {"behandler", K::person_name, N | D}, {"fastlege", K::person_name, N}, {"doctor", K::person_name, E}, {"author", K::person_name, E}, {"forfatter", K::person_name, N | D},
  // Names of things: known, and no person's.
  {"filename", K::unknown, E}, {"filnavn", K::unknown, N | D}, {"filnamn", K::unknown, S}, {"hostname", K::unknown, E}, {"tablename", K::unknown, E},
  {"columnname", K::unknown, E}, {"productname", K::unknown, E}, {"produktnavn", K::unknown, N | D}, {"produktnamn", K::unknown, S}, {"varenavn", K::unknown, N | D},
  {"brandname", K::unknown, E}, {"categoryname", K::unknown, E}, {"kategorinavn", K::unknown, N | D}, {"countryname", K::unknown, E}, {"companyname", K::unknown, E},
  {"firmanavn", K::unknown, N | D}, {"bedriftsnavn", K::unknown, N}, {"servername", K::unknown, E}, {"domainname", K::unknown, E}, {"eventname", K::unknown, E},

  {"address", K::address, E}, {"streetaddress", K::address, E}, {"homeaddress", K::address, E}, {"addressline", K::address, E}, {"street", K::address, E},
  {"housenumber", K::address, E}, {"apartment", K::address, E}, {"city", K::address, E}, {"town", K::address, E}, {"suburb", K::address, E}, {"district", K::address, E},
  {"adresse", K::address, N | D}, {"adress", K::address, S}, {"adr", K::address, N | S}, {"gate", K::address, N}, {"gateadresse", K::address, N}, {"gatenavn", K::address, N},
  {"gade", K::address, D}, {"gata", K::address, S}, {"gatuadress", K::address, S}, {"postadresse", K::address, N | D}, {"postadress", K::address, S}, {"vei", K::address, N},
  {"vej", K::address, D}, {"husnummer", K::address, N | D | S}, {"husnr", K::address, N | D | S}, {"leilighet", K::address, N}, {"bosted", K::address, N},
  {"bostad", K::address, S}, {"bopæl", K::address, D}, {"poststed", K::address, N}, {"postort", K::address, S}, {"kommune", K::address, N | D}, {"kommun", K::address, S},
  {"postnummer", K::postcode, N | D | S}, {"postnr", K::postcode, N | D | S}, {"postcode", K::postcode, E}, {"postalcode", K::postcode, E}, {"zip", K::postcode, E},
  {"zipcode", K::postcode, E}, {"postkode", K::postcode, N},

  {"birthdate", K::birth_date, E}, {"dateofbirth", K::birth_date, E}, {"birthday", K::birth_date, E}, {"dob", K::birth_date, E}, {"born", K::birth_date, E}, {"birth", K::birth_date, E},
  {"fødselsdato", K::birth_date, N}, {"fødselsdag", K::birth_date, N | D}, {"fødtdato", K::birth_date, N}, {"født", K::birth_date, N | D}, {"fødd", K::birth_date, N},
  {"fdato", K::birth_date, N}, {"bursdag", K::birth_date, N}, {"födelsedatum", K::birth_date, S}, {"födelsedag", K::birth_date, S}, {"född", K::birth_date, S},
  {"birthyear", K::birth_year, E}, {"yearofbirth", K::birth_year, E}, {"fødselsår", K::birth_year, N | D}, {"fødeår", K::birth_year, N}, {"födelseår", K::birth_year, S},
  {"age", K::age, E}, {"alder", K::age, N | D}, {"ålder", K::age, S},
  {"death", K::about_person, E}, {"deceased", K::about_person, E}, {"dateofdeath", K::about_person, E}, {"dødsdato", K::about_person, N | D}, {"død", K::about_person, N | D}, {"avliden", K::about_person, S},

  {"note", K::free_text, E}, {"notes", K::free_text, E}, {"notat", K::free_text, N | D}, {"notater", K::free_text, N | D}, {"comment", K::free_text, E},
  {"comments", K::free_text, E}, {"kommentar", K::free_text, N | D | S}, {"kommentarer", K::free_text, N | D | S}, {"merknad", K::free_text, N}, {"merknader", K::free_text, N},
  {"bemerkning", K::free_text, N}, {"bemærkning", K::free_text, D}, {"anmerkning", K::free_text, N}, {"anmärkning", K::free_text, S}, {"anteckning", K::free_text, S},
  {"remark", K::free_text, E}, {"remarks", K::free_text, E}, {"description", K::free_text, E}, {"beskrivelse", K::free_text, N | D}, {"beskrivning", K::free_text, S},
  {"message", K::free_text, E}, {"melding", K::free_text, N}, {"meddelelse", K::free_text, N | D}, {"meddelande", K::free_text, S}, {"fritekst", K::free_text, N | D},
  {"fritext", K::free_text, S}, {"freetext", K::free_text, E}, {"text", K::free_text, E | S}, {"tekst", K::free_text, N | D}, {"body", K::free_text, E}, {"memo", K::free_text, E},
  {"content", K::free_text, E}, {"innhold", K::free_text, N}, {"indhold", K::free_text, D}, {"innehåll", K::free_text, S}, {"subject", K::free_text, E}, {"emne", K::free_text, N | D},
  {"feedback", K::free_text, E}, {"review", K::free_text, E}, {"begrunnelse", K::free_text, N}, {"begrundelse", K::free_text, D},

  {"diagnose", K::health, N | D}, {"diagnosis", K::health, E}, {"diagnos", K::health, S}, {"icd", K::health, E}, {"icd10", K::health, E}, {"icpc", K::health, E}, {"icpc2", K::health, E},
  {"disease", K::health, E}, {"illness", K::health, E}, {"symptom", K::health, E | N | D | S}, {"sykdom", K::health, N}, {"sygdom", K::health, D}, {"sjukdom", K::health, S},
  {"medication", K::health, E}, {"medicine", K::health, E}, {"medisin", K::health, N}, {"medicin", K::health, D | S}, {"legemiddel", K::health, N}, {"lægemiddel", K::health, D},
  {"läkemedel", K::health, S}, {"dose", K::health, E | N}, {"dosering", K::health, N | D | S}, {"drug", K::health, E}, {"prescription", K::health, E}, {"resept", K::health, N}, {"recept", K::health, D | S},
  {"treatment", K::health, E}, {"behandling", K::health, N | D | S}, {"allergy", K::health, E}, {"allergi", K::health, N | D | S}, {"bloodtype", K::health, E}, {"bloodpressure", K::health, E},
  {"blodtype", K::health, N | D}, {"blodtrykk", K::health, N}, {"health", K::health, E}, {"helse", K::health, N}, {"sundhed", K::health, D}, {"hälsa", K::health, S},
  {"sykmelding", K::health, N}, {"sykemelding", K::health, N}, {"sygemelding", K::health, D}, {"sjukskrivning", K::health, S}, {"disability", K::health, E}, {"handicap", K::health, E | D},
  {"uføre", K::health, N}, {"uføregrad", K::health, N}, {"funksjonsnedsettelse", K::health, N}, {"pregnant", K::health, E}, {"gravid", K::health, N | D | S}, {"vaccine", K::health, E},
  {"vaksine", K::health, N}, {"vaccination", K::health, E | D | S}, {"patient", K::health, E | D | S}, {"pasient", K::health, N}, {"journal", K::health, N | D | S}, {"prøvesvar", K::health, N | D},
  {"labsvar", K::health, N}, {"hospital", K::health, E | D}, {"sykehus", K::health, N}, {"sjukhus", K::health, S}, {"diabetes", K::health, E | N | D | S}, {"kreft", K::health, N}, {"cancer", K::health, E | S},
  {"depresjon", K::health, N}, {"depression", K::health, E | D | S}, {"astma", K::health, N | D | S}, {"angst", K::health, N | D}, {"hiv", K::health, E}, {"sick", K::health, E}, {"syk", K::health, N},
  {"weight", K::health, E}, {"vekt", K::health, N}, {"vikt", K::health, S}, {"bmi", K::health, E},

  {"gender", K::about_person, E}, {"sex", K::about_person, E}, {"kjønn", K::about_person, N}, {"køn", K::about_person, D}, {"kön", K::about_person, S}, {"religion", K::about_person, E | N | D | S},
  {"livssyn", K::about_person, N}, {"ethnicity", K::about_person, E}, {"etnisitet", K::about_person, N}, {"etnicitet", K::about_person, D | S}, {"race", K::about_person, E},
  {"political", K::about_person, E}, {"politisk", K::about_person, N | D | S}, {"union", K::about_person, E}, {"fagforening", K::about_person, N | D}, {"fackförening", K::about_person, S},
  {"sexual", K::about_person, E}, {"seksuell", K::about_person, N}, {"legning", K::about_person, N}, {"conviction", K::about_person, E}, {"criminal", K::about_person, E}, {"straff", K::about_person, N | D | S},
  {"nationality", K::about_person, E}, {"nasjonalitet", K::about_person, N}, {"nationalitet", K::about_person, D | S}, {"citizenship", K::about_person, E}, {"statsborgerskap", K::about_person, N | D},
  {"medborgarskap", K::about_person, S}, {"marital", K::about_person, E}, {"maritalstatus", K::about_person, E}, {"sivilstand", K::about_person, N}, {"sivilstatus", K::about_person, N}, {"civilstånd", K::about_person, S},
  {"civilstand", K::about_person, D}, {"spouse", K::about_person, E}, {"ektefelle", K::about_person, N}, {"children", K::about_person, E}, {"barn", K::about_person, N | D | S},

  {"password", K::credential, E}, {"passwd", K::credential, E}, {"pwd", K::credential, E}, {"passwordhash", K::credential, E}, {"passord", K::credential, N}, {"adgangskode", K::credential, D},
  {"lösenord", K::credential, S}, {"salt", K::credential, E}, {"token", K::credential, E}, {"accesstoken", K::credential, E}, {"refreshtoken", K::credential, E}, {"apikey", K::credential, E},
  {"secret", K::credential, E}, {"hemmelighet", K::credential, N}, {"pin", K::credential, E}, {"pinkode", K::credential, N | D}, {"pinkod", K::credential, S}, {"cvv", K::credential, E}, {"cvc", K::credential, E},
  {"otp", K::credential, E}, {"session", K::credential, E}, {"sessionid", K::credential, E}, {"privatekey", K::credential, E},

  {"username", K::online_id, E}, {"brukernavn", K::online_id, N}, {"brugernavn", K::online_id, D}, {"användarnamn", K::online_id, S}, {"login", K::online_id, E}, {"loginname", K::online_id, E},
  {"cookie", K::online_id, E}, {"deviceid", K::online_id, E}, {"imei", K::online_id, E}, {"imsi", K::online_id, E}, {"mac", K::online_id, E}, {"macaddress", K::online_id, E}, {"macadresse", K::online_id, N | D},
  {"useragent", K::online_id, E}, {"fingerprint", K::online_id, E}, {"createdby", K::online_id, E}, {"updatedby", K::online_id, E}, {"modifiedby", K::online_id, E}, {"opprettetav", K::online_id, N},
  {"endretav", K::online_id, N}, {"oprettetaf", K::online_id, D}, {"skapadav", K::online_id, S}, {"user", K::online_id, E}, {"bruker", K::online_id, N}, {"användare", K::online_id, S},

  {"latitude", K::location, E}, {"longitude", K::location, E}, {"lat", K::location, E}, {"lng", K::location, E}, {"lon", K::location, E}, {"gps", K::location, E}, {"coordinates", K::location, E},
  {"koordinat", K::location, N | D | S}, {"koordinater", K::location, N | D | S}, {"breddegrad", K::location, N | D}, {"lengdegrad", K::location, N}, {"location", K::location, E}, {"position", K::location, E | S}, {"posisjon", K::location, N},

  {"salary", K::income, E}, {"income", K::income, E}, {"wage", K::income, E}, {"debt", K::income, E}, {"creditscore", K::income, E}, {"creditlimit", K::income, E}, {"balance", K::income, E},
  {"lønn", K::income, N}, {"årslønn", K::income, N}, {"løn", K::income, D}, {"lön", K::income, S}, {"inntekt", K::income, N}, {"indkomst", K::income, D}, {"inkomst", K::income, S}, {"gjeld", K::income, N},
  {"formue", K::income, N | D}, {"skatteklasse", K::income, N}, {"saldo", K::income, N | D | S}, {"kredittscore", K::income, N},

  {"passport", K::document, E}, {"passportnumber", K::document, E}, {"passnummer", K::document, N | D | S}, {"passnr", K::document, N | D | S}, {"driverslicense", K::document, E},
  {"driverslicence", K::document, E}, {"drivinglicence", K::document, E}, {"førerkort", K::document, N}, {"kørekort", K::document, D}, {"körkort", K::document, S}, {"licenseplate", K::document, E},
  {"numberplate", K::document, E}, {"regnr", K::document, N | S}, {"registreringsnummer", K::document, N | D | S}, {"vin", K::document, E}, {"skiltnummer", K::document, N},

  {"photo", K::image, E}, {"picture", K::image, E}, {"portrait", K::image, E}, {"avatar", K::image, E}, {"signature", K::image, E}, {"bilde", K::image, N}, {"billede", K::image, D}, {"bild", K::image, S},
  {"foto", K::image, N | D | S}, {"underskrift", K::image, N | D | S}, {"signatur", K::image, N | D | S},
});

using U = PlainUse;
constexpr auto kPlain = std::to_array<PlainWord>({
  {"created", U::time}, {"updated", U::time}, {"modified", U::time}, {"changed", U::time}, {"inserted", U::time}, {"deleted", U::time}, {"expires", U::time}, {"update", U::time},
  {"createdat", U::time}, {"updatedat", U::time}, {"lastupdate", U::time}, {"timestamp", U::time}, {"due", U::time}, {"shipped", U::time}, {"paid", U::time},
  {"opprettet", U::time}, {"oprettet", U::time}, {"skapad", U::time}, {"endret", U::time}, {"ændret", U::time}, {"ändrad", U::time}, {"oppdatert", U::time}, {"opdateret", U::time},
  {"uppdaterad", U::time}, {"slettet", U::time}, {"raderad", U::time}, {"tidsstempel", U::time}, {"orderdate", U::time}, {"ordredato", U::time}, {"invoicedate", U::time},
  {"fakturadato", U::time}, {"forfallsdato", U::time}, {"forfall", U::time}, {"sendt", U::time}, {"levert", U::time}, {"betalt", U::time}, {"bestilt", U::time},
  {"active", U::flag}, {"enabled", U::flag}, {"disabled", U::flag}, {"visible", U::flag}, {"archived", U::flag}, {"published", U::flag}, {"locked", U::flag}, {"status", U::flag}, {"flag", U::flag},
  {"aktiv", U::flag}, {"aktivert", U::flag}, {"synlig", U::flag}, {"arkivert", U::flag}, {"publisert", U::flag}, {"låst", U::flag}, {"arkiverad", U::flag},
  {"amount", U::amount}, {"price", U::amount}, {"cost", U::amount}, {"total", U::amount}, {"subtotal", U::amount}, {"sum", U::amount}, {"quantity", U::amount}, {"qty", U::amount}, {"vat", U::amount},
  {"discount", U::amount}, {"rate", U::amount}, {"stock", U::amount}, {"beløp", U::amount}, {"belopp", U::amount}, {"pris", U::amount}, {"kostnad", U::amount}, {"antall", U::amount}, {"antal", U::amount},
  {"mva", U::amount}, {"moms", U::amount}, {"rabatt", U::amount}, {"rabat", U::amount}, {"totalbeløp", U::amount}, {"enhetspris", U::amount}, {"stykkpris", U::amount}, {"lagerbeholdning", U::amount}, {"version", U::amount}, {"versjon", U::amount},
  {"currency", U::code}, {"valuta", U::code}, {"country", U::code}, {"land", U::code}, {"language", U::code}, {"språk", U::code}, {"sprog", U::code}, {"locale", U::code}, {"countrycode", U::code}, {"landkode", U::code},
  {"at", U::time, true}, {"on", U::time, true}, {"date", U::time, true}, {"dato", U::time, true}, {"datum", U::time, true}, {"time", U::time, true}, {"tid", U::time, true}, {"tidspunkt", U::time, true}, {"utc", U::time, true},
  {"ts", U::time, true}, {"dt", U::time, true}, {"last", U::time, true}, {"sist", U::time, true}, {"siste", U::time, true}, {"is", U::flag, true}, {"er", U::flag, true}, {"code", U::code, true}, {"kode", U::code, true},
  {"unit", U::amount, true}, {"net", U::amount, true}, {"netto", U::amount, true}, {"gross", U::amount, true}, {"brutto", U::amount, true}, {"incl", U::amount, true}, {"excl", U::amount, true}, {"inkl", U::amount, true},
  {"ekskl", U::amount, true}, {"order", U::amount, true}, {"ordre", U::amount, true}, {"line", U::amount, true}, {"linje", U::amount, true}, {"item", U::amount, true}, {"vare", U::amount, true}, {"product", U::amount, true},
  {"produkt", U::amount, true}, {"invoice", U::amount, true}, {"faktura", U::amount, true}, {"payment", U::amount, true}, {"betaling", U::amount, true}, {"rental", U::amount, true}, {"replacement", U::amount, true},
});

constexpr auto kPersons = std::to_array<std::string_view>({
  "customer", "client", "person", "people", "user", "employee", "member", "contact", "actor", "staff", "student", "doctor", "patient", "citizen", "subscriber", "applicant", "tenant",
  "kunde", "kunder", "kund", "bruker", "brukere", "bruger", "användare", "ansatt", "ansatte", "anställd", "medarbejder", "medlem", "medlemmer", "kontakt", "elev", "lege", "læge", "pasient",
  "pasienter", "personer", "borger", "abonnent", "søker", "leietaker",
});
// clang-format on

}  // namespace

std::span<const ListedWord> listed_words() { return kWords; }
std::span<const PlainWord> plain_words() { return kPlain; }
std::span<const std::string_view> person_words() { return kPersons; }

}  // namespace relay::seed
