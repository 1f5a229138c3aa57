#pragma once

#include <cstdint>
#include <vector>

#include "relay/base/result.h"
#include "tunnel/descriptor.h"
#include "tunnel/ssh_channel.h"
#include "tunnel/ssh_socket.h"

namespace relay::tunnel {

// A channel of a tunnel and the connection of this machine that it is joined to. Each direction holds at most 128 KiB,
// and takes more only when those are gone; the end of a side is passed on, and the other goes on until it ends, too.
// The session's thread owns it; nothing here waits.
class ChannelJoin {
 public:
  explicit ChannelJoin(SshChannel channel) : channel_(std::move(channel)) {}
  ChannelJoin(const ChannelJoin&) = delete;
  ChannelJoin& operator=(const ChannelJoin&) = delete;

  // SshChannel::take_in(). REQUIRES: not gone.
  [[nodiscard]] base::Result<bool> take_in() { return channel_.take_in(); }
  // Not joined yet: what the channel has brought so far, at most `size` bytes. Valid until the next call of anything.
  // Errors: peer: the session is broken, as everywhere here.
  [[nodiscard]] base::Result<base::ByteView> first_bytes(std::size_t size);
  [[nodiscard]] bool is_held() const { return state_ == State::held; }
  // Joins it to `local`, a socket that is connected or about to be.
  void join(Descriptor local);
  // Ends both sides.
  void abandon();

  // What the step did.
  struct Step {
    std::uint64_t to_host = 0;        // bytes that the channel took
    std::uint64_t from_host = 0;      // bytes that the connection took
    bool more = false;                // it stopped only to let others go on
    bool held_by_congestion = false;  // it has bytes for the host and may not write them
    int connect_failure = 0;          // errno when the connection could not be made
  };
  // Moves what can be moved now, bounded; nothing towards the host while `to_host`, its session's, is congested.
  [[nodiscard]] base::Result<Step> step(const SshSocket& to_host);

  // For poll: the connection's socket, -1 when nothing is to be waited for there, and the events.
  [[nodiscard]] int descriptor() const { return wanted_events() == 0 ? -1 : local_.get(); }
  [[nodiscard]] short wanted_events() const;
  [[nodiscard]] bool is_joined() const { return state_ == State::connecting || state_ == State::joined; }
  // Both sides have ended and the channel is freed.
  [[nodiscard]] bool is_gone() const { return state_ == State::gone; }

 private:
  enum class State : std::uint8_t { held, connecting, joined, closing, gone };

  // Bytes on their way; the memory stays where it is while some are left, as SshChannel::write() wants it.
  class Chunk {
   public:
    // Whole packets of the most that libssh2 puts into one: what is left over would cost a packet of its own.
    static constexpr std::size_t kSize = std::size_t{4} * SshChannel::kMostPerPacket;
    [[nodiscard]] bool empty() const { return begin_ == end_; }
    [[nodiscard]] base::ByteView view() const { return {bytes_.data() + begin_, end_ - begin_}; }
    // Where to write at most free() bytes; then tell how many by added().
    [[nodiscard]] std::uint8_t* space() {
      bytes_.resize(kSize);
      return bytes_.data() + end_;
    }
    [[nodiscard]] std::size_t free() const { return kSize - end_; }
    void added(std::size_t count) { end_ += count; }
    void clear() { begin_ = end_ = 0; }
    void taken(std::size_t count) {
      begin_ += count;
      if (empty()) clear();
    }

   private:
    std::vector<std::uint8_t> bytes_;
    std::size_t begin_ = 0, end_ = 0;
  };

  [[nodiscard]] base::Result<bool> read_channel();
  [[nodiscard]] base::Result<bool> write_channel(const SshSocket& to_host, Step& step);
  [[nodiscard]] bool read_local();
  [[nodiscard]] bool write_local(Step& step);
  [[nodiscard]] base::Result<void> move(const SshSocket& to_host, Step& step);
  void finish_connecting(Step& step);

  SshChannel channel_;
  Descriptor local_;
  State state_ = State::held;
  Chunk to_local_, to_channel_;
  bool channel_ended_ = false;  // the channel brings nothing more
  bool local_ended_ = false;    // the connection brings nothing more
  bool end_sent_ = false;       // and the channel was told
  bool local_shut_ = false;     // the connection was told that the channel has ended, or takes nothing more
};

}  // namespace relay::tunnel
