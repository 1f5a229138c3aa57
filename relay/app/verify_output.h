#pragma once

#include <string>

#include "relay/seed/verify.h"

namespace relay::app {

// What a comparison has found: for people, and as one JSON object. Names of tables, columns and indexes, counts, and of
// rows the keys that are numbers or dates and leave as they are; no other value.
[[nodiscard]] std::string verify_text(const seed::VerifyOutcome& outcome);
[[nodiscard]] std::string verify_json(const seed::VerifyOutcome& outcome);

}  // namespace relay::app
