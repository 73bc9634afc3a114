#include "main_call.h"

#include <cerrno>
#include <cstring>

#include "settings/load.h"

namespace bezalel {

void print(std::FILE* stream, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

int finish(const cli::Said& said) {
  errno = 0;
  print(stdout, said.out);
  const int why = errno;
  print(stderr, said.err);
  // An answer that could not be written is no answer.
  if (std::ferror(stdout) == 0) return said.status;
  print(stderr, "bezalel: standard output: " + std::string(std::strerror(why)) +
                    "; nothing was said\n");
  return said.status == 0 ? 2 : said.status;
}

void say_line(const std::string& line) {
  print(stdout, line + "\n");
}

Result<app::Settings> load_settings(const Here& here, app::Users& users) {
  settings::Context context;
  context.paths = here.paths;
  context.host = here.host;
  context.host_is_forced = here.host_is_forced;
  context.zone = here.zone;
  context.bezalel = here.bezalel;
  context.default_uid = here.paths.owner;
  if (here.scope == setup::Scope::user) {
    context.default_uid = here.uid;
    context.own_of = here.user;
  }
  context.report_uid = report_uid(here);
  return settings::load(context, users);
}

int with_world(const cli::Global& global, store::Mode mode,
               const std::function<int(Everything&)>& f, WithoutState without,
               const std::function<int(cli::Said)>& refuse) {
  settings::SystemUsers users;
  auto here = find_here(global, users);
  if (!here) return refuse(cli::failure(here.error()));
  auto loaded = load_settings(*here, users);
  if (!loaded) {
    return refuse({"", "bezalel: " + loaded.error().what + "\n", 2});
  }
  Everything all(*std::move(here), *std::move(loaded), users);
  if (auto opened = all.open_state(mode, without); !opened) {
    return refuse({"", "bezalel: " + opened.error().what + "\n", 2});
  }
  return f(all);
}

}  // namespace bezalel
