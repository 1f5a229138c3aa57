#include "relay/source/start_spec.h"

#include <charconv>

namespace relay::source {

namespace {

constexpr std::string_view kGtidPrefix = "gtid:";
constexpr std::uint64_t kFirstOffset = 4;  // behind a binary log file's magic bytes

base::Error wrong(base::FixedText what) {
  return base::Error(base::ErrorKind::configuration, what)
      .remedy("write \"earliest\", \"latest\", \"FILE:POSITION\" such as \"binlog.000007:4\", or \"gtid:SET\"");
}

// Both flavours read it after connecting; here only what neither could.
base::Result<StartSpec> parse_gtid_start(std::string_view set) {
  if (set.find_first_not_of("0123456789abcdefABCDEFghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ_-:, \t\n") !=
      std::string_view::npos) {
    return base::fail(wrong("the GTID set has a character that no GTID has"));
  }
  return StartSpec{StartSpec::Kind::gtid, {}, 0, std::string(set)};
}

}  // namespace

base::Result<StartSpec> parse_start(std::string_view text) {
  if (text == "earliest") return StartSpec{StartSpec::Kind::earliest, {}, 0, {}};
  if (text == "latest") return StartSpec{StartSpec::Kind::latest, {}, 0, {}};
  if (text.substr(0, kGtidPrefix.size()) == kGtidPrefix) return parse_gtid_start(text.substr(kGtidPrefix.size()));
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return base::fail(wrong("not a place to start from"));
  StartSpec spec{StartSpec::Kind::position, std::string(text.substr(0, colon)), 0, {}};
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), spec.offset);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return base::fail(wrong("the position is not a number"));
  if (spec.offset < kFirstOffset) return base::fail(wrong("the first event of a binary log stands at position 4"));
  if (spec.file.find_first_of("/ '\"\\`") != std::string::npos) {
    return base::fail(wrong("the file is a name as SHOW BINARY LOGS gives it, without its folder"));
  }
  return spec;
}

}  // namespace relay::source
