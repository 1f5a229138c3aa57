#include "relay/seed/name_words.h"

#include <catch2/catch.hpp>
#include <set>

#include "relay/seed/word_list.h"

namespace relay::seed {
namespace {

DataKind kind_of(std::string_view name) {
  const auto found = find_name(name);
  return found ? found->kind : DataKind::unknown;
}

TEST_CASE("name_words: a name falls into words at signs, capitals and digits", "[seed]") {
  CHECK(words_of("fødselsDato2") == std::vector<std::string>{"fodsels", "dato", "2"});
  CHECK(words_of("IPAddress") == std::vector<std::string>{"ip", "address"});
  CHECK(words_of("FØDSELS-NR") == std::vector<std::string>{"fodsels", "nr"});
  CHECK(words_of("first name") == std::vector<std::string>{"first", "name"});
  CHECK(words_of("").empty());
  CHECK(words_of("_-'`\n").empty());
}

TEST_CASE("name_words: every spelling of a word is found, in four languages", "[seed]") {
  for (const char* name :
       {"fødselsnummer", "fodselsnummer", "foedselsnummer", "FODSELSNUMMER", "FØDSELSNUMMER", "KundeFødselsNr",
        "fødselsNummer", "fodsels_nr", "fnr", "personnummer", "cpr", "ssn", "kunde_fnr", "pasientfødselsnummer"}) {
    INFO(name);
    CHECK(kind_of(name) == DataKind::national_id);
  }
  for (const char* name : {"epost", "e_post", "e-mail", "emailAddress", "EPOSTADRESSE", "epostadress", "email2",
                           "emails", "kundeepost", "address_email"}) {
    INFO(name);
    CHECK(kind_of(name) == DataKind::email);
  }
  for (const char* name : {"tlf", "telefon", "telefonnr", "mobil_nr", "phone1", "telefonprivat", "arbeidstelefon"}) {
    INFO(name);
    CHECK(kind_of(name) == DataKind::phone);
  }
  CHECK(kind_of("födelsedatum") == DataKind::birth_date);
  CHECK(kind_of("foedselsdato") == DataKind::birth_date);
  CHECK(kind_of("førstediagnose") == DataKind::health);
  CHECK(kind_of("efternamn") == DataKind::person_name);
  CHECK(kind_of("kundenavn") == DataKind::person_name);
  CHECK(kind_of("bemærkning") == DataKind::free_text);
}

TEST_CASE("name_words: words are found in compounds, abbreviations and other forms", "[seed]") {
  for (const auto& [name, kind] :
       std::vector<std::pair<std::string_view, DataKind>>{{"PNAVN", DataKind::person_name},
                                                          {"kd_fornvn", DataKind::person_name},
                                                          {"saksbehandlar", DataKind::person_name},
                                                          {"navnet", DataKind::person_name},
                                                          {"KADR1", DataKind::address},
                                                          {"hjemstedsadressen", DataKind::address},
                                                          {"TLFKVELD", DataKind::phone},
                                                          {"telefonar", DataKind::phone},
                                                          {"EpostAdr", DataKind::email},
                                                          {"journaltekst", DataKind::health},
                                                          {"pasientnavn", DataKind::person_name},
                                                          {"alders_grense", DataKind::unknown},
                                                          {"aldersgrense", DataKind::unknown},
                                                          {"adresse_id", DataKind::unknown},
                                                          {"email_status2", DataKind::unknown},
                                                          {"ip_hash", DataKind::unknown},
                                                          {"fnr_hash", DataKind::unknown},
                                                          {"placeholder", DataKind::unknown},
                                                          {"trace", DataKind::unknown},
                                                          {"aggregates", DataKind::unknown}}) {
    INFO(name);
    CHECK(kind_of(name) == kind);
  }
  // What is sensitive by itself stays that, whatever stands behind it.
  CHECK(kind_of("diagnose_id") == DataKind::health);
  CHECK(kind_of("religionstype") == DataKind::about_person);
  CHECK(kind_of("passord_hash") == DataKind::credential);
  CHECK(find_name("pnr")->otherwise == DataKind::postcode);
}

TEST_CASE("name_words: any sensitive word of a name counts", "[seed]") {
  for (const char* name : {"pasientadresse", "helse_adresse", "inntektsgrense", "Diagnoser", "date_of_death"}) {
    INFO(name);
    CHECK(has_sensitive_word(name));
  }
  for (const char* name : {"ordre", "kunde", "adresse", "kundetelefon", ""}) {
    INFO(name);
    CHECK_FALSE(has_sensitive_word(name));
  }
}

TEST_CASE("name_words: no word is listed twice", "[seed]") {
  std::set<std::string_view> words;
  for (const ListedWord& word : listed_words()) {
    INFO(word.word);
    CHECK(words.insert(word.word).second);
  }
}

TEST_CASE("name_words: a finding names the word and its languages, and nothing of the name", "[seed]") {
  const auto found = find_name("min_Fodselsnr_x");
  REQUIRE(found);
  CHECK(found->word == "fødselsnr");
  CHECK(found->languages == "Norwegian");
  CHECK_FALSE(found->part);
  CHECK(find_name("arbeidstelefon")->part);
  CHECK(find_name("telefon")->languages == "Norwegian, Danish, Swedish");
}

TEST_CASE("name_words: names of things are known to be no person's", "[seed]") {
  for (const char* name : {"filename", "fil_navn", "produktnavn", "hostname", "xyzzy", "tip", "snip", "ordrenr"}) {
    INFO(name);
    CHECK(kind_of(name) == DataKind::unknown);
  }
  CHECK(kind_of("ip_address") == DataKind::ip);
  CHECK(kind_of("mac_address") == DataKind::online_id);
}

TEST_CASE("name_words: plain names are those of impersonal words alone", "[seed]") {
  CHECK(find_plain_name("created_at")->use == PlainUse::time);
  CHECK(find_plain_name("opprettetTidspunkt")->use == PlainUse::time);
  CHECK(find_plain_name("is_active")->use == PlainUse::flag);
  CHECK(find_plain_name("ordre_status")->use == PlainUse::flag);
  CHECK(find_plain_name("totalbeloep")->use == PlainUse::amount);
  for (const char* name : {"", "date", "created_by", "active_diagnosis", "price_of_kari", "status_text", "land_født"}) {
    INFO(name);
    CHECK_FALSE(find_plain_name(name));
  }
}

TEST_CASE("name_words: no word is both personal and impersonal", "[seed]") {
  for (const PlainWord& word : plain_words()) {
    INFO(word.word);
    CHECK_FALSE(find_name(word.word));
  }
}

TEST_CASE("name_words: hostile names are read without harm", "[seed]") {
  const std::string long_name(100000, 'x');
  CHECK_FALSE(find_name(long_name));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a_";
  CHECK(words_of(many).size() == 32);
  CHECK_FALSE(find_name("\xff\xfe\xc3\x28"));
  CHECK(names_persons("Kunder"));
  CHECK(names_persons("customer_archive"));
  CHECK_FALSE(names_persons("products"));
  CHECK(names_version("appVersjon"));
}

}  // namespace
}  // namespace relay::seed
