#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "relay/server/client_kind.h"

namespace relay::server {

// The user variables that a client has set: how replicas tell what they want. Bounded in number and size.
class UserVariables {
 public:
  static constexpr std::size_t kMaximumCount = 64;
  static constexpr std::size_t kMaximumBytes = std::size_t{4} << 20;  // of all values

  // `name` in lower case, without @. False when there is no room.
  [[nodiscard]] bool set(const std::string& name, std::optional<std::string> value);
  // None when it is not set or NULL.
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const { return values_.count(name) != 0; }
  // The first of the two spellings that is set: MySQL 8 renamed them and replicas set both.
  [[nodiscard]] std::optional<std::string> get(const std::string& name, const std::string& older_name) const;

 private:
  std::map<std::string, std::optional<std::string>> values_;
  std::size_t bytes_ = 0;
};

// What one client has said so far.
struct SessionState {
  std::uint32_t connection_id = 0;
  std::string user;
  ClientKind kind;
  UserVariables variables;
  std::optional<std::uint32_t> registered_server_id;  // of COM_REGISTER_SLAVE
  std::optional<std::string> refusal;                 // why it was told that it cannot follow this source
};

}  // namespace relay::server
