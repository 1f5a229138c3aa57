#include "relay/base/byte_view.h"
#include "relay/base/log.h"

void tell(relay::base::ByteView view) {
#ifdef BREAK
  relay::base::log(relay::base::LogLevel::error, "a cell: {}", view);
#else
  relay::base::log(relay::base::LogLevel::error, "a cell of {} bytes", view.size());
#endif
}
