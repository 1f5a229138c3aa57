#pragma once

#include "relay/base/problem.h"

namespace relay::app {

// Each problem on a line of standard error.
void print_problems(const base::Problems& problems);

}  // namespace relay::app
