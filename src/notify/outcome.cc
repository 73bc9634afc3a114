#include "notify/outcome.h"

#include <fmt/format.h>

#include "base/escape.h"

namespace bezalel::notify {
namespace {

std::string_view meaning(long status) {
  switch (status) {
    case 400:
      return "the request was not understood";
    case 401:
      return "the token was refused";
    case 403:
      return "the token may not do this";
    case 404:
      return "not found, or hidden from this token";
    case 407:
      return "the proxy wants a login";
    case 410:
      return "gone, or switched off";
    case 412:
      return "a precondition failed";
    case 413:
      return "too large for it";
    case 422:
      return "a value was refused";
    case 423:
      return "archived or locked";
    case 429:
      return "too many requests";
    default:
      return status >= 500   ? "the server is in trouble"
             : status >= 400 ? "refused"
             : status >= 300 ? "redirected"
                             : "unexpected";
  }
}

std::string status_text(const HttpReply& reply) {
  std::string text = fmt::format("{}: {}", reply.status, meaning(reply.status));
  if (reply.status >= 300 && reply.status < 400) {
    const auto to = reply.header("location");
    text += fmt::format(" to {}, which is never followed; correct the url",
                        to ? url_for_people(*to) : "nowhere");
  } else if (reply.status >= 200 && reply.status < 300) {
    text =
        fmt::format("{}, but the answer is not the expected one", reply.status);
  }
  return text;
}

bool passes_by_itself(const HttpReply& reply) {
  const long s = reply.status;
  // GitHub and its like say "later" with 403 and a hint.
  const bool limited =
      s == 403 && (reply.header("retry-after") ||
                   reply.header("x-ratelimit-remaining") == "0");
  return s == 408 || s == 425 || s == 429 || s >= 500 || limited;
}

app::Delivery of_reply(const HttpReply& reply, Effect effect,
                       std::string_view what, std::optional<Timestamp> now) {
  const std::string why = fmt::format("{}: {}", what, status_text(reply));
  const bool writes = effect == Effect::writes;
  if (passes_by_itself(reply)) {
    app::RetryLater later{why, std::nullopt, writes && reply.status >= 500};
    if (const auto wait = reply.header("retry-after")) {
      later.after = parse_retry_after(*wait, now);
    }
    return later;
  }
  if (reply.status >= 200 && reply.status < 300) {
    return app::RetryLater{why, std::nullopt, writes};
  }
  return app::GaveUp{why};
}

}  // namespace

app::Delivery failure(const HttpOutcome& outcome, Effect effect,
                      std::string_view what, std::optional<Timestamp> now) {
  const std::string head = std::string(what) + ": ";
  if (const auto* reply = std::get_if<HttpReply>(&outcome)) {
    return of_reply(*reply, effect, what, now);
  }
  if (const auto* not_sent = std::get_if<HttpNotSent>(&outcome)) {
    return app::RetryLater{head + not_sent->why, std::nullopt, false};
  }
  if (const auto* unknown = std::get_if<HttpUnknownFate>(&outcome)) {
    return app::RetryLater{head + unknown->why, std::nullopt,
                           effect == Effect::writes};
  }
  return app::GaveUp{head + std::get<HttpRefused>(outcome).why};
}

std::string describe(const HttpOutcome& outcome) {
  if (const auto* reply = std::get_if<HttpReply>(&outcome)) {
    return status_text(*reply);
  }
  if (const auto* not_sent = std::get_if<HttpNotSent>(&outcome)) {
    return not_sent->why;
  }
  if (const auto* unknown = std::get_if<HttpUnknownFate>(&outcome)) {
    return unknown->why;
  }
  return std::get<HttpRefused>(outcome).why;
}

}  // namespace bezalel::notify
