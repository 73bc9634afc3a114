#include "discover/cron_log_files.h"

#include <systemd/sd-journal.h>

#include <algorithm>
#include <array>
#include <memory>

namespace bezalel::discover {
namespace {

constexpr std::size_t kMostOfFile = std::size_t{4} << 20;
constexpr int kMostEntriesRead = 20000;
// No schedule but a yearly one goes longer without a start.
constexpr Duration kOldest = std::chrono::hours(24) * 32;
// The journal gives at most this much of a text.
constexpr std::size_t kMostOfText = 4096;

struct CloseJournal {
  void operator()(sd_journal* journal) const { sd_journal_close(journal); }
};
using Journal = std::unique_ptr<sd_journal, CloseJournal>;

Journal open_journal() {
  sd_journal* raw = nullptr;
  if (::sd_journal_open(&raw, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) < 0) {
    return nullptr;
  }
  Journal journal(raw);
  ::sd_journal_set_data_threshold(raw, kMostOfText);
  for (const char* name : {"CRON", "cron", "CROND", "crond"}) {
    const std::string match = std::string("SYSLOG_IDENTIFIER=") + name;
    if (::sd_journal_add_match(raw, match.data(), match.size()) < 0) {
      return nullptr;
    }
  }
  if (::sd_journal_add_match(raw, "_UID=0", 0) < 0) return nullptr;
  return journal;
}

// Of "NAME=value"; empty: the entry has no such field.
std::string_view field(sd_journal* journal, const char* name) {
  const void* data = nullptr;
  std::size_t length = 0;
  if (::sd_journal_get_data(journal, name, &data, &length) < 0) return {};
  const std::string_view whole(static_cast<const char*>(data), length);
  const std::size_t equals = whole.find('=');
  return equals == std::string_view::npos ? std::string_view()
                                          : whole.substr(equals + 1);
}

void read_journal(Timestamp now, CronLog& log) {
  const Journal journal = open_journal();
  if (!journal || ::sd_journal_seek_tail(journal.get()) < 0) return;
  for (int i = 0; i < kMostEntriesRead; ++i) {
    if (::sd_journal_previous(journal.get()) <= 0) return;
    std::uint64_t microseconds = 0;
    if (::sd_journal_get_realtime_usec(journal.get(), &microseconds) < 0) {
      return;
    }
    const Timestamp at{std::chrono::microseconds(microseconds)};
    if (at < now - kOldest) return;
    // A field lives until the next is asked for.
    const std::string program(field(journal.get(), "SYSLOG_IDENTIFIER"));
    log.add({at, program, field(journal.get(), "MESSAGE")});
  }
}

void read_text(std::string_view text, Timestamp now, const schedule::Zone& zone,
               CronLog& log) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    // Most lines are not cron's, and a stamp costs more than this.
    if (line.find("ron") == std::string_view::npos &&
        line.find("RON") == std::string_view::npos) {
      continue;
    }
    const auto parsed = parse_log_line(line, now, zone);
    if (parsed && parsed->at >= now - kOldest) log.add(*parsed);
  }
}

}  // namespace

void read_log_files(const Root& root, const schedule::Zone& zone, Timestamp now,
                    CronLog& log) {
  constexpr std::array kFiles = {"/var/log/syslog", "/var/log/cron.log",
                                 "/var/log/cron", "/var/log/messages"};
  for (const std::string path : kFiles) {
    const auto text = root.read_end(path, kMostOfFile);
    if (!text) continue;
    read_text(*text, now, zone, log);
    if (text->size() >= kMostOfFile / 2) continue;
    if (const auto before = root.read_end(path + ".1", kMostOfFile)) {
      read_text(*before, now, zone, log);
    }
  }
}

CronLog read_cron_log(const Root& root, const schedule::Zone& zone,
                      Timestamp now) {
  CronLog log;
  if (!root.is_running()) return log;
  read_journal(now, log);
  read_log_files(root, zone, now, log);
  return log;
}

}  // namespace bezalel::discover
