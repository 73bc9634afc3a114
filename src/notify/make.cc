#include "notify/make.h"

#include "base/escape.h"
#include "notify/exec/channel.h"
#include "notify/gitea/channel.h"
#include "notify/local/channel.h"
#include "notify/ntfy/channel.h"
#include "notify/pagerduty/channel.h"
#include "notify/smtp/channel.h"
#include "notify/webhook/channel.h"

namespace bezalel::notify {

Result<std::unique_ptr<app::Channel>> make_channel(
    const app::ChannelSettings& settings, const Identity& identity,
    const Clock& clock) {
  const std::string& type = settings.type;
  if (type == "gitea" || type == "forgejo") {
    return GiteaChannel::make(settings, identity);
  }
  if (type == "pagerduty") return PagerDutyChannel::make(settings, identity);
  if (type == "ntfy") return NtfyChannel::make(settings, identity);
  if (type == "webhook") return WebhookChannel::make(settings, identity, clock);
  if (type == "smtp") return SmtpChannel::make(settings, identity);
  if (type == "exec") return ExecChannel::make(settings);
  if (type == "local") return LocalChannel::make(settings);
  return err(Kind::invalid,
             "channel " + settings.name + ": type \"" + escape_line(type, 40) +
                 "\" is not known; expected gitea, forgejo, pagerduty, ntfy, "
                 "webhook, smtp, exec or local");
}

}  // namespace bezalel::notify
