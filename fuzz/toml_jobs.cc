// Any text as a job file or as settings: no crash, every finding has a place
// and one line, every job that comes out has a name and a sane factor.

#include <cstdint>
#include <cstdlib>

#include "record/job_name.h"
#include "settings/load.h"

namespace {

using namespace bezalel;

class NoUsers final : public app::Users {
 public:
  std::string name_of(std::uint32_t uid) override {
    return std::to_string(uid);
  }
  std::optional<std::uint32_t> uid_of(const std::string& name) override {
    if (name == "postgres") return 70;
    return std::nullopt;
  }
  std::optional<std::string> home_of(std::uint32_t) override { return {}; }
};

void check(const app::Settings& settings) {
  for (const auto& finding : settings.findings) {
    if (finding.message.empty()) std::abort();
    if (finding.message.find('\n') != std::string::npos) std::abort();
  }
  for (const auto& job : settings.jobs) {
    if (!record::is_job_name(job.name)) std::abort();
    if (!(job.factor >= 1.0)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  NoUsers users;
  settings::Context context;
  for (const auto kind : {settings::File::jobs, settings::File::settings}) {
    settings::Source source;
    source.path = "fuzz.toml";
    source.kind = kind;
    app::Settings out;
    settings::parse(text, source, context, users, out);
    check(out);
  }
  return 0;
}
