#include "relay/source/dump_command.h"

namespace relay::source {

namespace {

constexpr std::uint16_t kFlagNonBlock = 0x1;  // BINLOG_DUMP_NON_BLOCK

std::string quoted(std::string_view text, char quote, bool escape_backslash) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote || (escape_backslash && c == '\\')) result += c;
    result += c;
  }
  result += quote;
  return result;
}

}  // namespace

void encode_register_replica(std::uint32_t server_id, base::Buffer& into) {
  into.append_u32(server_id);
  into.append_fill(3, 0);  // host, user and password to report: empty, each with its length
  into.append_u16(0);      // port to report
  into.append_u32(0);      // rank, unused
  into.append_u32(0);      // source's id, unused
}

std::uint32_t wire_offset(const DumpRequest& request) {
  constexpr std::uint32_t kStart = 4;
  return request.offset > UINT32_MAX ? kStart : static_cast<std::uint32_t>(request.offset);
}

void encode_dump(const DumpRequest& request, base::Buffer& into) {
  into.append_u32(wire_offset(request));
  into.append_u16(request.non_blocking ? kFlagNonBlock : 0);
  into.append_u32(request.identity.server_id);
  into.append(request.file);
}

std::string quote_text(std::string_view text) { return quoted(text, '\'', true); }
std::string quote_name(std::string_view name) { return quoted(name, '`', false); }

}  // namespace relay::source
