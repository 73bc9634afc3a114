#include "stub_tracker/stub_tracker.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/json_read.h"
#include "base/json_write.h"

namespace bezalel::stub {
namespace {

constexpr const char* kLabel = "heartbeat-checker";
constexpr std::size_t kPage = 50;

std::string text(const JsonValue& json, std::string_view name) {
  const auto value = json.member(name);
  return value ? value->as_string().value_or("") : "";
}

std::int64_t number(const JsonValue& json, std::string_view name,
                    std::int64_t otherwise) {
  const auto value = json.member(name);
  return value ? value->as_int().value_or(otherwise) : otherwise;
}

bool flag(const JsonValue& json, std::string_view name) {
  const auto value = json.member(name);
  return value && value->as_bool().value_or(false);
}

Answer error(int status, std::string_view message) {
  std::string body;
  JsonWriter(body).begin_object().key("message").value(message).end_object();
  return {status, body, {}, Manner::whole};
}

Answer json(int status, std::string body) {
  return {status, std::move(body), {}, Manner::whole};
}

std::string user_of(const Request& request) {
  const auto header = request.headers.find("authorization");
  if (header == request.headers.end()) return {};
  if (header->second == "token stub-token") return "bezalel-bot";
  if (header->second == "token other-token") return "mallory";
  return {};
}

std::string query(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "" : found->second;
}

std::int64_t to_number(const std::string& digits) {
  return std::strtoll(digits.c_str(), nullptr, 10);
}

std::string user_json(const std::string& login) {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .key("id")
      .value(login == "bezalel-bot" ? 7 : 8)
      .key("login")
      .value(login)
      .end_object();
  return out;
}

std::string comment_json(const Comment& comment) {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .key("id")
      .value(comment.id)
      .key("body")
      .value(comment.body)
      .key("user")
      .raw(user_json(comment.poster))
      .end_object();
  return out;
}

std::string label_json(const Label& label) {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .key("id")
      .value(label.id)
      .key("name")
      .value(label.name)
      .end_object();
  return out;
}

template <class T, class F>
std::string array_json(const std::vector<T>& items, F&& to_json) {
  std::string out;
  JsonWriter w(out);
  w.begin_array();
  for (const T& item : items) w.raw(to_json(item));
  w.end_array();
  return out;
}

bool fits(const Mode& mode, const Request& request) {
  return (mode.method.empty() || mode.method == request.method) &&
         request.path.find(mode.path) != std::string::npos;
}

// The answer of a mode in place of `real`'s; `executed` says whether the
// request is carried out all the same.
bool is_executed(const Mode& mode) {
  return mode.what.starts_with("accept_then_");
}

Answer misbehave(const Mode& mode, Answer real) {
  const std::string& what = mode.what;
  if (what == "close" || what == "accept_then_close") {
    real.manner = Manner::close;
  } else if (what == "hang" || what == "accept_then_hang") {
    real.manner = Manner::hang;
  } else if (what == "hang_headers") {
    real = json(200, "{\"id\":1}");
    real.manner = Manner::hang_headers;
  } else if (what == "slow") {
    real = json(200, std::string(2000, ' '));
    real.manner = Manner::slow;
  } else if (what == "endless") {
    real.manner = Manner::endless;
  } else if (what == "html") {
    real = json(200, "<html><body>Please log in</body></html>");
    real.headers["Content-Type"] = "text/html";
  } else if (what == "garbage") {
    real = json(200, "{\"number\":\"x\x01");
  } else if (what == "redirect") {
    real = json(302, "");
    real.headers["Location"] = mode.location;
  } else {
    real = error(std::atoi(what.c_str()), "stub says " + what);
  }
  if (!mode.retry_after.empty()) {
    real.headers["Retry-After"] = mode.retry_after;
  }
  return real;
}

void strip_marker(std::string& body) {
  const std::size_t at = body.rfind("<!-- heartbeat-checker");
  if (at != std::string::npos) body.resize(at);
}

}  // namespace

StubTracker::StubTracker(int port, std::string state_file)
    : state_file_(std::move(state_file)) {
  load();
  server_ = std::make_unique<HttpServer>(
      [this](const Request& r) { return handle(r); }, port);
}

std::string StubTracker::url() const {
  return "http://127.0.0.1:" + std::to_string(port());
}

void StubTracker::add(Mode mode) {
  const std::lock_guard lock(mutex_);
  modes_.push_back(std::move(mode));
}

void StubTracker::clear_modes() {
  const std::lock_guard lock(mutex_);
  modes_.clear();
}

void StubTracker::set(Flags flags) {
  const std::lock_guard lock(mutex_);
  flags_ = flags;
}

std::vector<Issue> StubTracker::issues() const {
  const std::lock_guard lock(mutex_);
  return issues_;
}

Issue StubTracker::issue(std::int64_t wanted) const {
  const std::lock_guard lock(mutex_);
  for (const Issue& i : issues_) {
    if (i.number == wanted) return i;
  }
  return {};
}

std::vector<Request> StubTracker::recorded() const {
  const std::lock_guard lock(mutex_);
  return recorded_;
}

std::vector<Request> StubTracker::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::int64_t StubTracker::create(const std::string& poster,
                                 const std::string& title,
                                 const std::string& body, bool labelled) {
  const std::lock_guard lock(mutex_);
  return create_locked(poster, title, body, labelled);
}

void StubTracker::change(std::int64_t wanted, const std::string& what,
                         const std::string& title) {
  const std::lock_guard lock(mutex_);
  change_locked(wanted, what, title);
}

void StubTracker::delete_label() {
  const std::lock_guard lock(mutex_);
  delete_label_locked();
}

std::string StubTracker::state() const {
  const std::lock_guard lock(mutex_);
  return state_locked();
}

Answer StubTracker::handle(const Request& request) {
  const std::lock_guard lock(mutex_);
  if (request.path.starts_with("/_control/")) return control(request);
  const bool is_api = request.path.starts_with("/api/v1/");
  if (is_api) calls_.push_back(request);
  const auto act = [&] { return is_api ? api(request) : record(request); };
  for (auto mode = modes_.begin(); mode != modes_.end(); ++mode) {
    if (!fits(*mode, request)) continue;
    if (mode->skip > 0) {
      --mode->skip;
      continue;
    }
    Mode used = *mode;
    if (mode->count > 0 && --mode->count == 0) modes_.erase(mode);
    Answer real = is_executed(used) ? act() : Answer{};
    save();
    return misbehave(used, std::move(real));
  }
  Answer answer = act();
  if (request.method != "GET") save();
  return answer;
}

Answer StubTracker::control(const Request& request) {
  const std::string what = request.path.substr(10);
  if (what == "state") return json(200, state_locked());
  if (what == "reset") {
    issues_.clear();
    labels_.clear();
    modes_.clear();
    recorded_.clear();
    calls_.clear();
    flags_ = {};
    next_number_ = 1;
    save();
    return json(200, "{}");
  }
  const auto body = JsonValue::parse(request.body);
  if (!body) return error(400, "not JSON");
  if (what == "mode") {
    modes_.push_back({text(*body, "mode"), text(*body, "method"),
                      text(*body, "path"),
                      static_cast<int>(number(*body, "count", -1)),
                      static_cast<int>(number(*body, "skip", 0)),
                      text(*body, "retry_after"), text(*body, "location")});
  } else if (what == "flags") {
    flags_ = {flag(*body, "ignore_filters"), flag(*body, "drop_labels"),
              flag(*body, "archived"), flag(*body, "dependencies"),
              flag(*body, "no_labels_allowed")};
  } else if (what == "create") {
    const std::int64_t made =
        create_locked(text(*body, "poster"), text(*body, "title"),
                      text(*body, "body"), flag(*body, "labelled"));
    return json(200, "{\"number\":" + std::to_string(made) + "}");
  } else if (what == "seed") {
    for (std::int64_t i = number(*body, "count", 0); i > 0; --i) {
      create_locked(text(*body, "poster"), "seeded", "nothing of ours", true);
    }
  } else if (what == "issue") {
    change_locked(number(*body, "number", 0), text(*body, "do"),
                  text(*body, "title"));
  } else if (what == "label") {
    delete_label_locked();
  } else {
    return error(404, "no such control");
  }
  save();
  return json(200, "{}");
}

Answer StubTracker::record(const Request& request) {
  recorded_.push_back(request);
  const std::string& path = request.path;
  if (path.starts_with("/pagerduty")) {
    return json(202, R"({"status":"success","message":"Event processed"})");
  }
  if (path.starts_with("/ntfy")) {
    return json(200, R"({"id":"sPs71M8A2T","event":"message"})");
  }
  return json(200, "OK");
}

Answer StubTracker::api(const Request& request) {
  const std::string path = request.path.substr(7);
  if (path == "/version") return json(200, R"({"version":"1.22.0"})");
  const std::string user = user_of(request);
  if (user.empty()) return error(401, "invalid username, password or token");
  if (path == "/user") return json(200, user_json(user));
  if (path.starts_with("/orgs/")) return error(404, "not an organisation");
  if (!path.starts_with("/repos/ops/alerts")) return error(404, "not found");
  if (flags_.archived && request.method != "GET") {
    return error(423, "repository is archived");
  }
  return repository(request, user, path.substr(17));
}

Answer StubTracker::repository(const Request& request, const std::string& user,
                               const std::string& rest) {
  if (rest.empty()) {
    return json(200, std::string(R"({"full_name":"ops/alerts",)") +
                         R"("has_issues":true,"archived":)" +
                         (flags_.archived ? "true" : "false") +
                         R"(,"permissions":{"admin":false,"push":true,)"
                         R"("pull":true}})");
  }
  if (rest == "/labels") return labels(request);
  if (rest == "/issues" && request.method == "POST") {
    return create_issue(request, user);
  }
  if (rest == "/issues") return list(request);
  if (!rest.starts_with("/issues/")) return error(404, "not found");
  const std::string tail = rest.substr(8);
  const std::size_t slash = std::min(tail.find('/'), tail.size());
  Issue* issue = find(to_number(tail.substr(0, slash)));
  if (issue == nullptr) return error(404, "issue does not exist");
  return one_issue(request, user, *issue, tail.substr(slash));
}

Answer StubTracker::labels(const Request& request) {
  if (request.method == "GET") {
    const bool first =
        query(request, "page").empty() || query(request, "page") == "1";
    return json(200, first ? array_json(labels_, label_json) : "[]");
  }
  if (flags_.no_labels_allowed) return error(403, "must be a writer");
  const auto body = JsonValue::parse(request.body);
  if (!body || text(*body, "name").empty()) return error(422, "name");
  const std::string name = text(*body, "name");
  label_id(name);
  return json(201, label_json(*label(name)));
}

Answer StubTracker::list(const Request& request) {
  const std::string state = query(request, "state");
  const std::string author = query(request, "created_by");
  const Label* wanted = label(query(request, "labels"));
  std::vector<Issue> found;
  for (auto issue = issues_.rbegin(); issue != issues_.rend(); ++issue) {
    if (state != "all" && issue->open != (state != "closed")) continue;
    if (!flags_.ignore_filters) {
      if (!author.empty() && issue->poster != author) continue;
      // As Gitea does: a label that does not exist filters nothing.
      if (wanted != nullptr && !issue->labels.contains(wanted->id)) continue;
    }
    found.push_back(*issue);
  }
  const auto limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(to_number(query(request, "limit")), 1, kPage));
  const auto page = static_cast<std::size_t>(
      std::max<std::int64_t>(1, to_number(query(request, "page"))));
  const std::size_t from = std::min((page - 1) * limit, found.size());
  const std::size_t to = std::min(from + limit, found.size());
  const std::string total = std::to_string(found.size());
  found = {found.begin() + static_cast<std::ptrdiff_t>(from),
           found.begin() + static_cast<std::ptrdiff_t>(to)};
  Answer answer = json(
      200, array_json(found, [this](const Issue& i) { return issue_json(i); }));
  answer.headers["X-Total-Count"] = total;
  return answer;
}

Answer StubTracker::create_issue(const Request& request,
                                 const std::string& user) {
  const auto body = JsonValue::parse(request.body);
  if (!body || text(*body, "title").empty()) return error(422, "title");
  if (const auto names = body->member("assignees")) {
    for (std::size_t i = 0; const auto name = names->element(i); ++i) {
      if (name->as_string() == "nobody") {
        return error(422, "Assignee does not exist: [name: nobody]");
      }
    }
  }
  const std::int64_t made =
      create_locked(user, text(*body, "title"), text(*body, "body"), false);
  Issue& issue = *find(made);
  const auto ids = body->member("labels");
  for (std::size_t i = 0; ids && !flags_.drop_labels; ++i) {
    const auto id = ids->element(i);
    if (!id) break;
    if (!id->as_int()) return error(422, "labels are ids");
    issue.labels.insert(*id->as_int());
  }
  return json(201, issue_json(issue));
}

Answer StubTracker::one_issue(const Request& request, const std::string& user,
                              Issue& issue, const std::string& rest) {
  if (rest.empty() && request.method == "GET") {
    return json(200, issue_json(issue));
  }
  if (rest.empty() && request.method == "PATCH") {
    return patch(request, user, issue);
  }
  if (rest == "/comments") return comments(request, user, issue);
  if (rest == "/labels" && request.method == "POST") {
    if (flags_.no_labels_allowed) return error(403, "must be a writer");
    const auto body = JsonValue::parse(request.body);
    const auto ids = body ? body->member("labels") : std::nullopt;
    for (std::size_t i = 0; ids; ++i) {
      const auto id = ids->element(i);
      if (!id) break;
      issue.labels.insert(id->as_int().value_or(0));
    }
    return json(200, "[]");
  }
  return error(404, "not found");
}

Answer StubTracker::patch(const Request& request, const std::string& user,
                          Issue& issue) {
  const auto body = JsonValue::parse(request.body);
  if (!body) return error(400, "not JSON");
  if (issue.poster != user && user != "bezalel-bot") return error(403, "no");
  if (text(*body, "state") == "closed" && flags_.dependencies) {
    return error(412, "cannot close this issue because it has dependencies");
  }
  if (body->member("title")) issue.title = text(*body, "title");
  if (body->member("body")) issue.body = text(*body, "body");
  if (body->member("state")) issue.open = text(*body, "state") == "open";
  return json(201, issue_json(issue));
}

Answer StubTracker::comments(const Request& request, const std::string& user,
                             Issue& issue) {
  if (request.method == "GET") {
    return json(200, array_json(issue.comments, comment_json));
  }
  const auto body = JsonValue::parse(request.body);
  if (!body || text(*body, "body").empty()) return error(422, "body");
  issue.comments.push_back({next_id_++, user, text(*body, "body")});
  return json(201, comment_json(issue.comments.back()));
}

std::int64_t StubTracker::create_locked(const std::string& poster,
                                        const std::string& title,
                                        const std::string& body,
                                        bool labelled) {
  Issue issue;
  issue.number = next_number_++;
  issue.poster = poster;
  issue.title = title;
  issue.body = body;
  if (labelled) issue.labels.insert(label_id(kLabel));
  issues_.push_back(std::move(issue));
  return issues_.back().number;
}

void StubTracker::change_locked(std::int64_t wanted, const std::string& what,
                                const std::string& title) {
  Issue* issue = find(wanted);
  if (issue == nullptr) return;
  if (what == "delete") {
    std::erase_if(issues_, [&](const Issue& i) { return i.number == wanted; });
  } else if (what == "retitle") {
    issue->title = title;
  } else if (what == "strip_marker") {
    strip_marker(issue->body);
  } else if (what == "unlabel") {
    issue->labels.clear();
  } else {
    issue->open = what == "reopen";
  }
}

void StubTracker::delete_label_locked() {
  if (const Label* found = label(kLabel)) {
    for (Issue& issue : issues_) issue.labels.erase(found->id);
  }
  std::erase_if(labels_, [](const Label& l) { return l.name == kLabel; });
}

Issue* StubTracker::find(std::int64_t wanted) {
  for (Issue& issue : issues_) {
    if (issue.number == wanted) return &issue;
  }
  return nullptr;
}

const Label* StubTracker::label(const std::string& name) const {
  for (const Label& l : labels_) {
    if (l.name == name) return &l;
  }
  return nullptr;
}

std::int64_t StubTracker::label_id(const std::string& name) {
  if (const Label* found = label(name)) return found->id;
  labels_.push_back({next_id_++, name});
  return labels_.back().id;
}

std::string StubTracker::issue_json(const Issue& issue) const {
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  w.key("number").value(issue.number);
  w.key("title").value(issue.title);
  w.key("body").value(issue.body);
  w.key("state").value(issue.open ? "open" : "closed");
  w.key("user").raw(user_json(issue.poster));
  w.key("labels").begin_array();
  for (const Label& l : labels_) {
    if (issue.labels.contains(l.id)) w.raw(label_json(l));
  }
  w.end_array();
  w.end_object();
  return out;
}

std::string StubTracker::state_locked() const {
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  w.key("next_number").value(next_number_);
  w.key("labels").raw(array_json(labels_, label_json));
  w.key("issues").begin_array();
  for (const Issue& issue : issues_) {
    std::string json_text = issue_json(issue);
    json_text.pop_back();
    json_text += ",\"comments\":" + array_json(issue.comments, comment_json);
    w.raw(json_text + "}");
  }
  w.end_array();
  w.key("recorded").begin_array();
  for (const Request& request : recorded_) {
    w.begin_object();
    w.key("method").value(request.method);
    w.key("path").value(request.path);
    w.key("headers").begin_object();
    for (const auto& [name, value] : request.headers) w.key(name).value(value);
    w.end_object();
    w.key("body").value(request.body);
    w.end_object();
  }
  w.end_array();
  w.key("calls").begin_array();
  for (const Request& r : calls_) w.value(r.method + " " + r.path);
  w.end_array();
  w.end_object();
  return out;
}

void StubTracker::save() const {
  if (state_file_.empty()) return;
  const std::string temporary = state_file_ + ".tmp";
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file << state_locked() << "\n";
  }
  std::rename(temporary.c_str(), state_file_.c_str());
}

void StubTracker::load() {
  if (state_file_.empty()) return;
  std::ifstream file(state_file_, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  const std::string all = bytes.str();
  const auto state = JsonValue::parse(all);
  if (!state) return;
  next_number_ = number(*state, "next_number", 1);
  const auto members = [](const JsonValue& of, std::string_view name,
                          auto&& f) {
    const auto list = of.member(name);
    for (std::size_t i = 0; list; ++i) {
      const auto item = list->element(i);
      if (!item) return;
      f(*item);
    }
  };
  const auto poster = [](const JsonValue& of) {
    const auto user = of.member("user");
    return user ? text(*user, "login") : std::string();
  };
  members(*state, "labels", [&](const JsonValue& l) {
    labels_.push_back({number(l, "id", 0), text(l, "name")});
    next_id_ = std::max(next_id_, number(l, "id", 0) + 1);
  });
  members(*state, "issues", [&](const JsonValue& i) {
    Issue issue;
    issue.number = number(i, "number", 0);
    issue.poster = poster(i);
    issue.title = text(i, "title");
    issue.body = text(i, "body");
    issue.open = text(i, "state") == "open";
    members(i, "labels", [&](const JsonValue& l) {
      issue.labels.insert(number(l, "id", 0));
    });
    members(i, "comments", [&](const JsonValue& c) {
      issue.comments.push_back(
          {number(c, "id", 0), poster(c), text(c, "body")});
      next_id_ = std::max(next_id_, number(c, "id", 0) + 1);
    });
    issues_.push_back(std::move(issue));
  });
}

}  // namespace bezalel::stub
