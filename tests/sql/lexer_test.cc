#include "relay/sql/lexer.h"

#include <catch2/catch.hpp>

#include "relay/sql/character_set.h"
#include "sql_tester.h"

namespace relay::sql::test {
namespace {

// Tokens as "kind:text", with ~ before one that is glued to the last.
std::string lexed(const std::string& text, const SqlContext& context = mysql()) {
  static const std::vector<std::string> names = {"w", "q", "s", "x", "b", "hx", "bn", "n", "", "end"};
  const auto tokens = lex(text, context);
  if (!tokens) return error_name(tokens.error());
  std::string out;
  for (const auto& token : *tokens) {
    if (token.kind == TokenKind::end) break;
    out += out.empty() ? "" : token.glued ? "~" : " ";
    out += names.at(static_cast<std::size_t>(token.kind)) + ":" + token.introducer +
           (token.introducer.empty() ? "" : "/") + token.text;
  }
  return out;
}

struct Case {
  std::string text;
  std::string tokens;
};

}  // namespace

TEST_CASE("lexer: splits words, names, strings and numbers as the server does", "[sql]") {
  const std::vector<Case> cases = {
      {"a b1 $c _d", "w:a w:b1 w:$c w:_d"},
      {"`a``b` 'c''d' \"e\"\"f\"", "q:a`b s:c'de\"f"},
      {"'a' 'b'  'c'", "s:abc"},
      {"'a',`b`", "s:a~:,~q:b"},
      {"'\\n\\t\\\\\\'\\%\\_\\x'", "s:\n\t\\'\\%\\_x"},
      {"X'4A' x'' b'01' 0x1F 0b10 0xg", "x:4A x: b:01 hx:1F bn:10 w:0xg"},
      {"1 1.5 .5 1e5 1.e-3 1e 2b", "n:1 n:1.5 n:.5 n:1e5 n:1.e-3 w:1e w:2b"},
      {"d.1t d.e5", "w:d~:.~w:1t w:d~:.~w:e5"},
      {"_utf8mb4'x' _latin1 x'41' _unknown'y' N'z' n 'w'", "s:utf8mb4/x x:latin1/41 w:_unknown~s:y s:n/z w:n s:w"},
      {"u1@localhost 'a'@'10.0.%' u@10.0.0.1", "w:u1~:@~w:localhost s:a~:@~s:10.0.% w:u~:@~w:10.0.0.1"},
      {"a->>'$.b'", "w:a~:-~:>~:>~s:$.b"},
      {"n\"x\" x\"y\"", "w:n~s:x w:x~s:y"},
  };
  for (const auto& each : cases) {
    INFO(each.text);
    CHECK(lexed(each.text) == each.tokens);
  }
}

TEST_CASE("lexer: leaves comments out", "[sql]") {
  const std::vector<Case> cases = {
      {"a /* b ' c */ d", "w:a w:d"},
      {"a # b\nc", "w:a w:c"},
      {"a -- b\nc", "w:a w:c"},
      {"1--1", "n:1~:-~:-~n:1"},
      {"a--", "w:a"},
      {"a-- \tb", "w:a"},
      {"/* a /* b */ c", "w:c"},
      {"'/* a */' `-- b`", "s:/* a */ q:-- b"},
      {"# only", ""},
      {"/* open", "error unsupported"},
  };
  for (const auto& each : cases) {
    INFO(each.text);
    CHECK(lexed(each.text) == each.tokens);
  }
}

TEST_CASE("lexer: reads versioned comments as the server of that version did", "[sql]") {
  CHECK(lexed("a /*!50100 b */ c", mysql(50624)) == "w:a w:b w:c");
  CHECK(lexed("a /*!80023 b */ c", mysql(50624)) == "w:a w:c");
  CHECK(lexed("a /*!80023 b */ c", mysql(90704)) == "w:a w:b w:c");
  CHECK(lexed("a /*! b */ c", mysql(50624)) == "w:a w:b w:c");
  CHECK(lexed("a /*!80023 b /* c */ d */ e", mysql(50624)) == "w:a w:e");
  CHECK(lexed("a /*!50100 b /* c */ d */ e", mysql(50624)) == "w:a w:b w:d w:e");
  CHECK(lexed("a /*!50100 '*/' */ e", mysql(50624)) == "w:a s:*/ w:e");
  CHECK(lexed("a /*!50700 b */ c", maria()) == "w:a w:c");
  CHECK(lexed("a /*M!50700 b */ c", maria()) == "w:a w:b w:c");
  CHECK(lexed("a /*M!100301 b */ c", maria()) == "w:a w:b w:c");
  CHECK(lexed("a /*!100301 b */ c", maria()) == "w:a w:b w:c");
  CHECK(lexed("a /*M!110800 b */ c", maria()) == "w:a w:c");
  CHECK(lexed("a /*M!100301 b */ c", mysql()) == "w:a w:c");
  CHECK(lexed("a /*!100301 b */ c", mysql()) == "error unsupported");
  CHECK(lexed("a /*!50100 b", mysql()) == "error unsupported");
  CHECK(lexed("a /*!50100 b", mysql(0)) == "error unsupported");
}

TEST_CASE("lexer: keeps what stands in quotes whole", "[sql]") {
  const std::vector<Case> cases = {
      {"'a;b' `c;d` \"e--f\"", "s:a;b q:c;d s:e--f"},
      {"'/*!50100 x */' '# y' '-- z'", "s:/*!50100 x */# y-- z"},
      {"`/* a */` `--` `#`", "q:/* a */ q:-- q:#"},
      {"'a''' 'b' \"c\"\"\"", "s:a'bc\""},
      {"'' ,\"\"", "s: :,~s:"},
      {"_latin1'a' 'b' ,n'c' 'd'", "s:latin1/ab :, s:n/cd"},
      {"_utf8mb4 0x41 _binary b'1' _BINARY x'4142'", "hx:utf8mb4/41 b:binary/1 x:binary/4142"},
      {std::string("'a\0b'", 5), std::string("s:a\0b", 5)},
      {"'a\\0b'", std::string("s:a\0b", 5)},
      {"a.`b`.c", "w:a~:.~q:b~:.~w:c"},
      {"$a a$b 1$", "w:$a w:a$b w:1$"},
      {"\xC3\xA6\xC3\xB8 `\xC3\xA5`", "w:\xC3\xA6\xC3\xB8 q:\xC3\xA5"},
      {"/*+ INDEX(t) */ a", "w:a"},
      {"a\v\f\r\n\tb", "w:a w:b"},
      {"1-- 2\n+3", "n:1 :+~n:3"},
      {"1#2\n3", "n:1 n:3"},
  };
  for (const auto& each : cases) {
    INFO(each.text);
    CHECK(lexed(each.text) == each.tokens);
  }
}

TEST_CASE("lexer: refuses comments in comments that servers read in different ways", "[sql]") {
  CHECK(lexed("/*!50100 a /*!50100 b */ c */", mysql()) == "error unsupported");
  CHECK(lexed("/*!50100 a /*M!100100 b */ c */", maria()) == "error unsupported");
  CHECK(lexed("/*!50100 a */ b */", mysql()) == "w:a w:b :*~:/");
  CHECK(lexed("/*!99999 a /* b */ c */ d", mysql()) == "w:d");
  CHECK(lexed("/*!99999 a '*/' */ d", mysql()) == "error unsupported");
}

TEST_CASE("character_set: a byte that is not ASCII is seen at every place", "[sql]") {
  for (std::size_t size = 0; size < 40; ++size) {
    CHECK(is_ascii(std::string(size, '\x7f')));
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\x80';
      INFO(size << " " << at);
      CHECK_FALSE(is_ascii(text));
    }
  }
}

TEST_CASE("character_set: names are folded as the servers fold them", "[sql]") {
  CHECK(equal_names("ID", "id"));
  CHECK(equal_names("\xC3\x98re", "\xC3\xB8RE"));
  CHECK(equal_names("\xD0\x96", "\xD0\xB6"));        // Cyrillic
  CHECK(equal_names("\xCE\xA9", "\xCF\x89"));        // Greek
  CHECK_FALSE(equal_names("\xC3\xA9", "e"));         // accents count
  CHECK_FALSE(equal_names("\xC3\x97", "\xC3\xB7"));  // times and divide are no letters
  CHECK_FALSE(equal_names("a", "ab"));
}

TEST_CASE("lexer: follows sql_mode", "[sql]") {
  CHECK(lexed("\"a\"\"b\" 'c'", mysql(90704, kAnsi)) == "q:a\"b s:c");
  CHECK(lexed("'a\\' b", mysql(90704, kNoEscapes)) == "s:a\\ w:b");
  CHECK(lexed("'a\\' b", mysql()) == "error unsupported");
}

TEST_CASE("lexer: knows the client's character set", "[sql]") {
  SqlContext context = mysql();
  context.client_collation = 8;  // latin1_swedish_ci
  CHECK(lexed("`\xF8` '\x80\xE5'", context) == "q:\xC3\xB8 s:\xE2\x82\xAC\xC3\xA5");
  context.client_collation = 51;  // cp1251_general_ci
  CHECK(lexed("'\xE0'", context) == "s:\xE0");
  CHECK(lexed("`\xE0`", context) == "error unsupported");
  for (const std::uint16_t ambiguous : std::vector<std::uint16_t>{1, 13, 28, 85, 95, 249, 1025, 1037}) {
    context.client_collation = ambiguous;
    INFO(ambiguous);
    CHECK(lexed("a 'b'", context) == "w:a s:b");
    CHECK(lexed("'\x83\x5C'", context) == "error unsupported");  // sjis: one character whose second byte is a backslash
  }
  for (const std::uint16_t unreadable : std::vector<std::uint16_t>{35, 54, 60, 10, 2570, 9999}) {
    context.client_collation = unreadable;
    INFO(unreadable);
    CHECK(lexed("a", context) == "error unsupported");
  }
  for (const std::uint16_t utf8 : std::vector<std::uint16_t>{33, 45, 46, 255, 2304, 2048, 1069, 192, 309}) {
    context.client_collation = utf8;
    INFO(utf8);
    CHECK(lexed("'\xC3\xB8'", context) == "s:\xC3\xB8");
  }
}

TEST_CASE("lexer: refuses what no server takes", "[sql]") {
  for (const std::string text : {"'a", "`a", "\"a", "x'4", "x'4G'", "x'414'", "b'2'", "a \x01 b", "`a\x01", "'a\\"}) {
    INFO(text);
    CHECK(lexed(text) == "error unsupported");
  }
  CHECK(lexed(std::string("a\0b", 3)) == "error unsupported");
}

}  // namespace relay::sql::test
