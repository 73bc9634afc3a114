// A field of a crontab as systemd-cron reads it, and the timer it makes of a
// line. Inside of schedule.
//
// Its generator (1.15, Debian 12) turns each line into a timer. A field that
// it cannot read, or that leaves nothing, it logs as "garbled time": the line
// then has no timer, but garbled weekdays are left out and every day matches.
//
//   22-2            leaves nothing; so do sat-sun and 5-7, as Sunday is 0
//   5/15            is 5 alone; */90 the first value alone
//   oct, nov, dec   its table of months has no October: oct is garbled, nov
//                   is October and dec November
//   mon#1, friday   only the first three letters of a name count
//   0-7             is 0-0 among the weekdays
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bezalel::schedule {

enum class SystemdField { minute, hour, month_day, month, weekday };

// Bits of the values that match, in the field's own numbers, weekdays 0-6;
// nullopt where it is garbled.
std::optional<std::uint64_t> systemd_field(SystemdField field,
                                           std::string_view text);

// The calendar event of a line whose fields have these bits, weekdays last.
std::string systemd_event(const std::array<std::uint64_t, 5>& bits);

// The calendar event of @name. It hands on what it does not know, so that any
// word that systemd takes will do. Not for @reboot.
std::string systemd_event_of(std::string_view name);

}  // namespace bezalel::schedule
