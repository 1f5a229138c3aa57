#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string_view>

#include "relay/base/byte_view.h"

namespace relay::proof {

// Of a statement's text, from its pieces: SHA-256.
class StatementDigest {
 public:
  using Value = std::array<std::uint8_t, 32>;
  StatementDigest();
  StatementDigest(const StatementDigest&) = delete;
  StatementDigest& operator=(const StatementDigest&) = delete;
  ~StatementDigest();
  void add(base::ByteView piece);
  [[nodiscard]] Value finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// The texts that the statement writer has made for the open transaction: it says so where it makes them, and the egress
// check lets no other text pass.
class MadeStatements {
 public:
  void add(std::string_view text);
  [[nodiscard]] bool contains(const StatementDigest::Value& digest) const { return digests_.contains(digest); }
  void clear() { digests_.clear(); }

 private:
  std::set<StatementDigest::Value> digests_;
};

}  // namespace relay::proof
