#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <span>

#include "json_tester.h"
#include "relay/proof/written_json.h"
#include "scrub_rules/json_path.h"

namespace relay::scrub_rules {
namespace {

using Json = nlohmann::ordered_json;
using base::ByteView;
using testing::applied;
using testing::cell_of;
using testing::Column;
using testing::column_of;
using testing::document_cell;
using testing::json_action;
using testing::text_cell;

// What the paths mean, said once more and plainly: `keep` strictly, by the rests of the paths that lead on.
using Rest = std::span<const JsonLeg>;

bool leads(const JsonLeg& leg, const std::string& name) {
  return leg.kind == JsonLeg::Kind::any_member || (leg.kind == JsonLeg::Kind::member && leg.name == name);
}
bool leads(const JsonLeg& leg, std::size_t index) {
  return leg.kind == JsonLeg::Kind::any_element || (leg.kind == JsonLeg::Kind::element && leg.index == index);
}

std::optional<Json> kept(const Json& value, const std::vector<Rest>& rests) {
  for (const Rest& rest : rests) {
    if (rest.empty()) return value;
  }
  if (rests.empty() || !value.is_structured()) return std::nullopt;
  Json result = value.is_object() ? Json::object() : Json::array();
  std::size_t index = 0;
  for (const auto& entry : value.items()) {
    std::vector<Rest> on;
    for (const Rest& rest : rests) {
      if (value.is_object() ? leads(rest[0], entry.key()) : leads(rest[0], index)) on.push_back(rest.subspan(1));
    }
    ++index;
    const auto child = kept(entry.value(), on);
    if (!child) continue;
    if (value.is_object()) {
      result[entry.key()] = *child;
    } else {
      result.push_back(*child);
    }
  }
  return result;
}

// `remove` widely: the values that a path leads to.
void mark(const Json& value, Rest legs, std::set<const Json*>& into) {
  if (legs.empty()) {
    into.insert(&value);
    return;
  }
  const JsonLeg& leg = legs[0];
  const Rest next = legs.subspan(1);
  switch (leg.kind) {
    case JsonLeg::Kind::any_depth:
      mark(value, next, into);
      for (const auto& entry : value.items()) {
        if (value.is_structured()) mark(entry.value(), legs, into);
      }
      return;
    case JsonLeg::Kind::member:
    case JsonLeg::Kind::any_member:
      for (const auto& entry : value.items()) {
        if (value.is_array()) mark(entry.value(), legs, into);
        if (value.is_object() && leads(leg, entry.key())) mark(entry.value(), next, into);
      }
      return;
    default:
      if (!value.is_array() && leads(leg, std::size_t{0})) mark(value, next, into);
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
        if (leads(leg, i)) mark(value[i], next, into);
      }
  }
}

std::optional<Json> without(const Json& value, const std::set<const Json*>& marked) {
  if (marked.contains(&value)) return std::nullopt;
  if (!value.is_structured()) return value;
  Json result = value.is_object() ? Json::object() : Json::array();
  for (const auto& entry : value.items()) {
    const auto child = without(entry.value(), marked);
    if (!child) continue;
    if (value.is_object()) {
      result[entry.key()] = *child;
    } else {
      result.push_back(*child);
    }
  }
  return result;
}

Json expected(const std::string& which, const std::vector<JsonPath>& paths, const Json& document) {
  std::optional<Json> result;
  if (which == "keep") {
    result = kept(document, std::vector<Rest>(paths.begin(), paths.end()));
  } else {
    std::set<const Json*> marked;
    for (const JsonPath& path : paths) mark(document, path, marked);
    result = without(document, marked);
  }
  return result.value_or(Json());
}

using Random = std::mt19937_64;

// Few names, so that paths meet them.
std::string random_name(Random& random) {
  static const std::vector<std::string> kNames = {"a", "b", "c", "aa", "", "x y", "å", "\"", "\\", "\U0001f600"};
  return kNames[random() % kNames.size()];
}

Json random_document(Random& random, int depth) {
  switch (random() % (depth > 0 ? 12 : 8)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random()) >> random() % 64;
    case 3:
      return random();
    case 4:
      return static_cast<double>(random()) / 3;
    case 5:
      return std::string(random() % 300, 's');
    case 6:
      return "å\n\"\\\U0001f600";
    case 7:
      return std::string(random() % 40 == 0 ? 70'000 : 3, 'l');
    case 8:
    case 9: {
      Json array = Json::array();
      const std::size_t count = random() % 50 == 0 ? 300 : random() % 5;
      for (std::size_t i = 0; i < count; ++i) array.push_back(random_document(random, depth - 1));
      return array;
    }
    default: {
      Json object = Json::object();
      const std::size_t count = random() % 6;
      for (std::size_t i = 0; i < count; ++i) object[random_name(random)] = random_document(random, depth - 1);
      return object;
    }
  }
}

std::string random_path(Random& random, bool any_depth) {
  std::string path = "$";
  do {
    const std::size_t kind = random() % (any_depth ? 10 : 8);
    if (kind < 4) path += "." + Json(random_name(random)).dump();
    if (kind == 4) path += ".*";
    if (kind == 5) path += "[" + std::to_string(random() % 3) + "]";
    if (kind == 6 || kind == 7) path += "[*]";
    if (kind > 7) path += "**." + Json(random_name(random)).dump();
  } while (random() % 2 == 0);
  return path;
}

// Documents as the proof's own decoder reads them.
proof::JsonForm form_of(const std::string& which, const std::vector<JsonPath>& paths) {
  proof::JsonForm form;
  form.keeps = which == "keep";
  for (const JsonPath& path : paths) {
    auto& steps = form.paths.emplace_back();
    for (const JsonLeg& leg : path) {
      steps.push_back({static_cast<proof::JsonForm::Step::Kind>(leg.kind), leg.name});
    }
  }
  return form;
}

TEST_CASE("property: json makes of a document what its paths say, as text and in MySQL's own layout", "[scrub_rules]") {
  Random random(20261129);
  const Column binary = column_of("json"), text = column_of("longtext");
  std::size_t changed = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string which = random() % 2 == 0 ? "keep" : "remove";
    std::vector<std::string> texts;
    for (std::size_t i = 0; i <= random() % 4; ++i) texts.push_back(random_path(random, which == "remove"));
    std::size_t at = 0;
    const auto paths = parse_json_paths(texts, at);
    if (!paths) continue;
    const auto of_binary = json_action(which, texts, binary), of_text = json_action(which, texts, text);
    for (int i = 0; i < 4; ++i) {
      const Json document = random_document(random, 4);
      const Json wanted = expected(which, *paths, document);
      const std::string dumped = document.dump();
      INFO(which << " " << Json(texts).dump() << " of " << dumped.substr(0, 500));
      const std::string cell = applied(*of_binary, cell_of(binary.traits, dumped));
      REQUIRE((cell == cell_of(binary.traits, wanted.dump())));
      CHECK(proof::is_json_document(ByteView::of(cell).sub(4), form_of(which, *paths)));
      for (const int indent : {-1, 2}) {
        const std::string before = document.dump(indent, ' ', random() % 2 == 0);
        const std::string after = applied(*of_text, document_cell(before)).substr(4);
        REQUIRE(Json::parse(after) == wanted);
        REQUIRE(after.size() <= std::max<std::size_t>(before.size(), 4));
        CHECK(proof::is_json_text(ByteView::of(after), form_of(which, *paths)));
      }
      if (wanted != document) ++changed;
    }
  }
  CHECK(changed > 3000);
}

TEST_CASE("json: the proof refuses what the rule takes out", "[scrub_rules]") {
  Random random(7);
  std::size_t refused = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::string which = random() % 2 == 0 ? "keep" : "remove";
    const std::vector<std::string> texts = {random_path(random, which == "remove")};
    std::size_t at = 0;
    const auto paths = parse_json_paths(texts, at);
    if (!paths || texts[0].find_first_of("012") != std::string::npos) continue;  // a place that others move to
    const Json document = random_document(random, 4);
    const bool same = expected(which, *paths, document) == document;
    INFO(which << " " << texts[0] << " of " << document.dump().substr(0, 500));
    CHECK(proof::is_json_text(ByteView::of(document.dump()), form_of(which, *paths)) == same);
    const std::string cell = cell_of(column_of("json").traits, document.dump());
    CHECK(proof::is_json_document(ByteView::of(cell).sub(4), form_of(which, *paths)) == same);
    if (!same) ++refused;
  }
  CHECK(refused > 500);
}

// nlohmann-json's parser for a judge.
TEST_CASE("property: what is taken for JSON is what another parser takes for it", "[scrub_rules]") {
  Random random(3);
  const auto action = json_action("remove", {"$.nowhere"}, column_of("text"));
  constexpr std::string_view kSigns = "{}[]:,\"\\ \n0123.eE+-truefalsnu\xc3\xa5";
  std::size_t taken = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = random_document(random, 2).dump().substr(0, 60);
    for (std::size_t i = random() % 3; i-- > 0 && !text.empty();) {
      text[random() % text.size()] = kSigns[random() % kSigns.size()];
    }
    const Json parsed = Json::parse(text, nullptr, false);
    const std::string after = applied(*action, text_cell(text)).substr(2);
    INFO(text);
    if (parsed.is_discarded()) {
      // A number that no double holds is JSON nevertheless.
      if (after != "null") CHECK(text.find_first_of("eE") != std::string::npos);
    } else {
      ++taken;
      REQUIRE(after != (parsed.is_null() ? "" : "null"));
      CHECK(Json::parse(after) == parsed);
    }
  }
  CHECK(taken > 10'000);
}

}  // namespace
}  // namespace relay::scrub_rules
