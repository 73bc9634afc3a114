// read_heartbeat FILE: what the reader makes of a `.last` file, one line:
//   JOB TIMESTAMP INTERVAL BOOTTIME|- BOOT_ID|- HOST
// Exit status 1 and the reason on stderr if it is none.
#include <cstdio>
#include <string>

#include "base/time.h"
#include "record/heartbeat_file.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::FILE* file = std::fopen(argv[1], "rb");
  if (file == nullptr) {
    std::perror(argv[1]);
    return 1;
  }
  std::string bytes(bezalel::record::kMaxHeartbeatBytes + 1, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  std::fclose(file);
  const auto h = bezalel::record::decode_heartbeat(bytes, {});
  if (!h) {
    std::fprintf(stderr, "%s: %s\n", argv[1], h.error().what.c_str());
    return 1;
  }
  const std::string at = bezalel::format_unix(h->at);
  const std::string interval =
      h->interval ? bezalel::format_seconds(*h->interval) : "-";
  const std::string boottime =
      h->boottime ? bezalel::format_seconds(h->boottime->time_since_epoch())
                  : "-";
  std::printf("%s %s %s %s %s %s\n", h->job.c_str(), at.c_str(),
              interval.c_str(), boottime.c_str(),
              h->boot_id.empty() ? "-" : h->boot_id.c_str(), h->host.c_str());
  return 0;
}
