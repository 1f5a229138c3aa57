#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

namespace relay::base {

// A whole number from 0 on, as parsed, that T can hold. Throws nlohmann::json::exception for everything else: the
// library itself makes of a fraction, or of a number that is too large, one that nobody wrote, or nothing defined.
template <typename T>
[[nodiscard]] T whole_number(const nlohmann::json& from) {
  static_assert(std::is_unsigned_v<T> && !std::is_same_v<T, bool>);
  const auto value = from.get_ref<const nlohmann::json::number_unsigned_t&>();
  if (value > std::numeric_limits<T>::max()) throw nlohmann::json::out_of_range::create(406, "number", &from);
  return static_cast<T>(value);
}

}  // namespace relay::base
