#pragma once

#include <tl/expected.hpp>

#include "relay/base/error.h"

namespace relay::base {

// The answer of everything that a byte from outside can make fail.
template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }
inline tl::unexpected<Error> fail(ErrorKind kind, FixedText what) { return fail(Error(kind, what)); }

}  // namespace relay::base

// Returns the error of `expression` from the calling function, if it has one.
#define RELAY_TRY(expression)                                                            \
  do {                                                                                   \
    auto relay_try_result = (expression);                                                \
    if (!relay_try_result) return ::tl::unexpected(std::move(relay_try_result).error()); \
  } while (false)

#define RELAY_CONCAT_INNER(a, b) a##b
#define RELAY_CONCAT(a, b) RELAY_CONCAT_INNER(a, b)
#define RELAY_ASSIGN_INNER(temporary, target, expression)                \
  auto temporary = (expression);                                         \
  if (!temporary) return ::tl::unexpected(std::move(temporary).error()); \
  target = std::move(*temporary)

// `RELAY_ASSIGN(auto value, f())`: the value of f(), or the calling function returns its error.
#define RELAY_ASSIGN(target, expression) RELAY_ASSIGN_INNER(RELAY_CONCAT(relay_assign_, __LINE__), target, expression)
