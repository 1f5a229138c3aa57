#pragma once

#include <string>
#include <vector>

#include "relay/app/configuration.h"
#include "relay/base/problem.h"

namespace relay::app {

// Judges the files of TLS: errors for certificates and lists that have ended or not begun, for what does not fit
// together and cannot be read; warnings for those that end soon. Adds a line about each to `notes`: whose it is, and
// for how long.
void judge_certificates(const Configuration& configuration, base::Problems& problems, std::vector<std::string>& notes);

}  // namespace relay::app
