// `bezalel check` in every format. Pure: a view in, the whole text out, ended
// by one newline. Nothing foreign can break a line, a label or a terminal.
#pragma once

#include <string>
#include <vector>

#include "app/view.h"

namespace bezalel::report {

enum class Colour { no, yes };
// Rows that are well or quiet are shown too.
enum class All { no, yes };

struct TextOptions {
  std::size_t columns = 80;  // below 80 counts as 80; above widens JOB only
  Colour colour = Colour::no;
  All all = All::no;
};

// LOOK 1: bad and late rows, findings, the sum, who was told, what to type.
std::string check_text(const app::HostView& host, const TextOptions& options);

// One line a transition; empty when nothing changed.
std::string check_quiet(const std::vector<app::TransitionView>& transitions,
                        const std::string& host);

// DESIGN 9, one line. The order of jobs is the view's: worst first.
std::string check_json(const app::HostView& host);

// The panel with its headline, for a page or an issue.
std::string check_markdown(const app::HostView& host);

// One line of the plugin contract, and its exit status: 2 an unsilenced P1,
// 1 a P2, 3 not everything was seen or judged, 1 late, 0 else; in this order.
std::string check_nagios(const app::HostView& host);
int nagios_exit(const app::HostView& host);

// The text exposition format, for a textfile collector.
std::string check_prometheus(const app::HostView& host);

}  // namespace bezalel::report
