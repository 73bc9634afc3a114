#include "setup/init.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/escape.h"
#include "base/web_address.h"
#include "setup/directories.h"
#include "sys/file.h"

namespace bezalel::setup {
namespace {

constexpr std::size_t kMaxToken = 4096;

constexpr char kHead[] =
    "# Settings of bezalel; bezalel.toml(5) explains them all.\n"
    "# Jobs are declared in jobs.d/*.toml, for example:\n"
    "#   [job.db_backup]\n"
    "#   every = \"1d\"\n";

// A TOML basic string.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

const app::ChannelSettings* find(const app::Settings& settings,
                                 const std::string& name) {
  for (const app::ChannelSettings& c : settings.channels) {
    if (c.name == name) return &c;
  }
  return nullptr;
}

std::string directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

// What of a token's file counts.
std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  return text.substr(0, text.find_last_not_of(" \t\r") + 1);
}

Result<std::string> token_of(const WantedChannel& wanted) {
  BZ_ASSIGN(std::string token, sys::read_file(wanted.token_file, kMaxToken));
  if (token.find_first_not_of(" \t\r\n") == std::string::npos) {
    return err(Kind::invalid,
               wanted.token_file + ": is empty; expected a token");
  }
  return token;
}

class Writer {
 public:
  Writer(const record::Paths& paths, Scope scope, const InitRequest& request,
         const app::Settings& present, const AddTables& add_tables)
      : paths_(paths),
        scope_(scope),
        request_(request),
        present_(present),
        add_tables_(add_tables) {
    if (scope == Scope::system) {
      if (const auto s = service_user()) owner_ = sys::Owner{0, s->gid};
    }
  }

  Result<InitResult> run() {
    for (const WantedChannel& wanted : request_.channels) BZ_TRY(add(wanted));
    add_route();
    add_deadman();
    if (!tables_.empty() || ::access(paths_.settings.c_str(), F_OK) != 0) {
      BZ_TRY(add_tables_(tables_, kHead, mode(), owner_));
      wrote(paths_.settings);
    }
    for (const auto& [path, token] : tokens_) {
      BZ_TRY(sys::write_file(path, token, mode(), sys::Durable::yes, owner_));
      wrote(path);
    }
    return std::move(result_);
  }

 private:
  mode_t mode() const { return scope_ == Scope::system ? 0640 : 0600; }

  void wrote(const std::string& path) {
    result_.wrote.push_back(
        fmt::format("{} ({:04o})", path, static_cast<unsigned>(mode())));
  }

  void differ(const std::string& what, const std::string& is,
              const std::string& wanted) {
    result_.differs.push_back(fmt::format("{} is {}; the command line says {}",
                                          what, quoted(is), quoted(wanted)));
  }

  Result<void> add(const WantedChannel& wanted) {
    const std::string where = "[channel." + wanted.name + "]";
    if (const auto* is = find(present_, wanted.name)) {
      if (is->type != wanted.type)
        differ(where + " type", is->type, wanted.type);
      if (is->url != wanted.url) differ(where + " url", is->url, wanted.url);
      if (is->repo != wanted.repo)
        differ(where + " repo", is->repo, wanted.repo);
      if (is->topic != wanted.topic) {
        differ(where + " topic", is->topic, wanted.topic);
      }
      compare_to(where, *is, wanted);
      return compare_token(where, *is, wanted);
    }
    std::string block = where + "\ntype = " + quoted(wanted.type) + "\n";
    const auto line = [&](const char* key, const std::string& value) {
      if (!value.empty())
        block += std::string(key) + " = " + quoted(value) + "\n";
    };
    line("url", wanted.url);
    line("repo", wanted.repo);
    line("topic", wanted.topic);
    if (!wanted.to.empty()) block += "to = [" + quoted(wanted.to) + "]\n";
    if (!wanted.token_file.empty()) {
      BZ_ASSIGN(const std::string kept, keep_token(wanted));
      line("token_file", kept);
    }
    tables_.push_back(block);
    added_.push_back(wanted.name);
    return {};
  }

  // Others may get the mail as well.
  void compare_to(const std::string& where, const app::ChannelSettings& is,
                  const WantedChannel& wanted) {
    if (wanted.to.empty() ||
        std::find(is.to.begin(), is.to.end(), wanted.to) != is.to.end()) {
      return;
    }
    std::string all;
    for (const std::string& to : is.to) all += (all.empty() ? "" : ", ") + to;
    differ(where + " to", all, wanted.to);
  }

  // One that is set and not there is missing, and comes to its place.
  Result<void> compare_token(const std::string& where,
                             const app::ChannelSettings& is,
                             const WantedChannel& wanted) {
    if (wanted.token_file.empty()) return {};
    BZ_ASSIGN(const std::string token, token_of(wanted));
    if (is.token_file.empty()) {
      result_.differs.push_back(fmt::format(
          "{} has no token_file; the command line says {}; to use it, add\n"
          "    do:  token_file = {}  in {}",
          where, wanted.token_file, quoted(wanted.token_file), where));
      return {};
    }
    const auto kept = sys::read_file(is.token_file, kMaxToken);
    if (!kept && kept.error().kind == Kind::not_found) {
      tokens_.emplace_back(is.token_file, token);
    } else if (!kept || first_line(*kept) != first_line(token)) {
      result_.differs.push_back(fmt::format(
          "{} token_file holds another token than {}\n    do:  cp {} {}", where,
          wanted.token_file, shell_quote(wanted.token_file),
          shell_quote(is.token_file)));
    }
    return {};
  }

  // The token goes beside the settings, readable by the checker only.
  Result<std::string> keep_token(const WantedChannel& wanted) {
    BZ_ASSIGN(const std::string token, token_of(wanted));
    const std::string path =
        directory_of(paths_.settings) + "/" + wanted.name + ".token";
    if (path != wanted.token_file) tokens_.emplace_back(path, token);
    return path;
  }

  void add_route() {
    const auto has = present_.routes.find("default");
    if (has != present_.routes.end()) {
      for (const std::string& name : added_) {
        const auto& names = has->second;
        if (std::find(names.begin(), names.end(), name) == names.end()) {
          result_.differs.push_back(
              fmt::format("[route] default does not name \"{}\"; add it there "
                          "to hear alarms over it",
                          name));
        }
      }
      return;
    }
    if (added_.empty() || !present_.routes.empty()) return;
    std::string list;
    for (const std::string& name : added_) {
      list += (list.empty() ? "" : ", ") + quoted(name);
    }
    tables_.push_back("[route]\ndefault = [" + list + "]\n");
  }

  void add_deadman() {
    if (request_.deadman_url.empty()) return;
    if (present_.deadman_url.empty()) {
      tables_.push_back("[deadman]\nurl = " + quoted(request_.deadman_url) +
                        "\n");
    } else if (present_.deadman_url.reveal() != request_.deadman_url) {
      result_.differs.push_back(
          "[deadman] url is another one than the command line says");
    }
  }

  const record::Paths& paths_;
  const Scope scope_;
  const InitRequest& request_;
  const app::Settings& present_;
  const AddTables& add_tables_;
  std::optional<sys::Owner> owner_;
  std::vector<std::string> tables_, added_;
  std::vector<std::pair<std::string, std::string>> tokens_;  // path, token
  InitResult result_;
};

}  // namespace

std::string found_text(const app::Coverage& coverage,
                       const std::vector<std::string>& adoptable) {
  const int of = coverage.of();
  const int watched = coverage.watched();
  if (of == 0) return "no scheduled job";
  std::string text = fmt::format("{} scheduled {}, {} watched", of,
                                 of == 1 ? "job" : "jobs", watched);
  const auto is_in = [&](const std::string& source) {
    return std::find(adoptable.begin(), adoptable.end(), source) !=
           adoptable.end();
  };
  // A crontab that can be adopted may hold jobs that are watched already, and
  // its line may stand for several scripts.
  const auto can = std::count_if(
      coverage.jobs.begin(), coverage.jobs.end(), [&](const auto& c) {
        const auto& caller = c.job.caller;
        return !c.watched &&
               (is_in(c.job.source) || (caller && is_in(caller->source)));
      });
  if (const int open = of - watched; open > 0) {
    text += fmt::format(": {} can be adopted, {} left alone", can, open - can);
  }
  return text;
}

namespace {

Result<void> expect_mail(const WantedChannel& c) {
  // Without it, curl guesses the protocol by the name of the server.
  const std::string_view url = c.url;
  const bool server = (url.starts_with("smtp://") && url.size() > 7) ||
                      (url.starts_with("smtps://") && url.size() > 8);
  if (!server) {
    return err(Kind::invalid, "init: " + escape_line(c.url, 60) +
                                  ": expected smtp://SERVER or smtps://SERVER");
  }
  // As the settings are judged when they are read.
  if (is_mailbox_here(c.to, c.url)) return {};
  const std::size_t at = c.to.rfind('@');
  if (at == std::string::npos || at == 0 || at + 1 == c.to.size() ||
      c.to.find_first_of(" \t\r\n") != std::string::npos) {
    return err(Kind::invalid,
               "init: \"" + escape_line(c.to, 60) +
                   "\": expected an address such as ops@example");
  }
  return {};
}

}  // namespace

Result<void> expect_token(const InitRequest& request) {
  for (const WantedChannel& c : request.channels) {
    if (!c.token_file.empty()) BZ_TRY(token_of(c));
  }
  return {};
}

Result<void> expect_usable(const InitRequest& request) {
  const auto expect_web = [](const std::string& url) -> Result<void> {
    if (is_web_address(url)) return {};
    return err(Kind::invalid,
               "init: " + escape_line(url, 60) + ": expected https://...");
  };
  for (const WantedChannel& c : request.channels) {
    if (c.type == "smtp") BZ_TRY(expect_mail(c));
    if (c.type != "smtp") BZ_TRY(expect_web(c.url));
    if (c.type != "gitea") continue;
    const std::size_t slash = c.repo.find('/');
    if (slash == std::string::npos || slash == 0 ||
        slash + 1 == c.repo.size() || slash != c.repo.rfind('/')) {
      return err(Kind::invalid, "init: " + escape_line(c.repo, 60) +
                                    ": expected the repository as OWNER/NAME");
    }
  }
  if (!request.deadman_url.empty()) BZ_TRY(expect_web(request.deadman_url));
  return {};
}

Result<InitResult> write_settings(const record::Paths& paths, Scope scope,
                                  const InitRequest& request,
                                  const app::Settings& present,
                                  const AddTables& add_tables) {
  return Writer(paths, scope, request, present, add_tables).run();
}

}  // namespace bezalel::setup
