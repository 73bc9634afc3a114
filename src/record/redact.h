// Secrets taken out of text that may leave the host.
#pragma once

#include <string>
#include <string_view>

namespace bezalel::record {

// Replaces by `***`: values of names like *TOKEN, *PASS*, *SECRET*, *KEY
// (NAME=value, "name": "value", --name value, --name=value), the userinfo of
// URLs, query values of such names, PEM blocks, Authorization and Cookie
// headers, `-pWORD` of database clients, and well-known token shapes (ghp_,
// glpat-, xox?-, AKIA, eyJ...). Works on whole text, several lines at once
// (PEM blocks span them). Never makes text longer than twice its size.
std::string redact(std::string_view text);

}  // namespace bezalel::record
