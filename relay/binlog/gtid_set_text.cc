#include <charconv>
#include <optional>

#include "relay/base/ascii.h"
#include "relay/binlog/gtid_set_reader.h"
#include "relay/binlog/tagged_gtid.h"

namespace relay::binlog {

namespace {

using base::ErrorKind;

using base::is_space;

// Takes what lies before the next `separator`, without the space around it, off the front of `text`.
std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  while (!part.empty() && is_space(part.front())) part.remove_prefix(1);
  while (!part.empty() && is_space(part.back())) part.remove_suffix(1);
  return part;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

tl::unexpected<base::Error> not_a_set() {
  return base::fail(base::Error(ErrorKind::malformed, "the text is no MySQL GTID set")
                        .remedy("write it as uuid:1-5:8, with commas between uuids"));
}

tl::unexpected<base::Error> not_a_position() {
  return base::fail(base::Error(ErrorKind::malformed, "the text is no MariaDB GTID position")
                        .remedy("write it as domain-server-sequence, with commas between domains"));
}

// "n" or "n-m"; false when it is neither, or out of range.
bool add_interval(std::string_view text, const Uuid& uuid, const std::string& tag, MysqlGtidSetReader& set) {
  const bool is_range = text.find('-') != std::string_view::npos;
  const auto first = parse_number<std::int64_t>(take_part(text, '-'));
  const auto last = is_range ? parse_number<std::int64_t>(take_part(text, '-')) : first;
  if (!first || !last || !text.empty()) return false;
  if (*first < 1 || *last < *first || *last >= MysqlGtidSetReader::kNumberEnd) return false;
  set.add(uuid, tag, *first, *last + 1);
  return true;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// "uuid:1-5:8:tag:3": intervals belong to the tag before them.
bool add_source(std::string_view text, MysqlGtidSetReader& set) {
  const auto uuid = parse_uuid(take_part(text, ':'));
  if (!uuid || text.empty()) return false;
  std::string tag;
  bool tag_is_used = true;
  while (!text.empty()) {
    const std::string_view part = take_part(text, ':');
    if (std::string word = lower_case(part); is_gtid_tag(word)) {
      if (!tag_is_used) return false;
      tag = std::move(word);
      tag_is_used = false;
    } else {
      if (!add_interval(part, *uuid, tag, set)) return false;
      tag_is_used = true;
    }
  }
  return tag_is_used;
}

std::optional<MariadbGtid> parse_mariadb_gtid(std::string_view text) {
  const auto domain = parse_number<std::uint32_t>(take_part(text, '-'));
  const auto server = parse_number<std::uint32_t>(take_part(text, '-'));
  const auto sequence = parse_number<std::uint64_t>(take_part(text, '-'));
  if (!domain || !server || !sequence || !text.empty()) return std::nullopt;
  return MariadbGtid{*domain, *server, *sequence};
}

}  // namespace

base::Result<MysqlGtidSet> MysqlGtidSet::parse_text(std::string_view text) {
  MysqlGtidSetReader set;
  while (!text.empty()) {
    const std::string_view part = take_part(text, ',');
    if (!part.empty() && !add_source(part, set)) return not_a_set();
  }
  return set.finish();
}

base::Result<MariadbGtidList> MariadbGtidList::parse_text(std::string_view text) {
  MariadbGtidList list;
  std::string_view blank = text;
  if (take_part(blank, '\0').empty()) return list;
  while (!text.empty()) {
    const auto gtid = parse_mariadb_gtid(take_part(text, ','));
    if (!gtid) return not_a_position();
    list.domains_[gtid->domain].push_back(*gtid);
  }
  if (!list.servers_are_unique()) return not_a_position();
  return list;
}

}  // namespace relay::binlog
