#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace relay::base {

// A password or key. It prints as "[redacted]", cannot be copied, and its memory is wiped when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  // The secret itself; valid while this object lives. For handing to a library, never for keeping.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  void wipe();
  std::string value_;
};

// Overwrites `text` in a way that the compiler does not remove.
void wipe_memory(void* memory, std::size_t size);

}  // namespace relay::base

template <>
struct fmt::formatter<relay::base::Secret> : fmt::formatter<std::string_view> {
  template <typename Context>
  auto format(const relay::base::Secret&, Context& context) const {
    return fmt::formatter<std::string_view>::format("[redacted]", context);
  }
};
