// From what HTTP said to what became of a notice.
#pragma once

#include "app/channel.h"
#include "notify/http.h"

namespace bezalel::notify {

// Repeating a request whose fate is unknown can do a thing twice; a request
// that only reads cannot.
enum class Effect { reads, writes };

// The delivery of an outcome that is not the success its caller looks for:
// not sent, 408, 425, 429, 5xx -> RetryLater (with Retry-After); unknown fate
// and 5xx of a write -> the same with unknown_fate; 3xx, other 4xx, refused
// -> GaveUp; 2xx, whose body the caller did not accept -> RetryLater with
// unknown fate, since it is a captive portal or a broken proxy. `what` begins
// the text: "create the issue". `now` is for Retry-After dates.
app::Delivery failure(const HttpOutcome& outcome, Effect effect,
                      std::string_view what, std::optional<Timestamp> now = {});

// The same as one line for a probe.
std::string describe(const HttpOutcome& outcome);

}  // namespace bezalel::notify
