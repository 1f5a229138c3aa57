#pragma once

namespace relay::app {

// What the program returns to its caller; PRODUCT's contract with scripts.
enum class ExitCode : int {
  done = 0,
  failed = 1,
  configuration = 2,
  stopped_by_rule = 3,
  difference = 4,
  interrupted = 130
};

}  // namespace relay::app
