#include "relay/app/problem_output.h"

#include <fmt/format.h>

#include <cstdio>

namespace relay::app {

void print_problems(const base::Problems& problems) {
  for (const base::Problem& problem : problems) fmt::print(stderr, "{}\n", base::problem_line(problem));
}

}  // namespace relay::app
