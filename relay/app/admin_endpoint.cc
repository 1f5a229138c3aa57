#include "relay/app/admin_endpoint.h"

#include <fmt/format.h>
#include <httplib.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <thread>

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr double kDefaultMaximumLag = 60;  // seconds
// Answers are small and peers are probes: few threads, short times, nothing to upload.
constexpr std::size_t kThreads = 4;
constexpr time_t kTimeoutSeconds = 5;
constexpr std::size_t kMaximumRequest = 4096;
constexpr std::chrono::milliseconds kStartTime{1};  // between two looks whether it runs

void answer(const AdminAnswers::Health& health, httplib::Response& response) {
  response.status = health.good ? 200 : 503;
  response.set_content((health.good ? "ok" : health.reason) + "\n", "text/plain");
}

bool parse_seconds(const std::string& text, double& seconds) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return error == std::errc() && end == text.data() + text.size() && seconds >= 0;
}

void add_routes(httplib::Server& server, const AdminAnswers& answers) {
  server.Get("/health",
             [&answers](const httplib::Request&, httplib::Response& response) { answer(answers.health(), response); });
  server.Get("/ready", [&answers](const httplib::Request& request, httplib::Response& response) {
    double seconds = kDefaultMaximumLag;
    if (request.has_param("max_lag") && !parse_seconds(request.get_param_value("max_lag"), seconds)) {
      response.status = 400;
      response.set_content("max_lag is a number of seconds\n", "text/plain");
      return;
    }
    answer(answers.ready(seconds), response);
  });
  server.Get("/status", [&answers](const httplib::Request&, httplib::Response& response) {
    response.set_content(answers.status_json(), "application/json");
  });
  server.Get("/metrics", [&answers](const httplib::Request&, httplib::Response& response) {
    response.set_content(answers.metrics_text(), "text/plain; version=0.0.4");
  });
}

}  // namespace

struct AdminEndpoint::State {
  AdminAnswers answers;
  httplib::Server server;
  std::uint16_t port = 0;
  std::atomic<bool> ended{false};  // the thread serves no longer
  std::thread thread;
};

Result<std::unique_ptr<AdminEndpoint>> AdminEndpoint::start(const std::string& address, std::uint16_t port,
                                                            AdminAnswers answers) {
  auto state = std::make_unique<State>();
  state->answers = std::move(answers);
  httplib::Server& server = state->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };  // httplib takes ownership
  server.set_read_timeout(kTimeoutSeconds);
  server.set_write_timeout(kTimeoutSeconds);
  server.set_payload_max_length(kMaximumRequest);
  add_routes(server, state->answers);
  const int bound = port == 0 ? server.bind_to_any_port(address) : (server.bind_to_port(address, port) ? port : -1);
  if (bound < 0) {
    return base::fail(Error(ErrorKind::io, "cannot listen for the admin endpoint")
                          .about(fmt::format("{}:{}", address, port))
                          .remedy("free the address or set [admin] listen to another one"));
  }
  state->port = static_cast<std::uint16_t>(bound);
  state->thread = std::thread([raw = state.get()] {
    raw->server.listen_after_bind();
    raw->ended.store(true, std::memory_order_release);
  });
  // httplib's stop() passes over a server that does not run yet, and then nothing would ever end its thread.
  while (!server.is_running() && !state->ended.load(std::memory_order_acquire)) std::this_thread::sleep_for(kStartTime);
  return std::unique_ptr<AdminEndpoint>(new AdminEndpoint(std::move(state)));
}

AdminEndpoint::AdminEndpoint(std::unique_ptr<State> state) : state_(std::move(state)) {}

AdminEndpoint::~AdminEndpoint() {
  state_->server.stop();
  state_->thread.join();
}

std::uint16_t AdminEndpoint::port() const { return state_->port; }

Result<std::string> admin_get(const std::string& address, std::uint16_t port, const std::string& path) {
  httplib::Client client(address, port);
  client.set_connection_timeout(kTimeoutSeconds);
  client.set_read_timeout(kTimeoutSeconds);
  const auto response = client.Get(path);
  const std::string where = fmt::format("{}:{}", address, port);
  if (!response) {
    return base::fail(Error(ErrorKind::io, "no relay answers")
                          .about(where)
                          .remedy("is `binlog-relay run` running with this configuration?"));
  }
  if (response->status != 200)
    return base::fail(Error(ErrorKind::peer, "the relay refused the question").about(where).code(response->status));
  return response->body;
}

}  // namespace relay::app
