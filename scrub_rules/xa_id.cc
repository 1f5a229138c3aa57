#include "scrub_rules/xa_id.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <optional>

namespace relay::scrub_rules {

namespace {

using sql::StatementKind;

std::string hash(char part, std::string_view text, std::string_view key) {
  if (text.empty()) return {};
  std::string input = "binlog-relay XA id ";
  input += part;
  input += text;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(input.data()),
       input.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string_view xa_verb(StatementKind kind) {
  switch (kind) {
    case StatementKind::xa_start:
      return "XA START ";
    case StatementKind::xa_end:
      return "XA END ";
    case StatementKind::xa_prepare:
      return "XA PREPARE ";
    case StatementKind::xa_commit:
      return "XA COMMIT ";
    default:
      return "XA ROLLBACK ";
  }
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// X'0a1b'
std::optional<std::string> take_hex(std::string_view& text) {
  if (!take(text, "X'")) return std::nullopt;
  std::string bytes;
  while (text.size() >= 2 && text[0] != '\'') {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 2, value, 16);
    if (error != std::errc() || end != text.data() + 2) return std::nullopt;
    bytes += static_cast<char>(value);
    text.remove_prefix(2);
  }
  if (!take(text, "'") || bytes.size() > kMaximumXaPart) return std::nullopt;
  return bytes;
}

std::optional<XaId> take_id(std::string_view& text) {
  XaId id;
  std::optional<std::string> part = take_hex(text);
  if (!part || !take(text, ",")) return std::nullopt;
  id.transaction = std::move(*part);
  part = take_hex(text);
  if (!part || !take(text, ",")) return std::nullopt;
  id.branch = std::move(*part);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.format);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return id;
}

}  // namespace

XaId pseudonym(const XaId& id, std::string_view key) {
  return {id.format, hash('t', id.transaction, key), hash('b', id.branch, key)};
}

std::string text_of(const XaId& id) {
  return fmt::format("X'{}',X'{}',{}", hex(id.transaction), hex(id.branch), id.format);
}

base::Result<std::string> pseudonymous_xa_statement(StatementKind kind, std::string_view text, std::string_view key) {
  constexpr std::string_view kOnePhase = " ONE PHASE";
  std::optional<XaId> id;
  if (take(text, xa_verb(kind))) id = take_id(text);
  const bool one_phase = kind == StatementKind::xa_commit && take(text, kOnePhase);
  if (!id || !text.empty()) {
    return base::fail(base::ErrorKind::unsupported, "an XA statement is not in the form in which servers write it");
  }
  return fmt::format("{}{}{}", xa_verb(kind), text_of(pseudonym(*id, key)), one_phase ? kOnePhase : "");
}

}  // namespace relay::scrub_rules
