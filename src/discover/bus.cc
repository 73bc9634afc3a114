#include "discover/bus.h"

#include <systemd/sd-bus.h>

#include <cstdarg>
#include <cstring>

#include "sys/file.h"

namespace bezalel::discover {
namespace {

constexpr char kManager[] = "org.freedesktop.systemd1";
constexpr char kManagerPath[] = "/org/freedesktop/systemd1";
constexpr char kManagerInterface[] = "org.freedesktop.systemd1.Manager";
constexpr std::uint64_t kPatience = 5'000'000;  // µs for each answer

struct Unref {
  void operator()(sd_bus_message* m) const { sd_bus_message_unref(m); }
};
using Message = std::unique_ptr<sd_bus_message, Unref>;

Error bus_error(const char* what, int negative_errno) {
  return sys::errno_error(what, -negative_errno);
}

Result<Bus> failed(const char* what, int negative_errno) {
  return bus_error(what, negative_errno);
}

// a(sst) and a(stt).
int read_timer_lines(sd_bus_message* m, const char* item,
                     std::vector<TimerLine>& into) {
  const bool calendar = std::strcmp(item, "sst") == 0;
  int r = sd_bus_message_enter_container(m, 'a', calendar ? "(sst)" : "(stt)");
  if (r < 0) return r;
  for (;;) {
    const char* base = nullptr;
    const char* text = nullptr;
    std::uint64_t value = 0;
    std::uint64_t next = 0;
    r = calendar ? sd_bus_message_read(m, "(sst)", &base, &text, &next)
                 : sd_bus_message_read(m, "(stt)", &base, &value, &next);
    if (r <= 0) break;
    into.push_back({base, text ? text : "", value});
  }
  if (r < 0) return r;
  return sd_bus_message_exit_container(m);
}

// The value of one property, entered as a variant of `contents`.
int read_value(sd_bus_message* m, const char* contents, const char* name,
               Properties& into) {
  if (std::strcmp(contents, "s") == 0) {
    const char* text = nullptr;
    const int r = sd_bus_message_read(m, "s", &text);
    if (r > 0) into.texts[name] = text;
    return r;
  }
  if (std::strcmp(contents, "t") == 0) {
    std::uint64_t number = 0;
    const int r = sd_bus_message_read(m, "t", &number);
    if (r > 0) into.numbers[name] = number;
    return r;
  }
  if (std::strcmp(contents, "i") == 0 || std::strcmp(contents, "u") == 0) {
    std::uint32_t number = 0;
    const int r = sd_bus_message_read_basic(m, contents[0], &number);
    if (r > 0) into.numbers[name] = number;
    return r;
  }
  if (std::strcmp(contents, "b") == 0) {
    int flag = 0;
    const int r = sd_bus_message_read(m, "b", &flag);
    if (r > 0) into.numbers[name] = flag != 0 ? 1U : 0U;
    return r;
  }
  if (std::strcmp(contents, "a(sst)") == 0) {
    return read_timer_lines(m, "sst", into.calendars);
  }
  if (std::strcmp(contents, "a(stt)") == 0) {
    return read_timer_lines(m, "stt", into.monotonics);
  }
  return sd_bus_message_skip(m, contents);
}

}  // namespace

std::uint64_t Properties::number(const char* name) const {
  const auto found = numbers.find(name);
  return found == numbers.end() ? 0 : found->second;
}

std::string Properties::text(const char* name) const {
  const auto found = texts.find(name);
  return found == texts.end() ? std::string() : found->second;
}

void Bus::Close::operator()(sd_bus* bus) const {
  sd_bus_close_unref(bus);
}

Result<Bus> Bus::open_private(const std::string& socket) {
  sd_bus* raw = nullptr;
  int r = sd_bus_new(&raw);
  if (r < 0) return failed("systemd", r);
  Bus bus(raw);
  r = sd_bus_set_address(raw, ("unix:path=" + socket).c_str());
  if (r >= 0) r = sd_bus_set_method_call_timeout(raw, kPatience);
  if (r >= 0) r = sd_bus_start(raw);
  if (r < 0) return failed("systemd", r);
  return bus;
}

Result<Bus> Bus::open_system() {
  sd_bus* raw = nullptr;
  const int r = sd_bus_open_system(&raw);
  if (r < 0) return failed("systemd", r);
  Bus bus(raw);
  sd_bus_set_method_call_timeout(raw, kPatience);
  return bus;
}

Result<sd_bus_message*> Bus::call(const std::string& path,
                                  const char* interface, const char* method,
                                  const char* types, ...) {
  sd_bus_message* raw = nullptr;
  int r = sd_bus_message_new_method_call(bus_.get(), &raw, kManager,
                                         path.c_str(), interface, method);
  const Message request(raw);
  if (r < 0) return bus_error(method, r);
  va_list arguments;
  va_start(arguments, types);
  r = sd_bus_message_appendv(raw, types, arguments);
  va_end(arguments);
  if (r < 0) return bus_error(method, r);
  sd_bus_message* reply = nullptr;
  r = sd_bus_call(bus_.get(), raw, kPatience, nullptr, &reply);
  if (r < 0) return bus_error(method, r);
  return reply;
}

Result<std::vector<ListedUnit>> Bus::timers() {
  BZ_ASSIGN(sd_bus_message * raw,
            call(kManagerPath, kManagerInterface, "ListUnitsByPatterns", "asas",
                 0, 1, "*.timer"));
  const Message reply(raw);
  std::vector<ListedUnit> units;
  int r = sd_bus_message_enter_container(raw, 'a', "(ssssssouso)");
  while (r >= 0) {
    const char *name, *description, *load, *active, *sub, *follows, *path,
        *job_type, *job_path;
    std::uint32_t job = 0;
    r = sd_bus_message_read(raw, "(ssssssouso)", &name, &description, &load,
                            &active, &sub, &follows, &path, &job, &job_type,
                            &job_path);
    if (r <= 0) break;
    units.push_back({name, load, active, sub, path});
  }
  if (r < 0) return bus_error("ListUnitsByPatterns", r);
  return units;
}

Result<std::vector<std::string>> Bus::enabled_timers() {
  BZ_ASSIGN(sd_bus_message * raw,
            call(kManagerPath, kManagerInterface, "ListUnitFilesByPatterns",
                 "asas", 1, "enabled", 1, "*.timer"));
  const Message reply(raw);
  std::vector<std::string> names;
  int r = sd_bus_message_enter_container(raw, 'a', "(ss)");
  while (r >= 0) {
    const char* path = nullptr;
    const char* state = nullptr;
    r = sd_bus_message_read(raw, "(ss)", &path, &state);
    if (r <= 0) break;
    const std::string_view whole = path;
    const std::string_view name = whole.substr(whole.rfind('/') + 1);
    if (!name.ends_with("@.timer")) names.emplace_back(name);
  }
  if (r < 0) return bus_error("ListUnitFilesByPatterns", r);
  return names;
}

Result<std::string> Bus::path_of(const std::string& unit) {
  BZ_ASSIGN(sd_bus_message * raw, call(kManagerPath, kManagerInterface,
                                       "LoadUnit", "s", unit.c_str()));
  const Message reply(raw);
  const char* path = nullptr;
  const int r = sd_bus_message_read(raw, "o", &path);
  if (r < 0) return bus_error("LoadUnit", r);
  return std::string(path);
}

Result<Properties> Bus::properties(const std::string& path,
                                   const char* interface) {
  BZ_ASSIGN(sd_bus_message * raw, call(path, "org.freedesktop.DBus.Properties",
                                       "GetAll", "s", interface));
  const Message reply(raw);
  Properties out;
  int r = sd_bus_message_enter_container(raw, 'a', "{sv}");
  while (r >= 0) {
    r = sd_bus_message_enter_container(raw, 'e', "sv");
    if (r <= 0) break;
    const char* name = nullptr;
    r = sd_bus_message_read(raw, "s", &name);
    if (r < 0) break;
    const char* contents = nullptr;
    r = sd_bus_message_peek_type(raw, nullptr, &contents);
    if (r < 0) break;
    r = sd_bus_message_enter_container(raw, 'v', contents);
    if (r < 0) break;
    r = read_value(raw, contents, name, out);
    if (r < 0) break;
    r = sd_bus_message_exit_container(raw);
    if (r < 0) break;
    r = sd_bus_message_exit_container(raw);
  }
  if (r < 0) return bus_error("GetAll", r);
  return out;
}

}  // namespace bezalel::discover
