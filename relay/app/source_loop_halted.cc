#include <fmt/format.h>

#include "relay/app/source_loop.h"
#include "relay/base/log.h"

// The part of the source loop that stands still: tells where and why, and waits for what may let the stream go on.

namespace relay::app {

namespace {

using base::LogLevel;

constexpr std::chrono::milliseconds kLookAgain{500};

}  // namespace

void SourceLoop::halt(const base::Error& error, const TransactionName& transaction, bool at_transaction) {
  base::log(LogLevel::error, "halted: {} [source {}]", error.message(), text_of(transaction));
  const auto& resume = parts_.writer.resume_point();
  const scrub_rules::HistoryPosition history{parts_.writer.position().file, resume ? resume->position.offset : 0};
  halt_ = HaltNote{transaction, at_transaction, error.message(), settings_, source_version_, history};
  halt_is_noted_ = halt_is_recorded_ = halt_record_fails_ = false;
  has_halt_files_ = true;
  note_halt();
  parts_.status.halt({error.message(), transaction, event_end_});
  // Last: whoever asked sees that the request is gone, and then reads in the note why.
  if (resolution_)
    void_resolution(resolution_->transaction == transaction ? "it could not be carried out"
                                                            : "the stream halted at another one");
}

// A full disk may keep the halt from being written down: it is tried again.
void SourceLoop::note_halt() {
  if (!halt_is_recorded_) record_halt();
  if (halt_is_noted_) return;
  const auto noted = write_halt_note(parts_.files, directory(), *halt_);
  halt_is_noted_ = noted.has_value();
  if (!noted) base::log(LogLevel::warning, "{}", noted.error().message());
}

void SourceLoop::record_halt() {
  auto recorded = counts_.write(parts_.writer.position());
  if (recorded) recorded = parts_.audit.halted(*halt_);
  halt_is_recorded_ = recorded.has_value();
  if (!recorded && !halt_record_fails_) base::log(LogLevel::warning, "{}", recorded.error().message());
  halt_record_fails_ = !recorded;
}

// What an earlier process has left.
void SourceLoop::read_halt_files() {
  const auto note = read_halt_note(parts_.files, directory());
  has_halt_files_ = !note || *note;
  read_resolution();
  if (resolution_) has_halt_files_ = true;
}

bool SourceLoop::wait_halted() {
  while (!stop_.wait_for(kLookAgain)) {
    note_halt();
    if (!halt_is_recorded_) continue;  // nothing goes on that is not in the audit record
    if (take_retry()) return true;
    read_resolution();
    if (!resolution_) continue;
    if (halt_->at_transaction && resolution_->transaction == halt_->transaction) return true;
    discard_resolution("the stream has halted at another one");
  }
  return false;
}

std::string SourceLoop::source_address() const {
  const auto& connection = parts_.configuration.source.connection;
  return connection.socket.empty() ? fmt::format("{}:{}", connection.host, connection.port) : connection.socket;
}

void SourceLoop::read_resolution() {
  auto found = app::read_resolution(parts_.files, directory());
  if (found) {
    resolution_ = std::move(*found);
    return;
  }
  base::log(LogLevel::error, "a request of `resolve` cannot be read and is removed: {}", found.error().message());
  static_cast<void>(remove_resolution(parts_.files, directory()));
}

void SourceLoop::void_resolution(std::string_view why) {
  base::log(LogLevel::warning, "the request to go on past a transaction is void: {} [source {}]", why,
            text_of(resolution_->transaction));
  if (const auto recorded = parts_.audit.resolution_void(*resolution_, why); !recorded) {
    base::log(LogLevel::warning, "{}", recorded.error().message());
  }
  forget_resolution();
}

// The process may have been killed between the transaction's commit and the removal of the request.
void SourceLoop::discard_resolution(std::string_view why) {
  if (!parts_.audit.has_resolved(*resolution_)) return void_resolution(why);
  base::log(LogLevel::warning, "the request to go on past a transaction was carried out before [source {}]",
            text_of(resolution_->transaction));
  forget_resolution();
}

void SourceLoop::forget_resolution() {
  resolution_.reset();
  if (pipeline_) pipeline_->set_resolution(std::nullopt);
  if (const auto removed = remove_resolution(parts_.files, directory()); !removed) {
    base::log(LogLevel::warning, "{}", removed.error().message());
  }
}

// The stream halts before a transaction of the file that the spool's last file was made from.
void SourceLoop::judge_resolution(const spool::SourceIdentity& source) {
  if (!resolution_) return;
  const auto& resume = parts_.writer.resume_point();
  const TransactionName& name = resolution_->transaction;
  const bool lies_ahead =
      resume && resume->position.file == name.start.file && resume->position.offset <= name.start.offset;
  if (name.source_id != source.id || !lies_ahead) discard_resolution("the spool does not go on before it");
}

void SourceLoop::leave_halt() {
  if (pipeline_->commits() == 0 || (resolution_ && !pipeline_->has_resolved())) return;
  if (resolution_) {
    base::log(LogLevel::warning, "went on past a transaction as told by {} [source {}]", resolution_->user,
              text_of(resolution_->transaction));
    resolution_.reset();
  }
  halt_.reset();
  has_halt_files_ = false;
  // Left behind they do no harm: they name a transaction that will not come again.
  for (const auto& removed :
       {remove_halt_note(parts_.files, directory()), remove_resolution(parts_.files, directory())}) {
    if (!removed) base::log(LogLevel::warning, "{}", removed.error().message());
  }
}

}  // namespace relay::app
