// What every call of the full program does: its world, and its answer. Used by
// main.cc and its parts only.
#pragma once

#include <cstdio>
#include <functional>
#include <string>

#include "main_world.h"

namespace bezalel {

void print(std::FILE* stream, const std::string& text);
void say_line(const std::string& line);

// Prints the answer; its exit status, 2 where it could not be written.
int finish(const cli::Said& said);

Result<app::Settings> load_settings(const Here& here, app::Users& users);

// Runs `f` with the world of this call; its exit status. Where there is no such
// world that is said by `refuse`, and the status is 2.
int with_world(const cli::Global& global, store::Mode mode,
               const std::function<int(Everything&)>& f,
               WithoutState without = WithoutState::refuse,
               const std::function<int(cli::Said)>& refuse = finish);

}  // namespace bezalel
