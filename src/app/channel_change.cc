#include "app/channel_change.h"

#include "base/json_write.h"
#include "base/sha256.h"

namespace bezalel::app {
namespace {

std::string meta_name(const std::string& channel) {
  return "channel." + channel;
}

void write(JsonWriter& w, const std::vector<std::string>& texts) {
  w.begin_array();
  for (const std::string& text : texts) w.value(text);
  w.end_array();
}

}  // namespace

std::string digest_of(const ChannelSettings& c) {
  // JSON keeps the values apart: "a","bc" is not "ab","c".
  std::string text;
  JsonWriter w(text);
  w.begin_array();
  for (const std::string* value :
       {&c.type, &c.url, &c.repo, &c.token.reveal(), &c.password.reveal(),
        &c.username, &c.routing_key.reveal(), &c.topic, &c.from, &c.tls,
        &c.ca_file, &c.proxy}) {
    w.value(*value);
  }
  write(w, c.assignees);
  write(w, c.to);
  write(w, c.argv);
  write(w, c.allow_private);
  w.value(c.insecure);
  w.value(static_cast<std::int64_t>(c.timeout.count()));
  w.end_array();
  return to_hex(sha256(text));
}

Result<std::vector<ChannelChange>> changed_channels(StoreReader& reader,
                                                    const Settings& settings) {
  std::vector<ChannelChange> changes;
  for (const ChannelSettings& c : settings.channels) {
    ChannelChange change{c.name, digest_of(c), false};
    BZ_ASSIGN(const auto known, reader.meta(meta_name(c.name)));
    if (known == change.digest) continue;
    change.known = known.has_value();
    changes.push_back(std::move(change));
  }
  return changes;
}

Result<void> remember_channel(Txn& txn, const ChannelChange& change) {
  return txn.set_meta(meta_name(change.channel), change.digest);
}

}  // namespace bezalel::app
