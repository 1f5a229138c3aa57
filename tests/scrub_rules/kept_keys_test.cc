#include <catch2/catch.hpp>

#include "scrub_rules/rule_set.h"

namespace relay::scrub_rules {
namespace {

class OneKey final : public KeyReader {
 public:
  explicit OneKey(char byte) : byte_(byte) {}
  base::Result<base::Secret> read(const KeySource&, const std::string&) override {
    return base::Secret(std::string(32, byte_));
  }

 private:
  char byte_;
};

RuleSet rules_with(KeyReader* keys, const std::map<std::string, std::string>& fingerprints = {}) {
  base::Problems problems;
  const std::string text =
      "[keys]\na = { command = \"touch /nowhere\" }\n[[table]]\nname = \"d.t\"\n[table.columns]\nc = { action = "
      "\"hash\", key = \"a\" }\n";
  RuleSet rules = RuleSet::parse(std::vector<RuleText>{{"rules.toml", text}}, problems, keys, fingerprints);
  CHECK(problems.empty());
  return rules;
}

TEST_CASE("kept_keys: rules of other key bytes have another digest", "[scrub_rules]") {
  OneKey first('k');
  OneKey second('j');
  CHECK(rules_with(&first).digest() == rules_with(&first).digest());
  CHECK(rules_with(&first).digest() != rules_with(&second).digest());
  CHECK(rules_with(&first).digest() != rules_with(nullptr).digest());
}

TEST_CASE("kept_keys: a fingerprint stands for a key whose bytes are not there", "[scrub_rules]") {
  OneKey key('k');
  const RuleSet rules = rules_with(&key);
  const RuleSet kept = rules_with(nullptr, rules.keys().fingerprints());
  CHECK(kept.digest() == rules.digest());
  CHECK(kept.keys().find("a") == nullptr);
  CHECK(kept.keys().fingerprint("a") == rules.keys().fingerprint("a"));
}

}  // namespace
}  // namespace relay::scrub_rules
