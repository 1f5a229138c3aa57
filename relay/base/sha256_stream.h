#pragma once

#include <memory>

#include "relay/base/byte_view.h"
#include "relay/base/sha256.h"

namespace relay::base {

// The digest of bytes that come piece by piece.
class Sha256Stream {
 public:
  Sha256Stream();
  Sha256Stream(Sha256Stream&& other) noexcept;
  Sha256Stream& operator=(Sha256Stream&& other) noexcept;
  ~Sha256Stream();
  void add(ByteView bytes);
  // Of everything added; then it begins anew.
  [[nodiscard]] Sha256 finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace relay::base
