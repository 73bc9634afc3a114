// The JSON that webhooks and programs of one's own get.
#pragma once

#include <string>

#include "app/channel.h"

namespace bezalel::notify {

// {"version":1,"id","type":"alert.opened|changed|reminder|resolved|action|
// test","dedup_key","episode","host","user","job","source","severity","state",
// "prev_state","cause","since","opened_at","at","resolved_at","deadline",
// "last_success","silent_s","interval_s","ratio","members","subject","text",
// "possible_repeat"}; what is not known is null. One line, at most 256 KiB.
std::string payload(const app::Notice& notice);

}  // namespace bezalel::notify
