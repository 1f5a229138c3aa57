#include "relay/seed/name_words.h"

#include <catch2/catch.hpp>

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
