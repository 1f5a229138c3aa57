#include "relay/seed/proposal.h"

#include <catch2/catch.hpp>

#include "draft_maker.h"
#include "relay/seed/rule_text.h"

namespace relay::seed {
namespace {

using scrub_rules::ActionKind;
using testing::draft_of;

// Invented, with control digits that are right: fødselsnumre, accounts and D-numbers.
const std::vector<std::string> kIds = {"15108695088", "01010750160", "15108695088", "01010750160", "15108695088"};
const std::vector<std::string> kOrders = {"98765432", "98765433", "98765434", "98765435", "98765436", "98765437"};

Proposal proposed(const std::string& name, const std::string& type, const std::vector<std::string>& values = {},
                  const std::string& table = "t") {
  TableDraft draft = draft_of(table, {{name, type}});
  testing::sample(draft, 0, values);
  return propose({draft.definition, 0, draft.columns[0].tally, "person"});
}

TEST_CASE("proposal: values alone tell a kind, and a name makes it certain", "[seed]") {
  const Proposal by_values = proposed("felt7", "char(11)", kIds);
  CHECK(by_values.kind == DataKind::national_id);
  CHECK(by_values.confidence == Confidence::likely);
  CHECK(by_values.evidence == "5 of 5 sampled values pass both control digits of a fødselsnummer; char(11)");
  const Proposal by_both = proposed("fnr", "char(11)", kIds);
  CHECK(by_both.confidence == Confidence::certain);
  CHECK(by_both.evidence.starts_with("name \"fnr\" (Norwegian); 5 of 5"));
  CHECK(proposed("fnr", "char(11)").confidence == Confidence::likely);
}

TEST_CASE("proposal: a national identity number is not taken for an account", "[seed]") {
  CHECK(proposed("kontonummer", "char(11)", kIds).kind == DataKind::national_id);
}

TEST_CASE("proposal: identity numbers of Sweden and Denmark are told by their date and control digit", "[seed]") {
  const std::vector<std::string> swedish(4, "811218-9876");
  const std::vector<std::string> danish(4, "070761-4285");
  const std::vector<std::string> new_danish(4, "070761-4286");
  CHECK(proposed("felt7", "varchar(13)", swedish).kind == DataKind::national_id);
  CHECK(proposed("felt7", "char(11)", danish).kind == DataKind::national_id);
  // A date and four digits are many things.
  CHECK(proposed("felt7", "char(11)", new_danish).kind == DataKind::unknown);
  CHECK(proposed("cpr_nr", "char(11)", new_danish).kind == DataKind::national_id);
  CHECK(proposed("cpr_nr", "char(11)", new_danish).confidence == Confidence::certain);
}

TEST_CASE("proposal: addresses are told as numbers and as bytes where the name says so", "[seed]") {
  const std::vector<std::string> numbers(4, "3232235777");
  CHECK(proposed("ip", "int unsigned", numbers).kind == DataKind::ip);
  CHECK(proposed("felt7", "int unsigned", numbers).kind == DataKind::unknown);
  CHECK(proposed("ip", "int unsigned", {"1", "2", "3", "4", "5", "6"}).kind == DataKind::unknown);
  CHECK(proposed("last_ip", "varbinary(16)", {"\x7f", "?", "\xc3"}).action.kind == ActionKind::ip);
  CHECK(proposed("ip", "binary(4)").kind == DataKind::ip);
  CHECK(proposed("ip", "binary(32)").kind == DataKind::unknown);
  CHECK(proposed("ip_hash", "binary(16)").action.kind == ActionKind::drop);
}

TEST_CASE("proposal: what is too short for a number of a person is something else", "[seed]") {
  CHECK(proposed("pnr", "char(4)", {"0150", "5003"}).kind == DataKind::postcode);
  CHECK(proposed("pnr", "char(11)", kIds).kind == DataKind::national_id);
  // Half of a national identity number, or one that has no control digits, is no postcode of which a part may leave.
  for (const char* type : {"char(5)", "int", "bigint", "varchar(11)", "varchar(20)"}) {
    INFO(type);
    CHECK(proposed("pnr", type, {"31129", "24047", "15059", "60123", "29028", "11111"}).action.kind ==
          ActionKind::drop);
    CHECK(proposed("pnr", type).action.kind == ActionKind::drop);
  }
  CHECK(proposed("card_no", "char(4)").kind == DataKind::unknown);
}

TEST_CASE("proposal: a name that the values speak against is not believed", "[seed]") {
  const Proposal proposal = proposed("phone_type", "varchar(20)", {"home", "work", "home", "cottage", "work"});
  CHECK(proposal.kind == DataKind::unknown);
  CHECK(proposal.action.kind == ActionKind::drop);
}

TEST_CASE("proposal: eight digits are no telephone number without a name or a way of writing", "[seed]") {
  CHECK(proposed("ordrenr", "varchar(10)", kOrders).kind == DataKind::unknown);
  CHECK(proposed("ordrenr", "int", kOrders).kind == DataKind::unknown);
  CHECK(proposed("tlf", "varchar(10)", kOrders).kind == DataKind::phone);
  CHECK(proposed("felt1", "varchar(20)", {"+47 98765432", "+47 98765433", "+47 98765434"}).kind == DataKind::phone);
}

TEST_CASE("proposal: version numbers are no addresses", "[seed]") {
  const std::vector<std::string> versions = {"1.2.3.4", "1.2.3.5", "2.0.0.1", "200.1.2.3"};
  CHECK(proposed("bygg", "varchar(20)", versions).kind == DataKind::unknown);
  CHECK(proposed("programversjon", "varchar(20)", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}).kind == DataKind::unknown);
  CHECK(proposed("kilde", "varchar(45)", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}).kind == DataKind::ip);
}

TEST_CASE("proposal: actions fit kind and type", "[seed]") {
  CHECK(action_text(proposed("epost", "varchar(60)").action) == "{ action = \"email\", key = \"person\" }");
  CHECK(action_text(proposed("tlf", "varchar(20)").action) == "{ action = \"digits\", key = \"person\" }");
  CHECK(action_text(proposed("født", "date").action) == "{ action = \"date\", to = \"year\" }");
  CHECK(action_text(proposed("fødselsår", "smallint").action) == "{ action = \"round\", to = 10 }");
  CHECK(action_text(proposed("postnr", "char(4)").action) == "{ action = \"truncate\", length = 2 }");
  CHECK(action_text(proposed("ip", "varchar(45)").action) == "\"ip\"");
  for (const char* name : {"fnr", "fornavn", "adresse", "notat", "diagnose", "religion", "passord", "lønn", "felt"}) {
    INFO(name);
    CHECK(action_text(proposed(name, "varchar(60)").action) == "\"drop\"");
  }
}

TEST_CASE("proposal: a number that rows are sought by becomes a pseudonym", "[seed]") {
  TableDraft draft = draft_of("t", {{"fnr", "char(11)"}, {"personnr", "bigint"}});
  testing::add_index(draft, sql::IndexKind::unique, {"fnr"});
  testing::add_index(draft, sql::IndexKind::plain, {"personnr"});
  const ValueTally none;
  CHECK(action_text(propose({draft.definition, 0, none, "k"}).action) ==
        "{ action = \"hash\", key = \"k\", encoding = \"digits\" }");
  CHECK(action_text(propose({draft.definition, 1, none, "k"}).action) == "{ action = \"hash\", key = \"k\" }");
}

TEST_CASE("proposal: keep is for what is plainly impersonal", "[seed]") {
  for (const auto& [name, type] : std::vector<std::pair<std::string, std::string>>{{"created_at", "datetime"},
                                                                                   {"sist_oppdatert", "timestamp"},
                                                                                   {"is_active", "tinyint(1)"},
                                                                                   {"status", "enum('new','sent')"},
                                                                                   {"belop", "decimal(10,2)"},
                                                                                   {"antall", "int"},
                                                                                   {"valuta", "char(3)"}}) {
    INFO(name);
    const Proposal proposal = proposed(name, type);
    CHECK(proposal.action.kind == ActionKind::keep);
    CHECK(proposal.kind == DataKind::impersonal);
  }
}

TEST_CASE("proposal: of persons, flags that are yes or no are kept", "[seed]") {
  CHECK(proposed("aktiv", "tinyint", {"0", "1", "1"}, "kunder").action.kind == ActionKind::keep);
  CHECK(proposed("aktiv", "tinyint(1)", {}, "kunder").action.kind == ActionKind::keep);
  CHECK(proposed("status", "tinyint", {"0", "1", "3"}, "ordre").action.kind == ActionKind::keep);
}

TEST_CASE("proposal: nothing personal is kept, however it is named or typed", "[seed]") {
  const std::vector<std::string> phones = {"98765432", "98765433", "98765434"};
  CHECK(proposed("status", "varchar(20)").action.kind == ActionKind::drop);
  CHECK(proposed("status", "enum('frisk','syk','gravid')").action.kind == ActionKind::drop);
  CHECK(proposed("status", "enum('new')", {}, "pasient").action.kind == ActionKind::drop);
  CHECK(proposed("amount", "bigint", kIds).action.kind == ActionKind::drop);
  CHECK(proposed("amount", "bigint", {"12", "13", "14", "15", "15108695088"}).action.kind == ActionKind::drop);
  CHECK(proposed("amount", "decimal(11,0)", phones).action.kind == ActionKind::drop);
  CHECK(proposed("status", "tinyint", {"0", "1", "3"}, "pasienter").action.kind == ActionKind::drop);
  CHECK(proposed("status", "tinyint(1)", {"0", "2"}, "kunder").action.kind == ActionKind::drop);
  CHECK(proposed("status", "tinyint", {}, "kunder").action.kind == ActionKind::drop);
  CHECK(proposed("created_by", "int").action.kind == ActionKind::drop);
  CHECK(proposed("created_at", "varchar(40)").action.kind == ActionKind::drop);
  CHECK(proposed("land", "varchar(60)").action.kind == ActionKind::drop);
  CHECK(proposed("total", "text").action.kind == ActionKind::drop);
  CHECK(proposed("active_diagnosis", "tinyint(1)").action.kind == ActionKind::drop);
  CHECK(proposed("id", "int").action.kind == ActionKind::drop);
  CHECK(proposed("saldo", "decimal(10,2)").action.kind == ActionKind::drop);
}

TEST_CASE("proposal: a counted key is kept unless it holds or is named as a number of a person", "[seed]") {
  TableDraft draft = draft_of("t", {{"pasient_id", "bigint not null"}, {"personnr", "bigint not null"}});
  draft.definition.columns[0].auto_increment = true;
  draft.definition.columns[1].auto_increment = true;
  testing::add_index(draft, sql::IndexKind::primary, {"personnr"});
  ValueTally tally;
  CHECK(propose({draft.definition, 0, tally, "k"}).action.kind == ActionKind::keep);
  CHECK(propose({draft.definition, 1, tally, "k"}).action.kind == ActionKind::hash);
  tally.add("15108695088", true);
  CHECK(propose({draft.definition, 0, tally, "k"}).action.kind != ActionKind::keep);
}

TEST_CASE("proposal: texts that hold something of a person are told by it", "[seed]") {
  const Proposal free = proposed("x1", "text", {"ring kari@firma.example", "ingenting"});
  CHECK(free.kind == DataKind::free_text);
  CHECK(free.evidence.find("1 of 2 sampled values have an address or number") != std::string::npos);
  CHECK(proposed("x1", "text", {"har diabetes", "har astma"}).kind == DataKind::health);
}

TEST_CASE("proposal: no evidence has a byte of a value", "[seed]") {
  const std::vector<std::string> values = {"Zanzibarovich Qwertysen", "Blåbærveien 99999", "15108695088"};
  for (const char* name : {"navn", "fnr", "notat", "x", "amount", "tlf", "epost"}) {
    const Proposal proposal = proposed(name, "varchar(100)", values);
    for (const char* token : {"Zanzibarovich", "Qwertysen", "99999", "15108695088"}) {
      CHECK(proposal.evidence.find(token) == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace relay::seed
