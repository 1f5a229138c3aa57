#include "relay/app/relay_status.h"

#include <algorithm>

namespace relay::app {

std::string_view phase_name(RelayPhase phase) {
  switch (phase) {
    case RelayPhase::starting:
      return "starting";
    case RelayPhase::connecting:
      return "connecting";
    case RelayPhase::streaming:
      return "streaming";
    case RelayPhase::waiting:
      return "waiting";
    case RelayPhase::halted:
      return "halted";
    case RelayPhase::stopping:
      return "stopping";
  }
  return "unknown";
}

RelayStatus::RelayStatus() {
  const auto now = Clock::now();
  snapshot_.phase_since = now;
  snapshot_.last_contact = now;
}

RelayStatus::Snapshot RelayStatus::get() const {
  const base::MutexLock lock(mutex_);
  return snapshot_;
}

void RelayStatus::set_phase(RelayPhase phase, std::string detail) {
  const base::MutexLock lock(mutex_);
  if (snapshot_.phase != phase) snapshot_.phase_since = Clock::now();
  snapshot_.phase = phase;
  snapshot_.detail = std::move(detail);
  if (phase == RelayPhase::streaming) snapshot_.halt.reset();
}

void RelayStatus::halt(HaltReport report) {
  const base::MutexLock lock(mutex_);
  if (snapshot_.phase != RelayPhase::halted) snapshot_.phase_since = Clock::now();
  snapshot_.phase = RelayPhase::halted;
  snapshot_.detail = report.reason;
  snapshot_.halt = std::move(report);
}

double RelayStatus::lag_now(const Snapshot& snapshot) {
  if (snapshot.phase == RelayPhase::streaming) return snapshot.lag_seconds;
  const std::chrono::duration<double> silent = Clock::now() - snapshot.last_contact;
  return snapshot.lag_seconds + std::max(0.0, silent.count());
}

}  // namespace relay::app
