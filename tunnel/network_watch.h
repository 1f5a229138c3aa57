#pragma once

#include "tunnel/descriptor.h"

namespace relay::tunnel {

// Tells when this machine gets an address, a link or a route: rtnetlink(7). One thread owns it.
class NetworkWatch {
 public:
  // Where the kernel gives no such socket, nothing is ever told.
  NetworkWatch();

  // For poll; -1 when there is none.
  [[nodiscard]] int descriptor() const { return socket_.get(); }
  // Whether something came up since the last call; does not wait.
  [[nodiscard]] bool take_news();

 private:
  Descriptor socket_;
};

}  // namespace relay::tunnel
