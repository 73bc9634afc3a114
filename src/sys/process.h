// Other processes: are they alive, and are they who we think they are.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace bezalel::sys {

// Inode of this process's PID namespace; 0 without /proc.
std::uint64_t pid_namespace();

// Start time of a process, field 22 of /proc/PID/stat in clock ticks since
// boot; nullopt when there is no such process (a zombie counts as none) or no
// /proc.
std::optional<std::uint64_t> process_start(pid_t pid);

// Field 3 of /proc/PID/stat: R, S, D, T, t, Z and others of proc(5); '?' when
// there is no such process or no /proc.
char process_state(pid_t pid);

// Whether a process of that first word is what Debian's cron or cronie keeps
// beside a job until it ends: the daemon's name in capitals (do_command.c). It
// outlives a daemon that was killed or restarted, and is none itself.
bool stays_with_cron_job(std::string_view argv0);

// True when /proc shows this PID namespace's processes at all.
bool proc_is_readable();

}  // namespace bezalel::sys
