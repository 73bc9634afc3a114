#include "setup/init.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "setup/testing.h"
#include "sys/file.h"

namespace bezalel::setup {
namespace {

app::Coverage with(int watched, int unwatched, int of_packages = 0) {
  app::Coverage c;
  c.known = true;
  for (int i = 0; i < watched + unwatched + of_packages; ++i) {
    c.jobs.emplace_back();
    c.jobs.back().watched = i < watched;
    c.jobs.back().job.source = i < watched + unwatched ? "/etc/cron.d/x" : "p";
  }
  return c;
}

TEST_CASE("what was found is a sum that adds up") {
  const std::vector<std::string> x = {"/etc/cron.d/x"};
  CHECK(found_text(with(0, 14, 3), x) ==
        "17 scheduled jobs, 0 watched: 14 can be adopted, 3 left alone");
  CHECK(found_text(with(12, 0), {}) == "12 scheduled jobs, 12 watched");
  CHECK(found_text(with(1, 0), {}) == "1 scheduled job, 1 watched");
  CHECK(found_text(with(0, 0), {}) == "no scheduled job");
  // A crontab that can be adopted may hold jobs that are watched already.
  CHECK(found_text(with(3, 7, 4), x) ==
        "14 scheduled jobs, 3 watched: 7 can be adopted, 4 left alone");
  // Of a script it is the line that has it run.
  app::Coverage script = with(0, 0, 1);
  script.jobs[0].job.caller = {"/etc/cron.d/x", 1, ""};
  CHECK(found_text(script, x) ==
        "1 scheduled job, 0 watched: 1 can be adopted, 0 left alone");
}

InitRequest wants_ntfy(const std::string& topic) {
  InitRequest request;
  WantedChannel c;
  c.name = c.type = "ntfy";
  c.url = "https://ntfy.example";
  c.topic = topic;
  request.channels.push_back(c);
  return request;
}

bool usable_mail(const std::string& url, const std::string& to) {
  InitRequest request;
  WantedChannel c;
  c.name = "mail";
  c.type = "smtp";
  c.url = url;
  c.to = to;
  request.channels.push_back(c);
  return expect_usable(request).has_value();
}

TEST_CASE("a token that is not there stops init before it makes anything") {
  const Folder folder;
  InitRequest request = wants_ntfy("ops");
  request.channels[0].token_file = folder.path + "/t";
  CHECK_FALSE(expect_token(request));
  REQUIRE(sys::write_file(folder.path + "/t", " \n", 0600, sys::Durable::no));
  CHECK_FALSE(expect_token(request));
  REQUIRE(sys::write_file(folder.path + "/t", "tk\n", 0600, sys::Durable::no));
  CHECK(expect_token(request));
}

TEST_CASE("what no channel could ever take is refused") {
  const auto usable = [](const std::string& type, const std::string& url,
                         const std::string& repo) {
    InitRequest request;
    request.channels.emplace_back();
    request.channels[0].type = type;
    request.channels[0].url = url;
    request.channels[0].repo = repo;
    return expect_usable(request).has_value();
  };
  CHECK(usable("gitea", "https://forge.example", "ops/alerts"));
  for (const char* url : {"smtp://mail.example", "smtps://m"}) {
    CHECK_MESSAGE(usable_mail(url, "ops@example"), url);
  }
  for (const char* url :
       {"", "http://mail.example", "ftp://x", "smtp.example", "smtp://"}) {
    CHECK_MESSAGE(!usable_mail(url, "ops@example"), url);
  }
  for (const char* to : {"", "a b", "a\nb", "ops", "@x", "ops@", "a b@x"}) {
    CHECK_FALSE(usable_mail("smtp://m", to));
  }
  CHECK(usable_mail("smtp://localhost", "root"));
  for (const char* repo : {"", "alerts", "/alerts", "ops/", "a/b/c"}) {
    CAPTURE(repo);
    CHECK_FALSE(usable("gitea", "https://forge.example", repo));
  }
  CHECK_FALSE(usable("gitea", "forge.example", "ops/alerts"));
  CHECK_FALSE(usable("webhook", "ftp://x", ""));
  InitRequest request;
  request.deadman_url = "https://";
  CHECK_FALSE(expect_usable(request));
  request.deadman_url = "hc-ping.com/uuid";
  CHECK_FALSE(expect_usable(request));
}

TEST_CASE("init adds what is missing, and names what differs") {
  const Folder folder;
  record::Paths paths;
  paths.settings = folder.path + "/bezalel.toml";
  std::vector<std::string> added;
  const AddTables add = [&](const auto& tables, const std::string& head, mode_t,
                            auto) -> Result<void> {
    CHECK(head.starts_with("# Settings of bezalel"));
    added.insert(added.end(), tables.begin(), tables.end());
    return sys::write_file(paths.settings, "", 0600, sys::Durable::no);
  };

  const auto first = write_settings(paths, Scope::user, wants_ntfy("ops"),
                                    app::Settings{}, add);
  REQUIRE(first);
  CHECK(first->differs.empty());
  REQUIRE(added.size() == 2);
  CHECK(added[0] ==
        "[channel.ntfy]\ntype = \"ntfy\"\nurl = \"https://ntfy.example\"\n"
        "topic = \"ops\"\n");
  CHECK(added[1] == "[route]\ndefault = [\"ntfy\"]\n");

  app::Settings present;
  app::ChannelSettings channel;
  channel.name = channel.type = "ntfy";
  channel.url = "https://ntfy.example";
  channel.topic = "ops";
  present.channels.push_back(channel);
  present.routes["default"] = {"ntfy"};
  const auto second =
      write_settings(paths, Scope::user, wants_ntfy("other"), present, add);
  REQUIRE(second);
  CHECK(second->wrote.empty());
  REQUIRE(second->differs.size() == 1);
  CHECK(second->differs[0].find("topic") != std::string::npos);
  CHECK(added.size() == 2);
}

TEST_CASE("another receiver of mail than the one that is set is named") {
  const Folder folder;
  record::Paths paths;
  paths.settings = folder.path + "/bezalel.toml";
  REQUIRE(sys::write_file(paths.settings, "", 0600, sys::Durable::no));
  InitRequest request;
  WantedChannel wanted;
  wanted.name = "mail";
  wanted.type = "smtp";
  wanted.url = "smtp://m";
  wanted.to = "b@x";
  request.channels.push_back(wanted);
  app::Settings present;
  app::ChannelSettings channel;
  channel.name = "mail";
  channel.type = "smtp";
  channel.url = "smtp://m";
  channel.to = {"a@x", "c@x"};
  present.channels.push_back(channel);
  const auto differs = [&] {
    const auto done =
        write_settings(paths, Scope::user, request, present,
                       [](const auto&, const auto&, mode_t, auto) {
                         return err(Kind::io, "not to be called");
                       });
    REQUIRE(done);
    return done->differs;
  };
  CHECK(differs() ==
        std::vector<std::string>{"[channel.mail] to is \"a@x, c@x\"; the "
                                 "command line says \"b@x\""});
  present.channels[0].to.push_back("b@x");
  CHECK(differs().empty());
}

TEST_CASE("another token is named with what puts it in, and never shown") {
  const Folder folder;
  record::Paths paths;
  paths.settings = folder.path + "/bezalel.toml";
  const auto write = [&](const char* name, const std::string& text) {
    REQUIRE(sys::write_file(folder.path + name, text, 0600, sys::Durable::no));
  };
  write("/bezalel.toml", "");
  write("/t", "s3cret\n");
  InitRequest request = wants_ntfy("ops");
  request.channels[0].token_file = folder.path + "/t";
  app::Settings present;
  app::ChannelSettings channel;
  channel.name = channel.type = "ntfy";
  channel.url = "https://ntfy.example";
  channel.topic = "ops";
  channel.token_file = folder.path + "/kept";
  present.channels.push_back(channel);
  const auto again = [&] {
    const auto done =
        write_settings(paths, Scope::user, request, present,
                       [](const auto&, const auto&, mode_t, auto) {
                         return err(Kind::io, "not to be called");
                       });
    REQUIRE(done);
    return *done;
  };

  write("/kept", "wr0ng\n");
  CHECK(again().differs ==
        std::vector<std::string>{"[channel.ntfy] token_file holds another "
                                 "token than " +
                                 folder.path + "/t\n    do:  cp " +
                                 folder.path + "/t " + folder.path + "/kept"});
  CHECK(sys::read_file(folder.path + "/kept", 99).value() == "wr0ng\n");
  // Of both files the first line counts.
  write("/kept", "s3cret  \nof ops");
  CHECK(again().differs.empty());
  // One that is gone is missing, and is added.
  ::unlink((folder.path + "/kept").c_str());
  CHECK(again().wrote ==
        std::vector<std::string>{folder.path + "/kept (0600)"});
  CHECK(sys::read_file(folder.path + "/kept", 99).value() == "s3cret\n");
  present.channels[0].token_file.clear();
  REQUIRE(again().differs.size() == 1);
  CHECK(again().differs[0].find("has no token_file") != std::string::npos);
}

}  // namespace
}  // namespace bezalel::setup
