#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "relay/base/result.h"

namespace relay::app {

// What the endpoint answers with; called from the endpoint's threads.
struct AdminAnswers {
  struct Health {
    bool good = false;
    std::string reason;
  };
  std::function<Health()> health;
  std::function<Health(double max_lag_seconds)> ready;
  std::function<std::string()> status_json;
  std::function<std::string()> metrics_text;
};

// HTTP on a loopback or private address: /health, /ready?max_lag=SECONDS, /status, /metrics. Own threads; stops when
// destroyed.
class AdminEndpoint {
 public:
  // `port` 0 takes a free one. Errors: io when the address cannot be listened on.
  [[nodiscard]] static base::Result<std::unique_ptr<AdminEndpoint>> start(const std::string& address,
                                                                          std::uint16_t port, AdminAnswers answers);
  ~AdminEndpoint();
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct State;
  explicit AdminEndpoint(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// GET on such an endpoint, for `status`: the body of a 200 answer. Errors: io (nobody listens), peer (another answer).
[[nodiscard]] base::Result<std::string> admin_get(const std::string& address, std::uint16_t port,
                                                  const std::string& path);

}  // namespace relay::app
