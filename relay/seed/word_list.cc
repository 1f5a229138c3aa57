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
  {"pnr", K::national_id, N | S, K::postcode}, {"personidentifikator", K::national_id, N}, {"identitetsnummer", K::national_id, N | S}, {"folkeregisternummer", K::national_id, N},
  {"ssn", K::national_id, E}, {"socialsecuritynumber", K::national_id, E}, {"socialsecurityno", K::national_id, E}, {"nationalid", K::national_id, E},
  {"nationalidnumber", K::national_id, E}, {"nationalidentitynumber", K::national_id, E}, {"nin", K::national_id, E}, {"taxid", K::national_id, E},
  {"cpr", K::national_id, D}, {"cprnr", K::national_id, D}, {"cprnummer", K::national_id, D}, {"samordningsnummer", K::national_id, S},
  {"identnr", K::national_id, N}, {"identnummer", K::national_id, N}, {"norskident", K::national_id, N}, {"folkeregisterident", K::national_id, N}, {"folkeregisteridentifikator", K::national_id, N},
  {"identitetsnr", K::national_id, N | S}, {"persnummer", K::national_id, N | S}, {"persnum", K::national_id, N | S}, {"fødnr", K::national_id, N}, {"fødselsnum", K::national_id, N},
  {"personalnumber", K::national_id, E}, {"personalidentitynumber", K::national_id, E}, {"nationalinsurancenumber", K::national_id, E}, {"nationalno", K::national_id, E}, {"civicnumber", K::national_id, E},
  {"civicno", K::national_id, E}, {"civicregistrationnumber", K::national_id, E}, {"socialsecurity", K::national_id, E}, {"personid", K::national_id, S, K::online_id, true}, {"personorgnr", K::national_id, S},
  {"persid", K::national_id, N, K::online_id, true}, {"cprno", K::national_id, D}, {"cprnum", K::national_id, D}, {"samordningsnr", K::national_id, S}, {"fødselsnrdnr", K::national_id, N},
  {"dnummer", K::d_number, N}, {"dnr", K::d_number, N}, {"dnumber", K::d_number, E},

  {"organisasjonsnummer", K::organisation, N}, {"organisasjonsnr", K::organisation, N}, {"orgnr", K::organisation, N | S}, {"orgnummer", K::organisation, N | S},
  {"orgno", K::organisation, E}, {"organisationsnummer", K::organisation, S}, {"organisationsnr", K::organisation, S}, {"organisationnumber", K::organisation, E},
  {"organizationnumber", K::organisation, E}, {"foretaksnummer", K::organisation, N}, {"virksomhetsnummer", K::organisation, N}, {"companynumber", K::organisation, E},
  {"cvr", K::organisation, D}, {"cvrnr", K::organisation, D}, {"cvrnummer", K::organisation, D},
  {"orgnum", K::organisation, N | S}, {"orgnumber", K::organisation, E}, {"orgid", K::organisation, E}, {"organisasjonsnum", K::organisation, N}, {"organisationsnum", K::organisation, S},
  {"organisationno", K::organisation, E}, {"organizationno", K::organisation, E}, {"foretaksnr", K::organisation, N}, {"foretnr", K::organisation, N}, {"virksomhetsnr", K::organisation, N},
  {"virksomhetnr", K::organisation, N}, {"bedriftsnr", K::organisation, N}, {"bedriftsnummer", K::organisation, N}, {"bedriftnr", K::organisation, N}, {"enhetsregisternr", K::organisation, N},
  {"companyno", K::organisation, E}, {"companyregistrationnumber", K::organisation, E}, {"businessid", K::organisation, E}, {"mvanr", K::organisation, N}, {"mvanummer", K::organisation, N},
  {"momsnr", K::organisation, N | D | S}, {"momsnummer", K::organisation, D | S}, {"vatnumber", K::organisation, E}, {"vatno", K::organisation, E}, {"vatnr", K::organisation, E}, {"vatid", K::organisation, E},
  {"virksomhedsnummer", K::organisation, D}, {"senr", K::organisation, D, K::unknown, true},

  {"phone", K::phone, E}, {"phonenumber", K::phone, E}, {"phoneno", K::phone, E}, {"telephone", K::phone, E}, {"telephonenumber", K::phone, E}, {"mobile", K::phone, E},
  {"mobilenumber", K::phone, E}, {"mobileno", K::phone, E}, {"cellphone", K::phone, E}, {"cell", K::phone, E}, {"msisdn", K::phone, E}, {"fax", K::phone, E | D | S},
  {"telefon", K::phone, N | D | S}, {"telefonnummer", K::phone, N | D | S}, {"telefonnr", K::phone, N | D | S}, {"tlf", K::phone, N | D}, {"tlfnr", K::phone, N | D},
  {"tel", K::phone, E | N | S}, {"telnr", K::phone, N | S}, {"mobil", K::phone, N | D | S}, {"mobilnummer", K::phone, N | D | S}, {"mobilnr", K::phone, N | D | S},
  {"mobiltlf", K::phone, N}, {"mobtlf", K::phone, N}, {"mobnr", K::phone, N}, {"mobno", K::phone, E}, {"mobphone", K::phone, E}, {"telno", K::phone, E}, {"cellno", K::phone, E}, {"cellnumber", K::phone, E},
  {"landline", K::phone, E}, {"fasttelefon", K::phone, N}, {"fastnet", K::phone, D}, {"fasttlf", K::phone, N}, {"contactnumber", K::phone, E}, {"contactno", K::phone, E}, {"faxnumber", K::phone, E}, {"faxno", K::phone, E},
  {"faksnr", K::phone, N}, {"smsnr", K::phone, N}, {"smsnumber", K::phone, E}, {"callerid", K::phone, E}, {"caller", K::phone, E}, {"callingnumber", K::phone, E}, {"callednumber", K::phone, E}, {"anumber", K::phone, E},
  {"bnumber", K::phone, E}, {"anummer", K::phone, N | S}, {"bnummer", K::phone, N | S}, {"ddi", K::phone, E}, {"whatsapp", K::phone, E},
  {"mobiltelefon", K::phone, N | D | S}, {"mob", K::phone, N}, {"faks", K::phone, N}, {"telefaks", K::phone, N}, {"telefax", K::phone, E | S}, {"smsnummer", K::phone, N},

  {"email", K::email, E}, {"emailaddress", K::email, E}, {"mail", K::email, E | D | S}, {"mailaddress", K::email, E}, {"mailadresse", K::email, N | D},
  {"epost", K::email, N | S}, {"epostadresse", K::email, N}, {"epostadress", K::email, S}, {"emailadresse", K::email, N | D},
  {"emailaddr", K::email, E}, {"mailaddr", K::email, E}, {"emailadr", K::email, N | D}, {"mailadr", K::email, N | D}, {"epostadr", K::email, N}, {"emailid", K::email, E}, {"mailadress", K::email, S}, {"emailadress", K::email, S},
  {"mejl", K::email, S}, {"mejladress", K::email, S}, {"eadresse", K::email, N, K::unknown, true}, {"eadr", K::email, N, K::unknown, true},

  {"iban", K::iban, E}, {"ibannr", K::iban, N}, {"ibannumber", K::iban, E},
  {"kontonummer", K::account, N | D | S}, {"kontonr", K::account, N | D | S}, {"bankkonto", K::account, N | D | S}, {"bankkontonummer", K::account, N | D},
  {"bankkontonr", K::account, N | D}, {"accountnumber", K::account, E}, {"accountno", K::account, E}, {"bankaccount", K::account, E},
  {"bankaccountnumber", K::account, E}, {"bban", K::account, E}, {"utbetalingskonto", K::account, N},
  {"kontonum", K::account, N | D | S}, {"kto", K::account, N | D}, {"ktonr", K::account, N | D}, {"ktonummer", K::account, N}, {"bankkto", K::account, N | D}, {"bankktonr", K::account, N}, {"banknr", K::account, N}, {"giro", K::account, N | D | S},
  {"bankgiro", K::account, N | S}, {"postgiro", K::account, N | S}, {"plusgiro", K::account, S}, {"gironr", K::account, N | D | S}, {"gironummer", K::account, N | D | S}, {"lønnskonto", K::account, N}, {"lønkonto", K::account, D}, {"lönekonto", K::account, S},
  {"bankacct", K::account, E}, {"acctno", K::account, E}, {"acctnumber", K::account, E}, {"acctnr", K::account, E}, {"accountnum", K::account, E}, {"accountnr", K::account, E}, {"nemkonto", K::account, D}, {"bankaccountno", K::account, E},
  {"cardnumber", K::card, E}, {"cardno", K::card, E}, {"creditcard", K::card, E}, {"creditcardnumber", K::card, E}, {"ccnumber", K::card, E}, {"ccno", K::card, E},
  {"ccnum", K::card, E}, {"pan", K::card, E}, {"kortnummer", K::card, N | D | S}, {"kortnr", K::card, N | D | S}, {"kredittkort", K::card, N},
  {"kredittkortnummer", K::card, N}, {"kreditkort", K::card, D | S}, {"betalingskort", K::card, N | D},
  {"kortnum", K::card, N | D | S}, {"cardnum", K::card, E}, {"cardnr", K::card, E}, {"ccn", K::card, E}, {"debitcard", K::card, E}, {"debetkort", K::card, N}, {"bankkort", K::card, N | S}, {"betalkort", K::card, S}, {"betkort", K::card, N},
  {"creditcardno", K::card, E}, {"kredittkortnr", K::card, N}, {"kreditkortnr", K::card, D | S}, {"paymentcard", K::card, E},
  {"ip", K::ip, E}, {"ipaddress", K::ip, E}, {"ipaddr", K::ip, E}, {"ipadresse", K::ip, N | D}, {"ipadress", K::ip, S}, {"ipv4", K::ip, E}, {"ipv6", K::ip, E},
  {"clientip", K::ip, E}, {"remoteip", K::ip, E}, {"remoteaddr", K::ip, E}, {"remoteaddress", K::ip, E},
  {"ipadr", K::ip, N | D | S}, {"ipnr", K::ip, N | D | S}, {"ipno", K::ip, E}, {"ipnumber", K::ip, E}, {"ipnummer", K::ip, N | D | S}, {"klientip", K::ip, N | D | S}, {"hostip", K::ip, E}, {"userip", K::ip, E}, {"srcip", K::ip, E}, {"sourceip", K::ip, E},
  {"dstip", K::ip, E}, {"loginip", K::ip, E}, {"lastip", K::ip, E}, {"registrationip", K::ip, E}, {"clientaddr", K::ip, E}, {"clientaddress", K::ip, E}, {"peeraddr", K::ip, E}, {"peeraddress", K::ip, E}, {"sourceaddress", K::ip, E},
  {"forwardedfor", K::ip, E}, {"xforwardedfor", K::ip, E}, {"klientadresse", K::ip, N | D, K::address}, {"klientadr", K::ip, N | D, K::address},

  {"name", K::person_name, E}, {"navn", K::person_name, N | D}, {"namn", K::person_name, S}, {"firstname", K::person_name, E}, {"lastname", K::person_name, E},
  {"surname", K::person_name, E}, {"fullname", K::person_name, E}, {"givenname", K::person_name, E}, {"familyname", K::person_name, E}, {"middlename", K::person_name, E},
  {"maidenname", K::person_name, E}, {"nickname", K::person_name, E}, {"fname", K::person_name, E}, {"lname", K::person_name, E}, {"initials", K::person_name, E},
  {"customername", K::person_name, E}, {"contactname", K::person_name, E}, {"contactperson", K::person_name, E}, {"contact", K::person_name, E},
  {"fornavn", K::person_name, N | D}, {"etternavn", K::person_name, N}, {"efternavn", K::person_name, D}, {"mellomnavn", K::person_name, N}, {"mellemnavn", K::person_name, D},
  {"fulltnavn", K::person_name, N}, {"slektsnavn", K::person_name, N}, {"pikenavn", K::person_name, N}, {"kallenavn", K::person_name, N}, {"kundenavn", K::person_name, N | D},
  {"kontaktperson", K::person_name, N | D | S}, {"kontakt", K::person_name, N | D | S}, {"initialer", K::person_name, N | D | S}, {"pårørende", K::person_name, N | D},
  {"förnamn", K::person_name, S}, {"efternamn", K::person_name, S}, {"mellannamn", K::person_name, S}, {"kundnamn", K::person_name, S}, {"anhörig", K::person_name, S},
  {"behandler", K::person_name, N | D}, {"fastlege", K::person_name, N}, {"doctor", K::person_name, E}, {"author", K::person_name, E}, {"forfatter", K::person_name, N | D},
  {"nvn", K::person_name, N}, {"nm", K::person_name, E}, {"firstnm", K::person_name, E}, {"lastnm", K::person_name, E}, {"fstname", K::person_name, E}, {"forename", K::person_name, E}, {"forenames", K::person_name, E}, {"secondname", K::person_name, E},
  {"displayname", K::person_name, E}, {"preferredname", K::person_name, E}, {"visningsnavn", K::person_name, N | D}, {"visningsnamn", K::person_name, S}, {"førenamn", K::person_name, N}, {"etternamn", K::person_name, N}, {"mellomnamn", K::person_name, N},
  {"tilnavn", K::person_name, D}, {"familienavn", K::person_name, N | D}, {"tilltalsnamn", K::person_name, S}, {"ettnavn", K::person_name, N}, {"mellnavn", K::person_name, N},
  {"fnavn", K::person_name, N | D}, {"enavn", K::person_name, N | D}, {"mnavn", K::person_name, N | D}, {"fnamn", K::person_name, S}, {"enamn", K::person_name, S},
  {"sender", K::person_name, E}, {"recipient", K::person_name, E}, {"receiver", K::person_name, E}, {"addressee", K::person_name, E}, {"avsender", K::person_name, N}, {"afsender", K::person_name, D}, {"avsändare", K::person_name, S},
  {"mottaker", K::person_name, N}, {"mottager", K::person_name, N}, {"modtager", K::person_name, D}, {"mottagare", K::person_name, S}, {"owner", K::person_name, E}, {"eier", K::person_name, N}, {"innehaver", K::person_name, N},
  {"indehaver", K::person_name, D}, {"innehavare", K::person_name, S}, {"ägare", K::person_name, S}, {"ejer", K::person_name, D, K::unknown, true}, {"holder", K::person_name, E, K::unknown, true}, {"cardholder", K::person_name, E}, {"accountholder", K::person_name, E},
  {"policyholder", K::person_name, E}, {"kontohaver", K::person_name, N | D}, {"kontohavare", K::person_name, S}, {"kortholder", K::person_name, N}, {"beneficiary", K::person_name, E}, {"payee", K::person_name, E}, {"payer", K::person_name, E},
  {"insured", K::person_name, E}, {"forsikringstaker", K::person_name, N}, {"forsikringstager", K::person_name, N | D}, {"försäkringstagare", K::person_name, S}, {"forsikrede", K::person_name, N | D}, {"sikrede", K::person_name, N | D},
  {"debtor", K::person_name, E}, {"skyldner", K::person_name, N | D}, {"betaler", K::person_name, N | D}, {"betalare", K::person_name, S}, {"søker", K::person_name, N}, {"ansøger", K::person_name, D}, {"sökande", K::person_name, S},
  {"applicant", K::person_name, E}, {"guardian", K::person_name, E}, {"nextofkin", K::person_name, E}, {"foresatt", K::person_name, N}, {"forelder", K::person_name, N}, {"foreldre", K::person_name, N}, {"forælder", K::person_name, D},
  {"forældre", K::person_name, D}, {"förälder", K::person_name, S}, {"vårdnadshavare", K::person_name, S}, {"verge", K::person_name, N}, {"værge", K::person_name, D}, {"mother", K::person_name, E}, {"father", K::person_name, E},
  {"mor", K::person_name, N | D | S}, {"far", K::person_name, N | D | S}, {"saksbehandler", K::person_name, N}, {"sagsbehandler", K::person_name, D}, {"handläggare", K::person_name, S}, {"caseworker", K::person_name, E},
  {"lærer", K::person_name, N | D}, {"kontaktlærer", K::person_name, N | D}, {"lärare", K::person_name, S}, {"teacher", K::person_name, E}, {"veileder", K::person_name, N}, {"vejleder", K::person_name, D}, {"handledare", K::person_name, S},
  {"rådgiver", K::person_name, N | D}, {"adviser", K::person_name, E}, {"advisor", K::person_name, E}, {"supervisor", K::person_name, E}, {"signatory", K::person_name, E}, {"underskriver", K::person_name, N | D}, {"avsendernavn", K::person_name, N},
  {"lege", K::person_name, N, K::unknown, true}, {"læge", K::person_name, D, K::unknown, true}, {"läkare", K::person_name, S}, {"physician", K::person_name, E}, {"nurse", K::person_name, E}, {"sykepleier", K::person_name, N}, {"terapeut", K::person_name, N | D | S},
  {"psykolog", K::person_name, N | D | S}, {"interpreter", K::person_name, E}, {"medarbeider", K::person_name, N}, {"medarbejder", K::person_name, D}, {"medarbetare", K::person_name, S}, {"driver", K::person_name, E, K::unknown, true}, {"sjåfør", K::person_name, N},
  // Names of things: known, and no person's.
  {"filename", K::unknown, E}, {"filnavn", K::unknown, N | D}, {"filnamn", K::unknown, S}, {"hostname", K::unknown, E}, {"tablename", K::unknown, E},
  {"columnname", K::unknown, E}, {"productname", K::unknown, E}, {"produktnavn", K::unknown, N | D}, {"produktnamn", K::unknown, S}, {"varenavn", K::unknown, N | D},
  {"brandname", K::unknown, E}, {"categoryname", K::unknown, E}, {"kategorinavn", K::unknown, N | D}, {"countryname", K::unknown, E}, {"companyname", K::unknown, E},
  {"firmanavn", K::unknown, N | D}, {"bedriftsnavn", K::unknown, N}, {"servername", K::unknown, E}, {"domainname", K::unknown, E}, {"eventname", K::unknown, E},
  {"trace", K::unknown, E}, {"suspension", K::unknown, E}, {"terrace", K::unknown, E}, {"aggregate", K::unknown, E}, {"delegate", K::unknown, E}, {"navigate", K::unknown, E}, {"context", K::unknown, E}, {"rename", K::unknown, E}, {"schemaname", K::unknown, E}, {"classname", K::unknown, E},
  {"typename", K::unknown, E}, {"groupname", K::unknown, E}, {"gruppenavn", K::unknown, N | D}, {"rolename", K::unknown, E}, {"rollenavn", K::unknown, N | D}, {"itemname", K::unknown, E}, {"varunamn", K::unknown, S},
  {"artikkelnavn", K::unknown, N}, {"filmtittel", K::unknown, N}, {"tabellnavn", K::unknown, N | D}, {"kolonnenavn", K::unknown, N | D}, {"kursnavn", K::unknown, N}, {"coursename", K::unknown, E}, {"fagnavn", K::unknown, N}, {"avdelingsnavn", K::unknown, N},
  {"departmentname", K::unknown, E}, {"avdelingnavn", K::unknown, N}, {"statusnavn", K::unknown, N}, {"typenavn", K::unknown, N | D}, {"kodenavn", K::unknown, N | D}, {"prosjektnavn", K::unknown, N}, {"projectname", K::unknown, E}, {"foretaksnavn", K::unknown, N},
  {"virksomhetsnavn", K::unknown, N}, {"organisasjonsnavn", K::unknown, N}, {"företagsnamn", K::unknown, S}, {"landnavn", K::unknown, N | D}, {"taskname", K::unknown, E}, {"jobname", K::unknown, E}, {"appname", K::unknown, E}, {"skolenavn", K::unknown, N | D},
  {"schoolname", K::unknown, E}, {"klassenavn", K::unknown, N | D},

  {"address", K::address, E}, {"streetaddress", K::address, E}, {"homeaddress", K::address, E}, {"addressline", K::address, E}, {"street", K::address, E},
  {"housenumber", K::address, E}, {"apartment", K::address, E}, {"city", K::address, E}, {"town", K::address, E}, {"suburb", K::address, E}, {"district", K::address, E},
  {"adresse", K::address, N | D}, {"adress", K::address, S}, {"adr", K::address, N | S}, {"gate", K::address, N}, {"gateadresse", K::address, N}, {"gatenavn", K::address, N},
  {"gade", K::address, D}, {"gata", K::address, S}, {"gatuadress", K::address, S}, {"postadresse", K::address, N | D}, {"postadress", K::address, S}, {"vei", K::address, N},
  {"vej", K::address, D}, {"husnummer", K::address, N | D | S}, {"husnr", K::address, N | D | S}, {"leilighet", K::address, N}, {"bosted", K::address, N},
  {"bostad", K::address, S}, {"bopæl", K::address, D}, {"poststed", K::address, N}, {"postort", K::address, S}, {"kommune", K::address, N | D}, {"kommun", K::address, S},
  {"postnummer", K::postcode, N | D | S}, {"postnr", K::postcode, N | D | S}, {"postcode", K::postcode, E}, {"postalcode", K::postcode, E}, {"zip", K::postcode, E},
  {"zipcode", K::postcode, E}, {"postkode", K::postcode, N},
  {"addr", K::address, E}, {"adresselinje", K::address, N | D}, {"adrlinje", K::address, N | D}, {"adressrad", K::address, S}, {"gatenr", K::address, N}, {"gatenummer", K::address, N}, {"gateadr", K::address, N}, {"gatuadr", K::address, S}, {"boligadresse", K::address, N | D},
  {"veg", K::address, N}, {"veinavn", K::address, N}, {"vegnavn", K::address, N}, {"vejnavn", K::address, D}, {"vegadresse", K::address, N}, {"veiadresse", K::address, N}, {"adressenavn", K::address, N}, {"bolignr", K::address, N}, {"bolignummer", K::address, N},
  {"bruksenhet", K::address, N}, {"bruksenhetsnr", K::address, N}, {"leilighetsnr", K::address, N}, {"lägenhetsnummer", K::address, S}, {"gardsnr", K::address, N}, {"gårdsnr", K::address, N}, {"bruksnr", K::address, N}, {"matrikkel", K::address, N}, {"matrikkelnr", K::address, N},
  {"gnr", K::address, N}, {"bnr", K::address, N}, {"postboks", K::address, N | D}, {"pobox", K::address, E}, {"careof", K::address, E}, {"coadresse", K::address, N | D}, {"coadress", K::address, S}, {"etage", K::address, D}, {"bydel", K::address, N | D},
  {"psted", K::address, N}, {"postst", K::address, N}, {"stedsnavn", K::address, N | D}, {"bynavn", K::address, N | D}, {"fødested", K::address, N}, {"fødeby", K::address, N | D}, {"birthplace", K::address, E}, {"placeofbirth", K::address, E}, {"hjemsted", K::address, N},
  {"födelseort", K::address, S}, {"ort", K::address, S}, {"bostadsort", K::address, S}, {"hemort", K::address, S}, {"kommunenr", K::address, N}, {"kommunenummer", K::address, N}, {"kommnr", K::address, N}, {"komnr", K::address, N}, {"kommunekode", K::address, N | D},
  {"kommunkod", K::address, S}, {"municipality", K::address, E}, {"county", K::address, E}, {"fylke", K::address, N}, {"village", K::address, E}, {"skolekrets", K::address, N}, {"grunnkrets", K::address, N}, {"zipcity", K::address, E}, {"residence", K::address, E},
  {"postno", K::postcode, E}, {"postnum", K::postcode, N | S}, {"zipkode", K::postcode, N}, {"postcd", K::postcode, E}, {"zipcd", K::postcode, E}, {"postkod", K::postcode, S}, {"ponr", K::postcode, N, K::unknown, true},

  {"birthdate", K::birth_date, E}, {"dateofbirth", K::birth_date, E}, {"birthday", K::birth_date, E}, {"dob", K::birth_date, E}, {"born", K::birth_date, E}, {"birth", K::birth_date, E},
  {"fødselsdato", K::birth_date, N}, {"fødselsdag", K::birth_date, N | D}, {"fødtdato", K::birth_date, N}, {"født", K::birth_date, N | D}, {"fødd", K::birth_date, N},
  {"fdato", K::birth_date, N}, {"bursdag", K::birth_date, N}, {"födelsedatum", K::birth_date, S}, {"födelsedag", K::birth_date, S}, {"född", K::birth_date, S},
  {"birthyear", K::birth_year, E}, {"yearofbirth", K::birth_year, E}, {"fødselsår", K::birth_year, N | D}, {"fødeår", K::birth_year, N}, {"födelseår", K::birth_year, S},
  {"age", K::age, E}, {"alder", K::age, N | D}, {"ålder", K::age, S},
  {"death", K::about_person, E}, {"deceased", K::about_person, E}, {"dateofdeath", K::about_person, E}, {"dødsdato", K::about_person, N | D}, {"død", K::about_person, N | D}, {"avliden", K::about_person, S},
  {"birthdt", K::birth_date, E}, {"bdate", K::birth_date, E}, {"bday", K::birth_date, E, K::unknown, true}, {"dateborn", K::birth_date, E}, {"fødselstid", K::birth_date, N}, {"fødselsdt", K::birth_date, N}, {"fdt", K::birth_date, N, K::unknown, true}, {"fødtdt", K::birth_date, N}, {"føddato", K::birth_date, N},
  {"fødedato", K::birth_date, N}, {"fødseldato", K::birth_date, N}, {"fødselsdata", K::birth_date, N}, {"födelsedat", K::birth_date, S}, {"födelsetid", K::birth_date, S}, {"fdag", K::birth_date, D, K::unknown, true}, {"fødtår", K::birth_year, N}, {"fødår", K::birth_year, N}, {"fødtaar", K::birth_year, N},
  {"childage", K::age, E}, {"alderår", K::age, N},
  {"dødsdag", K::about_person, D}, {"dødsfall", K::about_person, N}, {"dødsår", K::about_person, N | D}, {"dødt", K::about_person, N}, {"dödsdatum", K::about_person, S}, {"dödsfall", K::about_person, S}, {"deathdate", K::about_person, E}, {"avdød", K::about_person, N}, {"afdød", K::about_person, D},

  {"note", K::free_text, E}, {"notes", K::free_text, E}, {"notat", K::free_text, N | D}, {"notater", K::free_text, N | D}, {"comment", K::free_text, E},
  {"comments", K::free_text, E}, {"kommentar", K::free_text, N | D | S}, {"kommentarer", K::free_text, N | D | S}, {"merknad", K::free_text, N}, {"merknader", K::free_text, N},
  {"bemerkning", K::free_text, N}, {"bemærkning", K::free_text, D}, {"anmerkning", K::free_text, N}, {"anmärkning", K::free_text, S}, {"anteckning", K::free_text, S},
  {"remark", K::free_text, E}, {"remarks", K::free_text, E}, {"description", K::free_text, E}, {"beskrivelse", K::free_text, N | D}, {"beskrivning", K::free_text, S},
  {"message", K::free_text, E}, {"melding", K::free_text, N}, {"meddelelse", K::free_text, N | D}, {"meddelande", K::free_text, S}, {"fritekst", K::free_text, N | D},
  {"fritext", K::free_text, S}, {"freetext", K::free_text, E}, {"text", K::free_text, E | S}, {"tekst", K::free_text, N | D}, {"body", K::free_text, E}, {"memo", K::free_text, E},
  {"content", K::free_text, E}, {"innhold", K::free_text, N}, {"indhold", K::free_text, D}, {"innehåll", K::free_text, S}, {"subject", K::free_text, E}, {"emne", K::free_text, N | D},
  {"feedback", K::free_text, E}, {"review", K::free_text, E}, {"begrunnelse", K::free_text, N}, {"begrundelse", K::free_text, D},
  {"merkn", K::free_text, N}, {"merk", K::free_text, N, K::unknown, true}, {"notis", K::free_text, N | D | S}, {"anteckningar", K::free_text, S}, {"beskjed", K::free_text, N}, {"besked", K::free_text, D}, {"desc", K::free_text, E, K::unknown, true}, {"descr", K::free_text, E},
  {"beskr", K::free_text, N | D}, {"årsak", K::free_text, N | D}, {"orsak", K::free_text, S}, {"reason", K::free_text, E}, {"henvendelse", K::free_text, N | D}, {"klage", K::free_text, N | D}, {"complaint", K::free_text, E}, {"vurdering", K::free_text, N | D}, {"bedömning", K::free_text, S},
  {"assessment", K::free_text, E}, {"observasjon", K::free_text, N}, {"observation", K::free_text, E | D | S}, {"summary", K::free_text, E}, {"sammendrag", K::free_text, N}, {"sammanfattning", K::free_text, S}, {"resyme", K::free_text, N}, {"detaljer", K::free_text, N | D},
  {"details", K::free_text, E}, {"opplysninger", K::free_text, N}, {"tilleggsinfo", K::free_text, N}, {"tilleggsopplysninger", K::free_text, N}, {"oplysninger", K::free_text, D}, {"fritekstfelt", K::free_text, N | D}, {"txt", K::free_text, E}, {"chat", K::free_text, E},
  {"skadebeskrivelse", K::free_text, N | D}, {"hendelsesforløp", K::free_text, N}, {"instruks", K::free_text, N}, {"instructions", K::free_text, E}, {"korrespondanse", K::free_text, N}, {"ytring", K::free_text, N}, {"transcript", K::free_text, E}, {"samtale", K::free_text, N | D},

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
  {"diag", K::health, E | N | D | S}, {"icd11", K::health, E}, {"sykm", K::health, N}, {"sykmeldt", K::health, N}, {"sykemeldt", K::health, N}, {"sykefravær", K::health, N}, {"sygefravær", K::health, D}, {"sjukfrånvaro", K::health, S}, {"sickleave", K::health, E},
  {"uføretrygd", K::health, N}, {"medikament", K::health, N}, {"virkestoff", K::health, N}, {"atckode", K::health, N}, {"atccode", K::health, E}, {"epikrise", K::health, N | D}, {"anamnese", K::health, N | D}, {"anamnes", K::health, S}, {"henvisning", K::health, N | D},
  {"innleggelse", K::health, N}, {"indlæggelse", K::health, D}, {"surgery", K::health, E}, {"blod", K::health, N | D | S}, {"kolesterol", K::health, N | D | S}, {"blodprøve", K::health, N | D}, {"graviditet", K::health, N | D | S}, {"psykisk", K::health, N | D | S}, {"psykiatri", K::health, N | D | S},
  {"vaksinert", K::health, N}, {"funksjonsevne", K::health, N}, {"skadetype", K::health, N}, {"personskade", K::health, N | D}, {"injury", K::health, E}, {"invaliditet", K::health, N | D | S}, {"medisinering", K::health, N}, {"rusmiddel", K::health, N}, {"blodtryk", K::health, D}, {"blodtryck", K::health, S},
  {"blodgruppe", K::health, N}, {"bloodgroup", K::health, E}, {"spesialundervisning", K::health, N}, {"specialundervisning", K::health, D | S}, {"smoker", K::health, E}, {"røyker", K::health, N}, {"ryger", K::health, D, K::unknown, true}, {"diett", K::health, N},

  {"gender", K::about_person, E}, {"sex", K::about_person, E}, {"kjønn", K::about_person, N}, {"køn", K::about_person, D}, {"kön", K::about_person, S}, {"religion", K::about_person, E | N | D | S},
  {"livssyn", K::about_person, N}, {"ethnicity", K::about_person, E}, {"etnisitet", K::about_person, N}, {"etnicitet", K::about_person, D | S}, {"race", K::about_person, E},
  {"political", K::about_person, E}, {"politisk", K::about_person, N | D | S}, {"union", K::about_person, E}, {"fagforening", K::about_person, N | D}, {"fackförening", K::about_person, S},
  {"sexual", K::about_person, E}, {"seksuell", K::about_person, N}, {"legning", K::about_person, N}, {"conviction", K::about_person, E}, {"criminal", K::about_person, E}, {"straff", K::about_person, N | D | S},
  {"nationality", K::about_person, E}, {"nasjonalitet", K::about_person, N}, {"nationalitet", K::about_person, D | S}, {"citizenship", K::about_person, E}, {"statsborgerskap", K::about_person, N | D},
  {"medborgarskap", K::about_person, S}, {"marital", K::about_person, E}, {"maritalstatus", K::about_person, E}, {"sivilstand", K::about_person, N}, {"sivilstatus", K::about_person, N}, {"civilstånd", K::about_person, S},
  {"civilstand", K::about_person, D}, {"spouse", K::about_person, E}, {"ektefelle", K::about_person, N}, {"children", K::about_person, E}, {"barn", K::about_person, N | D | S},
  {"sivst", K::about_person, N}, {"sivilst", K::about_person, N}, {"sivil", K::about_person, N}, {"sivilstatuskode", K::about_person, N}, {"civilstatus", K::about_person, D | S}, {"morsmål", K::about_person, N}, {"modersmål", K::about_person, D | S}, {"mothertongue", K::about_person, E},
  {"nativelanguage", K::about_person, E}, {"fødeland", K::about_person, N | D}, {"fødselsland", K::about_person, N}, {"födelseland", K::about_person, S}, {"birthcountry", K::about_person, E}, {"countryofbirth", K::about_person, E}, {"landbakgrunn", K::about_person, N}, {"oppholdstillatelse", K::about_person, N},
  {"oppholdsstatus", K::about_person, N}, {"trossamfunn", K::about_person, N}, {"trossamfund", K::about_person, D}, {"fagforbund", K::about_person, N}, {"samboer", K::about_person, N}, {"samlever", K::about_person, D}, {"sambo", K::about_person, S}, {"ægtefælle", K::about_person, D},
  {"husstand", K::about_person, N | D}, {"hushåll", K::about_person, S}, {"household", K::about_person, E}, {"adressesperre", K::about_person, N}, {"adressebeskyttelse", K::about_person, N | D}, {"adressegradering", K::about_person, N}, {"diskresjonskode", K::about_person, N}, {"skjermet", K::about_person, N},
  {"fortrolig", K::about_person, N | D}, {"statsborger", K::about_person, N | D}, {"statsborgarskap", K::about_person, N}, {"nasj", K::about_person, N}, {"kjønnkode", K::about_person, N}, {"fravær", K::about_person, N | D}, {"frånvaro", K::about_person, S}, {"karakter", K::about_person, N | D},
  {"betyg", K::about_person, S}, {"grade", K::about_person, E, K::unknown, true}, {"anmerkninger", K::about_person, N}, {"siblings", K::about_person, E}, {"søsken", K::about_person, N}, {"søskende", K::about_person, D}, {"familiestatus", K::about_person, N | D},

  {"password", K::credential, E}, {"passwd", K::credential, E}, {"pwd", K::credential, E}, {"passwordhash", K::credential, E}, {"passord", K::credential, N}, {"adgangskode", K::credential, D},
  {"lösenord", K::credential, S}, {"salt", K::credential, E}, {"token", K::credential, E}, {"accesstoken", K::credential, E}, {"refreshtoken", K::credential, E}, {"apikey", K::credential, E},
  {"secret", K::credential, E}, {"hemmelighet", K::credential, N}, {"pin", K::credential, E}, {"pinkode", K::credential, N | D}, {"pinkod", K::credential, S}, {"cvv", K::credential, E}, {"cvc", K::credential, E},
  {"otp", K::credential, E}, {"session", K::credential, E}, {"sessionid", K::credential, E}, {"privatekey", K::credential, E},
  {"sesjon", K::credential, N}, {"sesjonsid", K::credential, N}, {"sesjonsnøkkel", K::credential, N}, {"sessionkey", K::credential, E}, {"sessiontoken", K::credential, E}, {"pwdhash", K::credential, E}, {"pwhash", K::credential, E}, {"passwordsalt", K::credential, E}, {"passphrase", K::credential, E},
  {"pincode", K::credential, E}, {"puk", K::credential, E}, {"pukkode", K::credential, N}, {"totp", K::credential, E}, {"mfa", K::credential, E}, {"securityanswer", K::credential, E}, {"securityquestion", K::credential, E}, {"jwt", K::credential, E}, {"apitoken", K::credential, E}, {"kodeord", K::credential, D},
  {"engangskode", K::credential, N | D}, {"aktiveringskode", K::credential, N}, {"activationcode", K::credential, E}, {"resetcode", K::credential, E}, {"passkey", K::credential, E},

  {"username", K::online_id, E}, {"brukernavn", K::online_id, N}, {"brugernavn", K::online_id, D}, {"användarnamn", K::online_id, S}, {"login", K::online_id, E}, {"loginname", K::online_id, E},
  {"cookie", K::online_id, E}, {"deviceid", K::online_id, E}, {"imei", K::online_id, E}, {"imsi", K::online_id, E}, {"mac", K::online_id, E}, {"macaddress", K::online_id, E}, {"macadresse", K::online_id, N | D},
  {"useragent", K::online_id, E}, {"fingerprint", K::online_id, E}, {"createdby", K::online_id, E}, {"updatedby", K::online_id, E}, {"modifiedby", K::online_id, E}, {"opprettetav", K::online_id, N},
  {"endretav", K::online_id, N}, {"oprettetaf", K::online_id, D}, {"skapadav", K::online_id, S}, {"user", K::online_id, E}, {"bruker", K::online_id, N}, {"användare", K::online_id, S},
  {"userid", K::online_id, E}, {"brukerid", K::online_id, N}, {"brukerident", K::online_id, N}, {"loginid", K::online_id, E}, {"aktørid", K::online_id, N}, {"navident", K::online_id, N}, {"ansattident", K::online_id, N}, {"alias", K::online_id, E | N | D | S}, {"handle", K::online_id, E, K::unknown, true},
  {"facebook", K::online_id, E}, {"instagram", K::online_id, E}, {"linkedin", K::online_id, E}, {"skype", K::online_id, E}, {"twitter", K::online_id, E}, {"iccid", K::online_id, E}, {"simno", K::online_id, E}, {"simnr", K::online_id, N | D | S}, {"simkort", K::online_id, N | D | S}, {"udid", K::online_id, E},
  {"enhetsid", K::online_id, N | S}, {"registrertav", K::online_id, N}, {"registreradav", K::online_id, S}, {"regav", K::online_id, N, K::unknown, true}, {"godkjentav", K::online_id, N}, {"approvedby", K::online_id, E}, {"oppdatertav", K::online_id, N}, {"opdateretaf", K::online_id, D}, {"ändradav", K::online_id, S}, {"changedby", K::online_id, E},
  {"deletedby", K::online_id, E}, {"slettetav", K::online_id, N}, {"lagetav", K::online_id, N}, {"macaddr", K::online_id, E}, {"macadr", K::online_id, N}, {"brukarnamn", K::online_id, N}, {"deviceserial", K::online_id, E},

  {"latitude", K::location, E}, {"longitude", K::location, E}, {"lat", K::location, E}, {"lng", K::location, E}, {"lon", K::location, E}, {"gps", K::location, E}, {"coordinates", K::location, E},
  {"koordinat", K::location, N | D | S}, {"koordinater", K::location, N | D | S}, {"breddegrad", K::location, N | D}, {"lengdegrad", K::location, N}, {"location", K::location, E}, {"position", K::location, E | S}, {"posisjon", K::location, N},
  {"northing", K::location, E}, {"easting", K::location, E}, {"coord", K::location, E}, {"cellid", K::location, E}, {"basestasjon", K::location, N}, {"basestation", K::location, E | D}, {"basstation", K::location, S}, {"utm", K::location, E}, {"latitud", K::location, S}, {"longitud", K::location, S}, {"længdegrad", K::location, D},
  {"geolocation", K::location, E}, {"geo", K::location, E, K::unknown, true},

  {"salary", K::income, E}, {"income", K::income, E}, {"wage", K::income, E}, {"debt", K::income, E}, {"creditscore", K::income, E}, {"creditlimit", K::income, E}, {"balance", K::income, E},
  {"lønn", K::income, N}, {"årslønn", K::income, N}, {"løn", K::income, D}, {"lön", K::income, S}, {"inntekt", K::income, N}, {"indkomst", K::income, D}, {"inkomst", K::income, S}, {"gjeld", K::income, N},
  {"formue", K::income, N | D}, {"skatteklasse", K::income, N}, {"saldo", K::income, N | D | S}, {"kredittscore", K::income, N},
  {"pensjon", K::income, N}, {"pension", K::income, E | D | S}, {"trygd", K::income, N}, {"stønad", K::income, N}, {"ytelse", K::income, N}, {"ydelse", K::income, D}, {"bidrag", K::income, N | D | S}, {"benefit", K::income, E}, {"dagpenger", K::income, N}, {"sosialhjelp", K::income, N}, {"bostøtte", K::income, N},
  {"skatt", K::income, N | S}, {"skat", K::income, D, K::unknown, true}, {"skattetrekk", K::income, N}, {"timelønn", K::income, N}, {"månedslønn", K::income, N}, {"årsinntekt", K::income, N}, {"årsløn", K::income, N | D}, {"inkasso", K::income, N | D | S}, {"betalingsanmerkning", K::income, N}, {"loan", K::income, E},
  {"mortgage", K::income, E}, {"earnings", K::income, E}, {"payroll", K::income, E}, {"kredittgrense", K::income, N}, {"kredittverdighet", K::income, N}, {"stipend", K::income, E | N}, {"pay", K::income, E}, {"bonus", K::income, E | N | D | S},

  {"passport", K::document, E}, {"passportnumber", K::document, E}, {"passnummer", K::document, N | D | S}, {"passnr", K::document, N | D | S}, {"driverslicense", K::document, E},
  {"driverslicence", K::document, E}, {"drivinglicence", K::document, E}, {"førerkort", K::document, N}, {"kørekort", K::document, D}, {"körkort", K::document, S}, {"licenseplate", K::document, E},
  {"numberplate", K::document, E}, {"regnr", K::document, N | S}, {"registreringsnummer", K::document, N | D | S}, {"vin", K::document, E}, {"skiltnummer", K::document, N},
  {"passportno", K::document, E}, {"kjennemerke", K::document, N}, {"kjennetegn", K::document, N}, {"bilnr", K::document, N}, {"regnummer", K::document, N | S}, {"regno", K::document, E}, {"vehicleregistration", K::document, E}, {"nummerplade", K::document, D}, {"nummerskylt", K::document, S},
  {"chassisnr", K::document, N | S}, {"understellsnr", K::document, N}, {"understellsnummer", K::document, N}, {"stelnummer", K::document, D}, {"chassisnumber", K::document, E}, {"dufnr", K::document, N}, {"dufnummer", K::document, N}, {"førerkortnr", K::document, N}, {"førerkortnummer", K::document, N},
  {"legitimasjon", K::document, N}, {"legitimasjonsnr", K::document, N}, {"licenceno", K::document, E}, {"licenseno", K::document, E}, {"driverlicense", K::document, E}, {"idnumber", K::document, E}, {"idkort", K::document, N | D | S}, {"documentnumber", K::document, E}, {"skilt", K::document, N},

  {"photo", K::image, E}, {"picture", K::image, E}, {"portrait", K::image, E}, {"avatar", K::image, E}, {"signature", K::image, E}, {"bilde", K::image, N}, {"billede", K::image, D}, {"bild", K::image, S},
  {"foto", K::image, N | D | S}, {"underskrift", K::image, N | D | S}, {"signatur", K::image, N | D | S},
  {"profilbilde", K::image, N}, {"profilbillede", K::image, D}, {"profilepicture", K::image, E}, {"portrett", K::image, N}, {"fingeravtrykk", K::image, N}, {"iris", K::image, E, K::unknown, true}, {"biometric", K::image, E}, {"selfie", K::image, E},
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
constexpr auto kQualifiers = std::to_array<std::string_view>({
  "privat", "private", "priv", "pri", "pers", "arbeid", "arbeids", "arb", "jobb", "job", "work", "hjem", "heim", "heime", "hem", "home", "dag", "dagtid", "day", "kveld", "aften", "kväll", "evening", "natt", "mobil", "mob", "fast",
  "nr", "nummer", "num", "no", "number", "adr", "kode", "kunde", "kund", "pas", "elev", "ansatt", "eier", "owner", "mor", "far", "ny", "nye", "gml", "gammel", "old", "new", "alt", "sek", "prim", "hoved", "main", "ekstra", "extra", "bolig", "post", "fakt", "faktura", "lev",
  "levering", "besøk", "folkereg", "midl", "utland", "sms", "felt", "txt", "kort", "full", "reg",
});

constexpr auto kOtherHeads = std::to_array<std::string_view>({
  "type", "typ", "typen", "kategori", "category", "count", "counter", "antall", "antal", "status", "flag", "flagg", "sent", "sendt", "verified", "verifisert", "bekreftet", "confirmed", "valid", "gyldig", "optin", "samtykke", "consent",
  "id", "ids", "uuid", "guid", "hash", "digest", "checksum", "sha1", "md5", "url", "uri", "link", "lenke", "länk", "path", "sti", "format", "length", "lengde", "længde", "limit", "grense", "grænse", "gräns", "version", "versjon", "index", "seq", "template", "mal",
  "kilde", "source", "language", "språk", "sprog", "updated", "created", "changed", "endret",
});
// clang-format on

}  // namespace

std::span<const ListedWord> listed_words() { return kWords; }
std::span<const PlainWord> plain_words() { return kPlain; }
std::span<const std::string_view> qualifiers() { return kQualifiers; }
std::span<const std::string_view> other_heads() { return kOtherHeads; }
std::span<const std::string_view> person_words() { return kPersons; }

}  // namespace relay::seed
