#include "relay/spool/spool_types.h"

#include <fmt/format.h>

#include <charconv>

namespace relay::spool {

namespace {
constexpr std::string_view kPrefix = "spool.";
constexpr std::size_t kDigits = 6;  // at least; more from file 1,000,000 on
}  // namespace

std::string mariadb_source_id(std::uint32_t server_id) { return "mariadb-" + std::to_string(server_id); }

std::string spool_file_name(std::uint32_t number) { return fmt::format("{}{:06}", kPrefix, number); }

std::uint32_t spool_file_number(std::string_view name) {
  if (name.substr(0, kPrefix.size()) != kPrefix) return 0;
  const std::string_view digits = name.substr(kPrefix.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return 0;
  // Only the one spelling that spool_file_name() gives, so that a number never has two files.
  if (digits.size() < kDigits || (digits.size() > kDigits && digits.front() == '0')) return 0;
  return number;
}

std::string journal_file_name(std::uint32_t number) { return spool_file_name(number) + ".journal"; }

}  // namespace relay::spool
