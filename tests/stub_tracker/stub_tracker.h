// A Gitea in a test's pocket: the part of its API that an alarm needs, over a
// store in memory, and every way in which a forge has been seen to fail.
//
// The API answers as Gitea 1.22 does, with its traps: label names in filters
// and ids elsewhere, pages of at most 50, an unknown label in a filter makes
// the filter be ignored, 201 for a PATCH. What is posted elsewhere (/hook,
// /pagerduty, /ntfy, /deadman/...) is recorded and answered as these services
// do. Tokens: "stub-token" is bezalel-bot, "other-token" is mallory.
//
// Everything can also be steered over HTTP, for black-box tests; JSON bodies:
//
//   POST /_control/mode    {"mode","method","path","count","skip",
//                           "retry_after","location"}
//   POST /_control/flags   {"ignore_filters","drop_labels","archived",
//                           "dependencies","no_labels_allowed"}  true or false
//   POST /_control/create  {"poster","title","body","labelled"} -> {"number"}
//   POST /_control/seed    {"count","poster"}
//   POST /_control/issue   {"number","do":"close|reopen|delete|retitle|
//                           strip_marker|unlabel","title"}
//   POST /_control/label   {"do":"delete"}   the heartbeat-checker label
//   POST /_control/reset
//   GET  /_control/state
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "stub_tracker/http_server.h"

namespace bezalel::stub {

struct Comment {
  std::int64_t id = 0;
  std::string poster;
  std::string body;
};

struct Issue {
  std::int64_t number = 0;
  std::string poster;
  std::string title;
  std::string body;
  bool open = true;
  std::set<std::int64_t> labels;
  std::vector<Comment> comments;
};

struct Label {
  std::int64_t id = 0;
  std::string name;
};

// Applies to the requests that fit, `count` times (-1: always), after `skip`
// others that fit. `what`: a status ("500"), or close, accept_then_close,
// hang, accept_then_hang, hang_headers, slow, endless, html, garbage, redirect.
struct Mode {
  std::string what;
  std::string method;  // empty: any
  std::string path;    // part of the path; empty: any
  int count = -1;
  int skip = 0;
  std::string retry_after;
  std::string location;
};

struct Flags {
  bool ignore_filters = false;     // of the list of issues
  bool drop_labels = false;        // of a create: 201 without them
  bool archived = false;           // 423 for every write
  bool dependencies = false;       // 412 for closing
  bool no_labels_allowed = false;  // 403 for creating and setting labels
};

class StubTracker {
 public:
  // Serves at once. `state_file`: issues are read from it and written to it
  // after each change; empty: none.
  explicit StubTracker(int port = 0, std::string state_file = {});

  int port() const { return server_->port(); }
  std::string url() const;  // "http://127.0.0.1:PORT"
  void stop() { server_->stop(); }

  // For tests in the same process. Each call takes the lock.
  void add(Mode mode);
  void clear_modes();
  void set(Flags flags);
  std::vector<Issue> issues() const;
  Issue issue(std::int64_t number) const;  // number 0: no such issue
  std::vector<Request> recorded() const;   // not API, not control
  std::vector<Request> calls() const;      // API
  std::int64_t create(const std::string& poster, const std::string& title,
                      const std::string& body, bool labelled);
  void change(std::int64_t number, const std::string& what,
              const std::string& title = {});
  void delete_label();
  std::string state() const;  // JSON

 private:
  Answer handle(const Request& request);
  Answer control(const Request& request);
  Answer api(const Request& request);
  Answer repository(const Request& request, const std::string& user,
                    const std::string& rest);
  Answer labels(const Request& request);
  Answer list(const Request& request);
  Answer create_issue(const Request& request, const std::string& user);
  Answer one_issue(const Request& request, const std::string& user,
                   Issue& issue, const std::string& rest);
  Answer patch(const Request& request, const std::string& user, Issue& issue);
  Answer comments(const Request& request, const std::string& user,
                  Issue& issue);
  Answer record(const Request& request);

  std::int64_t create_locked(const std::string& poster,
                             const std::string& title, const std::string& body,
                             bool labelled);
  void change_locked(std::int64_t number, const std::string& what,
                     const std::string& title);
  void delete_label_locked();
  Issue* find(std::int64_t number);
  const Label* label(const std::string& name) const;
  std::int64_t label_id(const std::string& name);
  std::string issue_json(const Issue& issue) const;
  std::string state_locked() const;
  void load();
  void save() const;

  mutable std::mutex mutex_;
  std::string state_file_;
  std::vector<Issue> issues_;
  std::vector<Label> labels_;
  std::vector<Mode> modes_;
  Flags flags_;
  std::vector<Request> recorded_;
  std::vector<Request> calls_;
  std::int64_t next_number_ = 1;
  std::int64_t next_id_ = 1;
  std::unique_ptr<HttpServer> server_;  // last: stops before the rest goes
};

}  // namespace bezalel::stub
