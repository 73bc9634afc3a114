#include "notify/smtp/channel.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "base/escape.h"
#include "base/web_address.h"
#include "notify/address.h"
#include "notify/curl.h"
#include "notify/smtp/message.h"

namespace bezalel::notify {
namespace {

struct Text {
  std::string_view rest;
  bool ended = false;
};

std::size_t give(char* to, std::size_t size, std::size_t n, void* context) {
  auto& text = *static_cast<Text*>(context);
  const std::size_t count = std::min(size * n, text.rest.size());
  std::memcpy(to, text.rest.data(), count);
  text.rest.remove_prefix(count);
  if (count == 0) text.ended = true;
  return count;
}

std::size_t ignore(char*, std::size_t size, std::size_t n, void*) {
  return size * n;
}

struct Gate {
  AddressRule rule;
  std::string refused;
};

curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* address) {
  auto& gate = *static_cast<Gate*>(context);
  if (const auto why = gate.rule.refuse(&address->addr)) {
    gate.refused = *why;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}

// Which recipients the server refused: curl's answer is of the whole mail.
struct Recipients {
  std::string asked;  // of the command that was sent last
  std::size_t refused = 0;
  std::string who;                   // "ops@example (550), ..."
  long not_now = 0;                  // a reply that may be another one later
  std::vector<std::string> not_yet;  // who gave one
};

int overhear(CURL*, curl_infotype type, char* data, std::size_t size,
             void* context) {
  constexpr std::string_view kCommand = "RCPT TO:<";
  auto& to = *static_cast<Recipients*>(context);
  const std::string_view line(data, size);
  if (type == CURLINFO_HEADER_OUT) {
    to.asked.clear();
    if (!line.starts_with(kCommand)) return 0;
    to.asked = line.substr(kCommand.size());
    to.asked.resize(std::min(to.asked.find('>'), to.asked.size()));
  } else if (type == CURLINFO_HEADER_IN && !to.asked.empty()) {
    if (line.starts_with('4') || line.starts_with('5')) {
      const std::string reply(line.substr(0, 3));
      ++to.refused;
      to.who += (to.who.empty() ? "" : ", ") + to.asked + " (" + reply + ")";
      if (line.starts_with('4')) {
        to.not_now = std::atol(reply.c_str());
        to.not_yet.push_back(to.asked);
      }
    }
    to.asked.clear();
  }
  return 0;
}

std::string_view meaning(long reply) {
  switch (reply) {
    case 421:
      return "the server is closing";
    case 450:
    case 451:
    case 452:
      return "the server is busy or full";
    case 530:
      return "a login or encryption is required";
    case 535:
      return "the login was refused";
    case 550:
    case 551:
    case 553:
      return "an address was refused";
    case 552:
      return "the mailbox is full";
    case 554:
      return "the mail was refused";
    default:
      return reply >= 500 ? "refused" : "not now";
  }
}

long milliseconds(Duration d) {
  return std::max(1L, static_cast<long>(d / std::chrono::milliseconds(1)));
}

}  // namespace

Result<std::unique_ptr<app::Channel>> SmtpChannel::make(
    const app::ChannelSettings& given, const Identity& identity) {
  app::ChannelSettings s = given;
  const std::string at = "channel " + s.name + ": ";
  if (s.tls.empty()) s.tls = "starttls";
  if (s.tls != "starttls" && s.tls != "tls" && s.tls != "none") {
    return err(Kind::invalid, at + "tls = \"" + escape_line(s.tls, 20) +
                                  "\": expected starttls, tls or none");
  }
  if (s.url.find("://") == std::string::npos) {
    s.url = (s.tls == "tls" ? "smtps://" : "smtp://") + s.url;
  }
  if (s.url.starts_with("smtps://")) s.tls = "tls";
  if (s.tls == "tls" && s.url.starts_with("smtp://")) s.url.insert(4, "s");
  const CurlUrl url(s.url);
  if (!url || !s.url.starts_with("smtp")) {
    return err(Kind::invalid, at + "url: expected smtp://HOST:PORT");
  }
  if (s.tls == "none" && !s.insecure && !is_on_loopback(s.url)) {
    return err(Kind::invalid,
               at + "tls = \"none\" to another host needs insecure = true");
  }
  if (s.from.empty()) s.from = "bezalel@" + identity.host;
  if (bare_address(s.from).empty()) {
    return err(Kind::invalid, at + "from: expected an address");
  }
  if (s.to.empty()) return err(Kind::invalid, at + "to is missing");
  for (const std::string& to : s.to) {
    if (bare_address(to).empty()) {
      return err(Kind::invalid, at + "to: \"" + escape_line(to, 60) +
                                    "\": expected an address");
    }
  }
  BZ_TRY(AddressRule::parse(s.allow_private));
  return std::unique_ptr<app::Channel>(
      new SmtpChannel(std::move(s), identity.host));
}

SmtpChannel::Outcome SmtpChannel::talk(
    const std::string* mail, const std::vector<std::string>& addresses) {
  Outcome out;
  Curl curl;
  Gate gate;
  if (auto rule = AddressRule::parse(settings_.allow_private)) {
    gate.rule = *std::move(rule);
  }
  Text text{mail ? std::string_view(*mail) : std::string_view(), false};
  std::array<char, CURL_ERROR_SIZE> error{};
  CurlList to;
  Recipients recipients;
  const std::string from = "<" + bare_address(settings_.from) + ">";
  // The path of the URL is the name we say hello with.
  std::string url = settings_.url;
  while (url.ends_with('/')) url.pop_back();
  url += "/" + percent_encode(host_.empty() ? "localhost" : host_);
  curl.set(CURLOPT_ERRORBUFFER, error.data());
  curl.set(CURLOPT_URL, url.c_str());
  curl.set(CURLOPT_NOSIGNAL, 1L);
  curl.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl.set(CURLOPT_PROXY, settings_.proxy.c_str());
  curl.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl.set(CURLOPT_CONNECTTIMEOUT_MS,
           milliseconds(
               std::min<Duration>(settings_.timeout, std::chrono::seconds(5))));
  curl.set(CURLOPT_TIMEOUT_MS, milliseconds(settings_.timeout));
  curl.set(CURLOPT_USE_SSL,
           static_cast<long>(settings_.tls == "none" ? CURLUSESSL_NONE
                                                     : CURLUSESSL_ALL));
  curl.set(CURLOPT_SSL_VERIFYPEER, 1L);
  curl.set(CURLOPT_SSL_VERIFYHOST, 2L);
  curl.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!settings_.ca_file.empty()) {
    curl.set(CURLOPT_CAINFO, settings_.ca_file.c_str());
  }
  if (!settings_.username.empty()) {
    curl.set(CURLOPT_USERNAME, settings_.username.c_str());
    curl.set(CURLOPT_PASSWORD, settings_.password.reveal().c_str());
  }
  curl.set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  curl.set(CURLOPT_OPENSOCKETDATA, &gate);
  curl.set(CURLOPT_WRITEFUNCTION, &ignore);
  if (mail) {
    for (const std::string& address : addresses) {
      to.add("<" + bare_address(address) + ">");
    }
    curl.set(CURLOPT_MAIL_FROM, from.c_str());
    curl.set(CURLOPT_MAIL_RCPT, to.get());
    // One bad address keeps the mail from nobody else.
    curl.set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    curl.set(CURLOPT_DEBUGFUNCTION, &overhear);
    curl.set(CURLOPT_DEBUGDATA, &recipients);
    curl.set(CURLOPT_VERBOSE, 1L);
    curl.set(CURLOPT_READFUNCTION, &give);
    curl.set(CURLOPT_READDATA, &text);
    curl.set(CURLOPT_UPLOAD, 1L);
  } else {
    // HELP instead of a mail.
    curl.set(CURLOPT_NOBODY, 1L);
    curl.set(CURLOPT_CUSTOMREQUEST, "NOOP");
  }
  const CURLcode code = ::curl_easy_perform(curl.get());
  ::curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &out.reply);
  out.code = static_cast<int>(code);
  out.handed_over = text.ended;
  if (code == CURLE_OK) {
    if (recipients.refused > 0) {
      out.why = escape_line("the server refused " + recipients.who, 200);
    }
    out.not_yet = std::move(recipients.not_yet);
    return out;
  }
  // Of several that refused, who may take it later is worth another attempt.
  out.nobody_took_it = mail && recipients.refused == addresses.size();
  if (out.nobody_took_it && recipients.not_now != 0) {
    out.reply = recipients.not_now;
  }
  if (!gate.refused.empty()) {
    out.why = gate.refused;
  } else if (out.reply >= 400) {
    out.why = fmt::format("{}: {}", out.reply, meaning(out.reply));
  } else {
    out.why = escape_line(
        error[0] != '\0' ? error.data() : ::curl_easy_strerror(code), 200);
    const std::string& password = settings_.password.reveal();
    if (const std::size_t found =
            password.size() < 4 ? std::string::npos : out.why.find(password);
        found != std::string::npos) {
      out.why.replace(found, password.size(), "***");
    }
  }
  return out;
}

app::Delivery SmtpChannel::deliver(const app::Notice& notice,
                                   const std::optional<std::string>&) {
  const std::string text = mail(notice, {settings_.from, settings_.to});
  const bool is_rest = !notice.only_to.empty();
  const std::vector<std::string> to = addresses_of(notice);
  if (to.empty()) return app::Sent{};
  const Outcome outcome = talk(&text, to);
  if (outcome.code == CURLE_OK) {
    app::Sent sent;
    sent.note = outcome.why;
    sent.not_yet = outcome.not_yet;
    return sent;
  }
  const std::string why = "send the mail: " + outcome.why;
  // Others have had it: the channel delivers.
  if (is_rest && outcome.nobody_took_it) {
    if (outcome.reply < 500) {
      return app::RetryLater{why, std::nullopt, false, true};
    }
    app::Sent sent;
    sent.note = why;
    return sent;
  }
  const bool wrong_setup = outcome.code == CURLE_LOGIN_DENIED ||
                           outcome.code == CURLE_PEER_FAILED_VERIFICATION ||
                           outcome.code == CURLE_USE_SSL_FAILED ||
                           outcome.code == CURLE_SSL_CACERT_BADFILE;
  if (outcome.reply >= 400 && outcome.reply < 500 && !wrong_setup) {
    return app::RetryLater{why, std::nullopt, false};
  }
  if (wrong_setup || outcome.reply >= 500) return app::GaveUp{why};
  return app::RetryLater{why, std::nullopt, outcome.handed_over};
}

// Of those who have not had it, who is still among the settings'.
std::vector<std::string> SmtpChannel::addresses_of(
    const app::Notice& notice) const {
  if (notice.only_to.empty()) return settings_.to;
  std::vector<std::string> left;
  for (const std::string& address : settings_.to) {
    const auto& only = notice.only_to;
    if (std::find(only.begin(), only.end(), bare_address(address)) !=
        only.end()) {
      left.push_back(address);
    }
  }
  return left;
}

app::Health SmtpChannel::probe() {
  const Outcome outcome = talk(nullptr, {});
  if (outcome.code == CURLE_OK) {
    return {true,
            settings_.username.empty() ? "reachable" : "reachable, logged in",
            ""};
  }
  return {false, outcome.why, "check url, tls and the login"};
}

}  // namespace bezalel::notify
