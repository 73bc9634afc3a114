// What stays behind when a job's children still hold its output.
#pragma once

#include "run/stream.h"

namespace bezalel::run {

// Passes on what still comes out of the streams, until their ends, in a
// process of its own that holds nothing else: no input, no lock, no other
// descriptor. Where no process can be made it is done here, so that nobody
// gets a SIGPIPE because of us.
void leave_drain(Stream& out, Stream& err);

}  // namespace bezalel::run
