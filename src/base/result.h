// The one way a function of ours says that it could not do its work.
#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace bezalel {

// What sort of failure; code decides by it, people read `what`.
enum class Kind {
  usage,        // the command line is wrong
  invalid,      // text or a value does not follow its rule
  not_found,    // named thing absent
  denied,       // permission
  unavailable,  // did not answer, is busy, is not running; may pass
  full,         // no space, no inode, quota, read-only file system
  io,           // another system error
  corrupt,      // exists, but cannot be what it should be
  conflict,     // somebody else has it, or it changed meanwhile
};

// `what` is one line for a person: where, what, and what was expected. It
// carries no trailing newline or full stop and never a secret.
struct Error {
  Kind kind;
  std::string what;

  friend bool operator==(const Error&, const Error&) = default;
};

// A T or an Error. Reading the value of an error is a bug and asserts.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}
  Result(Base base) : Base(std::move(base)) {}

  T& operator*() & { return checked(*this); }
  const T& operator*() const& { return checked(*this); }
  T&& operator*() && { return std::move(checked(*this)); }
  T* operator->() { return &checked(*this); }
  const T* operator->() const { return &checked(*this); }

 private:
  template <class Self>
  static auto& checked(Self& self) {
    assert(self.has_value());
    return self.Base::operator*();
  }
};

template <>
class [[nodiscard]] Result<void> : public tl::expected<void, Error> {
 public:
  using Base = tl::expected<void, Error>;
  using Base::Base;
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}
};

// return err(Kind::invalid, "...");
inline Error err(Kind kind, std::string what) {
  return Error{kind, std::move(what)};
}

#define BZ_CONCAT_(a, b) a##b
#define BZ_CONCAT(a, b) BZ_CONCAT_(a, b)

// Passes an error on; otherwise goes on. The counter keeps the names of nested
// uses (a lambda inside the expression) apart.
#define BZ_TRY(expression) \
  BZ_TRY_(BZ_CONCAT(bz_result_, __COUNTER__), expression)
#define BZ_TRY_(name, expression)          \
  do {                                     \
    if (auto name = (expression); !name) { \
      return std::move(name).error();      \
    }                                      \
  } while (false)

// BZ_ASSIGN(auto x, f()): passes an error on; otherwise x is the value.
#define BZ_ASSIGN(target, expression) \
  BZ_ASSIGN_(BZ_CONCAT(bz_result_, __COUNTER__), target, expression)
#define BZ_ASSIGN_(name, target, expression) \
  auto name = (expression);                  \
  if (!name) return std::move(name).error(); \
  target = *std::move(name)

}  // namespace bezalel
