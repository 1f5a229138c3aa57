#include "relay/spool/audit_lines.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "relay/base/sha256.h"

namespace relay::spool {

namespace {

using base::ByteView;
using base::Result;
using Json = nlohmann::json;

constexpr std::size_t kHashSize = 64;  // hexadecimal digits
constexpr std::size_t kMaximumHead = std::size_t{1} << 20;
constexpr std::size_t kBlock = std::size_t{1} << 20;

void get(const Json& from, const char* key, std::string& into) {
  if (const auto found = from.find(key); found != from.end() && found->is_string()) into = found->get<std::string>();
}

std::uint64_t number(const Json& from, const char* key) {
  const auto found = from.find(key);
  return found != from.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

void get(const Json& from, const char* key, SpoolPosition& into) {
  const auto found = from.find(key);
  if (found == from.end() || !found->is_array() || found->size() != 2) return;
  if (!found->at(0).is_number_unsigned() || !found->at(1).is_number_unsigned()) return;
  into = {found->at(0).get<std::uint32_t>(), found->at(1).get<std::uint64_t>()};
}

void get_known(const Json& from, AuditHead& head) {
  get(from, "rules", head.rules);
  get(from, "source", head.source);
  get(from, "resolution", head.resolution);
  get(from, "counted_to", head.counted_to);
}

}  // namespace

std::string first_audit_hash() { return std::string(kHashSize, '0'); }

std::string audit_hash(std::string_view before, std::string_view entry) {
  return base::sha256_hex({ByteView::of(before), ByteView::of(" "), ByteView::of(entry)});
}

std::optional<AuditLine> split_audit_line(std::string_view line) {
  if (line.size() < kHashSize + 3 || line[kHashSize] != ' ') return std::nullopt;
  return AuditLine{line.substr(0, kHashSize), line.substr(kHashSize + 1)};
}

Result<std::uint64_t> for_each_audit_line(base::File& file, std::uint64_t offset,
                                          const std::function<Result<void>(std::string_view, std::uint64_t)>& each) {
  std::string pending;
  std::vector<std::uint8_t> block(kBlock);
  std::uint64_t at = offset;  // of the first byte of `pending`
  for (std::uint64_t read = offset;;) {
    RELAY_ASSIGN(const std::size_t got, file.read_at(read, block.data(), block.size()));
    if (got == 0) return at;
    read += got;
    pending.append(reinterpret_cast<const char*>(block.data()), got);
    std::size_t start = 0;
    for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', start)) {
      const std::uint64_t behind = at + (end - start) + 1;
      RELAY_TRY(each(std::string_view(pending).substr(start, end - start), behind));
      at = behind;
      start = end + 1;
    }
    pending.erase(0, start);
    if (pending.size() > kMaximumAuditLine)
      return base::fail(base::ErrorKind::malformed, "a line of the audit record is too long");
  }
}

std::string encode_audit_head(const AuditHead& head) {
  const Json value{{"binlog_relay_audit_head", 1},
                   {"entries", head.entries},
                   {"hash", head.hash},
                   {"bytes", head.bytes},
                   {"rules", head.rules},
                   {"source", head.source},
                   {"resolution", head.resolution},
                   {"counted_to", {head.counted_to.file, head.counted_to.offset}}};
  return value.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<AuditHead> decode_audit_head(std::string_view text) {
  const Json value = Json::parse(text, nullptr, false);
  if (!value.is_object() || number(value, "binlog_relay_audit_head") != 1) return std::nullopt;
  AuditHead head;
  head.entries = number(value, "entries");
  head.bytes = number(value, "bytes");
  get(value, "hash", head.hash);
  get_known(value, head);
  if (head.hash.size() != kHashSize) return std::nullopt;
  return head;
}

Result<std::optional<AuditHead>> read_audit_head(base::FileSystem& files, const std::string& directory) {
  const std::string path = directory + kAuditHeadName;
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (!there) return std::optional<AuditHead>();
  RELAY_ASSIGN(const std::string text, base::read_file(files, path, kMaximumHead));
  auto head = decode_audit_head(text);
  if (!head) {
    return base::fail(
        base::Error(base::ErrorKind::malformed, "this is no audit.head")
            .about(path)
            .remedy("restore it and audit.log from a backup, or move both away: a new record begins, and says so"));
  }
  return head;
}

bool note_audit_entry(std::string_view entry, AuditHead& head) {
  const Json value = Json::parse(entry, nullptr, false);
  if (!value.is_object() || number(value, "n") == 0) return false;
  head.entries = number(value, "n");
  get_known(value, head);
  // It did not happen: should it yet, by the same request, the record tells it again.
  std::string kind;
  get(value, "kind", kind);
  if (kind == "resolution void") head.resolution.clear();
  return true;
}

}  // namespace relay::spool
