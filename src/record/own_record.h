// Where a command calls us. Inside of record.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "record/job_name.h"
#include "record/work_word.h"

namespace bezalel::record {

// A call of `bezalel`: its subcommand and what follows that.
struct Call {
  std::string_view verb;
  std::span<const std::string> args;
  bool elsewhere = false;  // below a root of its own: nothing of this host
};

// Empty where the work is none of `bezalel`.
Call call_of(const Work& work);

// Nearly no command: not worth to be split for.
bool may_call_us(std::string_view command);

// The words of the command whose end `own`, the record of `bare`, tells, as a
// shell could read them; empty: they are not known.
std::string recorded_words(std::string_view bare, const OwnRecord& own);

// The first job that a command records by itself; see job_name.h.
std::optional<OwnRecord> own_record(std::string_view bare);

}  // namespace bezalel::record
