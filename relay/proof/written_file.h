#pragma once

#include "relay/base/result.h"
#include "relay/proof/part_reader.h"

namespace relay::proof {

// Reads the bodies of the events that a spool file itself begins and ends with, to their ends.

// A format description of version 4 with checksums. `mariadb` becomes whether a MariaDB server is named in it. False
// when it is none.
[[nodiscard]] bool read_format(PartReader& reader, bool& mariadb);
// The next file is named as spool files are.
[[nodiscard]] bool read_rotate(PartReader& reader);

}  // namespace relay::proof
