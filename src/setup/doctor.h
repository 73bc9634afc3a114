// `bezalel doctor`: whatever would keep an alarm from arriving tonight.
#pragma once

#include <string>
#include <vector>

#include "app/world.h"
#include "record/paths.h"
#include "setup/host.h"

namespace bezalel::setup {

enum class Mark { well, bad, note };

// One line of the answer and, where something is wrong, what to do.
struct Diagnosis {
  Mark mark;
  std::string what;  // "check", a channel's name, "disk"
  std::string text;
  std::string fix;  // of every line that is not well; a command, or words
};

struct Examination {
  std::string host;
  std::vector<Diagnosis> lines;
  int channels = 0, channels_ok = 0;
  bool arrives = false;             // an alarm would reach somebody tonight
  std::string dead_channel;         // the first that cannot deliver
  std::string bezalel = "bezalel";  // what commands to type begin with
};

// Looks; sends nothing. Reads the state, probes each channel, asks the host.
// `program` is where `bezalel` lies; only its name: it is searched for.
Examination examine(app::World& world, const record::Paths& paths, Scope scope,
                    bool settings_exist, const std::string& program = {});

// LOOK 8; exit status 0 when an alarm arrives and nothing is bad, else 1.
std::string render(const Examination& examination);
int exit_of(const Examination& examination);

}  // namespace bezalel::setup
