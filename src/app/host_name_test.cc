#include "app/host_name.h"

#include <doctest/doctest.h>

#include "app/fake_cycle.h"

namespace bezalel::app {
namespace {

using fake::FakeHost;
using fake::notify;
using fake::open_of;
using fake::pass;
using std::chrono::hours;

TEST_CASE("what was opened under another name of the host closes under it") {
  FakeHost host;
  host.beat("a", hours(1));
  host.beat("b", hours(3));
  notify(host);
  pass(host, hours(3));
  REQUIRE(open_of(host).size() == 1);
  const std::string marker = host.forge->told.back().marker;
  host.settings.host = "db8";
  host.beat("a", hours(1));
  notify(host);
  REQUIRE(host.forge->told.back().kind == NoticeKind::resolved);
  CHECK(host.forge->told.back().host == "db7");
  CHECK(host.forge->told.back().marker == marker);
  pass(host, hours(3));
  const Notice& last = host.forge->told.back();
  REQUIRE(last.kind == NoticeKind::opened);
  CHECK(last.host == "db8");
  CHECK(last.marker != marker);
}

}  // namespace
}  // namespace bezalel::app
