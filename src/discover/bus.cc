#include "discover/bus.h"

#include <systemd/sd-bus.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

#include "sys/file.h"

namespace bezalel::discover {
namespace {

constexpr char kManager[] = "org.freedesktop.systemd1";
constexpr char kManagerPath[] = "/org/freedesktop/systemd1";
constexpr char kManagerInterface[] = "org.freedesktop.systemd1.Manager";
constexpr char kUnits[] = "/org/freedesktop/systemd1/unit";
constexpr char kProperties[] = "org.freedesktop.DBus.Properties";
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

// a(sasbttttuii), the first two of each left aside.
int read_commands(sd_bus_message* m, std::vector<Command>& into) {
  int r = sd_bus_message_enter_container(m, 'a', "(sasbttttuii)");
  while (r >= 0) {
    r = sd_bus_message_enter_container(m, 'r', "sasbttttuii");
    if (r <= 0) break;
    Command command;
    int ignores = 0;
    std::uint64_t at = 0;
    std::uint32_t pid = 0;
    r = sd_bus_message_skip(m, "sas");
    if (r < 0) break;
    r = sd_bus_message_read(m, "bttttuii", &ignores, &at, &at, &at, &at, &pid,
                            &command.code, &command.status);
    if (r < 0) break;
    command.ignores_failure = ignores != 0;
    into.push_back(command);
    r = sd_bus_message_exit_container(m);
  }
  return r < 0 ? r : sd_bus_message_exit_container(m);
}

int read_integers(sd_bus_message* m, std::vector<int>& into) {
  const void* data = nullptr;
  std::size_t size = 0;
  const int r = sd_bus_message_read_array(m, 'i', &data, &size);
  if (r < 0) return r;
  const auto* numbers = static_cast<const int*>(data);
  into.assign(numbers, numbers + size / sizeof(int));
  return r;
}

// (aiai)
int read_clean(sd_bus_message* m, Properties& into) {
  int r = sd_bus_message_enter_container(m, 'r', "aiai");
  if (r >= 0) r = read_integers(m, into.clean_codes);
  if (r >= 0) r = read_integers(m, into.clean_signals);
  return r < 0 ? r : sd_bus_message_exit_container(m);
}

// The value of one property, of a variant of `contents` that was entered.
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
  if (std::strcmp(contents, "a(sasbttttuii)") == 0) {
    return read_commands(m, into.commands);
  }
  if (std::strcmp(contents, "(aiai)") == 0) return read_clean(m, into);
  return sd_bus_message_skip(m, contents);
}

int read_variant(sd_bus_message* m, const char* name, Properties& into) {
  const char* contents = nullptr;
  int r = sd_bus_message_peek_type(m, nullptr, &contents);
  if (r < 0) return r;
  r = sd_bus_message_enter_container(m, 'v', contents);
  if (r < 0) return r;
  r = read_value(m, contents, name, into);
  if (r < 0) return r;
  return sd_bus_message_exit_container(m);
}

struct UnrefSlot {
  void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
};

// One property that was asked for; not waited for any more once it is gone.
struct Question {
  std::unique_ptr<sd_bus_slot, UnrefSlot> slot;
  const char* name;
  Properties& into;
  std::size_t& open;  // questions without an answer yet
  int error = 0;

  Question(const char* property, Properties& answers, std::size_t& waiting)
      : name(property), into(answers), open(waiting) {}

  static int answered(sd_bus_message* m, void* userdata, sd_bus_error*) {
    auto& question = *static_cast<Question*>(userdata);
    --question.open;
    const int failure = sd_bus_message_get_errno(m);
    // What sd-bus makes of org.freedesktop.DBus.Error.UnknownProperty.
    if (failure == EBADR) return 0;
    question.error =
        failure != 0 ? -failure : read_variant(m, question.name, question.into);
    return 0;
  }
};

// As systemd names the object of a unit.
std::string object_of(const std::string& unit) {
  char* path = nullptr;
  if (sd_bus_path_encode(kUnits, unit.c_str(), &path) < 0) return {};
  const std::unique_ptr<char, decltype(&std::free)> owned(path, &std::free);
  return path;
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
    units.push_back({name, load, active, sub});
  }
  if (r < 0) return bus_error("ListUnitsByPatterns", r);
  return units;
}

Result<std::vector<std::string>> Bus::unit_path() {
  char** words = nullptr;
  const int r =
      sd_bus_get_property_strv(bus_.get(), kManager, kManagerPath,
                               kManagerInterface, "UnitPath", nullptr, &words);
  if (r < 0) return bus_error("UnitPath", r);
  std::vector<std::string> directories;
  for (char** word = words; *word != nullptr; ++word) {
    directories.emplace_back(*word);
    std::free(*word);
  }
  std::free(static_cast<void*>(words));
  return directories;
}

Result<Properties> Bus::all(const std::string& unit, const char* interface) {
  BZ_ASSIGN(sd_bus_message * raw,
            call(object_of(unit), kProperties, "GetAll", "s", interface));
  const Message reply(raw);
  Properties out;
  int r = sd_bus_message_enter_container(raw, 'a', "{sv}");
  while (r >= 0) {
    r = sd_bus_message_enter_container(raw, 'e', "sv");
    if (r <= 0) break;
    const char* name = nullptr;
    r = sd_bus_message_read(raw, "s", &name);
    if (r < 0) break;
    r = read_variant(raw, name, out);
    if (r < 0) break;
    r = sd_bus_message_exit_container(raw);
  }
  if (r < 0) return bus_error("GetAll", r);
  return out;
}

Result<Properties> Bus::some(const std::string& unit, const char* interface,
                             std::initializer_list<const char*> names) {
  const std::string object = object_of(unit);
  Properties out;
  std::vector<Question> questions;
  questions.reserve(names.size());
  std::size_t open = 0;
  // All at once: systemd works on one while another is read here.
  for (const char* name : names) {
    Question& question = questions.emplace_back(name, out, open);
    sd_bus_slot* slot = nullptr;
    const int r = sd_bus_call_method_async(
        bus_.get(), &slot, kManager, object.c_str(), kProperties, "Get",
        &Question::answered, &question, "ss", interface, name);
    if (r < 0) return bus_error(name, r);
    question.slot.reset(slot);
    ++open;
  }
  while (open != 0) {
    int r = sd_bus_process(bus_.get(), nullptr);
    if (r == 0) r = sd_bus_wait(bus_.get(), kPatience);
    if (r < 0 && r != -EINTR) return bus_error("Get", r);
  }
  for (const Question& question : questions) {
    if (question.error < 0) return bus_error(question.name, question.error);
  }
  return out;
}

}  // namespace bezalel::discover
