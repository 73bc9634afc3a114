// Issues on Gitea and Forgejo: one per incident, found again before another
// one is made.
//
// An issue is ours if the account of our token wrote it and its last marker
// line names the job (k) and the incident (e). `remote_ref` is its number.
//
//   opened    find, else create; duplicates are closed, the lowest stays
//   changed   the title is edited, a comment says why
//   reminder, action   a comment
//   resolved  a comment with the downtime, then closed with its duplicates; one
//             that other issues block (412) gets a label and is tried daily
//   test      an issue that is closed at once
//
// An issue closed by a person is an ack (Sent::closed_by_human) and stays
// closed; a deleted one is made anew; a marker that was edited away is put
// back. Comments carry the event's id and are not repeated. If another open
// issue of the same job is there with another number (our state was lost, or
// an earlier incident's close is still waiting), it is taken over: at most one
// is open per job.
#pragma once

#include <memory>
#include <string>

#include "app/channel.h"
#include "app/settings.h"
#include "notify/gitea/api.h"
#include "notify/identity.h"

namespace bezalel::notify {

class GiteaChannel final : public app::Channel {
 public:
  static Result<std::unique_ptr<app::Channel>> make(
      const app::ChannelSettings& settings, const Identity& identity);

  const std::string& name() const override { return settings_.name; }
  bool is_tracker() const override { return true; }
  app::Delivery deliver(const app::Notice& notice,
                        const std::optional<std::string>& remote_ref) override;
  app::Health probe() override;
  Result<int> close_forgotten(const IsOver& is_over) override;

 private:
  GiteaChannel(const app::ChannelSettings& settings,
               std::unique_ptr<HttpClient> http);

  using Found = std::optional<TrackerIssue>;

  Step<void> learn_account();
  app::Delivery tell(const app::Notice& notice, const Found& issue);
  app::Delivery resolve(const app::Notice& notice, const Found& issue);
  app::Delivery test(const app::Notice& notice);

  Step<Found> locate(const app::Notice& notice,
                     const std::optional<std::string>& ref);
  Step<Found> by_number(const app::Notice& notice, std::int64_t number);
  Step<Found> by_marker(const app::Notice& notice);
  Step<Found> closed_meanwhile(const app::Notice& notice);
  Step<std::vector<TrackerIssue>> open_ones(const app::Notice& notice,
                                            const std::string& label);
  Step<TrackerIssue> adopt(const app::Notice& notice, TrackerIssue issue);
  void close_duplicates(const TrackerIssue& kept,
                        const std::vector<TrackerIssue>& all);

  Step<TrackerIssue> create(const app::Notice& notice);
  Step<std::int64_t> label_id(const std::string& name, const std::string& color,
                              const std::string& description);
  void ensure_label(const TrackerIssue& issue);
  Step<void> comment_once(const app::Notice& notice, const TrackerIssue& issue);
  app::Sent sent(const TrackerIssue& issue) const;

  app::ChannelSettings settings_;
  std::unique_ptr<HttpClient> http_;
  GiteaApi api_;
  std::string account_;  // empty: not asked yet
  std::string note_;     // of the present delivery
};

}  // namespace bezalel::notify
