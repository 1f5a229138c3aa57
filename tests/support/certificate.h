#pragma once

#include <string>

namespace relay::testing {

// Writes a self-signed certificate and its key, freshly made, as PEM files. Throws when it cannot.
void write_certificate(const std::string& certificate_file, const std::string& key_file);

}  // namespace relay::testing
