// The phrases every format shares, so that no two of them differ. All of it is
// plain text on one line; what is foreign in it is escaped already.
#pragma once

#include <string>
#include <vector>

#include "app/order.h"
#include "app/view.h"

namespace bezalel::report {

// The mark in column 1: `-` needs you, `~` not yet or no alarm, `+` well, `.`
// deliberately quiet.
char mark_of(app::Rank rank);
char mark_of(const app::HostView& host, const app::Finding& finding);

std::string_view verdict_of(const app::JobView& job);
// NAME where it is the only one of the host, else USER/NAME.
std::string name_of(const app::HostView& host, const app::JobView& job);
// Of a job that the view need not hold: found by going through its jobs where
// the name is shared.
std::string name_of(const app::HostView& host, const core::JobKey& key);
// The same, to be typed.
std::string typed_name(const app::HostView& host, const app::JobView& job);
std::string typed_name(const app::HostView& host, const core::JobKey& key);

// "2d 4h", "1d", "2.2"; "-" where there is none.
std::string age_text(const app::JobView& job);
std::string interval_text(const app::JobView& job);
std::string ratio_text(const app::JobView& job);
std::string since_text(const app::HostView& host, const app::JobView& job);

// "/etc/cron.d/x:4", escaped; line 0 is none.
std::string place_of(std::string_view source, int line);

// A path, escaped: whole as long as a line can hold it.
std::string path_of(std::string_view path);
// A row whose first field is a path: where that is too long for its column, the
// rest stands on a line of its own, so that no path is cut.
std::string beside(std::string_view start, std::size_t column,
                   std::string_view rest);

// What a page begins with: host, local time and what it comes to, on one line
// of 80 columns, else on two; an empty line follows.
std::string page_title(std::string_view host, Timestamp now,
                       const std::string& zone, std::string_view text);

// "1 job", "2 jobs"; the plural is the noun with an s.
std::string plural(int n, std::string_view noun);
// "03:01" within the day of `now`, else like local_short.
std::string clock_text(const app::HostView& host, Timestamp t);
// Parts of local_long: "Tue 24 Nov 2026", "03:15 +0200".
std::string date_text(const app::HostView& host, Timestamp t);
std::string time_text(const app::HostView& host, Timestamp t);

// Jobs that are well: ok or running, silenced or not.
int well_jobs(const app::HostView& host);
// "3 of 41 jobs need you", "all 41 jobs are well", ...
std::string headline(const app::HostView& host);
// "3 bad, 1 late, 35 ok, 1 running, 1 silenced"
std::string sum_text(const app::Counts& counts);

// What happened to a job, one fact: "no run has started since Sun 01:00; last
// success Sun 01:06". Empty for a job that is well.
std::string what_happened(const app::HostView& host, const app::JobView& job);
// Its schedule is gone for good and what it last did went wrong: no run will
// end that.
bool ends_by_retiring(const app::HostView& host, const app::JobView& job);
// The last line the newest ended run said, redacted; empty: it said nothing,
// or it ended well.
std::string last_words(const app::JobView& job);

// "exit 1", "signal 9", "timeout", "running", ...
std::string end_text(const app::RunView& run);
// The kept lines of one stream, escaped by nobody yet.
std::vector<std::string> kept_lines(const record::KeptOutput& output);

// "well since Tue 14:02, closes Tue 14:32": of an open incident.
std::string closing_text(const app::HostView& host,
                         const app::ClosingView& closing);

// Words put on lines of at most `columns`, the first after `first`, the others
// after `rest`. A word that is too long stands alone, cut.
std::string wrap(std::string_view text, std::size_t columns,
                 std::string_view first, std::string_view rest);

// A limit, to the minute in at most two units: "2d 15m" where an age would say
// "2d".
std::string limit_text(Duration d);

}  // namespace bezalel::report
