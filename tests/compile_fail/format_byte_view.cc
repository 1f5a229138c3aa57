#include <fmt/format.h>

#include "relay/base/byte_view.h"

// A view of row bytes has a size that may be told, and content that may not.
std::string describe(relay::base::ByteView view) {
#ifdef BREAK
  return fmt::format("{}", view);
#else
  return fmt::format("{}", view.size());
#endif
}
