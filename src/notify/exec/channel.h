// A program of one's own. It gets the event as one line of JSON on its stdin
// (payload.h), and in its environment only PATH, LANG, BEZALEL_EVENT,
// BEZALEL_SEVERITY and BEZALEL_SUBJECT. No shell is involved: argv is run as
// it is written. Exit 0 is success, 75 and every other status means later;
// a program that cannot be run means that the channel is dead. When time is
// up its whole process group is killed.
#pragma once

#include <memory>
#include <string>

#include "app/channel.h"
#include "app/settings.h"

namespace bezalel::notify {

class ExecChannel final : public app::Channel {
 public:
  // argv[0] must be an absolute path.
  static Result<std::unique_ptr<app::Channel>> make(
      const app::ChannelSettings& settings);

  const std::string& name() const override { return settings_.name; }
  app::Delivery deliver(const app::Notice& notice,
                        const std::optional<std::string>& ref) override;
  // Whether the program is there and may be run.
  app::Health probe() override;

 private:
  explicit ExecChannel(app::ChannelSettings settings)
      : settings_(std::move(settings)) {}

  app::ChannelSettings settings_;
};

}  // namespace bezalel::notify
