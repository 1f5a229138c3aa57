#pragma once

#include <string>

namespace relay::app {

// Who this process runs as, by the operating system: "relay", "root (sudo by alice)"; "uid 1234" when it has no name.
[[nodiscard]] std::string user_name();

}  // namespace relay::app
