#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "app/channel.h"
#include "base/json_read.h"
#include "base/json_write.h"

namespace bezalel::app {
namespace {

constexpr std::array<std::pair<NoticeKind, std::string_view>, 7> kKinds = {{
    {NoticeKind::opened, "opened"},
    {NoticeKind::changed, "changed"},
    {NoticeKind::reminder, "reminder"},
    {NoticeKind::resolved, "resolved"},
    {NoticeKind::action, "action"},
    {NoticeKind::test, "test"},
    {NoticeKind::report, "report"},
}};

// Writing. Instants and spans are whole microseconds: nothing is rounded.

void put(JsonWriter& w, std::string_view name, Timestamp t) {
  w.key(name).value(std::int64_t{t.time_since_epoch().count()});
}

void put(JsonWriter& w, std::string_view name, std::optional<Timestamp> t) {
  if (t) put(w, name, *t);
}

void put(JsonWriter& w, std::string_view name, std::optional<Duration> d) {
  if (d) w.key(name).value(std::int64_t{d->count()});
}

void put(JsonWriter& w, std::string_view name,
         const std::vector<std::string>& list) {
  w.key(name).begin_array();
  for (const std::string& text : list) w.value(text);
  w.end_array();
}

std::string ratio_text(double ratio) {
  // JSON knows no infinity; such a ratio is not known.
  return std::isfinite(ratio) ? fmt::format("{}", ratio) : "0";
}

void put_key(JsonWriter& w, const core::IncidentKey& key) {
  const bool job = key.kind == core::IncidentKey::Kind::job;
  w.key("key").begin_object();
  w.key("kind").value(job ? "job" : "finding");
  w.key("uid").value(std::int64_t{key.uid});
  w.key("name").value(key.name);
  w.key("source").value(key.source);
  w.end_object();
}

void put_facts(JsonWriter& w, const std::vector<Fact>& facts) {
  w.key("facts").begin_array();
  for (const Fact& fact : facts) {
    w.begin_array().value(fact.name).value(fact.text).end_array();
  }
  w.end_array();
}

// Reading. The first thing that is wrong is remembered; one check at the end.
class Reader {
 public:
  explicit Reader(JsonValue object) : object_(object) {}

  const std::string& wrong() const { return wrong_; }

  std::string text(std::string_view name) {
    const auto value = need(name);
    if (!value) return {};
    return *or_wrong(name, value->as_string());
  }

  std::int64_t number(std::string_view name) {
    const auto value = need(name);
    if (!value) return 0;
    return *or_wrong(name, value->as_int());
  }

  bool flag(std::string_view name) {
    const auto value = need(name);
    if (!value) return false;
    return *or_wrong(name, value->as_bool());
  }

  Timestamp instant(std::string_view name) {
    return Timestamp(Duration(number(name)));
  }

  std::optional<Timestamp> maybe_instant(std::string_view name) {
    if (!object_.member(name)) return std::nullopt;
    return instant(name);
  }

  std::optional<Duration> maybe_span(std::string_view name) {
    if (!object_.member(name)) return std::nullopt;
    return Duration(number(name));
  }

  std::optional<double> maybe_double(std::string_view name) {
    const auto value = object_.member(name);
    if (!value) return std::nullopt;
    return or_wrong(name, value->as_double());
  }

  std::vector<std::string> list(std::string_view name) {
    std::vector<std::string> result;
    const auto value = need(name);
    if (!value) return result;
    for (std::size_t i = 0; auto item = value->element(i); ++i) {
      result.push_back(*or_wrong(name, item->as_string()));
    }
    return result;
  }

  std::vector<Fact> facts() {
    std::vector<Fact> result;
    const auto value = need("facts");
    if (!value) return result;
    for (std::size_t i = 0; auto pair = value->element(i); ++i) {
      const auto first = pair->element(0);
      const auto second = pair->element(1);
      if (!first || !second) {
        fail("facts");
        return result;
      }
      result.push_back({*or_wrong("facts", first->as_string()),
                        *or_wrong("facts", second->as_string())});
    }
    return result;
  }

  core::IncidentKey key() {
    const auto value = need("key");
    if (!value) return {};
    Reader inner(*value);
    const std::string kind = inner.text("kind");
    core::IncidentKey key;
    if (kind == "finding") {
      key.kind = core::IncidentKey::Kind::finding;
    } else if (kind != "job") {
      fail("key");
    }
    const std::int64_t uid = inner.number("uid");
    if (uid < 0 || uid > std::int64_t{UINT32_MAX}) fail("key");
    key.uid = static_cast<std::uint32_t>(uid);
    key.name = inner.text("name");
    key.source = inner.text("source");
    if (!inner.wrong().empty()) fail("key");
    return key;
  }

  template <class T>
  T one_of(std::string_view name, std::optional<T> value) {
    return *or_wrong(name, std::move(value));
  }

 private:
  void fail(std::string_view name) {
    if (wrong_.empty()) wrong_ = name;
  }

  std::optional<JsonValue> need(std::string_view name) {
    auto value = object_.member(name);
    if (!value) fail(name);
    return value;
  }

  template <class T>
  std::optional<T> or_wrong(std::string_view name, std::optional<T> value) {
    if (value) return value;
    fail(name);
    return T{};
  }

  JsonValue object_;
  std::string wrong_;
};

}  // namespace

std::string_view to_string(NoticeKind k) {
  for (const auto& [kind, text] : kKinds) {
    if (kind == k) return text;
  }
  return "test";
}

std::optional<NoticeKind> parse_notice_kind(std::string_view text) {
  for (const auto& [kind, name] : kKinds) {
    if (name == text) return kind;
  }
  return std::nullopt;
}

std::string encode(const Notice& n) {
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  w.key("v").value(1);
  w.key("event_id").value(n.event_id);
  w.key("kind").value(to_string(n.kind));
  w.key("host").value(n.host);
  put_key(w, n.key);
  w.key("marker").value(n.marker);
  w.key("number").value(n.number);
  w.key("incident_id").value(n.incident_id);
  w.key("user").value(n.user);
  w.key("severity").value(core::to_string(n.severity));
  w.key("verdict").value(n.verdict);
  w.key("previous_verdict").value(n.previous_verdict);
  w.key("cause").value(n.cause);
  put(w, "since", n.since);
  put(w, "opened", n.opened);
  put(w, "at", n.at);
  put(w, "last_success", n.last_success);
  put(w, "interval", n.interval);
  if (n.ratio) w.key("ratio").raw(ratio_text(*n.ratio));
  put(w, "deadline", n.deadline);
  put(w, "downtime", n.downtime);
  w.key("sentence").value(n.sentence);
  put_facts(w, n.facts);
  w.key("command").value(n.command);
  put(w, "output", n.output);
  w.key("output_lines").value(static_cast<std::int64_t>(n.output_lines));
  put(w, "members", n.members);
  put(w, "commands", n.commands);
  w.key("zone").value(n.zone);
  w.key("possible_repeat").value(n.possible_repeat);
  if (n.name_is_shared) w.key("name_is_shared").value(true);
  if (!n.only_to.empty()) put(w, "only_to", n.only_to);
  w.end_object();
  return out;
}

Result<Notice> decode_notice(std::string_view json) {
  const auto document = JsonValue::parse(json);
  if (!document || document->type() != JsonValue::Type::object) {
    return err(Kind::corrupt, "notice: not a JSON object");
  }
  Reader r(*document);
  Notice n;
  n.event_id = r.text("event_id");
  n.kind = r.one_of("kind", parse_notice_kind(r.text("kind")));
  n.host = r.text("host");
  n.key = r.key();
  n.marker = r.text("marker");
  n.number = r.number("number");
  n.incident_id = r.number("incident_id");
  n.user = r.text("user");
  n.severity = r.one_of("severity", core::parse_severity(r.text("severity")));
  n.verdict = r.text("verdict");
  n.previous_verdict = r.text("previous_verdict");
  n.cause = r.text("cause");
  n.since = r.instant("since");
  n.opened = r.instant("opened");
  n.at = r.instant("at");
  n.last_success = r.maybe_instant("last_success");
  n.interval = r.maybe_span("interval");
  n.ratio = r.maybe_double("ratio");
  n.deadline = r.maybe_instant("deadline");
  n.downtime = r.maybe_span("downtime");
  n.sentence = r.text("sentence");
  n.facts = r.facts();
  n.command = r.text("command");
  n.output = r.list("output");
  n.output_lines = static_cast<std::uint64_t>(r.number("output_lines"));
  n.members = r.list("members");
  n.commands = r.list("commands");
  n.zone = r.text("zone");
  n.possible_repeat = r.flag("possible_repeat");
  // Rows that were written before it was known are without it.
  n.name_is_shared =
      document->member("name_is_shared") && r.flag("name_is_shared");
  if (document->member("only_to")) n.only_to = r.list("only_to");
  if (!r.wrong().empty()) {
    return err(Kind::corrupt,
               "notice: " + r.wrong() + ": absent or not of its type");
  }
  return n;
}

}  // namespace bezalel::app
