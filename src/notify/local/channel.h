// The last resort, which works without a network and is always there: syslog,
// or where nothing listens to that (a container) the stderr of PID 1, which is
// what `docker logs` and `kubectl logs` show; else our own stderr.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/channel.h"
#include "app/settings.h"
#include "sys/syslog.h"

namespace bezalel::notify {

// Where the lines go; replaced by tests.
struct LocalSinks {
  std::function<bool(sys::SyslogPriority, std::string_view)> syslog;
  std::string last_resort = "/proc/1/fd/2";
  // Our own stderr, when nothing else takes the line; empty: not tried.
  std::function<bool(std::string_view)> own;

  static LocalSinks real();
};

class LocalChannel final : public app::Channel {
 public:
  static Result<std::unique_ptr<app::Channel>> make(
      const app::ChannelSettings& settings,
      LocalSinks sinks = LocalSinks::real());

  const std::string& name() const override { return name_; }
  // Alarms of P1 have priority alert, others warning, good news notice.
  app::Delivery deliver(const app::Notice& notice,
                        const std::optional<std::string>& ref) override;
  app::Health probe() override;

 private:
  LocalChannel(std::string name, LocalSinks sinks)
      : name_(std::move(name)), sinks_(std::move(sinks)) {}

  std::string name_;
  LocalSinks sinks_;
};

}  // namespace bezalel::notify
