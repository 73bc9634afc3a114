// Crontabs written so that cron sees the old one or the new one, and nothing
// else.
#pragma once

#include <functional>
#include <string>

#include "app/adopt.h"
#include "base/time.h"

namespace bezalel::adopt {

struct Options {
  std::string backups;  // directory; made when needed
  bool as_root = true;  // may name other users to crontab(1)
  std::function<Timestamp()> now;
};

// A system table: a file beside it, fsync, rename; owner, mode and security
// label are kept. A user's table goes through crontab(1), which checks it.
class CrontabWriter final : public app::CrontabWriter {
 public:
  explicit CrontabWriter(Options options) : options_(std::move(options)) {}

  Result<std::string> read(const app::CrontabFile& file) override;
  Result<void> write(const app::CrontabFile& file, const std::string& before,
                     const std::string& after) override;
  std::string shell_trouble(const std::string& shell) override;

 private:
  Result<void> back_up(const app::CrontabFile& file, const std::string& text);
  Result<void> checked(const app::CrontabFile& file, const std::string& before,
                       const std::string& after) const;
  Result<void> write_system(const app::CrontabFile& file,
                            const std::string& after);
  Result<void> write_user(const app::CrontabFile& file,
                          const std::string& after);
  std::vector<std::string> crontab_command(const app::CrontabFile& file,
                                           const char* action) const;

  Options options_;
};

}  // namespace bezalel::adopt
