#include "notify/payload.h"

#include <fmt/format.h>

#include <cmath>

#include "app/notice_text.h"
#include "base/escape.h"
#include "base/json_write.h"

namespace bezalel::notify {
namespace {

constexpr std::size_t kMaxText = 60'000;
constexpr std::size_t kMaxMembers = 500;

void put(JsonWriter& w, std::string_view name, std::optional<Timestamp> t) {
  w.key(name);
  t ? w.value(format_rfc3339(*t)) : w.null();
}

void put(JsonWriter& w, std::string_view name, std::optional<Duration> d) {
  w.key(name);
  d ? w.raw(format_seconds(*d)) : w.null();
}

void put(JsonWriter& w, std::string_view name, const std::string& text) {
  w.key(name);
  text.empty() ? w.null() : w.value(utf8_prefix(text, 4096));
}

}  // namespace

std::string payload(const app::Notice& n) {
  const bool job = n.key.kind == core::IncidentKey::Kind::job;
  const bool resolved = n.kind == app::NoticeKind::resolved;
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  w.key("version").value(1);
  w.key("id").value(n.event_id);
  w.key("type").value("alert." + std::string(app::to_string(n.kind)));
  w.key("dedup_key").value(n.marker);
  w.key("episode").value(n.number);
  w.key("host").value(n.host);
  put(w, "user", n.user);
  put(w, "job", job ? n.key.name : std::string());
  put(w, "source", n.key.source);
  w.key("severity").value(core::to_string(n.severity));
  w.key("state").value(resolved ? std::string("ok") : n.verdict);
  put(w, "prev_state", resolved ? n.verdict : n.previous_verdict);
  put(w, "cause", n.cause);
  put(w, "since", std::optional(n.since));
  put(w, "opened_at", std::optional(n.opened));
  put(w, "at", std::optional(n.at));
  put(w, "resolved_at", resolved ? std::optional(n.at) : std::nullopt);
  put(w, "deadline", n.deadline);
  put(w, "last_success", n.last_success);
  put(w, "silent_s", n.downtime ? n.downtime : std::optional(n.at - n.since));
  put(w, "interval_s", n.interval);
  w.key("ratio");
  n.ratio&& std::isfinite(*n.ratio) ? w.raw(fmt::format("{}", *n.ratio))
                                    : w.null();
  w.key("members").begin_array();
  for (std::size_t i = 0; i < std::min(n.members.size(), kMaxMembers); ++i) {
    w.value(utf8_prefix(n.members[i], 200));
  }
  w.end_array();
  w.key("subject").value(app::subject(n));
  w.key("text").value(utf8_prefix(app::plain_body(n), kMaxText));
  w.key("possible_repeat").value(n.possible_repeat);
  w.end_object();
  return out;
}

}  // namespace bezalel::notify
