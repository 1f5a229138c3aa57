#include "relay/server/session_state.h"

namespace relay::server {

bool UserVariables::set(const std::string& name, std::optional<std::string> value) {
  const auto found = values_.find(name);
  const std::size_t old_size = found != values_.end() && found->second ? found->second->size() : 0;
  const std::size_t new_size = value ? value->size() : 0;
  if (found == values_.end() && values_.size() == kMaximumCount) return false;
  if (name.size() > 64 || new_size > kMaximumBytes - (bytes_ - old_size)) return false;
  bytes_ = bytes_ - old_size + new_size;
  values_[name] = std::move(value);
  return true;
}

std::optional<std::string> UserVariables::get(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : found->second;
}

std::optional<std::string> UserVariables::get(const std::string& name, const std::string& older_name) const {
  auto value = get(name);
  return value ? value : get(older_name);
}

}  // namespace relay::server
