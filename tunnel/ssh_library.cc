#include "tunnel/ssh_library.h"

#include <libssh2.h>

namespace relay::tunnel {

base::Result<void> prepare_ssh_library() {
  // libssh2_init(3) is not safe to call from two threads at once; the initialisation of a static is.
  static const int failure = libssh2_init(0);
  if (failure != 0) return base::fail(base::ErrorKind::io, "cannot set up the SSH library");
  return {};
}

}  // namespace relay::tunnel
