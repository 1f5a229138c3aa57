#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "relay/base/mutex.h"
#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/source/source_connection.h"

namespace relay::seed {

// What the lines to one replica share. Any thread.
class ReplicaLines {
 public:
  // `settings` must outlive this.
  explicit ReplicaLines(const source::SourceSettings& settings) : settings_(settings) {}

  [[nodiscard]] const source::SourceSettings& settings() const { return settings_; }
  [[nodiscard]] const base::StopToken& stop_token() const { return stop_; }
  // For good: lines end what they do with this error, the first that was given, and dial no more.
  void stop(const base::Error& why);
  // REQUIRES: stop().
  [[nodiscard]] base::Error why_stopped() const;

 private:
  const source::SourceSettings& settings_;
  base::StopToken stop_;
  mutable base::Mutex mutex_;
  std::optional<base::Error> why_ RELAY_GUARDED_BY(mutex_);
};

// A connection to a replica that is made anew when it was lost. Its sessions write no binary log, hold no key to be
// checked while rows come, and are ended by the server when nothing is heard for a minute, so that a session whose line
// was cut holds no locks for long. One thread uses it; drop() may be called from any.
class ReplicaLine {
 public:
  // How long a statement may take: quick ones say a dead line soon.
  enum class Statements : std::uint8_t { quick, long_ones };

  ReplicaLine(ReplicaLines& lines, Statements statements) : lines_(lines), statements_(statements) {}
  ReplicaLine(const ReplicaLine&) = delete;
  ReplicaLine& operator=(const ReplicaLine&) = delete;

  using Work = std::function<base::Result<void>(source::SourceConnection&)>;
  // Does the work, in a session that is connected. Where the line is lost, or another transaction is in the way, it is
  // done again from its beginning, after a pause that grows: until kPatience is over since it first failed, and kTries
  // were made, since what takes hours may be lost at its end. Errors: those of the work that do not go away by
  // themselves; interrupted.
  static constexpr std::chrono::minutes kPatience{10};
  static constexpr int kTries = 5;
  [[nodiscard]] base::Result<void> run(const Work& work);
  // Does the work once, in a session that is connected.
  [[nodiscard]] base::Result<void> run_once(const Work& work);
  // Ends what is being done on the line; run() then does it again.
  void drop();

 private:
  base::Result<source::SourceConnection*> connected();
  void forget();

  ReplicaLines& lines_;
  Statements statements_;
  base::Mutex mutex_;
  std::unique_ptr<source::SourceConnection> connection_ RELAY_GUARDED_BY(mutex_);  // made and read by its thread alone
};

// Whether the same work may succeed later.
[[nodiscard]] bool passes(const base::Error& error);

}  // namespace relay::seed
