// `bezalel explain`: a schedule in words, its next runs, what is odd about it.
#include "report/explain.h"

#include "app/explain.h"
#include "cli/commands.h"

namespace bezalel::cli {

Said run_explain(const ExplainOptions& options, Timestamp now,
                 const std::string& zone, schedule::Dialect own) {
  const auto said = [&]() -> Result<std::string> {
    using Form = app::TypedSchedule::Form;
    if (options.calendar && options.every) {
      return err(Kind::usage, "expected --calendar or --every, not both");
    }
    const bool anacron =
        options.dialect == "anacron" && !options.calendar && !options.every;
    app::TypedSchedule typed;
    typed.text = options.expression;
    if (options.calendar) typed.form = Form::calendar;
    if (options.every) typed.form = Form::interval;
    typed.dialect = own;
    if (!options.dialect.empty() && options.dialect != "anacron") {
      BZ_ASSIGN(typed.dialect, schedule::parse_dialect(options.dialect));
    }
    BZ_ASSIGN(const schedule::Zone here,
              schedule::Zone::load(options.tz.empty() ? zone : options.tz));
    Timestamp from = now;
    if (!options.from.empty()) {
      const auto given = parse_rfc3339(options.from);
      if (!given) {
        return err(Kind::invalid, "--from: " + given.error().what);
      }
      from = *given;
    }
    app::Explanation explained;
    if (anacron) {
      BZ_ASSIGN(explained,
                app::explain_anacron(options.expression, here.name()));
    } else {
      BZ_ASSIGN(const schedule::Schedule read, app::read_schedule(typed, here));
      explained = app::explain(typed, read, from, options.n, here.name());
    }
    explained.own_dialect = schedule::to_string(own);
    return options.format == "json" ? report::explain_json(explained)
                                    : report::explain_text(explained);
  }();
  if (!said) return {"", "bezalel: explain: " + said.error().what + "\n", 2};
  return {*said, "", 0};
}

}  // namespace bezalel::cli
