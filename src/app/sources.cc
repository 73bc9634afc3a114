#include "app/sources.h"

namespace bezalel::app {

Beat BeatMaker::of(record::Heartbeat heartbeat) {
  Beat beat;
  beat.at = heartbeat.at;
  beat.boottime = heartbeat.boottime;
  if (!heartbeat.boot_id.empty()) {
    beat.boot_id = boot_ids_.of(std::move(heartbeat.boot_id));
  }
  beat.interval = heartbeat.interval;
  if (heartbeat.schedule != record::ScheduleText()) {
    beat.schedule = schedules_.of(std::move(heartbeat.schedule));
  }
  beat.run_id = std::move(heartbeat.run_id);
  return beat;
}

}  // namespace bezalel::app
