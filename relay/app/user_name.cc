#include "relay/app/user_name.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "relay/base/error.h"

namespace relay::app {

std::string user_name() {
  const passwd* const entry = ::getpwuid(::getuid());
  std::string name = entry != nullptr ? entry->pw_name : fmt::format("uid {}", ::getuid());
  const char* const by = std::getenv("SUDO_USER");
  if (by != nullptr && *by != '\0') name += fmt::format(" (sudo by {})", base::Subject(by).text());
  return name;
}

}  // namespace relay::app
