#include "relay/app/rules_in_force.h"

#include <nlohmann/json.hpp>

#include "relay/base/sha256.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using Json = nlohmann::json;

constexpr std::size_t kMaximumRules = std::size_t{256} << 20;

std::shared_ptr<const Rules> make_rules(std::vector<scrub_rules::RuleText> texts, base::Problems& problems,
                                        scrub_rules::KeyReader* keys,
                                        const std::map<std::string, std::string>& fingerprints) {
  auto rules = std::make_shared<Rules>();
  rules->set = scrub_rules::RuleSet::parse(texts, problems, keys, fingerprints);
  rules->texts = std::move(texts);
  rules->digest = rules->set.digest();
  return rules;
}

std::string digest_of(const std::vector<scrub_rules::RuleText>& texts) {
  std::string all;
  for (const auto& text : texts) all += text.file + '\0' + text.text + '\0';
  return base::sha256_hex({base::ByteView::of(all)});
}

tl::unexpected<Error> damaged(const std::string& path) {
  return base::fail(Error(ErrorKind::malformed, "the rules that the spool was written under cannot be read")
                        .about(path)
                        .remedy("restore the file from a backup"));
}

}  // namespace

std::string kept_rules_path(const std::string& directory, const std::string& digest) {
  return directory + "/rules." + digest;
}

std::shared_ptr<const Rules> read_rules(const std::vector<std::string>& files, base::Problems& problems) {
  scrub_rules::SystemKeys keys;
  return make_rules(scrub_rules::RuleSet::read_texts(files, ".", problems), problems, &keys, {});
}

Result<void> keep_rules(base::FileSystem& files, const std::string& directory, const Rules& rules) {
  const std::string path = kept_rules_path(directory, rules.digest);
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (there) return {};
  std::vector<scrub_rules::RuleText> kept;
  for (const auto& text : rules.texts) {
    std::optional<std::string> without = scrub_rules::RuleSet::without_commands(text.text);
    if (!without) return base::fail(Error(ErrorKind::unsupported, "a rule file is not valid TOML"));
    kept.push_back({text.file, std::move(*without)});
  }
  Json list = Json::array();
  for (const auto& text : kept) list.push_back({{"file", text.file}, {"text", text.text}});
  try {
    const std::string digest = digest_of(kept);
    const Json document{{"binlog_relay_rules", 1},
                        {"digest", rules.digest},
                        {"files", std::move(list)},
                        {"sha256", digest},
                        {"key_fingerprints", rules.set.keys().fingerprints()}};
    const std::string content = document.dump(1) + "\n";
    return base::replace_file(files, path, base::ByteView::of(content));
  } catch (const Json::exception&) {
    return base::fail(Error(ErrorKind::unsupported, "a rule file is not UTF-8"));
  }
}

Result<std::shared_ptr<const Rules>> kept_rules(base::FileSystem& files, const std::string& directory,
                                                const std::string& digest) {
  const std::string path = kept_rules_path(directory, digest);
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (!there) return std::shared_ptr<const Rules>();
  RELAY_ASSIGN(const std::string content, base::read_file(files, path, kMaximumRules));
  try {
    std::vector<scrub_rules::RuleText> texts;
    const Json document = Json::parse(content);
    for (const Json& file : document.at("files")) {
      texts.push_back({file.at("file").get<std::string>(), file.at("text").get<std::string>()});
    }
    if (document.at("sha256").get<std::string>() != digest_of(texts)) return damaged(path);
    if (document.at("digest").get<std::string>() != digest) return damaged(path);  // another one's copy
    base::Problems problems;
    const auto fingerprints = document.value("key_fingerprints", std::map<std::string, std::string>());
    auto rules = make_rules(std::move(texts), problems, nullptr, fingerprints);
    if (base::has_errors(problems)) return damaged(path);
    return rules;
  } catch (const Json::exception&) {
    return damaged(path);
  }
}

}  // namespace relay::app
