#include "report/explain.h"

#include "app/local_time.h"
#include "base/escape.h"
#include "base/json_write.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kLabel = 18;
constexpr std::size_t kShown = 60;
constexpr std::string_view kIndent = "                  ";
using Effect = schedule::ClockChange::Effect;
using Weight = schedule::Oddity::Weight;

// "~ clocks        ", as wide as the other labels.
std::string label(char mark, std::string_view word) {
  std::string out = std::string(1, mark) + ' ' + std::string(word) + ' ';
  if (out.size() < kLabel) out.resize(kLabel, ' ');
  return out;
}

// True where the text may be typed as it is shown.
bool is_typable(const std::string& text) {
  return text.size() <= kShown && escape_line(text) == text;
}

// "--dialect cronie --tz Europe/Riga", with a blank before each.
// What is taken without `--dialect` need not be typed.
std::string settings_of(const app::Explanation& e, std::string_view taken) {
  std::string out;
  if (!e.dialect.empty() && e.dialect != taken) {
    out += " --dialect " + e.dialect;
  }
  if (e.kind == "cron" || e.kind == "calendar") {
    out += " --tz " + shell_quote(e.zone);
  }
  return out;
}

std::string next_line(const app::Explanation& e) {
  std::string line = "next: man bezalel-explain";
  if (!is_typable(e.text) || e.kind == "reboot") return line + "\n";
  std::string command;
  for (const schedule::Oddity& odd : e.oddities) {
    if (odd.rewrite.empty()) continue;
    command = "next: bezalel explain " + shell_quote(odd.rewrite) +
              settings_of(e, e.own_dialect);
    break;
  }
  if (command.empty() && !e.next.empty()) {
    command = "next: bezalel next --" + e.kind + ' ' + shell_quote(e.text) +
              settings_of(e, "debian") + " -n 20";
  }
  if (!command.empty() && command.size() <= kColumns) line = command;
  return line + "\n";
}

std::string oddity_text(const schedule::Oddity& odd) {
  const char mark = odd.weight == Weight::never_runs ? '-' : '~';
  std::string out = wrap(odd.message, kColumns, label(mark, odd.rule), kIndent);
  out += wrap(odd.why, kColumns, kIndent, kIndent);
  if (!odd.rewrite.empty()) {
    out += std::string(kIndent) +
           "fix:  " + escape_line(odd.rewrite, kColumns - kLabel - 6) + "\n";
  }
  return out;
}

// With seconds only where there are some.
std::string local(Timestamp t, const std::string& zone) {
  const std::string text = app::local_long(t, zone);
  const std::string seconds = app::local_clock(t, zone).substr(5);
  if (seconds == ":00") return text;
  const std::size_t at = text.rfind(' ');
  return text.substr(0, at) + seconds + text.substr(at);
}

std::string_view effect_name(Effect effect) {
  switch (effect) {
    case Effect::moved:
      return "moved";
    case Effect::skipped:
      return "skipped";
    case Effect::doubled:
      return "doubled";
    case Effect::held_back:
      return "held_back";
    case Effect::stops:
      return "stops";
  }
  return "";
}

}  // namespace

std::string explain_text(const app::Explanation& e) {
  const std::string shown = escape_line(e.text, kShown);
  std::string out =
      shown.size() < kColumns / 2
          ? wrap(e.words, kColumns, shown + "  ", "    ")
          : shown + "\n" + wrap(e.words, kColumns, "    ", "    ");
  out += '\n';
  if (!e.scheduler.empty()) {
    out += label(' ', "read by") + e.scheduler;
    const bool differs = e.own_dialect != "debian";
    if (differs && e.dialect == e.own_dialect) out += " (this host's)";
    if (e.kind != "reboot") out += ", " + escape_line(e.zone, 40);
    out += '\n';
  }
  for (std::size_t i = 0; i < e.next.size(); ++i) {
    out += i == 0 ? label(' ', "next runs") : std::string(kIndent);
    out += local(e.next[i], e.zone) + "\n";
  }
  for (const schedule::Oddity& odd : e.oddities) out += oddity_text(odd);
  for (const app::ExplainedChange& c : e.changes) {
    const char mark = c.change.effect == Effect::stops ? '-' : '~';
    out += wrap(c.words, kColumns, label(mark, "clocks"), kIndent);
  }
  return out + next_line(e);
}

std::string explain_json(const app::Explanation& e) {
  std::string out;
  JsonWriter json(out);
  const auto optional_text = [&](const char* name, const std::string& text) {
    json.key(name);
    if (text.empty()) {
      json.null();
    } else {
      json.value(text);
    }
  };
  json.begin_object();
  json.key("v").value(1).key("expression").value(e.text);
  json.key("kind").value(e.kind);
  optional_text("dialect", e.dialect);
  json.key("tz").value(e.zone).key("words").value(e.words);
  json.key("next").begin_array();
  for (const Timestamp t : e.next) json.value(format_rfc3339(t));
  json.end_array().key("findings").begin_array();
  for (const schedule::Oddity& odd : e.oddities) {
    json.begin_object().key("id").value(odd.rule);
    json.key("severity")
        .value(odd.weight == Weight::never_runs ? "error" : "warning");
    json.key("column").value(static_cast<std::uint64_t>(odd.begin + 1));
    json.key("message").value(odd.message).key("why").value(odd.why);
    optional_text("fix", odd.rewrite);
    json.end_object();
  }
  json.end_array().key("clock_changes").begin_array();
  for (const app::ExplainedChange& c : e.changes) {
    json.begin_object().key("at").value(format_rfc3339(c.change.at));
    json.key("effect").value(effect_name(c.change.effect));
    json.key("times").value(c.change.count);
    json.key("message").value(c.words).end_object();
  }
  json.end_array().end_object();
  return out + "\n";
}

}  // namespace bezalel::report
