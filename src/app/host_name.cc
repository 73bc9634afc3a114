#include "app/host_name.h"

namespace bezalel::app {
namespace {

constexpr char kHostName[] = "host.name";

std::string opened_as_of(std::int64_t incident) {
  return "host.name." + std::to_string(incident);
}

}  // namespace

Result<void> note_host_name(Txn& txn, const std::string& host) {
  BZ_ASSIGN(const auto before, txn.meta(kHostName));
  if (before == host) return {};
  if (before) {
    BZ_ASSIGN(const auto open, txn.open_incidents());
    for (const core::OpenIncident& i : open) {
      BZ_ASSIGN(const std::string known, opened_as(txn, i.id));
      if (known.empty()) BZ_TRY(txn.set_meta(opened_as_of(i.id), *before));
    }
  }
  return txn.set_meta(kHostName, host);
}

Result<std::string> opened_as(StoreReader& reader, std::int64_t incident) {
  BZ_ASSIGN(const auto name, reader.meta(opened_as_of(incident)));
  return name.value_or("");
}

}  // namespace bezalel::app
