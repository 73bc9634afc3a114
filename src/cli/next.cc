// `bezalel next`: instants of a schedule, single and in batch (DESIGN 9).
#include <algorithm>
#include <boost/json.hpp>

#include "app/explain.h"
#include "base/duration.h"
#include "base/escape.h"
#include "base/json_write.h"
#include "base/nearest.h"
#include "cli/commands.h"
#include "schedule/schedule.h"

namespace bezalel::cli {
namespace {

constexpr int kMaxAnswers = 100000;

struct Question {
  NextOptions options;
  Timestamp from;
  std::string zone;
};

Result<schedule::Schedule> schedule_of(const Question& q) {
  const NextOptions& o = q.options;
  const int given = (o.cron.empty() ? 0 : 1) + (o.calendar.empty() ? 0 : 1) +
                    (o.every.empty() ? 0 : 1);
  if (given != 1) {
    return err(Kind::usage,
               "next: expected one of --cron E, --calendar E, --every D");
  }
  if (!o.every.empty()) {
    BZ_ASSIGN(const Duration interval, parse_time_span(o.every));
    if (interval <= Duration::zero()) {
      return err(Kind::invalid, "every: 0 is no interval; expected more");
    }
    return schedule::Schedule(schedule::Every{interval});
  }
  BZ_ASSIGN(const schedule::Zone zone, schedule::Zone::load(q.zone));
  if (!o.calendar.empty()) {
    BZ_ASSIGN(auto calendar, schedule::Calendar::parse(o.calendar));
    return schedule::Schedule(schedule::OnCalendar{calendar, zone});
  }
  BZ_ASSIGN(const schedule::Dialect dialect,
            schedule::parse_dialect(o.dialect));
  BZ_ASSIGN(auto cron, app::read_expression(o.cron, dialect));
  return schedule::Schedule(schedule::Cron{cron, zone});
}

Result<std::vector<Timestamp>> answer(const Question& q) {
  BZ_ASSIGN(const schedule::Schedule s, schedule_of(q));
  std::vector<Timestamp> instants;
  Timestamp at = q.from;
  for (int i = 0; i < q.options.n; ++i) {
    const auto found = q.options.prev ? schedule::previous_before(s, at)
                                      : schedule::next_after(s, at);
    if (!found) break;
    instants.push_back(*found);
    at = *found;
  }
  return instants;
}

// A key that nobody asks for would be passed over: `frm` answered from now.
Result<void> expect_known_keys(const boost::json::object& line) {
  static const std::vector<std::string> known = {
      "cron", "calendar", "every", "dialect", "tz", "from", "n", "prev"};
  for (const auto& member : line) {
    const std::string key(member.key());
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string nearest = nearest_word(key, known);
    return err(Kind::invalid,
               "unknown key " + escape_line(key, 40) +
                   (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
  }
  for (const char* key : {"cron", "calendar", "every"}) {
    const auto* value = line.if_contains(key);
    if (value && value->is_string() && value->get_string().empty()) {
      return err(Kind::invalid,
                 std::string(key) + ": is empty; expected an expression");
    }
  }
  return {};
}

// A member of a batch line, as its type; absent is fine.
Result<std::string> text_member(const boost::json::object& line,
                                const char* name) {
  const auto* value = line.if_contains(name);
  if (!value || value->is_null()) return std::string();
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_int64()) return std::to_string(value->get_int64());
  return err(Kind::invalid, std::string(name) + ": expected a string");
}

Result<Question> question_of(const std::string& line, Timestamp now,
                             const std::string& zone) {
  boost::system::error_code failed;
  const boost::json::value value = boost::json::parse(line, failed);
  if (failed || !value.is_object()) {
    return err(Kind::invalid, "not a JSON object");
  }
  const boost::json::object& object = value.get_object();
  BZ_TRY(expect_known_keys(object));
  Question q{{}, now, zone};
  BZ_ASSIGN(q.options.cron, text_member(object, "cron"));
  BZ_ASSIGN(q.options.calendar, text_member(object, "calendar"));
  BZ_ASSIGN(q.options.every, text_member(object, "every"));
  BZ_ASSIGN(const std::string dialect, text_member(object, "dialect"));
  if (!dialect.empty()) q.options.dialect = dialect;
  BZ_ASSIGN(const std::string tz, text_member(object, "tz"));
  if (!tz.empty()) q.zone = tz;
  BZ_ASSIGN(const std::string from, text_member(object, "from"));
  if (!from.empty()) {
    BZ_ASSIGN(q.from, parse_rfc3339(from));
  }
  if (const auto* prev = object.if_contains("prev")) {
    if (!prev->is_bool()) return err(Kind::invalid, "prev: expected a boolean");
    q.options.prev = prev->get_bool();
  }
  if (const auto* n = object.if_contains("n")) {
    if (!n->is_int64() || n->get_int64() < 1 || n->get_int64() > kMaxAnswers) {
      return err(Kind::invalid, "n: expected 1 to 100000");
    }
    q.options.n = static_cast<int>(n->get_int64());
  }
  return q;
}

std::string batch_line(const std::string& line, Timestamp now,
                       const std::string& zone) {
  const auto answered = [&]() -> Result<std::vector<Timestamp>> {
    BZ_ASSIGN(const Question q, question_of(line, now, zone));
    return answer(q);
  }();
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  if (answered) {
    json.key("next").begin_array();
    for (const Timestamp t : *answered) json.value(format_rfc3339(t));
    json.end_array();
  } else {
    json.key("error").value(answered.error().what);
  }
  json.end_object();
  return out + "\n";
}

}  // namespace

Said run_next(const NextOptions& options, Timestamp now,
              const std::string& zone,
              const std::function<bool(std::string&)>& input,
              const std::function<void(const std::string&)>& output) {
  if (options.batch) {
    std::string line;
    while (input(line)) output(batch_line(line, now, zone));
    return {};
  }
  Question q{options, now, options.tz.empty() ? zone : options.tz};
  if (!options.from.empty()) {
    auto from = parse_rfc3339(options.from);
    if (!from)
      return failure(err(Kind::invalid, "--from: " + from.error().what));
    q.from = *from;
  }
  const auto instants = answer(q);
  if (!instants) {
    const std::string& what = instants.error().what;
    const std::string where = what.starts_with("next:") ? "" : "next: ";
    return {"", "bezalel: " + where + what + "\n", 2};
  }
  Said said;
  for (const Timestamp t : *instants) said.out += format_rfc3339(t) + "\n";
  return said;
}

}  // namespace bezalel::cli
