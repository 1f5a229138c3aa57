#include "tunnel/ssh_library.h"

#include <libssh2.h>

namespace relay::tunnel {

base::Result<void> prepare_ssh_library() {
  // libssh2_init(3) is not safe to call from two threads at once; the initialisation of a static is.
  static const int failure = libssh2_init(0);
  if (failure != 0) return base::fail(base::ErrorKind::io, "cannot set up the SSH library");
  return {};
}

// Asked at run time: a program that was built with an older one may meet it.
bool takes_ecdsa_files() { return libssh2_version(0x010b01) == nullptr; }

}  // namespace relay::tunnel
