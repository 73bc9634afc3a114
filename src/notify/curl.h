// libcurl's handles as values that clean up after themselves. Inside of notify.
#pragma once

#include <curl/curl.h>

#include <string>

namespace bezalel::notify {

// Starts the library once per process; safe from several threads.
bool start_curl();

class Curl {
 public:
  Curl() : handle_(start_curl() ? ::curl_easy_init() : nullptr) {}
  ~Curl() { ::curl_easy_cleanup(handle_); }
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;

  CURL* get() const { return handle_; }

  // An option that this libcurl does not know is a bug that tests find: every
  // one we set has been there since 7.85.
  template <class T>
  void set(CURLoption option, T value) {
    ::curl_easy_setopt(handle_, option, value);
  }

 private:
  CURL* handle_;
};

// A list of strings as curl wants them.
class CurlList {
 public:
  CurlList() = default;
  ~CurlList() { ::curl_slist_free_all(list_); }
  CurlList(const CurlList&) = delete;
  CurlList& operator=(const CurlList&) = delete;

  void add(const std::string& text) {
    if (curl_slist* longer = ::curl_slist_append(list_, text.c_str())) {
      list_ = longer;
    }
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

// A URL taken apart; false if it is none.
class CurlUrl {
 public:
  explicit CurlUrl(const std::string& url);
  ~CurlUrl() { ::curl_url_cleanup(handle_); }
  CurlUrl(const CurlUrl&) = delete;
  CurlUrl& operator=(const CurlUrl&) = delete;

  explicit operator bool() const { return valid_; }
  std::string part(CURLUPart which) const;  // empty if absent

 private:
  CURLU* handle_;
  bool valid_ = false;
};

}  // namespace bezalel::notify
