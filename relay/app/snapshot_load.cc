#include "relay/app/snapshot_load.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "relay/app/follow_target.h"
#include "relay/app/problem_output.h"
#include "relay/app/progress.h"
#include "relay/app/replica_way.h"
#include "relay/app/rules_of_stream.h"
#include "relay/app/snapshot_hold.h"
#include "relay/app/spool_place.h"
#include "relay/app/watched_work.h"
#include "relay/base/log.h"
#include "relay/base/stop_token.h"
#include "relay/seed/replica_loader.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using seed::ReplicaLoader;

constexpr std::chrono::seconds kRelayPatience{60};  // for a running relay to come as far as the snapshot
constexpr std::chrono::milliseconds kLookEvery{500};

// What is left to say when all is loaded.
struct Loaded {
  bool position_set = false;
  std::vector<std::string> left_to_do;
  seed::Following following = seed::Following::no;
};

class SnapshotLoad {
 public:
  SnapshotLoad(const Configuration& configuration, const LoadArguments& arguments, ReplicaLoader& loader)
      : configuration_(configuration), arguments_(arguments), loader_(loader) {}

  Result<void> check(base::Problems& problems) {
    RELAY_TRY(loader_.check(problems));
    RELAY_TRY(check_rules_of_snapshot(base::posix_file_system(), configuration_, loader_.snapshot().rules_digest));
    // What would be in the way at the end is said before hours of loading.
    const auto place = arguments_.starts && by_place() ? find_place() : std::optional<seed::FollowPlace>();
    return place ? Result<void>() : base::fail(place.error());
  }

  Result<Loaded> run() {
    RELAY_TRY(loader_.load());
    seed::FollowOrder order{configuration_.replicas.accounts.front().password, std::nullopt};
    if (by_place()) {
      RELAY_ASSIGN(order.place, await_place());
    }
    Loaded loaded;
    if (arguments_.starts) {
      RELAY_ASSIGN(seed::FollowOutcome outcome, loader_.follow(order));
      loaded = {outcome.position_set, std::move(outcome.left_to_do), outcome.following};
    } else {
      RELAY_ASSIGN(loaded.left_to_do, loader_.follow_statements(order));
    }
    if (loaded.position_set || !arguments_.starts) RELAY_TRY(loader_.end());
    return loaded;
  }

  void stop() {
    stop_.request_stop();
    loader_.stop();
  }

 private:
  [[nodiscard]] bool by_place() const { return loader_.snapshot().position.gtids.empty(); }

  Result<std::optional<seed::FollowPlace>> find_place() {
    return find_spool_place(base::posix_file_system(), configuration_, loader_.snapshot(), [this] {
      if (!asked_for_head_) {
        const auto head = read_head_end(configuration_, loader_.snapshot().position.file);
        if (head) head_end_ = *head;
        if (!head) base::log(base::LogLevel::warning, "the source was not asked: {}", head.error().message());
      }
      asked_for_head_ = true;
      return head_end_;
    });
  }

  Result<seed::FollowPlace> await_place() {
    for (auto waited = std::chrono::milliseconds(0);; waited += kLookEvery) {
      RELAY_ASSIGN(const auto place, find_place());
      if (place) return *place;
      if (waited >= kRelayPatience) break;
      if (stop_.wait_for(kLookEvery)) return base::fail(ErrorKind::interrupted, "stopped");
    }
    return base::fail(
        Error(ErrorKind::configuration, "the relay has not come as far as the snapshot")
            .about(loader_.snapshot().position.start())
            .remedy("let it run, commit something at the source where that is idle, and load again: what is loaded "
                    "stays"));
  }

  const Configuration& configuration_;
  const LoadArguments& arguments_;
  ReplicaLoader& loader_;
  bool asked_for_head_ = false;
  std::optional<std::uint64_t> head_end_;  // spool_place.h
  base::StopToken stop_;
};

Result<Loaded> run_watched(SnapshotLoad& load, const seed::LoadCounts& counts) {
  std::optional<Result<Loaded>> loaded;
  std::optional<Progress> rows_bar;
  std::optional<Progress> index_bar;
  const auto show = [&] {
    if (counts.total_indexes > 0) {
      if (rows_bar) rows_bar->finish();
      if (!index_bar) index_bar.emplace("adding indexes", counts.total_indexes, "statements");
      index_bar->advance_to(counts.indexes);
      return;
    }
    if (!rows_bar) rows_bar.emplace("loading", counts.total_bytes);
    rows_bar->advance_to(counts.bytes, fmt::format("{} rows", counts.rows.load()));
  };
  watch_work([&] { loaded = load.run(); }, [&] { load.stop(); }, show);
  if (rows_bar) rows_bar->finish();
  if (index_bar) index_bar->finish();
  return std::move(*loaded);
}

ExitCode load_code(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::interrupted:
      return ExitCode::interrupted;
    case ErrorKind::configuration:
      return ExitCode::configuration;
    default:
      return ExitCode::failed;
  }
}

// Exit code 0 says that the replica has its position, or was not to get one.
ExitCode report(const Loaded& loaded, const ReplicaLoader& loader, bool starts) {
  fmt::print("{} tables, {} rows loaded\n", loader.snapshot().tables.size(), loader.counts().rows.load());
  if (loaded.left_to_do.empty()) {
    const bool connecting = loaded.following == seed::Following::connecting;
    fmt::print("{}\n", connecting ? "the replica follows as soon as it can connect to the relay"
                                  : "the replica follows the relay");
  } else {
    fmt::print("{}, with the relay's password:\n", starts ? "the account may not run these; run them at the replica"
                                                          : "to let the replica follow, run there");
    for (const std::string& statement : loaded.left_to_do) fmt::print("  {};\n", statement);
    if (starts && !loaded.position_set) {
      fmt::print("  DROP DATABASE {};\nor give the account what it lacks, and load again\n", seed::kProgressDatabase);
    }
  }
  const std::string start = loader.snapshot().position.start();
  fmt::print("a relay that has not begun yet has to begin with\n  start = \"{}\"\n", start);
  if (std::fflush(stdout) != 0) return ExitCode::failed;
  return loaded.position_set || !starts ? ExitCode::done : ExitCode::failed;
}

}  // namespace

ExitCode load_snapshot(const Configuration& configuration, const std::string& directory, const LoadArguments& arguments,
                       const char* command) {
  const auto refuse = [&](const Error& error) {
    fmt::print(stderr, "binlog-relay {}: {}\n", command, error.message());
    return load_code(error);
  };
  const auto url = read_replica_url(base::posix_file_system(), arguments.to);
  if (!url) return refuse(url.error());
  auto target = follow_target(configuration, *url, arguments.follow);
  if (!target) return refuse(target.error());
  const auto way = ReplicaWay::open(arguments.to, configuration);
  if (!way) return refuse(way.error());
  using seed::OwnTransactions;
  ReplicaLoader loader({base::posix_file_system(), directory, way->connection(), arguments.loaders, arguments.starts,
                        arguments.resets ? OwnTransactions::forgotten : OwnTransactions::kept, std::move(*target)});
  SnapshotLoad load(configuration, arguments, loader);
  base::Problems problems;
  const auto checked = load.check(problems);
  print_problems(problems);
  if (!checked) return refuse(checked.error());
  if (base::has_errors(problems)) {
    fmt::print(stderr, "binlog-relay {}: nothing was loaded\n", command);
    return ExitCode::failed;
  }
  const auto loaded = run_watched(load, loader.counts());
  if (!loaded) return refuse(loaded.error());
  if (loaded->following == seed::Following::yes) {
    // The relay knows the replica now, and keeps what it needs.
    const auto released = release_spool(base::posix_file_system(), configuration, directory);
    if (!released) base::log(base::LogLevel::warning, "{}", released.error().message());
  }
  return report(*loaded, loader, arguments.starts);
}

}  // namespace relay::app
