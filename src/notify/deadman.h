// The outbound ping to a service that raises the alarm when we fall silent.
#pragma once

#include <string_view>

#include "base/secret.h"
#include "notify/http.h"

namespace bezalel::notify {

// ok: a cycle committed and the outbox drains. fail: it did not; the service
// alarms at once ("/fail" is put before the query of the URL).
enum class PingKind { ok, fail };

// One try, bounded by the settings' timeouts; any 2xx counts. `reason` is
// posted as the body, where given. No error holds the URL, which is a secret.
Result<void> ping(const Secret& url, PingKind kind, std::string_view reason,
                  HttpSettings settings = {});

}  // namespace bezalel::notify
