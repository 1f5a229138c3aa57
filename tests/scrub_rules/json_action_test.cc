#include <array>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "json_tester.h"
#include "relay/proof/written_json.h"

namespace relay::scrub_rules {
namespace {

using base::ByteView;
using testing::applied;
using testing::cell_of;
using testing::Column;
using testing::column_of;
using testing::document_cell;
using testing::json_action;
using testing::text_after;

TEST_CASE("json: a text that is not JSON to the last byte leaves nothing of itself", "[scrub_rules]") {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  CHECK(text_after("remove", {"$.b"}, deep) == deep);
  const std::vector<std::string> wrong = {"",
                                          " ",
                                          "{",
                                          "{\"a\"}",
                                          "{\"a\":}",
                                          "{\"a\":1,}",
                                          "{,\"a\":1}",
                                          "[1,]",
                                          "[,1]",
                                          "[1 2]",
                                          "{\"a\":1}x",
                                          "{\"a\":1}{}",
                                          "{'a':1}",
                                          "{a:1}",
                                          "nul",
                                          "truex",
                                          "+1",
                                          "-",
                                          "1.",
                                          ".5",
                                          "1e",
                                          "00",
                                          "NaN",
                                          "1e999",
                                          "[-1e999]",
                                          "\"\t\"",
                                          "\"\\x\"",
                                          "\"\\u12\"",
                                          "\"\\udc00\"",
                                          "\"\\ud800\\ud800\"",
                                          "\"a",
                                          "\"\\",
                                          "\xef\xbb\xbf{}",
                                          "[\"\xff\"]",
                                          "{\"a\xc3\":1}",
                                          "/**/{}",
                                          "[" + deep + "]"};
  for (const std::string& text : wrong) {
    INFO(text);
    CHECK(text_after("remove", {"$.b"}, text) == "null");
    CHECK(text_after("keep", {"$.a"}, text) == "null");
  }
  CHECK(text_after("remove", {"$.b"}, std::string("{\"a\":\"x\0y\"}", 11)) == "null");
}

TEST_CASE("json: members of one name are judged one by one, however the name is written", "[scrub_rules]") {
  CHECK(text_after("remove", {"$.fnr"}, R"({"fnr":1,"x":2,"\u0066nr":3,"f\u006er":4,"fnr":{"fnr":5},"Fnr":6})") ==
        R"({"x":2,"Fnr":6})");
  CHECK(text_after("keep", {"$.a"}, R"({"b":1,"\u0061":2,"a":3,"\u0062":4})") == R"({"\u0061":2,"a":3})");
  CHECK(text_after("remove", {R"($."\/\u00e5")"}, R"({"\/å":1,"/\u00E5":2,"\/a":3})") == R"({"\/a":3})");
  CHECK(text_after("remove", {"$.\U0001f600"}, "{\"\\ud83d\\ude00\":1,\"\U0001f600\":2}") == "{}");
}

// Documents of the servers' layout, changed by hand. Each begins with the type.
TEST_CASE("json: bytes between the values of a binary document do not leave", "[scrub_rules]") {
  // {"a": "x", "b": 1}, with SECRET behind the last value, between keys and values, and in no value.
  std::string document{'\0'};
  const auto u16 = [](std::size_t value) {
    return std::string{static_cast<char>(value), static_cast<char>(value >> 8)};
  };
  const std::string keys = "aSECRETb";
  const std::size_t entries_end = 4 + 2 * 4 + 2 * 3;
  const std::string values = "SECRET\x01xSECRET";
  const std::size_t size = entries_end + keys.size() + values.size();
  document += u16(2) + u16(size) + u16(entries_end) + u16(1) + u16(entries_end + 7) + u16(1);
  document += '\x0c' + u16(entries_end + keys.size() + 6) + '\x05' + u16(1) + keys + values + "SECRET";
  const Column column = column_of("json");
  const std::vector<std::array<std::string, 3>> cases = {{"keep", "$.*", R"({"a":"x","b":1})"},
                                                         {"remove", "$.b", R"({"a":"x"})"}};
  for (const auto& [which, path, left] : cases) {
    CHECK(applied(*json_action(which, {path}, column), document_cell(document)) == cell_of(column.traits, left));
  }
  // The upper half of a small number in a large container is nobody's.
  std::string large{'\x03'};
  large += std::string("\1\0\0\0\x0d\0\0\0\x05\x07\0SE", 13);
  CHECK(applied(*json_action("remove", {"$.a"}, column), document_cell(large)) == cell_of(column.traits, "[7]"));
  proof::JsonForm any;
  any.keeps = false;
  CHECK_FALSE(proof::is_json_document(ByteView::of(document), any));
  CHECK_FALSE(proof::is_json_document(ByteView::of(large), any));
  CHECK(proof::is_json_document(ByteView::of(cell_of(column.traits, "[7]")).sub(4), any));
}

TEST_CASE("json: a malformed binary document stops the stream", "[scrub_rules]") {
  const Column column = column_of("json");
  const auto action = json_action("remove", {"$.b"}, column);
  const auto after = [&](const std::string& document) { return applied(*action, document_cell(document)); };
  // No bytes are what servers read as null.
  CHECK(after("") == cell_of(column.traits, "null"));
  const std::string good = cell_of(column.traits, R"({"a":["x",{"c":70000}],"d":1.5})").substr(4);
  for (std::size_t size = 1; size < good.size(); ++size) {
    CHECK(after(good.substr(0, size)).starts_with("error: a binary JSON document is malformed"));
  }
  for (const std::string& document :
       {std::string("\x02\x01\0\x0a\0\x02\0\0\0\0\0", 11),                 // an array that is its own element
        std::string("\x02\x01\0\x0c\0\x02\x08\0\0\0\0\0\0", 13),           // one that begins in a value's entry
        std::string("\x02\x02\0\x0c\0\x0c\x0a\0\x0c\x0a\0\x01x", 13),      // two values of the same bytes
        std::string("\x02\xff\xff\x0a\0", 5), std::string("\x04\x03", 2),  // too many elements, no literal
        std::string("\x0c\x80\x80\x80\x80\x80\x01", 7), std::string("\x0c\x05xx", 4), std::string("\x0d\0\0\0", 4),
        std::string("\x0f\xf6\x09xx", 5)}) {
    CHECK(after(document).starts_with("error: a binary JSON document is malformed"));
  }
}

TEST_CASE("json: containers a hundred deep pass, and one more stops the stream", "[scrub_rules]") {
  const Column column = column_of("json");
  const auto nested = [](std::size_t depth) {
    std::string data = std::string("\0\0\4\0", 4);
    for (std::size_t i = 1; i < depth; ++i) {
      const std::size_t size = data.size() + 7;
      std::string outer = std::string("\1\0", 2);
      outer += {static_cast<char>(size), static_cast<char>(size >> 8), '\2', '\7', '\0'};
      data = outer + data;
    }
    return document_cell('\2' + data);
  };
  const auto action = json_action("remove", {"$**.b"}, column);
  CHECK(applied(*action, nested(100)) == nested(100));
  CHECK(applied(*action, nested(101)).starts_with("error: "));
}

// DECIMAL, dates, BIT and bytes: a type byte, a length, and what it counts.
TEST_CASE("json: opaque values stay byte for byte", "[scrub_rules]") {
  const Column column = column_of("json");
  const std::string value = std::string("\xf6\x84\x01", 3) + std::string(132, '\x9c');
  const std::size_t size = 4 + 3 * 3 + value.size() + 2;
  std::string document{'\2', '\3', '\0', static_cast<char>(size), static_cast<char>(size >> 8)};
  document += std::string("\x0c\x0d\0\x0f\x0f\0\4\2\0\1x", 11) + value;
  CHECK(applied(*json_action("remove", {"$[7]"}, column), document_cell(document)) == document_cell(document));
  const std::string alone = applied(*json_action("keep", {"$[1]"}, column), document_cell(document));
  CHECK(alone.substr(5) == std::string("\1\0\x8e\0\x0f\7\0", 7) + value);
}

TEST_CASE("json: time is in proportion to the document, and to neither times the paths", "[scrub_rules]") {
  std::vector<std::string> many;
  for (int i = 0; i < 1000; ++i) many.push_back("$.p" + std::to_string(i) + ".q");
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += (i > 0 ? ",\"p" : "\"p") + std::to_string(i) + "\":{\"q\":1,\"r\":2}";
  text += "}";
  const auto action = json_action("keep", many, column_of("longtext"));
  const std::string after = applied(*action, document_cell(text)).substr(4);
  CHECK(nlohmann::json::parse(after).size() == 1000);
}

TEST_CASE("json: fits JSON and text columns alone", "[scrub_rules]") {
  for (const char* declared :
       {"int", "blob", "varbinary(20)", "date", "varchar(3)", "text swe7", "text sjis", "text ujis", "enum('a','b')"}) {
    INFO(declared);
    CHECK_THROWS(json_action("keep", {"$.a"}, column_of(declared)));
  }
}

}  // namespace
}  // namespace relay::scrub_rules
