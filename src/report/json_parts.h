// The members that several JSON documents share (DESIGN 9).
#pragma once

#include "app/view.h"
#include "base/json_write.h"

namespace bezalel::report {

// {"job","user","verdict",...}
void put_job(JsonWriter& w, const app::JobView& job);
// "findings":[...]
void put_findings(JsonWriter& w, const app::HostView& host);
// One of them.
void put_finding(JsonWriter& w, const app::Finding& f);
// An instant in RFC 3339 UTC, or null.
void put_instant(JsonWriter& w, std::string_view name,
                 const std::optional<Timestamp>& t);

}  // namespace bezalel::report
