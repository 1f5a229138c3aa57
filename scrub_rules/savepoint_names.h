#pragma once

#include <map>
#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/sql/ddl.h"

namespace relay::scrub_rules {

// Gives the savepoints of one transaction names of their own, s1, s2 ...: a savepoint's name is free text. They are
// told apart as the servers do, without regard to the case of ASCII letters.
class SavepointNames {
 public:
  void clear() { names_.clear(); }
  // Reads a statement of kind savepoint, rollback_to_savepoint or release_savepoint in the form in which servers write
  // it and returns it with the other name. Errors: unsupported for any other form, and for a savepoint that was never
  // set.
  [[nodiscard]] base::Result<std::string> rename(sql::StatementKind kind, std::string_view text);

 private:
  std::map<std::string, std::string> names_;
};

}  // namespace relay::scrub_rules
