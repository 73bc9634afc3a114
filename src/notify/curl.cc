#include "notify/curl.h"

namespace bezalel::notify {

bool start_curl() {
  static const bool started = ::curl_global_init(CURL_GLOBAL_DEFAULT) == 0;
  return started;
}

CurlUrl::CurlUrl(const std::string& url) : handle_(::curl_url()) {
  valid_ = handle_ != nullptr && url.find('\0') == std::string::npos &&
           ::curl_url_set(handle_, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
}

std::string CurlUrl::part(CURLUPart which) const {
  char* text = nullptr;
  if (!valid_ || ::curl_url_get(handle_, which, &text, 0) != CURLUE_OK) {
    return {};
  }
  std::string result = text;
  ::curl_free(text);
  return result;
}

}  // namespace bezalel::notify
