// The host's crontabs, found where its daemon looks for them.
#pragma once

#include <string>
#include <vector>

#include "app/crontab_files.h"
#include "discover/daemons.h"
#include "discover/packages.h"
#include "discover/root.h"

namespace bezalel::discover {

struct Who {
  bool as_root = true;  // may read everything
  std::uint32_t uid = 0;
  std::string user;
  bool own_only = false;  // what is this user's alone
};

// Borrows all that it is given.
class HostCrontabs final : public app::CrontabFiles {
 public:
  HostCrontabs(const Root& root, const Daemons& daemons,
               const Packages& packages, Who who)
      : root_(root), daemons_(daemons), packages_(packages), who_(who) {}

  app::CrontabScan scan() override;
  crontab::Host host() override;
  crontab::ProgramFacts program(const std::string& path) override;
  bool may_run(const std::string& path, const std::string& user) override;

 private:
  void system_tables(app::CrontabScan& scan);
  void anacrontab(app::CrontabScan& scan) const;
  void user_tables(app::CrontabScan& scan);
  void spool_of_tables(const std::string& spool, app::CrontabScan& scan);
  // What a plain user can not see, said.
  void unseen_tables(app::CrontabScan& scan) const;
  void unreadable_spool(const std::string& spool, const Error& why,
                        const char* id, app::CrontabScan& scan) const;
  void unread_spools(const std::vector<std::string>& read,
                     app::CrontabScan& scan);
  void own_table(app::CrontabScan& scan);
  void add(app::CrontabScan& scan, app::CrontabFile file);
  void pass_over(app::CrontabScan& scan, app::CrontabFile file,
                 const crontab::Problem& problem);
  void find_timer(crontab::FileFacts& facts) const;
  void blocked(app::CrontabScan& scan, const app::CrontabFile& file) const;
  void unread_table(app::CrontabScan& scan, app::CrontabFile file);
  void hide(const app::CrontabFile& file, const char* why,
            app::Finding& finding) const;
  app::CrontabFile file_at(const std::string& path, crontab::Kind kind) const;

  const Root& root_;
  const Daemons& daemons_;
  const Packages& packages_;
  const Who who_;
};

// Everything that HostCrontabs borrows, found anew for each scan: for callers
// that want the crontabs alone.
class Crontabs final : public app::CrontabFiles {
 public:
  Crontabs(std::string sysroot, Who who)
      : root_(std::move(sysroot)), who_(std::move(who)) {}

  app::CrontabScan scan() override;
  crontab::Host host() override;
  crontab::ProgramFacts program(const std::string& path) override;
  bool may_run(const std::string& path, const std::string& user) override;

 private:
  Root root_;
  Who who_;
};

}  // namespace bezalel::discover
