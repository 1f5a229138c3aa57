#include "relay/app/rules_of_stream.h"

#include <optional>

#include "relay/app/rules_in_force.h"
#include "relay/spool/spool_index.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Of the rules that the spool goes on under; none where it has nothing yet.
Result<std::optional<std::string>> digest_of_spool(base::FileSystem& files, const std::string& directory) {
  RELAY_ASSIGN(const bool there, files.exists(directory));
  if (!there) return std::optional<std::string>();
  spool::SpoolIndex index(files, directory);
  RELAY_TRY(index.load());
  const auto last = index.last();
  return last ? std::optional(last->last_rules()) : std::nullopt;
}

}  // namespace

Result<void> check_rules_of_stream(base::FileSystem& files, const Configuration& configuration,
                                   const std::string& digest) {
  const std::string& directory = configuration.spool.directory;
  RELAY_ASSIGN(const auto in_force, digest_of_spool(files, directory));
  if (!in_force || *in_force == digest) return {};
  return base::fail(Error(ErrorKind::configuration, "the relay's stream goes on under other rules than the files have")
                        .about(directory)
                        .remedy("let the relay take them first, by SIGHUP or a start: its log says whether it does"));
}

Result<void> check_rules_of_snapshot(base::FileSystem& files, const Configuration& configuration,
                                     const std::string& digest) {
  const std::string& directory = configuration.spool.directory;
  RELAY_ASSIGN(const auto in_force, digest_of_spool(files, directory));
  if (!in_force || *in_force == digest) return {};
  RELAY_ASSIGN(const bool kept, files.exists(kept_rules_path(directory, digest)));
  if (kept) return {};
  return base::fail(
      Error(ErrorKind::configuration, "the snapshot was made by rules that the relay's stream was never made by")
          .about(directory)
          .remedy("make another one, by the rules that are in force"));
}

}  // namespace relay::app
