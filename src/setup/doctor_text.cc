// What `doctor` prints, and its exit status.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/escape.h"
#include "setup/doctor.h"

namespace bezalel::setup {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kIndent = 13;  // mark, name, text

char mark_of(Mark mark) {
  switch (mark) {
    case Mark::well:
      return '+';
    case Mark::bad:
      return '-';
    case Mark::note:
      return '~';
  }
  return '?';
}

// `first` and words to the 80th column, the rest of them below.
std::string folded(std::string first, std::string_view text,
                   std::size_t indent) {
  std::string out = std::move(first);
  std::size_t used = out.size();
  while (text.size() > kColumns - used) {
    std::size_t cut = text.rfind(' ', kColumns - used);
    if (cut == std::string_view::npos || cut == 0) cut = text.find(' ');
    if (cut == std::string_view::npos) break;
    out += std::string(text.substr(0, cut)) + "\n" + std::string(indent, ' ');
    text.remove_prefix(cut + 1);
    used = indent;
  }
  return out + std::string(text) + "\n";
}

// To be typed as it is; other fixes are said in words.
bool is_command(std::string_view fix) {
  constexpr std::string_view kPrograms[] = {
      "bezalel ",  "systemctl ", "service ", "apt-get ",
      "loginctl ", "cp ",        "chown ",   "chmod ",
      "kill ",     "ln ",        "sudo ",    "(crontab "};
  // A sample with words to be put in is none.
  if (fix.find(" URL ") != std::string_view::npos) return false;
  return std::any_of(std::begin(kPrograms), std::end(kPrograms),
                     [&](std::string_view p) { return fix.starts_with(p); });
}

// A command stands on one line; words are folded.
std::string fix_of(const Diagnosis& d) {
  constexpr std::string_view kDo = "    do:  ";
  const std::string fix = escape_line(d.fix, 400);
  return is_command(d.fix) ? std::string(kDo) + fix + "\n"
                           : folded(std::string(kDo), fix, kDo.size());
}

std::string headline(const Examination& e) {
  if (!e.arrives) return "no alarm would reach you tonight";
  std::string text =
      fmt::format("an alarm would reach you tonight, by {} of {} channel{}",
                  e.channels_ok, e.channels, e.channels == 1 ? "" : "s");
  // Those channels that would not carry it are counted already.
  const auto faults =
      std::count_if(e.lines.begin(), e.lines.end(),
                    [](const auto& d) { return d.mark == Mark::bad; }) -
      (e.channels - e.channels_ok);
  if (faults > 0) {
    text += fmt::format("; {} fault{}", faults, faults == 1 ? "" : "s");
  }
  return text;
}

}  // namespace

std::string render(const Examination& e) {
  const std::string head = "  " + headline(e);
  std::string text =
      cut_middle(escape_line(e.host), kColumns - head.size()) + head + "\n\n";
  std::string next;
  // Settings are corrected first: what comes after was found by them.
  bool by_hand_first = false;
  bool in_words = false;
  for (const Diagnosis& d : e.lines) {
    text += folded(
        fmt::format("{} {:<10} ", mark_of(d.mark), escape_line(d.what, 30)),
        escape_line(d.text, 400), kIndent);
    if (!d.fix.empty()) text += fix_of(d);
    if (d.mark == Mark::bad && is_command(d.fix)) {
      if (next.empty() && !by_hand_first) next = d.fix;
    } else if (d.mark == Mark::bad && d.what == "settings") {
      by_hand_first = true;
    }
    in_words = in_words || (d.mark == Mark::bad && !d.fix.empty() &&
                            d.fix.find(" URL ") == std::string::npos);
  }
  // What is said in words is done by hand; there is nothing to type before.
  if (next.empty() && !by_hand_first) {
    if (!e.dead_channel.empty()) {
      next = e.bezalel + " channel test " + e.dead_channel;
    } else if (!in_words) {
      next = e.bezalel + (e.arrives ? " drill" : " init --help");
    }
  }
  return next.empty() ? text : text + "next: " + next + "\n";
}

int exit_of(const Examination& e) {
  const bool bad =
      std::any_of(e.lines.begin(), e.lines.end(),
                  [](const auto& d) { return d.mark == Mark::bad; });
  return e.arrives && !bad ? 0 : 1;
}

}  // namespace bezalel::setup
