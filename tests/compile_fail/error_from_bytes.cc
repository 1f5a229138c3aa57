#include <string>

#include "relay/base/byte_view.h"
#include "relay/base/error.h"

// The text of an error stands in the program; no run-time text becomes one.
relay::base::Error explain(relay::base::ByteView view) {
  using relay::base::Error;
  using relay::base::ErrorKind;
#ifdef BREAK
  return Error(ErrorKind::malformed, std::string(view.text()));
#else
  return Error(ErrorKind::malformed, "a cell is too long").at(view.size());
#endif
}
