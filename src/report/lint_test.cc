#include "report/lint.h"

#include "report/fixtures.h"

namespace bezalel::report {
namespace {

using namespace fixture;

app::LintedFile linted(std::string text, const std::string& path,
                       crontab::Kind kind) {
  return app::lint_text(std::move(text), path, path, kind,
                        crontab::Daemon::debian,
                        {*schedule::Zone::load("Europe/Riga"), at(24, 1, 15)});
}

LintPage page() {
  return {"Europe/Riga", at(24, 1, 15), LintDetail::important};
}

std::string jobs(int n) {
  std::string text;
  for (int i = 0; i < n; ++i) text += "0 1 * * * root /usr/local/bin/job.sh\n";
  return text;
}

TEST_CASE("a whole file is lost") {
  const app::LintResult result{
      {linted("MAILTO=\n" + jobs(6), "/etc/cron.d/mail",
              crontab::Kind::system)},
      {}};
  const std::string text = lint_text(result, page());
  check_golden("lint-file.txt", text);
  check_clean(text);
  check_golden("lint-file.json", lint_file_json(result.files[0]));
  CHECK(lint_exit(result) == 1);
}

TEST_CASE("one line never runs") {
  std::string tab = jobs(6);
  tab += "0 22-2 * * * root /usr/local/bin/backup.sh\n";
  const app::LintResult result{
      {linted(tab, "/etc/cron.d/backup", crontab::Kind::system)}, {}};
  const std::string text = lint_text(result, page());
  check_golden("lint-line.txt", text);
  check_clean(text);
  check_golden("lint-line.json", lint_file_json(result.files[0]));
}

TEST_CASE("one of each kind of trouble fits the page") {
  const app::LintResult result{
      {linted("CRON_TZ=Europe/Riga\nPATH=$PATH:/opt/tools/bin\n"
              "MAILTO=ops@example.org # on call\n"
              "30 2 * * * source /etc/profile && /usr/local/bin/night.sh\n"
              "0 4 * * * tar czf /srv/b-$(date +%F).tgz /srv/data\n"
              "*/90 * * * * /usr/local/bin/poll.sh &> /var/log/poll.log\n"
              "15 5 * * mon#1 root /usr/local/bin/monthly.sh\n"
              "0 6 * * * /usr/local/bin/x.sh >/dev/null 2>&1\n",
              "deploy/nightly.cron", crontab::Kind::user)},
      {}};
  LintPage all = page();
  all.detail = LintDetail::all;
  const std::string text = lint_text(result, all);
  check_golden("lint-rules.txt", text);
  check_clean(text);
}

TEST_CASE("nothing is wrong") {
  const app::LintResult result{
      {linted(jobs(1), "/etc/cron.d/job", crontab::Kind::system)}, {}};
  const std::string text = lint_text(result, page());
  CHECK(text == "1 file, 1 job, 0 errors, 0 warnings\n");
  CHECK(lint_exit(result) == 0);
}

TEST_CASE("foreign text stays within its line and the page") {
  const std::string long_line = "61 * * * * root " + std::string(300, 'x');
  const app::LintResult result{
      {linted(hostile() + "\n\x1b[2J* \xc3\xa9\n" + long_line + "\n" +
                  std::string(200, ' ') + "61 * * * * root y\n",
              "/etc/cron.d/" + std::string(90, 'n') + "\n\x1b[0m",
              crontab::Kind::system)},
      {}};
  const std::string text = lint_text(result, page());
  for (const char c : text) CHECK((c == '\n' || (c >= ' ' && c <= '~')));
  CHECK(text.find("of a rule") == std::string::npos);
}

TEST_CASE("of a rule that is broken everywhere ten are shown") {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "61 * * * * root x\n";
  const app::LintResult result{
      {linted(text, "/etc/cron.d/x", crontab::Kind::system)}, {}};
  const std::string shown = lint_text(result, page());
  CHECK(shown.find("/etc/cron.d/x: 30 more [file-ignored]\n") !=
        std::string::npos);
}

}  // namespace
}  // namespace bezalel::report
